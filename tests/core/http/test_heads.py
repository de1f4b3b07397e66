"""Heads of answers: read as http.client reads them, where they are right."""

import http.client
import io
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield._http.heads import framing_of, read_head, write_head
from jackfield.errors import LimitError, UnsafeRequestError

LONGEST = 65536


def reader_of(data: bytes, piece: int = LONGEST) -> io.BufferedReader:
    """Make what reads data that comes in pieces of a size."""
    return io.BufferedReader(io.BytesIO(data), piece)


def ours(head: bytes, method: str = "GET") -> tuple[Any, ...]:
    """Read a head in our way."""
    read = read_head(reader_of(head), LONGEST)
    chunked, length, closes = framing_of(read, read.by_name(), method)
    return read.version, read.status, read.reason, read.fields, chunked, length, closes


def theirs(head: bytes, method: str = "GET") -> tuple[Any, ...]:
    """Read a head as http.client does."""

    class Socket:
        def makefile(self, _mode: str) -> io.BytesIO:
            return io.BytesIO(head)

    answer = http.client.HTTPResponse(Socket(), method=method)  # type: ignore[arg-type]
    answer.begin()
    return (
        answer.version,
        answer.status,
        answer.reason,
        answer.headers.items(),
        answer.chunked and answer.length is None,  # where there is no body, it has no chunks either
        answer.length,
        answer.will_close,
    )


names = st.sampled_from(["Content-Type", "X-Request-Id", "Date", "set-cookie", "Vary", "x_under", "X.dot"])
values = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_categories=["C", "Z"]), max_size=12)
framings = st.sampled_from(
    [
        [],
        [("Content-Length", "0")],
        [("Content-Length", "17")],
        [("content-length", "17"), ("Connection", "close")],
        [("Transfer-Encoding", "chunked")],
        [("Transfer-Encoding", "Chunked"), ("Connection", "keep-alive")],
        [("Connection", "Keep-Alive"), ("Content-Length", "3")],
    ]
)


@given(
    version=st.sampled_from(["HTTP/1.1", "HTTP/1.0"]),
    status=st.integers(200, 599),
    reason=st.sampled_from(["OK", "", "Not Found", "Grüße"]),
    fields=st.lists(st.tuples(names, values), max_size=5),
    frame=framings,
    method=st.sampled_from(["GET", "POST", "HEAD"]),
    end=st.sampled_from(["\r\n", "\n"]),
)
def test_a_head_that_is_right_is_read_as_http_client_reads_it(
    *,
    version: str,
    status: int,
    reason: str,
    fields: list[tuple[str, str]],
    frame: list[tuple[str, str]],
    method: str,
    end: str,
) -> None:
    """Status, headers, and where the body ends."""
    lines = [f"{version} {status} {reason}".rstrip(), *(f"{name}: {value}" for name, value in fields + frame), "", ""]
    head = end.join(lines).encode("latin-1")

    assert ours(head, method) == theirs(head, method)


WRONG = {
    "nothing": b"",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "another protocol": b"ICY 200 OK\r\n\r\n",
    "http/2": b"HTTP/2 200 OK\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 99 OK\r\n\r\n",
    "a cut head": b"HTTP/1.1 200 OK\r\nA: b\r\n",
    "no colon": b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "a blank before the colon": b"HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\n",
    "a fold without a header": b"HTTP/1.1 200 OK\r\n folded\r\n\r\n",
    "a zero byte": b"HTTP/1.1 200 OK\r\nA: \0\r\n\r\n",
    "a lone carriage return": b"HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "a length with a sign": b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
    "a length in other digits": "HTTP/1.1 200 OK\r\nContent-Length: ²\r\n\r\n".encode("latin-1"),
    "a length of too many digits": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "an empty length": b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
    "an unknown coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "chunked twice": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
}


@pytest.mark.parametrize("head", WRONG.values(), ids=WRONG.keys())
def test_a_head_that_is_wrong_is_refused(head: bytes) -> None:
    """Rather than guessed at."""
    with pytest.raises(http.client.HTTPException):
        ours(head)


def test_a_head_of_too_many_lines_hits_its_limit() -> None:
    """Which is named."""
    with pytest.raises(LimitError, match="max_headers"):
        ours(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 201 + b"\r\n")


def test_what_is_odd_and_harmless_is_read() -> None:
    """Folded lines, a length that is said twice, a length beside chunks (which then ends the connection)."""
    folded = b"HTTP/1.1 200 OK\r\nA: one\r\n\ttwo \r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n"
    both = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"

    assert ours(folded)[3][0] == ("A", "one two")
    assert ours(folded)[5] == 3
    assert ours(both)[4:] == (True, None, True)


BLANKS = b" " * 60_000
"""A pattern that tries every way to share them between two of its parts needs a minute for it."""


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200" + BLANKS + b"\rX\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: " + BLANKS + b"x\r\n folded\r\n\r\n"],
    ids=["the status line", "a header"],
)
def test_a_line_of_blanks_takes_no_time(head: bytes) -> None:
    """Nothing can interrupt a pattern: the deadline would pass meanwhile."""
    begin = time.process_time()
    try:
        fields = ours(head)[3]
    except http.client.HTTPException:
        fields = []
    took_s = time.process_time() - begin

    assert fields in ([], [("A", "x folded")])
    assert took_s < 2


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_else(data: bytes) -> None:
    """Whatever comes is a head or an HTTPException."""
    try:
        read = read_head(reader_of(b"HTTP/1.1 200 OK\r\n" + data), LONGEST)
        framing_of(read, read.by_name(), "GET")
    except http.client.HTTPException:
        return
    assert read.status == 200


def test_a_value_that_would_be_two_headers_is_refused() -> None:
    """Even where both would be right by themselves: whoever adds a credential cannot add a header by accident."""
    with pytest.raises(UnsafeRequestError, match="'X-Key' has a character") as caught:
        write_head("GET", "/", "Host: a\r\n", {"X-Key": "pass\r\nX-Other: word"})

    assert "word" not in str(caught.value)


HEADS = (
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 204 \r\nA: b\r\nA:  c \r\n\r\n",
    b"HTTP/1.0 200 OK\nA: b\n\n",
    b"HTTP/1.1 200 OK\nA: b\n\r\n",
    b"HTTP/1.1 200 OK\r\nA: one\r\n two\r\n\r\n",
)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("piece", [1, 2, 7, LONGEST])
def test_a_head_ends_where_its_body_begins_however_it_comes(head: bytes, piece: int) -> None:
    """In one piece it is read by another way than in several."""
    reader = reader_of(head + b"\r\nbody\r\n\r\n", piece)

    assert read_head(reader, LONGEST) == read_head(reader_of(head), LONGEST)
    assert reader.read() == b"\r\nbody\r\n\r\n"


def test_the_limits_hold_for_a_head_in_one_piece() -> None:
    """As many lines as are allowed, and not one more."""
    head = b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 3 + b"\r\n"

    assert len(read_head(reader_of(head), LONGEST, 3).fields) == 3
    with pytest.raises(LimitError, match="max_headers"):
        read_head(reader_of(head), LONGEST, 2)
