"""Answers whose body is not what it says: the right error, which shows nothing of it."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from jackfield import AnswerError, BrokenAnswerError, Host, JackfieldError, LimitError, RefusedError

MIB = 1 << 20
DEEP = 100_000


@pytest.fixture
def told(host: Callable[..., Host], serve: Any) -> Callable[..., Any]:
    """Let a service answer with a body, and read the value that comes of it."""

    def tell(body: bytes, *, status: str = "200 OK", settings: dict[str, Any] | None = None, **headers: str) -> Any:
        def script(talk: Any) -> None:
            talk.asked()
            talk.reply(body, status=status, **headers)

        connection = {"api_key": "k", "url": serve(script).url}
        one = host(max_attempts=1, **(settings or {}))
        return one.run("service.ask", connection=connection, deadline_s=20).bundle["value"]

    return tell


PAGES = {
    "HTML": (b"<!doctype html><title>Sign in</title>canary", "an HTML page", {"Content_Type": "text/html"}),
    "HTML that says JSON": (b"<html><title>Sign in</title>canary", "an HTML page", {}),
    "text": (b"canary", "text/plain", {"Content_Type": "text/plain"}),
    "nothing": (b"", "an empty body", {}),
    "blanks": (b" \r\n\t", "an empty body", {}),
    "an image": (b"\x89PNG\r\n\x1a\ncanary", "image/png", {"Content_Type": "image/png"}),
}


@pytest.mark.parametrize(("body", "words", "headers"), PAGES.values(), ids=PAGES.keys())
def test_200_with_something_else_says_what_it_is(
    *, told: Callable[..., Any], body: bytes, words: str, headers: dict[str, str]
) -> None:
    """A captive portal, a proxy's page, the wrong base URL."""
    with pytest.raises(AnswerError, match=f"200 with {words}") as caught:
        told(body, **headers)

    assert "canary" not in str(caught.value)
    assert "base URL" in caught.value.hint or "HTML" in caught.value.message


BAD_JSON = {
    "invalid UTF-8": b'{"a": "\xff\xfecanary"}',
    "overlong UTF-8": b'{"a": "\xc0\xafcanary"}',
    "half a surrogate pair in UTF-8": b'{"a": "\xed\xa0\x80canary"}',
    "Latin-1": '{"a": "Grüße canary"}'.encode("latin-1"),
    "UTF-16": '{"a": "canary"}'.encode("utf-16"),
    "NaN": b'{"a": NaN, "b": "canary"}',
    "Infinity": b'{"a": -Infinity}',
    "a number that is infinite": b'{"a": 1e999}',
    "a number of 5,000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "half of it": b'{"a": "canary',
    "two values": b'{"a": 1}{"b": "canary"}',
    "single quotes": b"{'a': 'canary'}",
    "a comma too many": b'{"a": 1,}',
    "a comment": b'{"a": 1} // canary',
    "a line break in a text": b'{"a": "can\nary"}',
    "a zero byte": b'{"a": 1}\x00',
    "JSON Lines": b'{"a": 1}\n{"a": 2}\n',
    "a guard against hijacking": b")]}',\n{}",
}


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_json_that_is_none_is_an_error_with_a_place(told: Callable[..., Any], body: bytes) -> None:
    """Not half a value, and not a value that no other program reads so."""
    with pytest.raises(AnswerError, match="where JSON was expected") as caught:
        told(body)

    assert "canary" not in str(caught.value)


GOOD_JSON = {
    "a byte order mark": (b'\xef\xbb\xbf{"a": "\xc3\xa4"}', {"a": "ä"}),
    "a key that stands twice": (b'{"a": 1, "b": 2, "a": 3}', {"a": 3, "b": 2}),
    "half a surrogate pair, escaped": (b'{"a": "\\ud800"}', {"a": "\ud800"}),
    "blanks around": (b"\n\t [1] \r\n", [1]),
    "a negative zero": (b"[-0, -0.0]", [0, 0.0]),
    "a single value": (b'"text"', "text"),
}


@pytest.mark.parametrize(("body", "value"), GOOD_JSON.values(), ids=GOOD_JSON.keys())
def test_json_that_is_only_odd_is_read(told: Callable[..., Any], body: bytes, value: object) -> None:
    """Of a key that stands twice the last counts, as everywhere."""
    assert told(body) == value


DEPTHS = {
    "lists": b"[" * DEEP + b"]" * DEEP,
    "lists that never end": b"[" * DEEP,
    "objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "objects in lists": b'[{"a":' * DEEP + b"1" + b"}]" * DEEP,
    "just too deep": b"[" * 201 + b"]" * 201,
}


@pytest.mark.parametrize("body", DEPTHS.values(), ids=DEPTHS.keys())
@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_json_that_is_too_deep_takes_nothing_down(told: Callable[..., Any], body: bytes, status: str) -> None:
    """As an answer it hits the limit that is named; as a failure, the failure counts."""
    with pytest.raises(LimitError if status.startswith("200") else RefusedError) as caught:
        told(body, status=status)

    if status.startswith("200"):
        assert getattr(caught.value, "limit", "") == "max_json_depth"


