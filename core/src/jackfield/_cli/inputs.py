"""What stands behind ``module run ID``: ``FIELD=TEXT``, ``FIELD:=JSON``, and either of them from a file."""

import os
import stat
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

import click

from jackfield import _json
from jackfield._cli.attend import Due, ReadingDue, in_time
from jackfield._writing import reason_of
from jackfield.errors import FileError, InvalidInputError, LimitError, Problem
from jackfield.fields import FromText
from jackfield.files import PIECE, File
from jackfield.forms import AFile, Either, Form, ListOf, MapOf, Record, Shape, form_of
from jackfield.storage import FileSettings, FileStore

T = TypeVar("T")

MAX_BYTES = 64 * 1024 * 1024
"""The most that one field takes from a file: no service takes more in one JSON request."""

STDIN = "-"

_Path = tuple[str, ...]


class _Assignment(NamedTuple):
    path: _Path
    json: bool
    text: str


class _BadValueError(Exception):
    """A value cannot be read; says in words what is wrong, and the rule in one."""

    def __init__(self, message: str, *, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class _Branch(dict[str, object]):
    """What dotted names build: an object, or a list whose items are named 0, 1, 2..."""


def read_inputs(
    arguments: Sequence[str],
    form: Form,
    subject: str = "",
    *,
    stdin_is_free: bool = True,
    store: FileStore | None = None,
    in_memory: bool = False,
    deadline_s: float | None = None,
) -> dict[str, object]:
    """Read the input of a module from the arguments of a command line.

    Args:
        arguments: Each of the shape ``FIELD=TEXT``, ``FIELD:=JSON``, ``FIELD=@FILE`` or ``FIELD:=@FILE``. ``@-`` is
            standard input, ``@@`` a text that begins with ``@``. A dotted name fills what is nested: ``a.b``,
            ``a.0.b``. For a field that takes files, ``@FILE`` is that file itself.
        form: What tells a list from an object where a name has a number in it.
        subject: Whose input it is, for the error.
        stdin_is_free: Whether a field may be read from standard input.
        store: Keeps what comes from a pipe for a field that takes files.
        in_memory: Whether it may write nothing of that.
        deadline_s: How long all of it may take: nobody may ever write into a pipe. As long as it takes, without.

    Returns:
        Values as ``Host.run`` takes them. What came without a colon is FromText.

    Raises:
        InvalidInputError: Files cannot be read, JSON is none, or a field is given twice; all of it at once.
        DeadlineError: It took too long.
        click.UsageError: An argument has another shape.
    """
    problems: list[Problem] = []
    given: dict[_Path, object] = {}
    due = None if deadline_s is None else ReadingDue(deadline_s)
    reader = _Reader(stdin_is_read=not stdin_is_free, store=store, in_memory=in_memory, due=due)
    for number, argument in enumerate(arguments, 1):
        assignment = _split(argument, number)
        if len(assignment.path) > _json.MAX_DEPTH:
            message = f"is named deeper than {_json.MAX_DEPTH} levels"
            problems.append(Problem(path=_spelled(assignment.path[:1]), rule="depth", message=message))
            continue
        try:
            _refuse_twice(assignment.path, given)
            given[assignment.path] = reader.value(assignment, as_file=_takes_file(_shape_at(form, assignment.path)))
        except _BadValueError as error:
            problems.append(Problem(path=_spelled(assignment.path), rule=error.rule, message=str(error)))
    tree = _Branch()
    for path, value in given.items():
        _insert(tree, path, value)
    shaper = _Shaper(problems)
    values = {key: shaper.shaped(value, _slot_shape(form, key), (key,)) for key, value in tree.items()}
    if problems:
        raise InvalidInputError(problems, subject=subject)
    return values


def read_answer(text: str, shape: Shape) -> FromText | File:
    """Read what would stand behind ``FIELD=`` for a field of a shape: a text, ``@FILE`` or ``@@TEXT``.

    Raises:
        InvalidInputError: The file cannot be read.
    """
    try:
        value = _Reader(stdin_is_read=True).value(_Assignment((), json=False, text=text), as_file=_takes_file(shape))
    except _BadValueError as error:
        raise InvalidInputError([Problem(path="$", rule=error.rule, message=str(error))]) from None
    assert isinstance(value, FromText | File)  # noqa: S101  it was not asked for as JSON
    return value


def _split(argument: str, number: int) -> _Assignment:
    name, equals, text = argument.partition("=")
    strict = name.endswith(":")
    path = tuple(name.removesuffix(":").split("."))
    if not equals or not all(path):
        # Not the argument itself: it may be a key that was pasted in the wrong place.
        message = f"Input {number} is not of the shape FIELD=TEXT, FIELD:=JSON, FIELD=@FILE or FIELD:=@FILE."
        raise click.UsageError(message, click.get_current_context(silent=True))
    return _Assignment(path, strict, text)


def _refuse_twice(path: _Path, given: Mapping[_Path, object]) -> None:
    if path in given:
        message = "is given twice"
        raise _BadValueError(message, rule="twice")
    for other in given:
        shorter = min(len(path), len(other))
        if path[:shorter] == other[:shorter]:
            message = "is given as a whole and in parts"
            raise _BadValueError(message, rule="twice")


class _Reader:
    """Reads values, standard input once."""

    def __init__(
        self,
        *,
        stdin_is_read: bool,
        store: FileStore | None = None,
        in_memory: bool = False,
        due: Due | None = None,
    ) -> None:
        self._due = due
        self._stdin_is_read = stdin_is_read
        self._store = store
        self._in_memory = in_memory

    def value(self, assignment: _Assignment, *, as_file: bool = False) -> object:
        """Read one value; ``@FILE`` as the file itself where one is wanted."""
        if as_file and not assignment.json and assignment.text.startswith("@") and assignment.text[:2] != "@@":
            return self._file(assignment.text[1:])
        text, source = self._text(assignment)
        if not assignment.json:
            return FromText(text)
        try:
            return _json.parse(text, unique=True)
        except (_json.JsonError, LimitError) as error:
            rule = "depth" if isinstance(error, LimitError) else "json"
            message = error.message.rstrip(".") if isinstance(error, LimitError) else str(error)
            raise _BadValueError(f"{source}: {message}" if source else message, rule=rule) from None

    def _text(self, assignment: _Assignment) -> tuple[str, str]:
        text = assignment.text
        if text.startswith("@@") and not assignment.json:
            text = text[1:]
        elif text.startswith("@"):
            source = "standard input" if text == "@-" else text[1:]
            return _decoded(self._bytes(text[1:], source), source), source
        try:
            text.encode()
        except UnicodeEncodeError as error:
            # The shell passed bytes that are no UTF-8; Python keeps them as lone surrogates.
            message = f"is not UTF-8 at character {error.start}"
            raise _BadValueError(message, rule="encoding") from None
        return text, ""

    def _file(self, name: str) -> File:
        """Name a file; what can be read only once, such as a pipe, is copied first."""
        path = _place(name)
        try:
            if name != STDIN and (path.is_file() or not path.exists()):
                return File.from_path(path)
            return in_time(partial(self._copied, name, path), self._due)
        except (OSError, ValueError) as error:
            message = f"{name} cannot be read: {reason_of(error)}"
            raise _BadValueError(message, rule="file") from None
        except (FileError, LimitError) as error:
            raise _BadValueError(error.message.rstrip("."), rule="file") from None

    def _bytes(self, name: str, source: str) -> bytes:
        path = _place(name)
        try:
            data = in_time(partial(self._read, name, path), self._due)
        except (OSError, ValueError) as error:
            message = f"{source} cannot be read: {reason_of(error)}"
            raise _BadValueError(message, rule="file") from None
        if len(data) > MAX_BYTES:
            message = f"{source} is larger than {MAX_BYTES // 1024**2} MiB"
            raise _BadValueError(message, rule="file")
        return data

    def _copied(self, name: str, path: Path) -> File:
        with self._opened(name, path) as pipe:
            store = self._store or FileStore(FileSettings())
            pieces = iter(partial(pipe.read, PIECE), b"")
            return store.add(pieces, name="stdin" if name == STDIN else path.name, in_memory=self._in_memory)

    def _read(self, name: str, path: Path) -> bytes:
        with self._opened(name, path) as file:
            return file.read(MAX_BYTES + 1)

    def _opened(self, name: str, path: Path) -> IO[bytes]:
        return self._stdin_file() if name == STDIN else _opened(path)

    def _stdin_file(self) -> IO[bytes]:
        if self._stdin_is_read:
            message = "standard input can be read once only, for --input or for one field"
            raise _BadValueError(message, rule="file")
        if getattr(sys, "stdin", None) is None:  # started without one: ``<&-``, pythonw
            message = "standard input is closed"
            raise _BadValueError(message, rule="file")
        self._stdin_is_read = True
        return open(sys.stdin.fileno(), "rb", closefd=False)


def _opened(path: Path) -> IO[bytes]:
    """Open what ``@`` names: a file, a pipe, a terminal; of other devices, the one that is empty."""
    file = path.open("rb")
    mode = os.fstat(file.fileno()).st_mode
    if stat.S_ISBLK(mode) or (stat.S_ISCHR(mode) and not file.isatty() and path != Path(os.devnull)):
        file.close()
        message = "it is a device, which may have no end"
        raise OSError(message)
    return file


def _place(name: str) -> Path:
    if not name:
        message = "@ needs the name of a file; @@ begins a text that begins with @"
        raise _BadValueError(message, rule="file")
    # Unlike Path.expanduser, this leaves the name of an unknown user as it is.
    return Path(os.path.expanduser(name))  # noqa: PTH111  see above


def _decoded(data: bytes, source: str) -> str:
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        message = f"{source} is not UTF-8 at byte {error.start}: {error.reason}"
        raise _BadValueError(message, rule="encoding") from None


def _spelled(path: _Path) -> str:
    return "$" + "".join(f"[{part}]" if part.isdecimal() else f".{part}" for part in path)


def _insert(tree: _Branch, path: _Path, value: object) -> None:
    *outer, last = path
    for part in outer:
        branch = tree.setdefault(part, _Branch())
        assert isinstance(branch, _Branch)  # noqa: S101  no field is given as a whole and in parts
        tree = branch
    tree[last] = value


class _Shaper:
    """Decides which branches are lists."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def shaped(self, value: object, shape: Shape | None, path: _Path) -> object:
        """Turn the branches at and below a place into objects and lists."""
        if not isinstance(value, _Branch):
            return value
        inner = {key: self.shaped(item, _inner_shape(shape, key), (*path, key)) for key, item in value.items()}
        numbers = [str(number) for number in range(len(inner))]
        if set(numbers) == set(inner) and _may_be_list(shape):
            return [inner[number] for number in numbers]
        if isinstance(shape, ListOf):
            message = f"is a list: name its items {_dotted(path)}.0, {_dotted(path)}.1 and so on, without a gap"
            self._problems.append(Problem(path=_spelled(path), rule="type", message=message))
        return inner


def _dotted(path: _Path) -> str:
    return ".".join(path)


def _may_be_list(shape: Shape | None) -> bool:
    if isinstance(shape, Either):
        return any(_may_be_list(member) for member in shape.members)
    return not isinstance(shape, Record | MapOf)


def _shape_at(form: Form, path: _Path) -> Shape | None:
    shape = _slot_shape(form, path[0])
    for key in path[1:]:
        shape = _inner_shape(shape, key)
    return shape


def _takes_file(shape: Shape | None) -> bool:
    """Tell whether a file may stand at a place, be it as the only one of a list."""
    if isinstance(shape, Either):
        return any(map(_takes_file, shape.members))
    return isinstance(shape.item.shape if isinstance(shape, ListOf) else shape, AFile)


def _slot_shape(form: Form, key: str) -> Shape | None:
    slot = form.slot(key)
    return slot.shape if slot else None


def _inner_shape(shape: Shape | None, key: str) -> Shape | None:
    if isinstance(shape, Record):
        return _slot_shape(form_of(shape.cls), key)
    if isinstance(shape, ListOf):
        return shape.item.shape
    if isinstance(shape, MapOf):
        return shape.value.shape
    if isinstance(shape, Either):
        return next((inner for member in shape.members if (inner := _inner_shape(member, key))), None)
    return None
