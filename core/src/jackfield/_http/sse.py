"""Server-sent events out of bytes, as the HTML standard reads them, however the bytes are cut.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from collections.abc import Iterable, Iterator

from attrs import frozen

from jackfield import _json
from jackfield.errors import AnswerError, LimitError

_BOM = b"\xef\xbb\xbf"


@frozen(kw_only=True)
class ServerSentEvent:
    """One event of a stream.

    Attributes:
        event: Its name; ``message`` where the service gives none.
        data: Its lines, joined by line feeds.
        id: The last id that the service gave; may be empty.
    """

    event: str
    data: str
    id: str = ""

    def json(self) -> object:
        """Read the data as JSON.

        Raises:
            AnswerError: It is not JSON.
        """
        try:
            return _json.parse(self.data)
        except _json.JsonError as error:
            message = f"An event {self.event!r} of the stream is {error}."
            raise AnswerError(message) from None


def events(chunks: Iterable[bytes], *, max_event_bytes: int) -> Iterator[ServerSentEvent]:
    """Give the events of a stream as they become whole; one that the end cuts is dropped.

    Raises:
        LimitError: One event is larger than ``max_event_bytes``.
    """
    name, last_id, size = "", "", 0
    data: list[str] = []
    for line in _lines(chunks, max_event_bytes):
        if not line:
            if data:
                yield ServerSentEvent(event=name or "message", data="\n".join(data), id=last_id)
            name, size, data = "", 0, []
            continue
        field, _, value = line.partition(b":")  # a comment starts with the colon: a field without a name
        if field == b"data":
            size += len(line) + 1  # empty lines of data are held, too
            _check(size, max_event_bytes)
            data.append(_text(value))
        elif field == b"event":
            name = _text(value)
        elif field == b"id" and b"\0" not in value:
            last_id = _text(value)


def _text(value: bytes) -> str:
    return value.removeprefix(b" ").decode("utf-8", "replace")


def _lines(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Give whole lines without their ends: LF, CR LF or CR, each as soon as it is there."""
    partial: list[bytes] = []
    size, lead, after_cr = 0, _BOM, False
    for chunk in chunks:
        if after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]  # noqa: PLW2901  the second half of an end of line whose first half was enough
            after_cr = False
        after_cr = chunk.endswith(b"\r") if chunk else after_cr
        size += len(chunk)
        partial.append(chunk)
        if b"\n" not in chunk and b"\r" not in chunk:
            _check(size, most)
            continue
        whole = b"".join(partial)
        lines = whole.splitlines()
        partial = [] if whole.endswith((b"\n", b"\r")) else [lines.pop()]
        size = sum(map(len, partial))
        for line in lines:
            yield line.removeprefix(lead) if lead else line
            lead = b""


def _check(size: int, most: int) -> None:
    if size > most:
        message = f"An event of the stream is larger than {most} bytes."
        raise LimitError(message, limit="max_event_bytes", maximum=most)
