"""Reading what a service answered."""

import time
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from jackfield import Answer
from jackfield.errors import AnswerError, LimitError


def answer(body: bytes, media_type: str = "application/json", **more: Any) -> Answer:
    """Make an answer."""
    headers = CaseInsensitiveDict({"content-type": media_type} if media_type else {})
    return Answer(status=200, headers=headers, body=body, url="https://x.example", request_id="req_1", **more)


def test_json_is_read() -> None:
    """As UTF-8, with or without a byte order mark."""
    assert answer(b'{"a": [1, null, "\xc3\xa4"]}').json() == {"a": [1, None, "ä"]}
    assert answer(b"\xef\xbb\xbf1").json() == 1


@pytest.mark.parametrize(
    ("body", "media_type", "words", "hint"),
    [
        (b"", "application/json", "an empty body where JSON was expected.", True),
        (b" \r\n", "", "an empty body where JSON was expected.", True),
        (b"<html><title>Log in</title>canary", "text/html", "an HTML page ('Log in') where JSON", True),
        (b"canary", "text/plain; charset=utf-8", "text/plain where JSON was expected.", True),
        (b"canary", "", "a body of no stated type where JSON was expected.", True),
        (b'{"canary": ', "application/json", "application/json where JSON was expected (not JSON at line 1", False),
        (b'{"a": NaN}', "application/json", "(NaN is not JSON", False),
        (b'"\xff"', "application/problem+json", "(not UTF-8 at byte 1", False),
    ],
)
def test_what_is_no_json_is_told_by_its_type(*, body: bytes, media_type: str, words: str, hint: bool) -> None:
    """Not by its content; the base URL is suspected where something else answers than the service."""
    with pytest.raises(AnswerError) as caught:
        answer(body, media_type).json()

    assert words in caught.value.message
    assert caught.value.message.startswith("The service answered 200 with ")
    assert "canary" not in str(caught.value)
    assert ("base URL" in caught.value.hint) is hint
    assert caught.value.request_id == "req_1"


def test_deep_json_is_refused() -> None:
    """Deeper than the setting allows."""
    assert answer(b"[[1]]", max_json_depth=2).json() == [[1]]
    with pytest.raises(LimitError, match="max_json_depth"):
        answer(b"[[[1]]]", max_json_depth=2).json()


@pytest.mark.parametrize(
    ("media_type", "body", "text"),
    [
        ("text/plain", b"\xc3\xa4", "ä"),
        ('text/plain; charset="latin-1"', b"\xe4", "ä"),
        ("text/plain; CHARSET=utf-16-le", b"a\0", "a"),
        ("text/plain; charset=klingon", b"\xc3\xa4", "ä"),
        ("text/plain; charset=hex", b"61", "61"),
        ("", b"\xff", "\ufffd"),
    ],
)
def test_text_is_read_in_the_charset_that_is_named(media_type: str, body: bytes, text: str) -> None:
    """UTF-8 without one, or with one that is none."""
    assert answer(body, media_type).text() == text


def test_the_media_type_has_no_parameters() -> None:
    """And is in lower case; empty if there is none."""
    assert answer(b"", "Application/JSON ; charset=utf-8").media_type == "application/json"
    assert answer(b"", "").media_type == ""


def test_an_answer_s_repr_shows_no_body() -> None:
    """It may hold what a user wrote."""
    assert "canary" not in repr(answer(b"canary"))


def test_json_has_a_size_that_is_enough() -> None:
    """What is larger than the setting max_json_bytes is not parsed; its text can still be read."""
    large = answer(b"[1, 2, 3]", max_json_bytes=8)

    with pytest.raises(LimitError, match="larger than 8 bytes") as caught:
        large.json()

    assert caught.value.limit == "max_json_bytes"
    assert large.text() == "[1, 2, 3]"
    assert answer(b"[1, 2]", max_json_bytes=8).json() == [1, 2]


@pytest.mark.parametrize("charset", ["punycode", "idna", "utf-7", "unicode_escape", "hex", "undefined", "no-such"])
def test_a_charset_that_is_none_of_the_web_s_is_not_used(charset: str) -> None:
    """Some of Python's codecs take minutes for a megabyte; what is left is read as UTF-8."""
    body = b"-" + b"zz9a" * 250_000
    begin = time.process_time()
    text = answer(body, f"text/plain; charset={charset}").text()

    assert text == body.decode()
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    "said", ["x" * 300 + "/x", "text", "text/\x1b[31m", "a/b/c", "text/plain charset=utf-8", "/", ""]
)
def test_a_type_that_is_none_is_not_repeated(said: str) -> None:
    """It would stand in an error for somebody to read."""
    assert answer(b"x", said).media_type == ""
    assert answer(b"x", said).described == "a body of no stated type"
