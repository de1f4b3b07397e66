"""Whatever a server does with the time, the call ends at its deadline, with the right error."""

import math
import time
from collections.abc import Callable
from typing import Any

import pytest

from jackfield._http.body import read_whole
from jackfield._http.limits import Deadline, HttpSettings
from jackfield.errors import DeadlineError, InvalidInputError, UnreachableError

LIMIT_S = 0.4
FAR_TOO_LATE_S = 5.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def silent(talk: Any) -> None:
    """Say nothing."""
    talk.asked()
    talk.wait()


def drips_head(talk: Any) -> None:
    """Never come to the body."""
    talk.asked()
    talk.drip(HEAD * 100)


def drips_body(talk: Any) -> None:
    """Never come to the end of the body."""
    talk.asked()
    talk.send(HEAD + b"Content-Length: 1000\r\n\r\n")
    talk.drip(b"x" * 1000)


def drips_chunks(talk: Any) -> None:
    """Never come to the last chunk."""
    talk.asked()
    talk.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    talk.drip(b"1\r\nx\r\n" * 1000)


def drips_until_close(talk: Any) -> None:
    """Never hang up."""
    talk.asked()
    talk.send(HEAD + b"Connection: close\r\n\r\n")
    talk.drip(b"x" * 1000)


def endless_interim(talk: Any) -> None:
    """Never come to the answer itself."""
    talk.asked()
    talk.drip(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000, pause_s=0.01)


SLOW = [silent, drips_head, drips_body, drips_chunks, drips_until_close, endless_interim]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("script", SLOW, ids=[script.__name__ for script in SLOW])
def test_a_slow_answer_ends_at_the_deadline(
    *, serve: Any, go: Any, server_context: Any, ca_bundle: Any, script: Callable[[Any], None], tls: bool
) -> None:
    """A server that gives a byte now and then does not keep the caller beyond the time given."""
    server = serve(script, server_context if tls else None)
    started = time.monotonic()

    with pytest.raises(DeadlineError) as caught:
        read_whole(go(f"{server.url}/", deadline_s=LIMIT_S, ca_bundle=ca_bundle), HttpSettings())

    assert time.monotonic() - started < FAR_TOO_LATE_S
    assert caught.value.phase == "read"
    assert caught.value.sent
    assert caught.value.deadline_s == LIMIT_S


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_an_upload_that_nobody_reads_ends_at_the_deadline(
    *, serve: Any, go: Any, server_context: Any, ca_bundle: Any, tls: bool
) -> None:
    """A server that takes the connection and no data does not keep the caller either."""
    server = serve(lambda talk: talk.wait(), server_context if tls else None)
    started = time.monotonic()

    with pytest.raises(DeadlineError) as caught:
        go(f"{server.url}/", method="POST", body=bytes(64 << 20), deadline_s=LIMIT_S, ca_bundle=ca_bundle)

    assert time.monotonic() - started < FAR_TOO_LATE_S
    assert (caught.value.phase, caught.value.sent) == ("send", True)


def test_a_silent_handshake_ends_at_the_deadline(serve: Any, go: Any) -> None:
    """A port that does not speak TLS, and says nothing, is told apart from one that read the request."""
    server = serve(lambda talk: talk.wait())

    with pytest.raises(DeadlineError) as caught:
        go(f"https://127.0.0.1:{server.port}/", deadline_s=LIMIT_S)

    assert (caught.value.phase, caught.value.sent) == ("tls", False)


def test_a_silent_proxy_ends_at_the_deadline(serve: Any, go: Any) -> None:
    """A proxy that never opens its tunnel counts as connecting."""
    server = serve(lambda talk: talk.wait())

    with pytest.raises(DeadlineError) as caught:
        go("https://127.0.0.1:9/", deadline_s=LIMIT_S, proxy=server.url)

    assert (caught.value.phase, caught.value.sent) == ("connect", False)


def test_connecting_has_a_limit_of_its_own(serve: Any, go: Any) -> None:
    """The setting connect_timeout_s ends it before the deadline, as a service that cannot be reached."""
    server = serve(lambda talk: talk.wait())

    with pytest.raises(UnreachableError, match=r"within 0\.3 s .* phase 'tls'") as caught:
        go(f"https://127.0.0.1:{server.port}/", connect_timeout_s=0.3)

    assert not caught.value.sent
    assert "connect_timeout_s" in caught.value.hint


def test_time_that_is_over_sends_nothing(serve: Any, go: Any) -> None:
    """A deadline in the past is found before a connection is made."""
    server = serve()

    with pytest.raises(DeadlineError) as caught:
        go(f"{server.url}/", deadline_s=-1)

    assert not caught.value.sent
    assert server.asked == []


def test_time_that_is_over_sends_nothing_over_an_open_connection(serve: Any, go: Any) -> None:
    """Not even a part of the request, and the error says so."""
    server = serve()
    read_whole(go(f"{server.url}/"), HttpSettings())

    with pytest.raises(DeadlineError) as caught:
        go(f"{server.url}/", deadline_s=-1)

    assert (caught.value.phase, caught.value.sent) == ("send", False)
    assert len(server.asked) == 1


def test_an_answer_that_comes_too_late_does_not_count(serve: Any, go: Any) -> None:
    """Expiry outranks an answer: also one that lies there whole when it is read."""
    server = serve()
    response = go(f"{server.url}/", deadline_s=LIMIT_S)
    time.sleep(LIMIT_S)

    with pytest.raises(DeadlineError):
        read_whole(response, HttpSettings())


def test_a_deadline_that_is_no_number_is_refused() -> None:
    """NaN would never pass."""
    with pytest.raises(InvalidInputError, match=r"\$\.deadline_s"):
        Deadline(math.nan)


def test_a_deadline_may_be_very_far(serve: Any, go: Any) -> None:
    """Infinity is more than a socket can count to, and works."""
    server = serve()

    assert read_whole(go(f"{server.url}/", deadline_s=math.inf), HttpSettings())