def nested(times: int) -> bytes:
    """What unpacks to 64 MiB, packed several times."""
    body = gzip.compress(bytes(64 * MIB))
    for _ in range(times - 1):
        body = gzip.compress(body)
    return body


ENCODED = {
    "gzip": (nested(1), "gzip", "max_ratio"),
    "gzip in capitals": (nested(1), "GZIP", "max_ratio"),
    "x-gzip": (nested(1), "x-gzip", "max_ratio"),
    "gzip in gzip": (nested(2), "gzip, gzip", ""),
    "gzip in gzip in gzip": (nested(3), "gzip,gzip,gzip", ""),
    "deflate": (zlib.compress(bytes(64 * MIB)), "deflate", ""),
    "br": (b"\x8b\x1f\x80" * 100, "br", ""),
    "zstd": (b"\x28\xb5\x2f\xfd" * 100, "zstd", ""),
    "compress": (b"\x1f\x9d" * 100, "compress", ""),
    "an encoding that nobody knows": (b"x", "canary", ""),
    "identity and gzip": (nested(1), "identity, gzip", ""),
}


@pytest.mark.parametrize(("body", "encoding", "limit"), ENCODED.values(), ids=ENCODED.keys())
def test_a_bomb_goes_off_nowhere(told: Callable[..., Any], body: bytes, encoding: str, limit: str) -> None:
    """Gzip is counted while it unpacks; nothing else was asked for, and nothing else is unpacked."""
    with pytest.raises(LimitError if limit else AnswerError, match=limit or "only gzip was asked for"):
        told(body, Content_Encoding=encoding)


@pytest.mark.parametrize(("body", "encoding", "limit"), ENCODED.values(), ids=ENCODED.keys())
def test_a_bomb_in_a_failure_is_a_failure(told: Callable[..., Any], body: bytes, encoding: str, limit: str) -> None:
    """The status counts; of the body as much is unpacked as may tell something."""
    with pytest.raises(RefusedError, match="418"):
        told(body, status="418 Teapot", Content_Encoding=encoding)


BROKEN_GZIP = {
    "cut": gzip.compress(b'{"a": 1}')[:-4],
    "cut in its head": gzip.compress(b"{}")[:5],
    "no gzip": b'{"a": 1}',
    "a wrong checksum": gzip.compress(b'{"a": 1}')[:-8] + b"\0" * 8,
    "a broken block": gzip.compress(b'{"a": 1}' * 99)[:12] + b"\xff" * 20,
    "zlib": zlib.compress(b'{"a": 1}'),
}


@pytest.mark.parametrize("body", BROKEN_GZIP.values(), ids=BROKEN_GZIP.keys())
def test_gzip_that_is_broken_is_a_broken_answer(told: Callable[..., Any], body: bytes) -> None:
    """Half of an answer is none."""
    with pytest.raises(BrokenAnswerError, match=r"gzip|compressed"):
        told(body, Content_Encoding="gzip")


@pytest.mark.parametrize("charset", ["utf-16", "hex", "rot13", "canary" * 50, "utf-8; charset=utf-16", "\xe4"])
def test_a_charset_changes_nothing_about_json(told: Callable[..., Any], charset: str) -> None:
    """JSON is UTF-8, whatever a header says."""
    assert told('{"a": "ä"}'.encode(), Content_Type=f"application/json; charset={charset}") == {"a": "ä"}


@pytest.mark.parametrize("length", [300 * MIB, 10**17])
def test_a_length_beyond_the_limit_is_refused_at_once(host: Callable[..., Host], serve: Any, length: int) -> None:
    """Before the body is read; a server that then sends nothing keeps nobody waiting."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n{" % length)
        talk.wait()

    connection = {"api_key": "k", "url": serve(script).url}

    with pytest.raises(LimitError, match="max_wire_bytes"):
        host(max_attempts=1).run("service.ask", connection=connection, deadline_s=20)


def test_a_failure_of_any_length_is_told(host: Callable[..., Host], serve: Any) -> None:
    """Only its beginning is read, so the length that it announces is of no interest."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 400 No\r\nContent-Length: %d\r\n\r\n" % 10**15 + b'{"error": "no"}' + b" " * 70_000)
        talk.wait()

    connection = {"api_key": "k", "url": serve(script).url}

    with pytest.raises(RefusedError, match="400"):
        host(max_attempts=1).run("service.ask", connection=connection, deadline_s=20)


def test_what_the_service_says_of_a_failure_has_an_end(told: Callable[..., Any]) -> None:
    """An error's message fits a screen, and has no line breaks or escapes of terminals."""
    text = "\\u001b[31m\\r\\n" + "long " * 10_000

    with pytest.raises(JackfieldError) as caught:
        told(f'{{"error": {{"message": "{text}", "code": "{"c" * 5000}"}}}}'.encode(), status="400 No")

    assert len(caught.value.message) < 500
    assert not set("\x1b\r\n") & set(caught.value.message)


def test_a_large_body_that_is_right_is_read(told: Callable[..., Any]) -> None:
    """What is collected in a file on the way comes out as it went in."""
    text = "0123456789abcdef" * (20 * MIB // 16)

    assert told(f'"{text}"'.encode()) == text
