"""Answers whose head or framing is wrong: the right error, at once, and never somebody else's bytes."""

from collections.abc import Callable
from typing import Any

import pytest

from jackfield import BrokenAnswerError, Host, JackfieldError, LimitError
from jackfield._http.body import read_whole
from jackfield._http.limits import HttpSettings

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
HUGE = b"x" * 70_000

BROKEN = {
    # Where the answer says that it ends.
    "a short length": OK + b"Content-Length: 99\r\n\r\n{}",
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "two lengths in one": OK + b"Content-Length: 2, 3\r\n\r\n{}",
    "a negative length": OK + b"Content-Length: -2\r\n\r\n{}",
    "a length with a sign": OK + b"Content-Length: +2\r\n\r\n{}",
    "a hexadecimal length": OK + b"Content-Length: 0x2\r\n\r\n{}",
    "a length with an underscore": OK + b"Content-Length: 1_0\r\n\r\n{}12345678",
    "a length of words": OK + b"Content-Length: two\r\n\r\n{}",
    "an immense length": OK + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n{}",
    "gzip as a transfer encoding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked, and then something": OK + b"Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked with a tab": OK + b"Transfer-Encoding: \x0bchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    # Chunks.
    "a chunk without a size": CHUNKED + b"\r\n{}\r\n0\r\n\r\n",
    "a size that is no number": CHUNKED + b"two\r\n{}\r\n0\r\n\r\n",
    "a negative size": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "a size with a sign": CHUNKED + b"+2\r\n{}\r\n0\r\n\r\n",
    "a size with 0x": CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n",
    "a size with an underscore": CHUNKED + b"0_2\r\n{}\r\n0\r\n\r\n",
    "a size with a blank before it": CHUNKED + b" 2\r\n{}\r\n0\r\n\r\n",
    "an immense size": CHUNKED + b"f" * 20 + b"\r\n{}\r\n0\r\n\r\n",
    "a size of 5,000 digits": CHUNKED + b"0" * 5000 + b"2\r\n{}\r\n0\r\n\r\n",
    "a size larger than its chunk": CHUNKED + b"9\r\n{}\r\n0\r\n\r\n",
    "a chunk larger than its size": CHUNKED + b"1\r\n{}\r\n0\r\n\r\n",
    "a chunk that does not end": CHUNKED + b"2\r\n{}XX0\r\n\r\n",
    "no last chunk": CHUNKED + b"2\r\n{}\r\n",
    "no end of the trailers": CHUNKED + b"2\r\n{}\r\n0\r\n",
    "a trailer that is none": CHUNKED + b"2\r\n{}\r\n0\r\nno trailer\r\n\r\n",
    "an extension without end": CHUNKED + b"2;" + HUGE,
    "a trailer without end": CHUNKED + b"2\r\n{}\r\n0\r\nA: " + HUGE,
    # Status lines.
    "no status line": b"{}",
    "an empty line first": b"\r\n" + OK + b"Content-Length: 2\r\n\r\n{}",
    "another protocol": b"RTSP/1.0 200 OK\r\n\r\n{}",
    "a future version": b"HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "version 0.9": b"<html>hello</html>",
    "no status": b"HTTP/1.1\r\n\r\n{}",
    "a status of letters": b"HTTP/1.1 OK 200\r\n\r\n{}",
    "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n{}",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n{}",
    "a negative status": b"HTTP/1.1 -200 OK\r\n\r\n{}",
    "a status in other digits": "HTTP/1.1 ²00 OK\r\n\r\n{}".encode("latin-1"),
    "TLS": b"\x15\x03\x03\x00\x02\x02\x46",
    "http/2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80",
    # Headers.
    "a header without a colon": OK + b"Content-Length 2\r\n\r\n{}",
    "a header without a name": OK + b": x\r\nContent-Length: 2\r\n\r\n{}",
    "a blank before the colon": OK + b"Content-Length : 2\r\n\r\n{}",
    "a zero byte in a header": OK + b"X: \x00\r\nContent-Length: 2\r\n\r\n{}",
    "a lone carriage return": OK + b"X: a\rContent-Length: 2\r\n\r\n{}",
    "a name that is none": OK + b"X(Y): a\r\nContent-Length: 2\r\n\r\n{}",
    "a head that is cut": OK + b"Content-Le",
    "nothing": b"",
}
TOO_LARGE = {
    "a status line": b"HTTP/1.1 200 " + HUGE,
    "a header": OK + b"X: " + HUGE,
    "a name": OK + HUGE + b": x",
    "a folded header": OK + b"X: y\r\n" + b" z\r\n" * 20_000,
    "interim answers": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 3000,
    "interim answers of no length": b"HTTP/1.1 100 Continue\r\n\r\n" * 5000,
}


