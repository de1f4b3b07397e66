"""Server-sent events out of bytes, as the HTML standard reads them, however the bytes are cut.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from collections.abc import Iterable, Iterator

from attrs import define, field

from jackfield import _json
from jackfield.errors import AnswerError, LimitError

_BOM = b"\xef\xbb\xbf"


@define(kw_only=True)  # not frozen: that would cost as much again as to make it
class ServerSentEvent:
    """One event of a stream.

    Attributes:
        event: Its name; ``message`` where the service gives none.
        data: Its lines, joined by line feeds.
        id: The last id that the service gave; may be empty.
        max_json_depth: How deep lists and objects may stand in each other in the data.
    """

    event: str
    data: str
    id: str = ""
    max_json_depth: int = field(default=_json.MAX_DEPTH, repr=False)

    def json(self) -> object:
        """Read the data as JSON.

        Raises:
            AnswerError: It is not JSON.
            LimitError: It is nested deeper than the setting ``max_json_depth`` allows.
        """
        try:
            return _json.parse(self.data, max_depth=self.max_json_depth)
        except _json.JsonError as error:
            message = f"An event {self.event!r} of the stream is {error}."
            raise AnswerError(message) from None


def events(
    chunks: Iterable[bytes], *, max_event_bytes: int, max_json_depth: int = _json.MAX_DEPTH
) -> Iterator[ServerSentEvent]:
    """Give the events of a stream as they become whole; one that the end cuts is dropped.

    Raises:
        LimitError: One event is larger than ``max_event_bytes``.
    """
    name, last_id, size = "", "", 0
    data: list[str] = []
    lines = _Lines(max_event_bytes)
    for chunk in chunks:
        if not data and not name and (whole := lines.whole_event(chunk)) is not None:
            yield ServerSentEvent(event="message", data=_text(whole), id=last_id, max_json_depth=max_json_depth)
            continue
        for line in lines.feed(chunk):
            if not line:
                if data:
                    text = "\n".join(data)
                    yield ServerSentEvent(event=name or "message", data=text, id=last_id, max_json_depth=max_json_depth)
                name, size, data = "", 0, []
                continue
            named, _, value = line.partition(b":")  # a comment starts with the colon: a field without a name
            if named == b"data":
                size += len(line) + 1  # empty lines of data are held, too
                _check(size, max_event_bytes)
                data.append(_text(value))
            elif named == b"event":
                name = _text(value)
            elif named == b"id" and b"\0" not in value:
                last_id = _text(value)


def _text(value: bytes) -> str:
    return value.removeprefix(b" ").decode("utf-8", "replace")


class _Lines:
    """Gives whole lines without their ends: LF, CR LF or CR, each as soon as it is there."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._partial = bytearray()  # not a list: of chunks of one byte it would take many times as much
        self._lead = _BOM
        self._after_cr = False

    def whole_event(self, chunk: bytes) -> bytes | None:
        """Give the value of the one line of data that a chunk is, if it is all of an event; it needs no feeding then.

        Nearly every chunk of a chat is such a one, and line by line it would cost twice as much.
        """
        lines = chunk.splitlines()
        if len(lines) != 2 or lines[1] or self._partial or not chunk.endswith(b"\n"):  # noqa: PLR2004  one, and a blank
            return None
        line = lines[0]
        if not line.startswith(b"data:") or len(line) >= self._most:
            return None
        self._after_cr, self._lead = False, b""
        return line[5:]

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take what came, and give the lines that it makes whole.

        Raises:
            LimitError: A line is longer than an event may be.
        """
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]  # the second half of an end of line whose first half was enough
            self._after_cr = False
        self._after_cr = chunk.endswith(b"\r") if chunk else self._after_cr
        if b"\n" not in chunk and b"\r" not in chunk:
            self._partial += chunk
            _check(len(self._partial), self._most)
            return []
        whole = bytes(self._partial) + chunk if self._partial else chunk
        lines = whole.splitlines()
        self._partial = bytearray() if whole.endswith((b"\n", b"\r")) else bytearray(lines.pop())
        if self._lead:
            lines[0] = lines[0].removeprefix(self._lead)
            self._lead = b""
        return lines


def _check(size: int, most: int) -> None:
    if size > most:
        message = f"An event of the stream is larger than {most} bytes."
        raise LimitError(message, limit="max_event_bytes", maximum=most)
