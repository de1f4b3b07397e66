"""Jackfield's modules in Airflow: an operator, a sensor, a hook, and an Airflow connection type for each of theirs.

Names are loaded when they are first used: Airflow asks each of its processes what providers there are.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jackfield_airflow.hooks import JackfieldHook as JackfieldHook
    from jackfield_airflow.operators import ModuleOperator as ModuleOperator
    from jackfield_airflow.remedies import ModuleFailedError as ModuleFailedError
    from jackfield_airflow.remedies import ModuleRetryError as ModuleRetryError
    from jackfield_airflow.remedies import ModuleUncertainError as ModuleUncertainError
    from jackfield_airflow.remedies import RetryAfterPolicy as RetryAfterPolicy
    from jackfield_airflow.sensors import ModuleSensor as ModuleSensor
    from jackfield_airflow.triggers import ModuleTrigger as ModuleTrigger

_HOME_OF = {
    "JackfieldHook": "hooks",
    "ModuleFailedError": "remedies",
    "ModuleOperator": "operators",
    "ModuleRetryError": "remedies",
    "ModuleSensor": "sensors",
    "ModuleTrigger": "triggers",
    "ModuleUncertainError": "remedies",
    "RetryAfterPolicy": "remedies",
}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605  a list, which ruff cannot see


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted(_HOME_OF)
