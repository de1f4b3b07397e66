"""The head of an answer: status line, headers, and what they say about where the body ends.

http.client's own way goes through the email package, which takes a tenth of a whole call, and it takes the first of two
lengths, a body in an unknown transfer encoding and lines that are no headers for good. This reads the same from a head
that is right (a test compares the two), and refuses the others. Bodies are still read by http.client.

Source: RFC 9112, sections 4 to 6.
"""

import re
from collections.abc import Callable
from http.client import BadStatusLine, HTTPException, HTTPMessage, RemoteDisconnected
from typing import NamedTuple

_STATUS = re.compile(rb"HTTP/1\.([0-9])[ \t]+([1-9][0-9]{2})(?:[ \t]+([^\r\n]*))?\r?\n")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*)\r?\n")
_FOLD = re.compile(rb"[ \t]+([^\x00\r\n]*)\r?\n")
_END = (b"\r\n", b"\n")
_MOST_FIELDS = 200
_SHOWN = 40
_NO_BODY = frozenset({204, 304})


class Head(NamedTuple):
    """What stands before the body.

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

    def merged(self) -> dict[str, str]:
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


class Framing(NamedTuple):
    """Where the body ends.

    Attributes:
        chunked: Where its chunks say.
        length: After so many bytes; ``None`` where chunks or the end of the connection say it.
        closes: Whether the connection ends with it.
    """

    chunked: bool
    length: int | None
    closes: bool


def read_head(readline: Callable[[int], bytes], longest: int) -> Head:
    """Read one head; no line may be longer than ``longest``.

    Raises:
        HTTPException: It is none.
    """
    line = readline(longest)
    if not line:
        message = "the connection was closed"
        raise RemoteDisconnected(message)
    status = _STATUS.fullmatch(line)
    if status is None:
        raise BadStatusLine(repr(line[:_SHOWN]))
    fields: list[tuple[str, str]] = []
    while (line := readline(longest)) not in _END:
        _add(fields, line)
    version = 10 if status[1] == b"0" else 11
    return Head(version, int(status[2]), (status[3] or b"").decode("latin-1").strip(), fields)


def _add(fields: list[tuple[str, str]], line: bytes) -> None:
    match = _FIELD.fullmatch(line)
    if match:
        fields.append((match[1].decode("ascii"), match[2].decode("latin-1").rstrip(" \t")))
    elif fields and (fold := _FOLD.fullmatch(line)):  # long forbidden, and still sent by some
        name, value = fields[-1]
        fields[-1] = name, " ".join([value, *fold[1].decode("latin-1").split()])
    else:
        message = "a header line is none, or the connection was closed in the middle of the head"
        raise HTTPException(message)
    if len(fields) > _MOST_FIELDS:
        message = f"there are more than {_MOST_FIELDS} headers"
        raise HTTPException(message)


def framing(head: Head, headers: dict[str, str], method: str | None) -> Framing:
    """Say where the body of an answer ends.

    Args:
        head: Of the answer.
        headers: The same, merged.
        method: Of the request.

    Raises:
        HTTPException: The headers contradict each other.
    """
    wishes = {wish.strip().lower() for wish in headers.get("connection", "").split(",")}
    closes = "close" in wishes or (head.version == 10 and "keep-alive" not in wishes)  # noqa: PLR2004  HTTP/1.0
    length = _length(headers)
    coding = headers.get("transfer-encoding", "identity").lower()
    if coding not in {"chunked", "identity"}:
        message = f"it is in a transfer encoding that was not asked for ({coding[:40]!r})"
        raise HTTPException(message)
    if method == "HEAD" or head.status in _NO_BODY or head.status < 200:  # noqa: PLR2004  interim
        return Framing(chunked=False, length=0, closes=closes)
    if coding == "chunked":  # with a length beside it, somebody on the way may see another end than we do
        return Framing(chunked=True, length=None, closes=closes or length is not None)
    return Framing(chunked=False, length=length, closes=closes or length is None)


def _length(headers: dict[str, str]) -> int | None:
    text = headers.get("content-length")
    if text is None:
        return None
    values = {value.strip() for value in text.split(",")}
    value = values.pop()
    if values or not (value.isascii() and value.isdigit()):
        message = "its Content-Length is no number, or is several"
        raise HTTPException(message)
    return int(value)
