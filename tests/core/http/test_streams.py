"""Streams of server-sent events, from the first byte to the last."""

import gzip
import threading
import time
from typing import Any

import pytest

from jackfield import Answer
from jackfield._http.limits import Cancellation
from jackfield.errors import (
    AnswerError,
    BrokenAnswerError,
    BusyError,
    DeadlineError,
    LimitError,
    OperationCancelledError,
    RefusedError,
)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """Frame bytes as one chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def telling(*pieces: bytes, end: bytes = chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n") -> Any:
    """Stream pieces, to every request of every connection."""

    def script(talk: Any) -> None:
        while talk.asked():
            talk.send(HEAD)
            for piece in pieces:
                talk.send(chunk(piece))
            talk.send(end)
            if not end.endswith(b"0\r\n\r\n"):
                return

    return script


def told(client: Any, until: str = "[DONE]") -> list[str]:
    """Read a stream to its end."""
    return [event.data for event in client.events("POST", "stream", json={"stream": True}, until=until)]


def test_events_are_given_as_they_come(serve: Any, bench: Any) -> None:
    """The first one before the second is sent; the end is not one of them."""
    first_read = threading.Event()

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(HEAD + chunk(b"data: one\n\n"))
        assert first_read.wait(5)
        talk.send(chunk(b"data: two\n\ndata: [DONE]\n\n") + b"0\r\n\r\n")
        talk.wait()

    server = serve(script)
    events = bench(server.url).client.events("POST", "stream", json={}, until="[DONE]")

    assert next(events).data == "one"
    first_read.set()
    assert [event.data for event in events] == ["two"]
    assert server.asked[0].headers["accept"] == "text/event-stream"


def test_a_stream_leaves_its_connection_for_the_next(serve: Any, bench: Any) -> None:
    """If the end of the body comes with the last event or shortly after."""
    server = serve(telling(b"data: one\n\n"))
    client = bench(server.url).client

    assert [told(client), told(client), told(client, until="")] == [["one"], ["one"], ["one", "[DONE]"]]
    assert server.connections == 1


def test_a_server_that_keeps_the_connection_open_is_not_waited_for(serve: Any, bench: Any) -> None:
    """The last event ends the stream, whatever comes or does not come after it."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(HEAD + chunk(b"data: one\n\ndata: [DONE]\n\n"))
        talk.wait()

    started = time.monotonic()

    assert told(bench(serve(script).url, deadline_s=60).client) == ["one"]
    assert time.monotonic() - started < 10


CUTS = {
    "a cut chunk": b"a\r\ndata",
    "no last chunk": b"",
    "an end without the last event": b"0\r\n\r\n",
    "an end within an event": chunk(b"data: [DONE]") + b"0\r\n\r\n",
}


@pytest.mark.parametrize("end", CUTS.values(), ids=CUTS.keys())
def test_a_cut_stream_is_no_whole_one(serve: Any, bench: Any, end: bytes) -> None:
    """What came is given; then the caller learns that something is missing. It is not asked for again."""
    server = serve(telling(b"data: one\n\n", end=end))
    events = bench(server.url).client.events("POST", "stream", json={}, until="[DONE]")

    assert next(events).data == "one"
    with pytest.raises(BrokenAnswerError):
        list(events)

    assert len(server.asked) == 1


def test_a_stream_may_be_left_early(serve: Any, bench: Any) -> None:
    """Closing it closes its connection: what is left of it is nobody's."""
    server = serve(telling(b"data: one\n\n", b"data: two\n\n"))
    client = bench(server.url).client
    events = client.events("POST", "stream", json={}, until="[DONE]")

    assert next(events).data == "one"
    events.close()

    assert told(client) == ["one", "two"]
    assert server.connections == 2


def test_a_stream_that_is_never_read_sends_nothing(serve: Any, bench: Any) -> None:
    """The request leaves when the first event is asked for."""
    server = serve(telling())

    bench(server.url).client.events("POST", "stream", json={})

    assert server.connections == 0


