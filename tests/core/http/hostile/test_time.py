"""Whatever a server does with the time, an operation ends at its deadline: as a run, as a stream, off the event loop.

The promise is the deadline and 250 ms; what is asserted here is what a machine under load meets, too.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from jackfield import BrokenAnswerError, BusyError, Cancellation, DeadlineError, Host, OperationCancelledError
from jackfield_openai.custom_api_call import create_custom_api_call

CUSTOM = "openai.create_custom_api_call"
DEADLINE_S = 1.0
TOO_LATE_S = 5.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GZIP_HEAD = bytes.fromhex("1f8b0800000000000003")


def dripping(start: bytes, rest: bytes) -> Callable[[Any], None]:
    """Send what comes first at once, and the rest a byte at a time."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(start)
        talk.drip(rest * 1000, pause_s=0.02)

    return script


def says_nothing(talk: Any) -> None:
    """Take the request, and say nothing."""
    talk.asked()
    talk.wait()


def reads_nothing(talk: Any) -> None:
    """Take the connection alone."""
    talk.wait()


def reads_slowly(talk: Any) -> None:
    """Take a little of what comes, again and again: never quite stopping, never getting on."""
    while not talk._server.stopped.wait(0.1):  # noqa: SLF001  the script's own server
        if not talk._connection.recv(1 << 14):  # noqa: SLF001  the same
            return


def floods(talk: Any) -> None:
    """Send as fast as possible what never ends."""
    talk.asked()
    talk.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while not talk._server.stopped.is_set():  # noqa: SLF001  the script's own server
        talk.send(b"1\r\n \r\n" * 10_000)


def always_busy(talk: Any) -> None:
    """Refuse quickly, and invite to come again."""
    while talk.asked():
        talk.reply(b"{}", status="503 Busy", Retry_After_Ms="300")


