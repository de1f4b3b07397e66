import io
from pathlib import Path

import pytest

from jackfield import InvalidInputError
from jackfield._cli.feed import read_form, read_lines
from jackfield._cli.inputs import MAX_BYTES


def test_a_line_that_is_too_long_stops_no_other() -> None:
    """Its rest is passed over, and the lines after it keep their numbers."""
    file = io.BytesIO(b'{"a": 1}\n' + b"x" * (MAX_BYTES + 5) + b'\n\n{"b": 2}')

    first, second, third = read_lines(file)

    assert (first.number, first.form, first.error) == (1, {"a": 1}, None)
    assert (second.number, str(second.error)) == (2, "line 2: 1 problem\n$: is larger than 64 MiB")
    assert (third.number, third.form) == (4, {"b": 2})
    assert file.closed


def test_lines_are_read_when_they_are_asked_for() -> None:
    """What comes later is still in the file."""
    file = io.BytesIO(b"{}\n" * 1000)

    lines = read_lines(file)
    next(lines)

    assert file.tell() == 3


def test_a_single_input_has_a_size_too(tmp_path: Path) -> None:
    """A file of zeros of any size costs no memory."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    with pytest.raises(InvalidInputError, match="--input: is larger than 64 MiB"):
        read_form(str(path))


def test_an_empty_input_is_told_as_such(tmp_path: Path) -> None:
    """Nothing came through the pipe, or the file was never written."""
    path = tmp_path / "empty.json"
    path.write_text(" \n", "utf-8")

    with pytest.raises(InvalidInputError, match=r"empty\.json is empty; it must hold one JSON object"):
        read_form(str(path))