def telling(answer: bytes) -> Callable[[Any], None]:
    """Send bytes, and hang up."""

    def script(talk: Any) -> None:
        while talk.asked():
            talk.send(answer)
            return

    return script


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_an_answer_that_is_wrong_is_a_broken_one(host: Callable[..., Host], serve: Any, answer: bytes) -> None:
    """The error names the server and what to do; what came with the answer is not shown."""
    service = serve(telling(answer))

    with pytest.raises(BrokenAnswerError, match=f"127.0.0.1:{service.port}") as caught:
        host(max_attempts=1).run("service.ask", connection={"api_key": "k", "url": service.url}, deadline_s=20)

    assert caught.value.hint
    assert caught.value.sent


@pytest.mark.parametrize("answer", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_a_head_without_end_hits_its_limit(host: Callable[..., Host], serve: Any, answer: bytes) -> None:
    """Which is named."""
    service = serve(telling(answer))

    with pytest.raises(LimitError, match=r"max_header(s|_bytes) "):
        host(max_attempts=1).run("service.ask", connection={"api_key": "k", "url": service.url}, deadline_s=20)


def test_headers_without_number_hit_a_limit(host: Callable[..., Host], serve: Any) -> None:
    """However small each of them is."""
    service = serve(telling(OK + b"A:\r\n" * 10_000 + b"Content-Length: 2\r\n\r\n{}"))

    with pytest.raises(LimitError, match="max_headers"):
        host(max_attempts=1).run("service.ask", connection={"api_key": "k", "url": service.url}, deadline_s=20)


WHOLE = {
    "a chunk with an extension": CHUNKED + b'2;a=b;c="d;e"\r\n{}\r\n0;last\r\n\r\n',
    "a size with zeros": CHUNKED + b"0002\r\n{}\r\n000\r\n\r\n",
    "a size with a blank behind it": CHUNKED + b"2 \r\n{}\r\n0 \r\n\r\n",
    "trailers": CHUNKED + b"2\r\n{}\r\n0\r\nContent-Length: 9\r\nX-Sum: 1\r\n\r\n",
    "chunks of one byte": CHUNKED + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
    "the same length twice": OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
    "interim answers first": b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + OK + b"Content-Length: 2\r\n\r\n{}",
    "HTTP/1.0, ended by the connection": b"HTTP/1.0 200 OK\r\n\r\n{}",
    "line feeds alone": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
}


@pytest.mark.parametrize("answer", WHOLE.values(), ids=WHOLE.keys())
def test_an_answer_that_is_only_odd_is_read(host: Callable[..., Host], serve: Any, answer: bytes) -> None:
    """What the standards allow, or everybody understands in one way."""
    service = serve(telling(answer))

    result = host(max_attempts=1).run("service.ask", connection={"api_key": "k", "url": service.url}, deadline_s=20)

    assert result.bundle["value"] == {}


def test_a_change_of_protocol_is_no_answer(host: Callable[..., Host], serve: Any) -> None:
    """Nobody asked for 101; what follows it is not read, and the connection is not used again."""
    service = serve(telling(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n{}"))

    with pytest.raises(JackfieldError, match="101"):
        host(max_attempts=1).run("service.ask", connection={"api_key": "k", "url": service.url}, deadline_s=20)


@pytest.mark.parametrize("size", [1, 7, 16_383, 16_384, 16_385, 100_000])
def test_a_body_comes_whole_in_chunks_of_any_size(serve: Any, go: Any, size: int) -> None:
    """Also where a chunk ends with the buffer that it is read through."""
    body = bytes(range(256)) * 500 if size > 1 else b"0123456789"
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in cut(body, size))
    service = serve(telling(CHUNKED + chunks + b"0\r\n\r\n"))

    assert read_whole(go(f"{service.url}/"), HttpSettings()) == body


def cut(body: bytes, size: int) -> list[bytes]:
    """Cut into pieces."""
    return [body[start : start + size] for start in range(0, len(body), size)]


@pytest.mark.parametrize("goodbye", [True, False], ids=["ended", "cut"])
def test_a_body_that_ends_with_its_connection_ends_with_tls(
    *, serve: Any, go: Any, server_context: Any, ca_bundle: Any, goodbye: bool
) -> None:
    """Whoever stands in between can cut a connection, but cannot say goodbye for the server."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.0 200 OK\r\n\r\npart of it")
        if goodbye:
            talk._connection.unwrap()  # noqa: SLF001  the script's own connection

    url = f"{serve(script, server_context).url}/"

    if goodbye:
        assert read_whole(go(url, ca_bundle=ca_bundle), HttpSettings()) == b"part of it"
    else:
        with pytest.raises(BrokenAnswerError, match="TLS was not ended properly"):
            read_whole(go(url, ca_bundle=ca_bundle), HttpSettings())


def test_a_body_of_known_length_needs_no_goodbye(serve: Any, go: Any, server_context: Any, ca_bundle: Any) -> None:
    """It is whole when its last byte came."""
    service = serve(telling(OK + b"Content-Length: 2\r\n\r\n{}"), server_context)

    assert read_whole(go(f"{service.url}/", ca_bundle=ca_bundle), HttpSettings()) == b"{}"