def redirects_slowly(talk: Any) -> None:
    """Lead in circles, each of which takes its time."""
    while asked := talk.asked():
        talk.drip(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /%d\r\n\r\n" % len(asked.line), pause_s=0.01)


SLOW = {
    "no answer": says_nothing,
    "no reading": reads_nothing,
    "a drip in the status line": dripping(b"", b"HTTP/1.1 200 OK "),
    "a drip in the headers": dripping(HEAD, b"X-Filler: yes\r\n"),
    "a drip in the body": dripping(HEAD + b"Content-Length: 99999\r\n\r\n", b" "),
    "a drip in the body until the end": dripping(HEAD + b"\r\n", b" "),
    "a drip in the chunks": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a drip in a chunk's size": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"2;extension;and;so;on"),
    "a drip in the trailers": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
    "a drip in gzip": dripping(HEAD + b"Content-Encoding: gzip\r\n\r\n" + GZIP_HEAD, b"\x00\x01\x00\xfe\xff "),
    "a drip in a failure": dripping(b"HTTP/1.1 400 No\r\nContent-Length: 99999\r\n\r\n", b" "),
    "a drip in a redirect": dripping(b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 99999\r\n\r\n", b" "),
    "interim answers": dripping(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "a flood": floods,
    "slow redirects in circles": redirects_slowly,
}


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def place(request: pytest.FixtureRequest, serve: Any, server_context: Any, ca_bundle: Any) -> Callable[..., Any]:
    """Serve a script without and with TLS; give the connection, and the settings that trust it."""

    def start(script: Callable[[Any], None]) -> tuple[dict[str, str], dict[str, Any]]:
        server = serve(script, server_context if request.param else None)
        return {"api_key": "k", "url": server.url}, {
            "ca_bundle": ca_bundle,
            "max_attempts": 1000,
            "max_redirects": 1000,
        }

    return start


@pytest.mark.parametrize("script", SLOW.values(), ids=SLOW.keys())
def test_a_run_ends_at_its_deadline(
    host: Callable[..., Host], place: Callable[..., Any], script: Callable[[Any], None]
) -> None:
    """And says what was going on, and that the service may have acted on the request."""
    connection, settings = place(script)
    one = host(**settings)
    started = time.monotonic()

    with pytest.raises(DeadlineError) as caught:
        one.run("service.ask", connection=connection, deadline_s=DEADLINE_S)

    assert DEADLINE_S * 0.9 < time.monotonic() - started < TOO_LATE_S
    assert caught.value.deadline_s == DEADLINE_S
    assert caught.value.sent
    assert "deadline_s" in caught.value.hint


def test_a_busy_service_is_left_before_the_deadline(host: Callable[..., Host], place: Callable[..., Any]) -> None:
    """A wait that would pass it is not begun: the caller gets the service's own error."""
    connection, settings = place(always_busy)
    one = host(**settings)
    started = time.monotonic()

    with pytest.raises((BusyError, DeadlineError), match="deadline"):
        one.run("service.ask", connection=connection, deadline_s=DEADLINE_S)

    assert time.monotonic() - started < TOO_LATE_S


STREAMING = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
SLOW_STREAMS = {
    "no event": dripping(STREAMING, b": still there\n\n"),
    "half an event": dripping(STREAMING + b"data: {", b" "),
    "an end that does not come": dripping(STREAMING + b"data: {}\n\n", b"\n"),
    "silence": lambda talk: (talk.asked(), talk.send(STREAMING), talk.wait()),
}


@pytest.mark.parametrize("script", SLOW_STREAMS.values(), ids=SLOW_STREAMS.keys())
def test_a_stream_ends_at_its_deadline(
    host: Callable[..., Host], place: Callable[..., Any], script: Callable[[Any], None]
) -> None:
    """However busy it looks."""
    connection, settings = place(script)
    started = time.monotonic()

    with (
        host(**settings).stream("service.listen", connection=connection, deadline_s=DEADLINE_S) as stream,
        pytest.raises(DeadlineError),
    ):
        list(stream)

    assert DEADLINE_S * 0.9 < time.monotonic() - started < TOO_LATE_S


def test_what_is_awaited_ends_at_its_deadline(host: Callable[..., Host], place: Callable[..., Any]) -> None:
    """Many at once, while the event loop goes on."""
    connection, settings = place(SLOW["a drip in the body"])
    one = host(**settings)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.05)
            ticks += 1

    async def wait_for_all() -> list[BaseException | Any]:
        ticking = asyncio.create_task(tick())
        calls = [one.arun("service.ask", connection=connection, deadline_s=DEADLINE_S) for _ in range(4)]
        found = await asyncio.gather(*calls, return_exceptions=True)
        ticking.cancel()
        return found

    started = time.monotonic()
    found = asyncio.run(wait_for_all())

    assert time.monotonic() - started < TOO_LATE_S + 1
    assert [type(error) for error in found] == [DeadlineError] * 4
    assert ticks > 5


def test_a_handshake_that_never_begins_ends_at_the_deadline(host: Callable[..., Host], serve: Any) -> None:
    """Nothing was sent, and the error knows it."""
    connection = {"api_key": "k", "url": f"https://127.0.0.1:{serve(reads_nothing).port}"}
    started = time.monotonic()

    with pytest.raises(DeadlineError) as caught:
        host().run("service.ask", connection=connection, deadline_s=DEADLINE_S)

    assert time.monotonic() - started < TOO_LATE_S
    assert (caught.value.phase, caught.value.sent) == ("tls", False)


def test_a_handshake_that_drips_ends_at_the_deadline(host: Callable[..., Host], serve: Any) -> None:
    """A record that announces much and comes a byte at a time."""
    script = dripping_at_once(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + bytes(1000))
    connection = {"api_key": "k", "url": f"https://127.0.0.1:{serve(script).port}"}
    started = time.monotonic()

    with pytest.raises(DeadlineError) as caught:
        host().run("service.ask", connection=connection, deadline_s=DEADLINE_S)

    assert time.monotonic() - started < TOO_LATE_S
    assert (caught.value.phase, caught.value.sent) == ("tls", False)


def dripping_at_once(data: bytes) -> Callable[[Any], None]:
    """Send bytes slowly, without having read any."""
    return lambda talk: talk.drip(data, pause_s=0.02)


@pytest.mark.parametrize("script", [reads_nothing, reads_slowly])
def test_an_upload_that_nobody_reads_ends_at_the_deadline(
    host: Callable[..., Host], place: Callable[..., Any], script: Callable[[Any], None]
) -> None:
    """However much of it the network has swallowed already, and however often a bit of it is read."""
    connection, settings = place(script)
    one = host({CUSTOM: create_custom_api_call}, ca_bundle=settings["ca_bundle"])
    form = {"url": "x", "method": "POST", "body": "x" * (32 << 20)}
    started = time.monotonic()

    with pytest.raises(DeadlineError) as caught:
        one.run(CUSTOM, form, connection={"api_key": "k", "base_url": connection["url"]}, deadline_s=DEADLINE_S)

    assert time.monotonic() - started < TOO_LATE_S
    assert (caught.value.phase, caught.value.sent) == ("send", True)


@pytest.mark.parametrize("answered", [False, True], ids=["nothing", "half an answer"])
def test_a_half_closed_connection_is_a_broken_one(host: Callable[..., Host], serve: Any, answered: bool) -> None:  # noqa: FBT001
    """A server that has said goodbye and still listens is not waited for."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(HEAD + b"Content-Length: 9\r\n\r\n{" if answered else b"")
        talk._connection.shutdown(socket.SHUT_WR)  # noqa: SLF001  the script's own connection
        talk.wait()

    started = time.monotonic()

    with pytest.raises(BrokenAnswerError, match="was closed before"):
        host(max_attempts=1).run("service.ask", connection={"api_key": "k", "url": serve(script).url}, deadline_s=60)

    assert time.monotonic() - started < 10


@pytest.mark.parametrize("module_id", ["service.ask", "service.listen"])
def test_a_slow_answer_is_cancelled(host: Callable[..., Host], place: Callable[..., Any], module_id: str) -> None:
    """From another thread, whoever drips."""
    connection, settings = place(SLOW["a drip in the body until the end"])
    cancellation = Cancellation()
    timer = threading.Timer(0.3, cancellation.cancel)
    started = time.monotonic()
    timer.start()

    with pytest.raises(OperationCancelledError):
        host(**settings).run(module_id, connection=connection, deadline_s=60, cancellation=cancellation)

    timer.join()
    assert time.monotonic() - started < 10
