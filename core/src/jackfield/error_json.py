"""Errors as JSON, for hosts whose callers are in another process: a queue, a browser, another machine."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from jackfield import errors
from jackfield.errors import JackfieldError, Problem
from jackfield.usage import Money, Usage

__all__ = ["error_from_json", "error_to_json"]

_NOT_TOLD = frozenset({"withheld"})
_PLAIN = (str, int, float, bool, type(None))


def error_to_json(error: JackfieldError) -> dict[str, Any]:
    """Give an error as JSON values, with all its attributes.

    Nothing is masked here: an error that a host raises holds no secret.

    Returns:
        ``type`` (the name of its class), ``kind`` (the same, or of a class that is not core's the nearest of core's),
        ``retryable``, ``message``, ``hint``, and what else it has: ``problems``, ``status``, ``retry_after_s``...
    """
    own = (kind.__name__ for kind in type(error).__mro__ if getattr(errors, kind.__name__, None) is kind)
    told = {"type": type(error).__name__, "kind": next(own), "retryable": error.retryable}
    for name, value in vars(error).items():
        if name not in _NOT_TOLD:
            told[name] = _told(value)
    return told


def _told(value: object) -> object:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Problem | Usage | Money):
        return {name: _told(item) for name, item in attrs.asdict(value).items() if item is not None}
    if isinstance(value, Sequence):
        return [_told(item) for item in value]
    return str(value)  # of an error that is not core's; nobody knows how to read it back


def error_from_json(told: Mapping[str, Any]) -> JackfieldError:
    """Make the error of which ``error_to_json`` told, of the class that it had, or of the nearest that core has.

    Raises:
        InputError: Nothing of the kind was told.
    """
    kind = getattr(errors, str(told.get("kind")), None) if told.get("kind") in errors.__all__ else None
    if not (isinstance(kind, type) and issubclass(kind, JackfieldError) and isinstance(told.get("message"), str)):
        message = "This tells of no error."
        raise errors.InputError(message, hint="Give what error_to_json gave.")
    error = kind.__new__(kind, told["message"])
    try:
        error.__dict__.update({name: _read(name, value, kind) for name, value in told.items() if name not in _HEAD})
    except (TypeError, ValueError, KeyError, InvalidOperation) as flaw:
        message = f"This tells of no {kind.__name__}: {type(flaw).__name__}."
        raise errors.InputError(message, hint="Give what error_to_json gave.") from None
    return error


_HEAD = frozenset({"type", "kind", "retryable"}) | _NOT_TOLD

_READ: Mapping[str, Callable[[Any], object]] = {
    "problems": lambda told: tuple(Problem(**one) for one in told),
    "used": lambda told: tuple(Usage(**one) for one in told),
    "cost": lambda told: told and Money(Decimal(told["amount"]), told["currency"]),
}
"""What is more than a text, a number or a list of texts."""


def _read(name: str, value: Any, kind: type[JackfieldError]) -> object:
    if name in _READ:
        return _READ[name](value)
    if issubclass(kind, errors.BudgetError) and name in {"maximum", "spent", "needed"}:
        return Decimal(value)
    return tuple(value) if isinstance(value, list) else value
