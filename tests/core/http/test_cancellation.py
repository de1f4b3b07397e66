"""Any thread may stop an operation, wherever it waits."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from jackfield._http.body import read_whole
from jackfield._http.limits import Cancellation, HttpSettings
from jackfield.errors import OperationCancelledError

FAR_TOO_LATE_S = 8.0


@contextmanager
def cancelled_soon(cancellation: Cancellation) -> Iterator[None]:
    """Cancel shortly after the block has begun; it must end soon after that."""
    timer = threading.Timer(0.2, cancellation.cancel)
    timer.start()
    started = time.monotonic()
    try:
        yield
    finally:
        timer.join()
        assert time.monotonic() - started < FAR_TOO_LATE_S


def silent(talk: Any) -> None:
    """Say nothing."""
    talk.asked()
    talk.wait()


def head_only(talk: Any) -> None:
    """Say half."""
    talk.asked()
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
    talk.wait()


def until_close(talk: Any) -> None:
    """Say something that has no end of its own."""
    talk.asked()
    talk.send(b"HTTP/1.1 200 OK\r\n\r\n12345")
    talk.wait()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("script", [silent, head_only, until_close], ids=lambda script: script.__name__)
def test_a_read_is_cancelled(
    *, serve: Any, go: Any, server_context: Any, ca_bundle: Any, script: Callable[[Any], None], tls: bool
) -> None:
    """A body that ends because its socket was shut is not taken for a whole one."""
    server = serve(script, server_context if tls else None)
    cancellation = Cancellation()

    with pytest.raises(OperationCancelledError), cancelled_soon(cancellation):
        read_whole(go(f"{server.url}/", cancellation=cancellation, deadline_s=60, ca_bundle=ca_bundle), HttpSettings())


def test_an_upload_is_cancelled(serve: Any, go: Any) -> None:
    """Also while nobody takes what is sent."""
    server = serve(lambda talk: talk.wait())
    cancellation = Cancellation()

    with pytest.raises(OperationCancelledError), cancelled_soon(cancellation):
        go(f"{server.url}/", method="POST", body=bytes(64 << 20), cancellation=cancellation, deadline_s=60)


def test_a_handshake_is_cancelled(serve: Any, go: Any) -> None:
    """Also before there is a TLS connection that could be closed."""
    server = serve(lambda talk: talk.wait())
    cancellation = Cancellation()

    with pytest.raises(OperationCancelledError), cancelled_soon(cancellation):
        go(f"https://127.0.0.1:{server.port}/", cancellation=cancellation, deadline_s=60, connect_timeout_s=60)


def test_what_was_cancelled_before_sends_nothing(serve: Any, go: Any) -> None:
    """A cancelled operation does not start another request."""
    server, cancellation = serve(), Cancellation()
    cancellation.cancel()

    with pytest.raises(OperationCancelledError):
        go(f"{server.url}/", cancellation=cancellation)

    assert server.connections == 0


def test_cancelling_later_leaves_the_connection_alone(serve: Any, go: Any) -> None:
    """Once an answer was read, its connection belongs to others."""
    server, cancellation = serve(), Cancellation()
    read_whole(go(f"{server.url}/", cancellation=cancellation), HttpSettings())

    cancellation.cancel()

    assert read_whole(go(f"{server.url}/"), HttpSettings())
    assert server.connections == 1


def test_a_wait_is_cancelled() -> None:
    """The pause between two attempts too."""
    cancellation = Cancellation()

    with pytest.raises(OperationCancelledError), cancelled_soon(cancellation):
        cancellation.wait(60)
