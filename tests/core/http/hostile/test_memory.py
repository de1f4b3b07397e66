"""What a hostile answer takes, in a process of its own: under 64 MiB above the start, and no longer than allowed."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import pytest

MIB = 1 << 20
MOST_MIB = 64
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNK = b"%x\r\n" % MIB + b" " * MIB + b"\r\n"
TINY = b"1\r\n \r\n" * 10_000


def endless(start: bytes, piece: bytes, *, most: int = 2000) -> Callable[[Any], None]:
    """Send a head and then pieces, for as long as the client stays; at most 2 GB."""

    def reply(talk: Any) -> None:
        talk.send(start)
        for _ in range(most):
            talk.send(piece)

    return reply


def packed(start: bytes, size: int) -> bytes:
    """Gzip of a text that continues with zeros."""
    squeeze = zlib.compressobj(9, wbits=31)
    found = [squeeze.compress(start)]
    found += [squeeze.compress(bytes(MIB)) for _ in range(size // MIB)]
    return b"".join([*found, squeeze.flush()])


def whole(body: bytes, extra: bytes = b"", status: bytes = b"200 OK") -> Callable[[Any], None]:
    """Send an answer of a known length."""
    head = b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n" % (status, extra, len(body))
    return endless(head + body, b"", most=0)


BOMB = packed(b"", 200 * MIB)
GZIP = b"Content-Encoding: gzip\r\n"
JSON_BOMB = b"[" * 100_000
CASES: dict[str, tuple[Callable[[Any], None], str, str]] = {
    "1 GB of chunks": (endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK), "LimitError", "max_wire_bytes"),
    "1 GB until the connection ends": (endless(HEAD + b"\r\n", b" " * MIB), "LimitError", "max_wire_bytes"),
    "1 GB of a known length": (
        endless(HEAD + b"Content-Length: %d\r\n\r\n" % (1 << 30), b" " * MIB),
        "LimitError",
        "max_wire_bytes",
    ),
    "headers without end": (endless(HEAD, b"X-Filler: yes\r\n" * 1000), "LimitError", "max_headers"),
    "large headers without end": (
        endless(HEAD, b"X-Filler: " + b"x" * 5000 + b"\r\n"),
        "LimitError",
        "max_header_bytes",
    ),
    "a line without end": (endless(b"HTTP/1.1 200 ", b"x" * MIB), "LimitError", "max_header_bytes"),
    "interim answers without end": (
        endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000),
        "LimitError",
        "max_header_bytes",
    ),
    "an extension without end": (
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * MIB),
        "BrokenAnswerError",
        "",
    ),
    "trailers without end": (
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", (b"X-Filler: " + b"x" * 30_000 + b"\r\n") * 35),
        "LimitError",
        "max_wire_bytes",
    ),
    "a bomb": (whole(BOMB, GZIP), "LimitError", "max_ratio"),
    "a bomb in a bomb": (whole(gzip.compress(BOMB), b"Content-Encoding: gzip, gzip\r\n"), "AnswerError", ""),
    "a bomb in redirects": (whole(BOMB, GZIP + b"Location: /y\r\n", b"302 Found"), "LimitError", "max_redirects"),
    "a bomb in a failure": (whole(BOMB, GZIP, b"400 No"), "RefusedError", ""),
    "deflate": (whole(zlib.compress(bytes(200 * MIB)), b"Content-Encoding: deflate\r\n"), "AnswerError", ""),
    "1 GB in a failure": (
        endless(b"HTTP/1.1 400 No\r\n\r\n", b" " * MIB),
        "RefusedError",
        "",
    ),
    "1 GB in a redirect elsewhere": (
        endless(b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:9/\r\n\r\n", b" " * MIB),
        "RefusedError",
        "",
    ),
    "lists 100,000 deep": (whole(JSON_BOMB), "LimitError", "max_json_depth"),
    "chunks of one byte": (
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", TINY, most=100_000),
        "DeadlineError",
        "",
    ),
}
EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
STREAMS: dict[str, tuple[Callable[[Any], None], str, str]] = {
    "an event without end": (endless(EVENTS + b"\r\ndata: ", b"x" * MIB), "LimitError", "max_event_bytes"),
    "empty lines of data without end": (
        endless(EVENTS + b"\r\n", b"data\n" * 100_000),
        "LimitError",
        "max_event_bytes",
    ),
    "blank lines without end": (endless(EVENTS + b"\r\n", b"\n" * MIB), "DeadlineError", ""),
    "a packed event": (whole(packed(b"data: ", 200 * MIB), GZIP), "LimitError", "max_ratio"),
}


@pytest.mark.parametrize(("reply", "error", "limit"), CASES.values(), ids=CASES.keys())
def test_an_answer_without_measure_takes_little(
    measured: Callable[..., dict[str, Any]], reply: Callable[[Any], None], error: str, limit: str
) -> None:
    """And ends in the error that says which limit it hit."""
    check(measured(reply, deadline_s=deadline_for(error)), error, limit)


def deadline_for(error: str) -> float:
    """What ends at its deadline shall not take long."""
    return 2 if error == "DeadlineError" else 60


def check(told: dict[str, Any], error: str, limit: str) -> None:
    """The right error, within the limit, and little memory."""
    assert (told["error"], told["limit"]) == (error, limit)
    assert told["grown_mib"] < MOST_MIB
    assert told["took_s"] < deadline_for(error) + 1


@pytest.mark.parametrize(("reply", "error", "limit"), STREAMS.values(), ids=STREAMS.keys())
def test_a_stream_without_measure_takes_little(
    measured: Callable[..., dict[str, Any]], reply: Callable[[Any], None], error: str, limit: str
) -> None:
    """The same for events."""
    check(measured(reply, "service.listen", deadline_for(error)), error, limit)


def test_a_large_answer_without_room_for_it_says_so(measured: Callable[..., dict[str, Any]]) -> None:
    """On a full disk, for example."""
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
    reply = endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK)

    check(measured(reply, prelude=full), "AnswerError", "")
