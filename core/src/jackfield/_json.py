"""Reading JSON that somebody else wrote: bounded, strict, and with an error that says where."""

import json
import sys
from math import isfinite
from typing import NoReturn

from jackfield.errors import InvalidInputError, LimitError, Problem

MAX_DEPTH = 200
"""Deeper nesting than any service sends; well under what Python's own recursion can stand."""


class JsonError(ValueError):
    """A text is not JSON; says where and why, in words, without showing the text."""


def _reject_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON; a number must be finite"
    raise JsonError(message)


def _finite(text: str) -> float:
    number = float(text)  # 1e999 is JSON, and infinite here
    if not isfinite(number):
        message = "a number is too large"
        raise JsonError(message)
    return number


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        message = f"the key {key[:60]!r} stands twice in one object"
        raise JsonError(message)
    return found


_READ = json.JSONDecoder(parse_constant=_reject_constant, parse_float=_finite)
_READ_UNIQUE = json.JSONDecoder(parse_constant=_reject_constant, parse_float=_finite, object_pairs_hook=_unique)


def is_deeper(value: object, limit: int) -> bool:
    """Tell whether lists and objects stand in each other more than ``limit`` deep; a single value has depth 0.

    Not recursive, and stops at the first place that is too deep: a list that holds itself is told at once.
    """
    waiting = [(value, 1)]
    while waiting:
        outer, depth = waiting.pop()
        if isinstance(outer, dict | list | tuple):
            if depth > limit:
                return True
            items = outer.values() if isinstance(outer, dict) else outer
            waiting += [(item, depth + 1) for item in items if isinstance(item, dict | list | tuple)]
    return False


def parse(data: bytes | str, *, unique: bool = False, max_depth: int = MAX_DEPTH) -> object:
    """Read one JSON value.

    Args:
        data: UTF-8 (a byte order mark is skipped), or text.
        unique: Whether a key that stands twice in one object is an error; else the last one counts.
        max_depth: How deep lists and objects may stand in each other.

    Raises:
        JsonError: Not UTF-8, not JSON, or not finite; the message names line and column.
        LimitError: Nested deeper than ``max_depth``.
    """
    text, fault = data.removeprefix("\ufeff") if isinstance(data, str) else _decoded(data), ""
    try:
        value = _read(text, _READ_UNIQUE if unique else _READ)
    except json.JSONDecodeError as error:
        fault = f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}"
    except RecursionError:
        raise _too_deep(max_depth) from None
    except JsonError:
        raise
    except ValueError:  # Python's own message names a function, and no place
        message = f"a whole number has more than {sys.get_int_max_str_digits()} digits"
        raise JsonError(message) from None
    if fault:  # raised out here: the decoder's own error holds the whole text, and would stay reachable
        raise JsonError(fault)
    if text.count("[") + text.count("{") > max_depth and is_deeper(value, max_depth):
        raise _too_deep(max_depth)
    return value


def _read(text: str, decoder: json.JSONDecoder) -> object:
    try:
        value, end = decoder.scan_once(text, 0)  # type: ignore[attr-defined]  # typeshed leaves it out; PyPy has it too
    except StopIteration:
        return decoder.decode(text)
    # The decoder looks for blanks before and behind: a fifth of what one event of a stream costs.
    return value if end == len(text) else decoder.decode(text)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"not UTF-8 at byte {error.start}: {error.reason}"
    raise JsonError(message)  # out here, as in ``parse``


def _too_deep(max_depth: int) -> LimitError:
    return LimitError(f"JSON is nested deeper than {max_depth} levels.", limit="max_json_depth", maximum=max_depth)


def invalid(path: str, error: JsonError) -> InvalidInputError:
    """Turn a failure to read into the error for input at a path."""
    return InvalidInputError([Problem(path=path, rule="json", message=str(error))])
