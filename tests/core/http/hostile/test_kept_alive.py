"""A connection that was kept open, and then poisoned: what nobody asked for answers nothing."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from jackfield import BrokenAnswerError, BusyError
from jackfield._http.body import read_whole
from jackfield._http.limits import HttpSettings

SETTINGS = HttpSettings()
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
LATE = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def sized(length: int) -> bytes:
    """An answer of some length."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length + b"g" * length


POISONS = {
    "extra bytes": (GOOD, b"evil"),
    "an extra line break": (GOOD, b"\r\n"),
    "a second answer": (GOOD, EVIL),
    "many answers": (GOOD, EVIL * 100),
    "a late 408": (GOOD, LATE),
    "an interim answer": (GOOD, b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a second answer behind chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n",
        EVIL,
    ),
    "a body of 204": (b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", EVIL),
    "a body of 304": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", EVIL),
    "an answer behind one that fills the buffer": (sized(16_384), EVIL),
    "an answer behind one that is read past the buffer": (sized(40_000), EVIL),
    "an answer behind a large one": (sized(200_000), EVIL),
    "an answer behind an empty one": (sized(0), EVIL),
}


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def served(request: pytest.FixtureRequest, serve: Any, server_context: Any, ca_bundle: Any) -> Callable[..., Any]:
    """Serve without and with TLS; give the server and what a client needs to trust it."""
    context = server_context if request.param else None
    return lambda script: (serve(script, context), {"ca_bundle": ca_bundle} if context else {})


@pytest.mark.parametrize(("answer", "poison"), POISONS.values(), ids=POISONS.keys())
def test_what_follows_an_answer_answers_nothing(
    served: Callable[..., Any], go: Any, answer: bytes, poison: bytes
) -> None:
    """Sent together with the answer: the connection ends with it, and the next request has one of its own."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(answer + poison if talk.number == 1 else GOOD)
        talk.asked()

    server, trust = served(script)

    read_whole(go(f"{server.url}/1", **trust), SETTINGS)

    assert read_whole(go(f"{server.url}/2"), SETTINGS) == b"good"
    assert (server.connections, len(server.asked)) == (2, 2)


@pytest.mark.parametrize("poison", [EVIL, LATE, b"\r\n"], ids=["an answer", "a late 408", "a line break"])
def test_what_comes_while_nothing_is_asked_answers_nothing(served: Callable[..., Any], go: Any, poison: bytes) -> None:
    """Sent later, before the next request."""
    read, poisoned = threading.Event(), threading.Event()

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(GOOD)
        if talk.number == 1:
            read.wait(5)
            talk.send(poison)
            poisoned.set()
        talk.asked()

    server, trust = served(script)
    read_whole(go(f"{server.url}/1", **trust), SETTINGS)
    read.set()
    assert poisoned.wait(5)

    assert read_whole(go(f"{server.url}/2"), SETTINGS) == b"good"
    assert (server.connections, len(server.asked)) == (2, 2)


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_408_that_meets_the_next_request_is_told(serve: Any, bench: Any, repeatable: bool) -> None:  # noqa: FBT001
    """It cannot be told from an answer: where a repeat is harmless there is one, else the caller learns of it."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.reply(b'"good"')
        if talk.number == 1:
            talk.asked()
            talk.send(LATE)

    made = bench(serve(script).url, repeatable=repeatable)
    assert made.client.get("x") == "good"

    if repeatable:
        assert made.client.post("x") == "good"
    else:
        with pytest.raises(BusyError, match="408"):
            made.client.post("x")

    assert len(made.log.attempts) == (3 if repeatable else 2)


def test_an_answer_is_never_finished_by_another_connection(serve: Any, go: Any) -> None:
    """An answer that is cut in a kept connection is a broken one; the next starts anew."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(GOOD)
        if talk.number == 1:
            talk.asked()
            talk.send(GOOD[:-2])
            return
        talk.asked()

    server = serve(script)
    read_whole(go(f"{server.url}/1"), SETTINGS)

    with pytest.raises(BrokenAnswerError, match="before the answer was whole"):
        read_whole(go(f"{server.url}/2"), SETTINGS)

    assert read_whole(go(f"{server.url}/3"), SETTINGS) == b"good"
    assert server.connections == 2