def test_attempts_are_repeated_until_the_stream_begins(serve: Any, bench: Any) -> None:
    """A service that is busy at first is asked again."""
    replies = [b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\n{}", b""]

    def script(talk: Any) -> None:
        while talk.asked():
            if not replies:
                talk.send(HEAD + chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
            elif reply := replies.pop(0):
                talk.send(reply)
            else:
                return

    made = bench(serve(script).url)

    assert told(made.client) == []
    assert [name for name, _, _ in made.log.waits] == ["BusyError", "BrokenAnswerError"]


def test_a_refusal_is_no_stream(serve: Any, bench: Any) -> None:
    """It is raised as anywhere else."""

    def script(talk: Any) -> None:
        while talk.asked():
            talk.reply(b'{"error": {"message": "No streams today."}}', status="400 Bad Request")

    with pytest.raises(RefusedError, match="No streams today"):
        told(bench(serve(script).url).client)


@pytest.mark.parametrize(
    ("body", "media_type", "words"),
    [
        (b'{"choices": []}', "application/json", "application/json"),
        (b"<html><title>Log in</title>", "text/html", "an HTML page"),
    ],
)
def test_an_answer_that_is_no_stream_says_so(serve: Any, bench: Any, body: bytes, media_type: str, words: str) -> None:
    """By its type, not by its content."""

    def script(talk: Any) -> None:
        while talk.asked():
            talk.reply(body, Content_Type=media_type)

    with pytest.raises(AnswerError, match=f"200 with {words}.* where a stream of events was expected"):
        told(bench(serve(script).url).client)


def test_an_answer_in_one_is_given_to_who_takes_it(serve: Any, bench: Any) -> None:
    """What the service did is done, and may have been paid for."""
    whole: list[Answer] = []

    def script(talk: Any) -> None:
        while talk.asked():
            talk.reply(b'{"choices": []}', Content_Type="application/json; charset=utf-8")

    events = bench(serve(script).url).client.events("POST", "/chat", until="[DONE]", on_whole=whole.append)

    assert list(events) == []
    assert [answer.json() for answer in whole] == [{"choices": []}]


def test_sound_in_the_place_of_a_stream_is_a_file(serve: Any, bench: Any) -> None:
    """As a server answers that does not know that it was asked for events."""
    whole: list[Answer] = []

    def script(talk: Any) -> None:
        while talk.asked():
            talk.reply(b"ID3", Content_Type="audio/mpeg")

    events = bench(serve(script).url).client.events("POST", "/speech", on_whole=whole.append)

    assert list(events) == []
    assert [(answer.file.size, answer.file.media_type) for answer in whole if answer.file] == [(3, "audio/mpeg")]


def test_a_stream_may_be_compressed(serve: Any, bench: Any) -> None:
    """It was allowed, so it may come."""

    def script(talk: Any) -> None:
        talk.asked()
        body = gzip.compress(b"data: one\n\ndata: [DONE]\n\n")
        talk.reply(body, Content_Type="text/event-stream", Content_Encoding="gzip")
        talk.wait()

    assert told(bench(serve(script).url).client) == ["one"]


def test_an_event_that_is_too_large_ends_the_stream(serve: Any, bench: Any) -> None:
    """The setting says how large one may be."""
    with pytest.raises(LimitError, match="max_event_bytes"):
        told(bench(serve(telling(b"data: " + b"x" * 5000 + b"\n\n")).url, max_event_bytes=1000).client)


def test_a_silent_stream_ends_at_the_deadline(serve: Any, bench: Any) -> None:
    """As everything else."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(HEAD + chunk(b"data: one\n\n"))
        talk.drip(chunk(b": ping\n\n") * 1000)

    events = bench(serve(script).url, deadline_s=0.5).client.events("POST", "stream", json={})

    assert next(events).data == "one"
    with pytest.raises(DeadlineError):
        next(events)


def test_a_stream_is_cancelled(serve: Any, bench: Any) -> None:
    """While it waits for the next event."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(HEAD + chunk(b"data: one\n\n"))
        talk.wait()

    cancellation = Cancellation()
    client = bench(serve(script).url, cancellation=cancellation, deadline_s=60).client
    events = client.events("POST", "stream", json={})
    assert next(events).data == "one"
    timer = threading.Timer(0.2, cancellation.cancel)
    timer.start()

    with pytest.raises(OperationCancelledError):
        next(events)

    timer.join()


def test_an_unsafe_stream_is_not_asked_for_twice(serve: Any, bench: Any) -> None:
    """The effect decides here too."""

    def script(talk: Any) -> None:
        while talk.asked():
            talk.reply(b"{}", status="500 Oops")

    made = bench(serve(script).url, repeatable=False)

    with pytest.raises(BusyError):
        told(made.client)

    assert len(made.log.attempts) == 1
