"""``--input``: forms from a file or from standard input."""

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from typing import IO, NamedTuple

from jackfield import _json
from jackfield._cli.inputs import MAX_BYTES, STDIN
from jackfield._engine.problems import describe
from jackfield.errors import InvalidInputError, LimitError, Problem

PLACE = "--input"
"""Where most commands name a file of input."""
_LINE = "$"
_HINTS = {"file": "Name a file that can be read: --input FILE."}
_ONE_OBJECT = 'Give one JSON object, the fields by their names: {"name": "value"}.'


class Line(NamedTuple):
    """A line of many inputs.

    Attributes:
        number: Of the line, from 1.
        form: What is on it; empty if it is broken.
        error: What is wrong with it; ``None`` if it is an object.
        end: How many bytes of the file had been read when it had.
    """

    number: int
    form: Mapping[str, object]
    error: InvalidInputError | None = None
    end: int = 0


def open_input(name: str) -> IO[bytes]:
    """Open a file, or standard input.

    Raises:
        InvalidInputError: It cannot be read.
    """
    try:
        if name != STDIN:
            return open(os.path.expanduser(name), "rb")  # noqa: PTH111, PTH123  as in inputs.py
        if getattr(sys, "stdin", None) is None:  # started without one: ``<&-``, pythonw
            raise _refused(PLACE, "file", "standard input is closed")
        # Not sys.stdin.buffer: Python ends with an error if a thread that waits for input still holds its lock.
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except OSError as error:
        source = "standard input" if name == STDIN else name
        raise _refused(PLACE, "file", f"{source} cannot be read: {error.strerror}") from None


def read_forms(name: str) -> tuple[list[tuple[int, Mapping[str, object]]], bool]:
    """Read one form, or all forms of a file of JSON Lines, each with the number of its line; and whether it is one.

    Raises:
        InvalidInputError: The file cannot be read, or what is in it are no JSON objects.
    """
    try:
        return [(1, read_form(name))], False
    except InvalidInputError as whole:
        if name == STDIN:
            raise
        with open_input(name) as file:
            lines = read_lines(file)
            first = next(lines, None)
            if first is None or first.error:  # no list of lines: what is wrong with it as one object says more
                raise whole from None
            found = [(first.number, first.form)]
            for line in lines:
                if line.error:
                    raise line.error from None
                found.append((line.number, line.form))
    return found, True


def read_form(name: str) -> Mapping[str, object]:
    """Read one form.

    Raises:
        InvalidInputError: The file cannot be read, or does not hold one JSON object.
    """
    with open_input(name) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _refused(PLACE, "file", f"is larger than {MAX_BYTES // 1024**2} MiB")
    if not data.strip():
        source = "standard input" if name == STDIN else name
        raise _refused(PLACE, "file", f"{source} is empty; it must hold one JSON object")
    return _object(data, PLACE)


def read_lines(file: IO[bytes], first: int = 1) -> Iterator[Line]:
    """Read many forms, each when it is asked for; lines without anything on them are passed over.

    Args:
        file: Is closed at the end.
        first: The number of the first line that is wanted.
    """
    with file:
        number = end = 0
        while data := file.readline(MAX_BYTES + 1):
            number += 1
            end += len(data)
            whole = len(data) <= MAX_BYTES
            if not whole:
                end += _pass_over(file, data)
            if number >= first and data.strip():
                yield _line(number, data.rstrip(), end, whole=whole)


def _line(number: int, data: bytes, end: int, *, whole: bool) -> Line:
    try:
        if not whole:
            raise _refused(_LINE, "file", f"is larger than {MAX_BYTES // 1024**2} MiB")
        return Line(number, _object(data, _LINE), end=end)
    except InvalidInputError as error:
        return Line(number, {}, InvalidInputError(error.problems, subject=f"line {number}"), end)


def size_of(file: IO[bytes]) -> int:
    """Give how many bytes a file has; 0 if nobody knows, as of a pipe."""
    found = os.fstat(file.fileno())
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _pass_over(file: IO[bytes], data: bytes) -> int:
    """Read the rest of a line, and give how much it was."""
    count = 0
    while data and not data.endswith(b"\n"):
        data = file.readline(MAX_BYTES)
        count += len(data)
    return count


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
    hint = _HINTS.get(rule, _ONE_OBJECT) if path == PLACE else ""  # a line of many has its fields beside it
    return InvalidInputError([Problem(path=path, rule=rule, message=message)], hint=hint)
