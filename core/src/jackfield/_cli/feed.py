"""``--input``: forms from a file or from standard input."""

import os
import sys
from collections.abc import Iterator, Mapping
from typing import IO, NamedTuple

from jackfield import _json
from jackfield._cli.inputs import MAX_BYTES
from jackfield._engine.problems import describe
from jackfield.errors import InvalidInputError, LimitError, Problem

STDIN = "-"

_PLACE = "--input"
_LINE = "$"


class Line(NamedTuple):
    """A line of many inputs.

    Attributes:
        number: Of the line, from 1.
        form: What is on it; empty if it is broken.
        error: What is wrong with it; ``None`` if it is an object.
    """

    number: int
    form: Mapping[str, object]
    error: InvalidInputError | None = None


def open_input(name: str) -> IO[bytes]:
    """Open a file, or standard input.

    Raises:
        InvalidInputError: It cannot be read.
    """
    try:
        if name != STDIN:
            return open(os.path.expanduser(name), "rb")  # noqa: PTH111, PTH123  as in inputs.py
        if getattr(sys, "stdin", None) is None:  # started without one: ``<&-``, pythonw
            raise _refused(_PLACE, "file", "standard input is closed")
        # Not sys.stdin.buffer: Python ends with an error if a thread that waits for input still holds its lock.
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except OSError as error:
        source = "standard input" if name == STDIN else name
        raise _refused(_PLACE, "file", f"{source} cannot be read: {error.strerror}") from None


def read_form(name: str) -> Mapping[str, object]:
    """Read one form.

    Raises:
        InvalidInputError: The file cannot be read, or does not hold one JSON object.
    """
    with open_input(name) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _refused(_PLACE, "file", f"is larger than {MAX_BYTES // 1024**2} MiB")
    return _object(data, _PLACE)


def read_lines(file: IO[bytes]) -> Iterator[Line]:
    """Read many forms, each when it is asked for; lines without anything on them are passed over.

    Args:
        file: Is closed at the end.
    """
    with file:
        number = 0
        while data := file.readline(MAX_BYTES + 1):
            number += 1
            try:
                if len(data) > MAX_BYTES:
                    _pass_over(file, data)
                    raise _refused(_LINE, "file", f"is larger than {MAX_BYTES // 1024**2} MiB")
                if data.strip():
                    yield Line(number, _object(data.rstrip(), _LINE))
            except InvalidInputError as error:
                yield Line(number, {}, InvalidInputError(error.problems, subject=f"line {number}"))


def _pass_over(file: IO[bytes], data: bytes) -> None:
    while data and not data.endswith(b"\n"):
        data = file.readline(MAX_BYTES)


def _object(data: bytes, place: str) -> Mapping[str, object]:
    try:
        value = _json.parse(data, unique=True)
    except _json.JsonError as error:
        # A line of many is always the first that the parser sees.
        words = str(error).replace("at line 1, ", "at ") if place == _LINE else str(error)
        raise _refused(place, "json", words) from None
    except LimitError as error:
        raise _refused(place, "depth", error.message.rstrip(".")) from None
    if not isinstance(value, dict):
        raise _refused(place, "type", f"must be an object, was {describe(value)}")
    return value


def _refused(path: str, rule: str, message: str) -> InvalidInputError:
    return InvalidInputError([Problem(path=path, rule=rule, message=message)])
