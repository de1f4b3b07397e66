"""What an author declares is looked at when it is declared: a value of another kind is told there, with the remedy."""

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from jackfield.errors import PluginError


class Said(NamedTuple):
    """One thing that was said in a declaration.

    Attributes:
        name: Of the argument.
        value: What was given.
        right: Whether it is of a kind that means something there.
        meant: What would be, behind "Give".
    """

    name: str
    value: object
    right: bool
    meant: str


def check_kinds(where: str, said: Iterable[Said]) -> None:
    """See that all that was said is of the right kind.

    Raises:
        PluginError: Something is not; names the place, what stands there and what could.
    """
    for name, value, right, meant in said:
        if not right:
            message = f"{where}: {name} is {_shown(value)}."
            raise PluginError(message, stage="object", hint=f"Give {meant}.")


def said_of_connections(kind: Any) -> Iterator[Said]:
    """Give what was said in a declaration of a connection type."""
    a_place = isinstance(kind.origin, str) or is_called_or_none(kind.origin)
    yield Said("origin", kind.origin, a_place and bool(kind.origin), 'a URL: "https://api.example", or a function')
    for each in kind.authorize:
        yield Said("authorize", each, callable(each), 'what adds credentials: header("X-Key", "{api_key}")')
    checked = isinstance(kind.check, str) or is_called_or_none(kind.check)
    yield Said("check", kind.check, checked, 'a path to GET: "/me", or a function of a client')
    for name in ("read_error", "allow_local", "timeout_s", "validate"):
        yield Said(name, getattr(kind, name), is_called_or_none(getattr(kind, name)), "a function")


def is_instance_or_none(value: object, kind: type) -> bool:
    """Tell whether a value is of a class, or not said."""
    return value is None or isinstance(value, kind)


def is_called_or_none(value: object) -> bool:
    """Tell whether a value is a function that gives its answer when it is called, or not said."""
    return value is None or (callable(value) and not inspect.iscoroutinefunction(value))


def are_functions(value: object) -> bool:
    """Tell whether a value is a mapping to functions, or not said."""
    return value is None or (isinstance(value, Mapping) and all(map(callable, value.values())))


def is_list_of(value: object, kind: type) -> bool:
    """Tell whether a value is a sequence of values of a class; a text is none of texts."""
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        return False
    return all(isinstance(item, kind) and not isinstance(item, bool) for item in value)


def _shown(value: object) -> str:
    if isinstance(value, str | int | float | None):
        return repr(value)
    if inspect.iscoroutinefunction(value):
        return 'one that is written with "async def"'
    return f"the class {value.__name__}" if isinstance(value, type) else f"a Python {type(value).__name__}"
