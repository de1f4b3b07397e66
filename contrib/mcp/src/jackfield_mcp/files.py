"""The files of a host as resources, which can be read in pieces."""

import base64
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from mcp_types import BlobResourceContents, ResourceLink, TextResourceContents

from jackfield import File, FileStore, InputError

_SCHEME = "jackfield"
_MOST_LISTED = 100
_MOST_RESULTS = 50
_MOST_DIGITS = 18  # Python refuses to read thousands
_TEXTS = ("text/", "application/json", "application/xml", "application/yaml")

TEMPLATE = f"{_SCHEME}://files/{{id}}{{?offset}}"


class Piece(NamedTuple):
    """A part of a file.

    Attributes:
        file: Which.
        data: What was read.
        offset: Where it begins.
        end: Where the next one begins; the size at the end.
    """

    file: File
    data: bytes
    offset: int
    end: int

    @property
    def more(self) -> bool:
        """Whether another piece follows."""
        return self.end < (self.file.size or 0)


class Shelf:
    """The files that calls gave, and the long results of which they gave a part only.

    Args:
        store: Of the host.
    """

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._given: deque[File] = deque(maxlen=_MOST_LISTED)
        self._results: deque[File] = deque()

    def links(self) -> list[ResourceLink]:
        """List what was given last."""
        return [link_to(file) for file in reversed(self._given)]

    def files_in(self, value: object) -> Iterator[File]:
        """Give each file to which a bundle refers."""
        if isinstance(value, Mapping):
            found = self._store.find(value["file"]) if isinstance(value.get("file"), str) else None
            if found is not None:
                self._given.append(found)
                yield found
                return
        for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ():
            yield from self.files_in(item)

    def keep_result(self, text: str) -> File:
        """Keep a long result in memory, until fifty others came after it."""
        file = self._store.adopt(File.from_bytes(text.encode(), name="result.json"), in_memory=True)
        self._results.append(file)
        if len(self._results) > _MOST_RESULTS:
            self._store.remove(self._results.popleft())
        return file

    def piece(self, uri: str, most: int, offset: int | None = None) -> Piece:
        """Read a part of a file.

        Args:
            uri: Of the file, perhaps with an offset.
            most: How many bytes.
            offset: Where to begin; as the URI says without.

        Raises:
            InputError: There is no such file, or nothing there.
        """
        file, named = self._found(uri)
        start = named if offset is None else offset
        if not 0 <= start <= (file.size or 0):
            message = f"The file has {file.size} bytes, so nothing stands at {start}."
            raise InputError(message)
        with file.open() as reader:
            reader.seek(start)
            data = reader.read(most)
        whole = data if not is_text(file) else _whole_characters(data)
        return Piece(file, whole, start, start + len(whole))

    def contents(self, uri: str, most: int) -> TextResourceContents | BlobResourceContents:
        """Read a resource, or a part of it if its URI has an offset.

        Raises:
            InputError: There is no such file; or it is too large, and no part was asked for.
        """
        piece = self.piece(uri, most)
        if piece.more and "offset=" not in uri:
            message = f"The file has {piece.file.size} bytes, and at most {most} are read at once."
            raise InputError(message, hint=f"Read it in pieces: {uri_of(piece.file, 0)}")
        meta: dict[str, object] = {"jackfield/bytes": piece.file.size, "jackfield/offset": piece.offset}
        meta |= {"jackfield/next": uri_of(piece.file, piece.end)} if piece.more else {}
        if is_text(piece.file):
            text = piece.data.decode("utf-8", "replace")
            return TextResourceContents(uri=uri, mime_type=piece.file.media_type, text=text, _meta=meta)
        blob = base64.b64encode(piece.data).decode()
        return BlobResourceContents(uri=uri, mime_type=piece.file.media_type, blob=blob, _meta=meta)

    def _found(self, uri: str) -> tuple[File, int]:
        try:
            parts = urlsplit(uri)
        except ValueError:  # brackets without an address in them
            parts = urlsplit("")
        file_id = parts.path.removeprefix("/")
        file = self._store.find(file_id) if parts.scheme == _SCHEME and parts.netloc == "files" else None
        offset = parse_qs(parts.query).get("offset", ["0"])[-1]
        if file is None or not (offset.isascii() and offset.isdigit() and len(offset) <= _MOST_DIGITS):
            message = "This server has no such resource."
            raise InputError(
                message, hint="A file is there until the server ends, a long result until fifty others came."
            )
        return file, int(offset)


def uri_of(file: File, offset: int | None = None) -> str:
    """Give the URI of a file, or of what stands in it from an offset on."""
    return f"{_SCHEME}://files/{file.id}" + ("" if offset is None else f"?offset={offset}")


def link_to(file: File) -> ResourceLink:
    """Give a link to a file."""
    return ResourceLink(name=file.name, uri=uri_of(file), mime_type=file.media_type, size=file.size)


def is_text(file: File) -> bool:
    """Tell whether a file is read as text."""
    return file.media_type.startswith(_TEXTS)


def _whole_characters(data: bytes) -> bytes:
    """Leave out the beginning of a character whose end comes with the next piece."""
    for back in range(1, min(4, len(data)) + 1):
        lead = data[-back]
        if lead & 0xC0 != 0x80:  # noqa: PLR2004  the first byte of a character, and no later one
            length = 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4  # noqa: PLR2004
            return data[:-back] if length > back and len(data) > back else data
    return data


def without_paths(value: Any, store: FileStore) -> Any:
    """Leave out where files lie."""
    if isinstance(value, Mapping):
        is_file = isinstance(value.get("file"), str) and store.find(value["file"]) is not None
        return {key: without_paths(item, store) for key, item in value.items() if not (is_file and key == "path")}
    return [without_paths(item, store) for item in value] if isinstance(value, list | tuple) else value
