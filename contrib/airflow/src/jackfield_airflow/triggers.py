"""A trigger that runs a module in the triggerer, so that no worker is held while a service takes its time."""

import asyncio
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import attrs
from airflow.triggers.base import BaseTrigger, TriggerEvent

from jackfield_airflow.following import Run
from jackfield_airflow.remedies import ModuleFailedError, ModuleRetryError, to_event
from jackfield_airflow.running import Runner, Task


@cache
def triggerer() -> Runner:
    """Give the host of this process: all its runs share connections, and the limits of each service."""
    return Runner()


class ModuleTrigger(BaseTrigger):
    """Runs a module once. Where the task is killed, the service sees that nobody waits any more.

    Args:
        **task: The attributes of ``Task``. A connection is named by its id: no secret is in what Airflow stores.
    """

    def __init__(self, **task: Any) -> None:
        super().__init__()
        self._what = Task(**task)

    @classmethod
    def of(cls, task: Task) -> "ModuleTrigger":
        """Make it for a task."""
        return cls(**attrs.asdict(task, recurse=False))

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Give its class and arguments."""
        return f"{type(self).__module__}.{type(self).__qualname__}", attrs.asdict(self._what, recurse=False)

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Run the module, and tell the result, or the error with which the task is to end."""
        run = Run(self.log)
        try:
            found: dict[str, Any] = {"result": await triggerer().arun(self._what, run)}
        except (ModuleFailedError, ModuleRetryError) as error:
            found = to_event(error)
        except asyncio.CancelledError:
            run.cancellation.cancel()
            raise
        yield TriggerEvent(found)
