"""Streams of events from a server that means no good: what came is given, and a cut is never taken for the end."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from jackfield import AnswerError, BrokenAnswerError, Host, JackfieldError, LimitError

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
TEXTS = ["Grüße", "日本語", "🙂 and \u2028 and \x85", "", "x" * 50]


def stream_of(line_end: str) -> bytes:
    """Events with all that may stand between them; each text is data of one event."""
    lines = ["\ufeff: hello", ""]
    for number, text in enumerate(TEXTS):
        value = json.dumps({"text": text}, ensure_ascii=False)
        lines += [f"id: {number}", f"data: {value[:9]}", f"data:{value[9:]}", "retry: 5", ": ping", ""]
    return line_end.join([*lines, "data: [DONE]", "", ""]).encode()


def chunked(data: bytes) -> bytes:
    """One chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def sending(*answers: bytes) -> Callable[[Any], None]:
    """Answer each request with bytes, and hang up after the last."""
    queue = list(answers)

    def script(talk: Any) -> None:
        while queue and talk.asked():
            talk.send(queue.pop(0))

    return script


def hanging_up(answers: list[bytes]) -> Callable[[Any], None]:
    """Answer one request of each connection with the next of these bytes, and hang up."""
    queue = iter(answers)

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(next(queue))

    return script


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_a_stream_may_be_cut_into_packets_anywhere(host: Callable[..., Host], serve: Any, line_end: str) -> None:
    """In each of its bytes, also within a character and within an end of line."""
    data = stream_of(line_end)
    cuts = range(1, len(data))
    answers = [HEAD + chunked(data[:cut]) + chunked(data[cut:]) + b"0\r\n\r\n" for cut in cuts]
    connection = {"api_key": "k", "url": serve(sending(*answers)).url}
    one = host(max_attempts=1)

    for _ in cuts:
        result = one.run("service.listen", connection=connection)
        assert result.bundle["value"] == [{"text": text} for text in TEXTS]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_a_stream_that_is_cut_off_anywhere_is_no_whole_one(
    host: Callable[..., Host], serve: Any, line_end: str
) -> None:
    """At every byte before its end: what came is given, and then the caller learns that something is missing."""
    data = stream_of(line_end)
    whole = len(data) - len(line_end)  # with the first end of line after [DONE] the event is not whole yet
    cuts = range(whole)
    answers = [HEAD + chunked(data[:cut]) for cut in cuts]
    connection = {"api_key": "k", "url": serve(hanging_up(answers)).url}
    one = host(max_attempts=1)

    for _ in cuts:
        pieces: list[Any] = []
        with (
            one.stream("service.listen", connection=connection) as stream,
            pytest.raises((BrokenAnswerError, AnswerError)),
        ):
            pieces.extend(stream)
        assert [piece.value["text"] for piece in pieces] == TEXTS[: len(pieces)]


def test_a_stream_that_ends_well_formed_without_its_last_event_is_cut(host: Callable[..., Host], serve: Any) -> None:
    """The end of the body is not the end of the stream."""
    data = stream_of("\n").replace(b"data: [DONE]\n\n", b"")
    connection = {"api_key": "k", "url": serve(sending(HEAD + chunked(data) + b"0\r\n\r\n")).url}

    with pytest.raises(BrokenAnswerError, match="something is missing"):
        host(max_attempts=1).run("service.listen", connection=connection)


WRONG = {
    "an event that is no JSON": (b"data: canary\n\n", AnswerError, "not JSON"),
    "an event that is cut": (b'data: {"a": \n\n', AnswerError, "not JSON"),
    "NaN": (b"data: NaN\n\n", AnswerError, "NaN"),
    "bytes that are no text": (b"data: \xff\xfe\n\n", AnswerError, "not JSON"),
    "depth": (b"data: " + b"[" * 100_000 + b"\n\n", LimitError, "max_json_depth"),
    "an event that is too large": (b"data: " + b" " * 3000 + b"\n\n", LimitError, "max_event_bytes"),
    "lines that are too many": (b"data: \n" * 1000 + b"\n", LimitError, "max_event_bytes"),
    "a line that is too long": (b":" + b" " * 70_000, LimitError, "max_event_bytes"),
    "a page": (b"<html><title>Sorry</title></html>", BrokenAnswerError, "something is missing"),
}


@pytest.mark.parametrize(("data", "error", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_stream_that_is_wrong_says_how(
    *, host: Callable[..., Host], serve: Any, data: bytes, error: type[JackfieldError], words: str
) -> None:
    """After what was right; nothing of what was wrong is shown."""
    good = b'data: {"text": "good"}\n\n'
    limit = {} if len(data) > 90_000 else {"max_event_bytes": 2000}
    connection = {"api_key": "k", "url": serve(sending(HEAD + chunked(good + data) + b"0\r\n\r\n")).url}
    pieces: list[Any] = []

    with (
        host(max_attempts=1, **limit).stream("service.listen", connection=connection) as stream,
        pytest.raises(error, match=words) as caught,
    ):
        pieces.extend(stream)

    assert [piece.value for piece in pieces] == [{"text": "good"}]
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("trouble", ["a chunk", "gzip", "a reset"])
def test_a_stream_that_breaks_is_not_asked_for_again(host: Callable[..., Host], serve: Any, trouble: str) -> None:
    """What was given was given: a repeat would say it twice."""
    good = b'data: {"text": "good"}\n\n'
    answers = {
        "a chunk": HEAD + chunked(good) + b"zz\r\n",
        "gzip": HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
        + chunked(gzip.compress(good)[:-4])
        + b"0\r\n\r\n",
        "a reset": HEAD + chunked(good),
    }
    server = serve(sending(answers[trouble]))

    with (
        host(max_attempts=5).stream("service.listen", connection={"api_key": "k", "url": server.url}) as stream,
        pytest.raises(BrokenAnswerError),
    ):
        list(stream)

    assert len(server.asked) == 1


def test_a_bomb_in_a_stream_goes_off_nowhere(host: Callable[..., Host], serve: Any) -> None:
    """Packed events are counted while they are unpacked."""
    packed = gzip.compress(b": " + b"x" * 1000 + b"\n" + (b": " + b" " * 1000 + b"\n") * 60_000)
    head = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    connection = {"api_key": "k", "url": serve(sending(head + chunked(packed) + b"0\r\n\r\n")).url}

    with pytest.raises(LimitError, match="max_ratio"):
        host(max_attempts=1).run("service.listen", connection=connection)
