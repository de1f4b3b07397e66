"""The value in a text, where a model was asked for JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import NoReturn

from jackfield import AnswerError, Problem

__all__ = ["parsed"]

_DEEPEST = 100
"""How deep lists and objects may stand in each other in a JSON result."""
_TOO_DEEP = f"is nested deeper than {_DEEPEST} levels"
_HINT = "Ask for JSON in the messages too, or use a json_schema format, which the service enforces."


def parsed(text: str, place: str, *, hint: str = "") -> object:
    """Give the value of a text.

    Args:
        text: What the model said.
        place: Where it stands in the answer.
        hint: What to do if it is not JSON; without, how to get it.

    Raises:
        AnswerError: It is not JSON; says where it stops being so, shows none of it.
    """
    if not text.strip():
        _fail("is empty, where JSON was asked for", place, hint)
    try:
        value: object = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        _fail(f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}", place, hint)
    except RecursionError:
        _fail(_TOO_DEEP, place, hint)
    except ValueError as error:  # a constant of ours, or an integer of more digits than Python reads
        _fail(str(error).partition(";")[0], place, hint)
    if text.count("[") + text.count("{") > _DEEPEST and _is_deeper(value, _DEEPEST):
        _fail(_TOO_DEEP, place, hint)
    return value


def _is_deeper(value: object, levels: int) -> bool:
    level = [value]
    for _ in range(levels + 1):
        level = [child for item in level for child in _children(item)]
    return bool(level)


def _children(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON; a number must be finite"
    raise ValueError(message)


def _fail(what: str, place: str, hint: str) -> NoReturn:
    problem = Problem(path=place, rule="json", message=what)
    raise AnswerError(str(problem), problems=[problem], hint=hint or _HINT)
