"""Files that go into a module and come out of it: where they lie, never what is in them.

A form says ``image: Annotated[File, Upload(media_types=["image/png"])]``, an output ``image: File``. A program makes a
File from a path, from bytes or from a URL; a caller in JSON names one (``{"url": "..."}``), and gets a reference back.
Content is read when somebody reads it, a piece at a time, as often as needed, and stands in no log, event or ``repr``.
"""

import io
import os
import stat
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol, Self

import attrs
from attrs import evolve, field, frozen

from jackfield._cards import Card, Media
from jackfield._filenames import guess_type, name_flaw, name_in_url, safe_name, type_flaw, url_flaw
from jackfield._writing import reason_of, write_whole
from jackfield.errors import FileError, InputError, LimitError
from jackfield.showing import Shown

__all__ = ["File"]

MAX_READ_BYTES = 64 * 1024 * 1024
PIECE = 256 * 1024


class Source(Protocol):
    """Where the content of a file is."""

    def open(self) -> BinaryIO:
        """Give a reader from the start.

        Raises:
            OSError: It cannot be read.
        """


@frozen
class OnDisk:
    """In a file system.

    Attributes:
        path: Absolute.
        identity: Device and number of the file that was looked at; another file in its place is not read.
    """

    path: Path
    identity: tuple[int, int] | None = field(default=None, eq=False)

    def open(self) -> BinaryIO:
        """Open it, without waiting: a pipe that took its place may never have a writer."""
        file = open(self.path, "rb", opener=_at_once)  # noqa: SIM115  the caller closes it
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or self.identity not in {None, (found.st_dev, found.st_ino)}:
            file.close()
            message = "it is another file than the one that was checked"
            raise OSError(message)
        return file


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # Windows has none, and no such pipes among its files


@frozen(eq=False)
class InMemory:
    """In this process."""

    data: bytes = field(repr=False)

    def open(self) -> BinaryIO:
        """Read it from memory."""
        return io.BytesIO(self.data)


@frozen
class Elsewhere:
    """At a URL; the host fetches it when the operation runs.

    Attributes:
        url: Where.
        media_type: As given; may be empty.
        name: As given; may be empty.
    """

    url: str
    media_type: str = ""
    name: str = ""

    def open(self) -> BinaryIO:
        """Refuse: this is no way out to the network."""
        message = "it is at a URL, and is fetched only when a module runs"
        raise OSError(message)


@frozen
class Named:
    """What a caller wrote in JSON: a path, or the id of a file that a host keeps.

    The host makes a real file of it, or refuses.

    Attributes:
        what: ``path`` or ``file``.
        text: As given.
        name: As given; may be empty.
        media_type: As given; may be empty.
    """

    what: str
    text: str = field(repr=False)
    name: str = ""
    media_type: str = ""

    def open(self) -> BinaryIO:
        """Refuse: nobody has said yet that it may be read."""
        message = "no host has accepted it"
        raise OSError(message)


