"""Heads: how the one of a request is written, how the one of an answer is read, and where the body ends after it.

http.client's own way through the email package and ``putheader`` takes a tenth of a whole call. It also takes the first
of two lengths, a body in an unknown transfer encoding and lines that are no headers for good. This reads a head that is
right as http.client does (a test compares the two), and refuses the others.

Source: RFC 9112, sections 3 to 6.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from http.client import BadStatusLine, HTTPException, HTTPMessage, RemoteDisconnected
from io import BufferedReader
from typing import NamedTuple

from jackfield._http.header_map import Headers
from jackfield.errors import LimitError, UnsafeRequestError

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TEXT = r"[\t\x20-\x7e\x80-\xff]*"
_REQUEST = re.compile(rf"{_WORD} [!-~]+ HTTP/1\.1\r\n(?:{_WORD}: {_TEXT}\r\n)*")
_NAME = re.compile(_WORD)
_VALUE = re.compile(_TEXT)
_OURS = frozenset({"host", "content-length", "transfer-encoding"})

# No two parts of a pattern that both take a blank stand side by side: a line of blanks would take minutes.
_STATUS = re.compile(r"HTTP/1\.([0-9])[ \t]+([1-9][0-9]{2})(?:[ \t]([^\r\n]*))?\r?\n")
FIELD = re.compile(rf"({_WORD}):([^\x00\r\n]*)\r?\n")
_FIELDS = re.compile(rf"(?:{_WORD}:[^\x00\r\n]*\r?\n)*")
_END = (b"\r\n", b"\n", b"")
_BREAK = b"\r\n\r\n"
_BLANKS = " \t\r\n"
_MOST_DIGITS = 18
"""Of a length; int() refuses more than 4,300 with an error of its own."""
_MOST_HEADERS = 200
_SHOWN = 40
_NO_BODY = frozenset({204, 304})


def write_head(method: str, target: str, own: str, headers: Mapping[str, str | bytes]) -> bytes:
    """Write the head of a request.

    Args:
        method: A token.
        target: A path with its query, or a whole URL for a proxy.
        own: Whole lines that say who is spoken to and where the body ends.
        headers: The others; what is said in ``own`` alone is left out.

    Raises:
        UnsafeRequestError: Something cannot stand in a head; the header is named, its value is not shown.
    """
    start = f"{method} {target} HTTP/1.1\r\n{own}"
    if not _REQUEST.fullmatch(start):
        raise _unfit({})
    lines = [start]
    # A printable ASCII text can stand there, since no line break is one; to see that is much faster than to match.
    for name, given in headers.pairs() if isinstance(headers, Headers) else headers.items():
        fits = _fits(name)
        if fits is None:
            continue
        value = given if type(given) is str else given.decode("latin-1") if isinstance(given, bytes) else str(given)
        if not fits or not ((value.isascii() and value.isprintable()) or _can_stand(value)):
            raise _unfit(headers)
        lines.append(f"{name}: {value}\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1")


@lru_cache(maxsize=1024)
def _fits(name: str) -> bool | None:
    """Tell whether a name can stand in a head; ``None`` for one that we write ourselves."""
    return None if name.lower() in _OURS else _NAME.fullmatch(name) is not None


def _can_stand(value: str) -> bool:
    return _VALUE.fullmatch(value) is not None


def _unfit(headers: Mapping[str, str | bytes]) -> UnsafeRequestError:
    names = [name for name, value in headers.items() if isinstance(value, str) and not _can_stand(value)]
    where = f"The value of the header {names[0]!r}" if names else "The method, the path or a header"
    hint = "Was a line break pasted together with a key?" if names else ""
    return UnsafeRequestError(f"{where} has a character that cannot be sent; nothing was.", hint=hint)


class Head(NamedTuple):
    """What stands before the body of an answer.

    Attributes:
        version: 10 or 11, as http.client has it.
        status: HTTP status code.
        reason: What the service calls it.
        fields: Name and value of each header line, in order.
    """

    version: int
    status: int
    reason: str
    fields: list[tuple[str, str]]

    def by_name(self) -> dict[str, str]:
        """Give the headers by lower-case name, several values of one joined by commas."""
        found: dict[str, str] = {}
        for name, value in self.fields:
            key = name.lower()
            found[key] = f"{found[key]}, {value}" if key in found else value
        return found

    def message(self) -> HTTPMessage:
        """Give the headers as http.client does."""
        message = HTTPMessage()
        for name, value in self.fields:
            message[name] = value
        return message


def read_head(reader: BufferedReader, longest: int, most: int = _MOST_HEADERS) -> Head:
    """Read one head.

    Args:
        reader: Stands at its beginning.
        longest: Of a line.
        most: How many lines of headers there may be.

    Raises:
        HTTPException: It is none.
        LimitError: It has more headers.
    """
    return _in_one_piece(reader, longest, most) or _by_lines(reader.readline, longest, most)


def _in_one_piece(reader: BufferedReader, longest: int, most: int) -> Head | None:
    """Read a head that came whole and is as most are; of any other, nothing is read yet."""
    seen = reader.peek()
    size = seen.find(_BREAK) + len(_BREAK)
    if not len(_BREAK) <= size <= longest:
        return None
    text = seen[:size].decode("latin-1")
    status = _STATUS.match(text)
    if status is None or not _FIELDS.fullmatch(text, status.end(), size - 2):
        return None
    fields = FIELD.findall(text, status.end(), size - 2)
    if len(fields) > most:
        return None
    reader.read(size)
    return _head(status, fields)


def _head(status: re.Match[str], fields: list[tuple[str, str]]) -> Head:
    version = 10 if status[1] == "0" else 11
    stripped = [(name, value.strip(" \t")) for name, value in fields]
    return Head(version, int(status[2]), (status[3] or "").strip(), stripped)


def _by_lines(readline: Callable[[int], bytes], longest: int, most: int) -> Head:
    line = readline(longest)
    if not line:
        message = "the connection was closed"
        raise RemoteDisconnected(message)
    status = _STATUS.fullmatch(line.decode("latin-1"))
    if status is None:
        raise BadStatusLine(repr(line[:_SHOWN]))
    return _head(status, _read_fields(readline, longest, most))


def _read_fields(readline: Callable[[int], bytes], longest: int, most: int) -> list[tuple[str, str]]:
    lines: list[bytes] = []
    while (line := readline(longest)) not in _END:
        if len(lines) >= most:
            message = f"The head of the answer has more than {most} lines of headers."
            raise LimitError(message, limit="max_headers", maximum=most)
        lines.append(line)
    if not line:
        message = "its head is cut"
        raise HTTPException(message)
    text = b"".join(lines).decode("latin-1")
    if not _FIELDS.fullmatch(text):
        text = "".join(_unfolded(lines))
        if not _FIELDS.fullmatch(text):
            message = "a line of its head is no header"
            raise HTTPException(message)
    return FIELD.findall(text)


def _unfolded(lines: list[bytes]) -> list[str]:
    """Join folded lines: long forbidden, and still sent by some."""
    found: list[str] = []
    for line in lines:
        text = line.decode("latin-1")
        if found and text[0] in " \t":
            found[-1] = found[-1].rstrip(_BLANKS) + " " + text.lstrip(" \t")
        else:
            found.append(text)
    return found


class Framing(NamedTuple):
    """Where the body of an answer ends.

    Attributes:
        chunked: Where its chunks say.
        length: After so many bytes; ``None`` where chunks or the end of the connection say it.
        closes: Whether the connection ends with it.
    """

    chunked: bool
    length: int | None
    closes: bool


def framing_of(head: Head, headers: dict[str, str], method: str | None) -> Framing:
    """Say where the body of an answer ends.

    Args:
        head: Of the answer.
        headers: The same, by lower-case name.
        method: Of the request.

    Raises:
        HTTPException: The headers contradict each other.
    """
    closes = _closes(head.version, headers.get("connection", ""))
    length = _length(headers.get("content-length"))
    coding = headers.get("transfer-encoding", "identity").lower()
    if coding not in {"chunked", "identity"}:
        message = f"it is in a transfer encoding that was not asked for ({coding[:_SHOWN]!r})"
        raise HTTPException(message)
    if method == "HEAD" or head.status in _NO_BODY or head.status < 200:  # noqa: PLR2004  interim
        return Framing(chunked=False, length=0, closes=closes)
    if coding == "chunked":  # with a length beside it, somebody on the way may see another end than we do
        return Framing(chunked=True, length=None, closes=closes or length is not None)
    return Framing(chunked=False, length=length, closes=closes or length is None)


def _closes(version: int, connection: str) -> bool:
    wishes = {wish.strip() for wish in connection.lower().split(",")} if connection else ()
    return "close" in wishes or (version == 10 and "keep-alive" not in wishes)  # noqa: PLR2004  HTTP/1.0


def _length(text: str | None) -> int | None:
    if text is None:
        return None
    value, *others = {value.strip() for value in text.split(",")} if "," in text else (text,)
    if others or not (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS):
        message = "its Content-Length is no number that can be, or is several"
        raise HTTPException(message)
    return int(value)
