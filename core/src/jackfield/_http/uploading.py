"""Bodies that are read while they leave: a file as it is, or a form with files in it (multipart/form-data).

Nothing is held in memory. A body can be sent any number of times, as long as its files are there and unchanged.

Source: RFC 7578; names are written as browsers do (HTML standard, "multipart form data", read 2026-11-25).
"""

import io
import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from attrs import frozen

from jackfield._writing import reason_of
from jackfield.errors import FileError
from jackfield.files import File

__all__ = ["FilePart", "StreamBody", "multipart"]


@frozen(kw_only=True)
class FilePart:
    """A file in a form that is sent.

    Attributes:
        name: The field of the form: ``image[]``.
        file: Its content, name and media type.
    """

    name: str
    file: File


class StreamBody:
    """The body of a request that is streamed: a file, or a form with files in it.

    It stands in ``PreparedRequest.body``. ``len()`` is its exact size; ``open()`` gives a reader from the start, each
    time a fresh one; ``read()`` goes on where it stopped, as anybody expects of a body who knows requests.

    Attributes:
        fields: What a form holds: names, with a text or a file; empty for a file that is sent as it is.
        size: In bytes; ``None`` while a file is yet to be fetched.
    """

    def __init__(self, parts: Sequence[bytes | File], fields: Sequence[tuple[str, str | File]] = ()) -> None:
        self._parts = parts
        self._reader: BinaryIO | None = None
        self.fields = tuple(fields)
        sizes = [part.size if isinstance(part, File) else len(part) for part in parts]
        self.size = sum(size or 0 for size in sizes) if None not in sizes else None

    def fresh(self) -> "StreamBody":
        """Give the same body with a ``read()`` of its own."""
        return StreamBody(self._parts, self.fields)

    def __len__(self) -> int:
        """Count its bytes."""
        if self.size is None:
            message = "A file in this body has yet to be fetched, so its size is not known."
            raise FileError(message)
        return self.size

    def __bool__(self) -> bool:
        """Say that there is a body, even if it is empty."""
        return True

    def __iter__(self) -> Iterator[bytes]:
        """Give it in pieces, from the start."""
        return self.pieces()

    def pieces(self) -> Iterator[bytes]:
        """Give it in pieces, from the start.

        Raises:
            FileError: A file cannot be read, or has another size than before.
        """
        for part in self._parts:
            if isinstance(part, File):
                yield from _whole(part)
            else:
                yield part

    def open(self) -> BinaryIO:
        """Give a reader from the start, which the caller closes."""
        return io.BufferedReader(_PiecesReader(self.pieces()))

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes from where the last ``read`` stopped; all that is left without a size."""
        if self._reader is None:
            self._reader = self.open()
        data = self._reader.read(size)
        if not data and size:
            self._reader.close()
        return data

    def flaw(self) -> str:
        """Say why it cannot be sent again; empty if it can."""
        try:
            for file in (part for part in self._parts if isinstance(part, File)):
                with file.open() as opened:
                    _check_size(file, opened)
        except FileError as error:
            return error.message
        return ""

    def described(self) -> object:
        """Say what it is, with no content of a file: a list of fields, or the file."""
        if self.fields:
            return [
                {"name": name, "file": told(value)} if isinstance(value, File) else {"name": name, "value": value}
                for name, value in self.fields
            ]
        return {"file": told(next(part for part in self._parts if isinstance(part, File)))}


def told(file: File) -> dict[str, object]:
    """Say what a file is and where it lies."""
    found: dict[str, object] = {"name": file.name, "media_type": file.media_type}
    found |= {} if file.size is None else {"size": file.size}
    found |= {"url": file.url} if file.url else {}
    return found if file.path is None else {**found, "path": str(file.path)}


def _whole(file: File) -> Iterator[bytes]:
    """Give exactly as many bytes as were announced; anything else would be the beginning of the next request."""
    left = file.size or 0
    with file.open() as opened:
        _check_size(file, opened)
        while left:
            piece = file.next_piece(opened)[:left]
            if not piece:
                raise _changed(file)
            left -= len(piece)
            yield piece


def _check_size(file: File, opened: BinaryIO) -> None:
    try:
        size = opened.seek(0, io.SEEK_END)
        opened.seek(0)
    except OSError as error:  # some files of /proc have no end
        message = f"{file.name} cannot be read: {reason_of(error)}."
        raise FileError(message) from None
    if size != file.size:
        raise _changed(file)


def _changed(file: File) -> FileError:
    return FileError(f"{file.name} changed while it was sent: it has another size.", hint="Run it again.")


class _PiecesReader(io.RawIOBase):
    """Reads pieces as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count

    def close(self) -> None:
        if not self.closed:
            getattr(self._pieces, "close", str)()
        super().close()


def multipart(data: Iterable[tuple[str, str]], files: Iterable[FilePart]) -> tuple[StreamBody, str]:
    """Put a form together; texts come before files, each in the order given.

    Returns:
        The body and its content type.
    """
    fields: list[tuple[str, str | File]] = [*data, *((part.name, part.file) for part in files)]
    boundary = f"jackfield-{secrets.token_hex(16)}"
    parts: list[bytes | File] = []
    for name, value in fields:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_escaped(name)}"'
        if isinstance(value, File):
            head += f'; filename="{_escaped(value.name)}"\r\nContent-Type: {_escaped(value.media_type)}'
            parts += [f"{head}\r\n\r\n".encode(), value, b"\r\n"]
        else:
            parts.append(f"{head}\r\n\r\n{value}\r\n".encode())
    parts.append(f"--{boundary}--\r\n".encode())
    return StreamBody(parts, fields), f"multipart/form-data; boundary={boundary}"


def _escaped(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