@frozen(kw_only=True, repr=False)
class File(Shown):
    """A file: what it is called, what it is, how large it is, and a way to read it.

    Made by ``from_path``, ``from_bytes``, ``from_url`` or by a host; nothing changes it. Two are equal if their content
    is at the same place.

    Attributes:
        name: A bare name, without any folder.
        media_type: ``image/png``; ``application/octet-stream`` where nobody knows.
        size: In bytes; ``None`` while it is unknown.
        id: The name under which its host knows it, for JSON; empty for a file that no host gave out.
    """

    name: str = field(eq=False)
    media_type: str = field(eq=False)
    size: int | None = field(default=None, eq=False)
    id: str = field(default="", eq=False)
    source: Source = field(repr=False)

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], *, name: str = "", media_type: str = "") -> Self:
        """Name a file of this machine. It is not copied, and must stay until the module has run.

        Args:
            path: Where it lies.
            name: What the service is told; the last part of the path without.
            media_type: Guessed from the name without.

        Raises:
            FileError: It cannot be read, or is a directory, a pipe or a device.
            InputError: The name has parts of a path in it.
        """
        place = Path(os.path.abspath(path))  # noqa: PTH100  unlike resolve(), this keeps the name of a link
        try:
            found = place.stat()
        except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
            raise _unreadable(place.name, error) from None
        if not stat.S_ISREG(found.st_mode):
            message = f"{place.name} is not a file that can be read more than once."
            raise FileError(message, hint="Save it to a file first, or use File.from_bytes.")
        return cls._made(name or place.name, media_type, found.st_size, OnDisk(place), given=bool(name))

    @classmethod
    def from_bytes(cls, data: bytes, *, name: str, media_type: str = "") -> Self:
        """Make a file of bytes in memory.

        Args:
            data: The content.
            name: What it is called.
            media_type: Guessed from the name without.

        Raises:
            InputError: The name has parts of a path in it.
        """
        return cls._made(name, media_type, len(data), InMemory(bytes(data)), given=True)

    @classmethod
    def from_url(cls, url: str, *, name: str = "", media_type: str = "") -> Self:
        """Name a file of the web. The host fetches it when a module runs, without any credential.

        Args:
            url: ``http`` or ``https``, without user name and password.
            name: What it is called; what the server says or the end of the URL without.
            media_type: What the server says without.

        Raises:
            InputError: The URL cannot be used, or the name has parts of a path in it.
        """
        flaw = url_flaw(url)
        if flaw:
            message = f"The URL of a file {flaw}."
            raise InputError(message)
        return cls._made(name or name_in_url(url), media_type, None, Elsewhere(url, media_type, name), given=bool(name))

    @classmethod
    def _made(cls, name: str, media_type: str, size: int | None, source: Source, *, given: bool) -> Self:
        flaw = name_flaw(name)
        if flaw and given:
            message = f"The name of a file {flaw}."
            raise InputError(message, hint="Give a bare name such as picture.png.")
        if media_type and type_flaw(media_type):
            message = f"The media type of a file {type_flaw(media_type)}."
            raise InputError(message)
        fit = safe_name(name) if flaw else name
        return cls(name=fit, media_type=media_type or guess_type(fit), size=size, source=source)

    @property
    def path(self) -> Path | None:
        """Where it lies, if it lies in a file system."""
        return self.source.path if isinstance(self.source, OnDisk) else None

    @property
    def url(self) -> str:
        """Where it is to be fetched from; empty if it is here."""
        return self.source.url if isinstance(self.source, Elsewhere) else ""

    @property
    def pending(self) -> bool:
        """Whether it has yet to be fetched or accepted by a host, so that little is known of it."""
        return isinstance(self.source, Elsewhere | Named)

    def open(self) -> BinaryIO:
        """Give a reader that starts at the beginning; each call gives a fresh one, which the caller closes.

        Raises:
            FileError: It is gone, may not be read, or was not fetched yet.
        """
        try:
            return self.source.open()
        except (OSError, ValueError) as error:
            raise _unreadable(self.name, error, _DRY if self.pending else "") from None

    def read(self, max_bytes: int = MAX_READ_BYTES) -> bytes:
        """Read all of it into memory.

        Args:
            max_bytes: The most that is read.

        Raises:
            LimitError: It is larger.
            FileError: As ``open``.
        """
        with self.open() as file:
            data = file.read(max_bytes + 1)
        if len(data) > max_bytes:
            message = f"{self.name} is larger than the {max_bytes} bytes that were to be read into memory."
            raise LimitError(message, limit="max_bytes", maximum=max_bytes, hint="Read it in pieces: open().")
        return data

    def pieces(self) -> Iterator[bytes]:
        """Give its content from the start, at most 256 KiB at a time.

        Raises:
            FileError: As ``open``.
        """
        with self.open() as file:
            while piece := self.next_piece(file):
                yield piece

    def next_piece(self, file: BinaryIO) -> bytes:
        """Read on in what ``open`` gave, at most 256 KiB; nothing at the end.

        Raises:
            FileError: It cannot be read any more.
        """
        try:
            return file.read(PIECE)
        except OSError as error:
            raise _unreadable(self.name, error) from None

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Copy it, a piece at a time; nobody ever sees half of it.

        Args:
            path: The new file, or a directory, in which it keeps its name.
            overwrite: Whether a file that is there already is replaced.

        Returns:
            The new file.

        Raises:
            FileError: There is a file already, or the disk is full, or it cannot be read or written.
        """
        target = Path(path)
        target = target / safe_name(self.name) if target.is_dir() else target
        return write_whole(target, self.pieces(), overwrite=overwrite)

    def renamed(self, name: str = "", media_type: str = "") -> Self:
        """Give it with another name or media type; what is empty stays.

        Raises:
            InputError: The name has parts of a path in it.
        """
        other = self._made(name or self.name, media_type or self.media_type, self.size, self.source, given=bool(name))
        return evolve(other, id=self.id)

    def __repr__(self) -> str:
        """Show what it is, and nothing of what is in it."""
        size = "size unknown" if self.size is None else f"{self.size} bytes"
        return f"<File {self.name!r} {self.media_type or 'type unknown'}, {size}>"

    def _card(self) -> Card:
        return Card(title=self.name, files=[*media_in(self)])


def media_in(value: object) -> Iterator[Media]:
    """Find the files in an output, in their order, for whoever shows them."""
    if isinstance(value, File):
        yield Media(name=value.name, media_type=value.media_type, size=value.size, read=partial(_readable, value))
    elif attrs.has(kind := type(value)):
        for name in attrs.fields_dict(kind):
            yield from media_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from media_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from media_in(item)


def _readable(file: File, max_bytes: int) -> bytes | None:
    try:
        return file.read(max_bytes)
    except (FileError, LimitError):
        return None


_DRY = "A dry run fetches nothing, and this module looks into the file before it sends anything."


def _unreadable(name: str, error: Exception, hint: str = "") -> FileError:
    message = f"{name} cannot be read: {reason_of(error)}."
    gone = "A host without a directory of its own for files removes them when it is closed: save() what you keep."
    return FileError(message, hint=gone if isinstance(error, FileNotFoundError) else hint)
