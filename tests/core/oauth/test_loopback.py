"""Where the browser comes back to on this machine: one answer of one login, whoever else knocks."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import pytest

from jackfield import Cancellation, Deadline, DeadlineError, InputError, Loopback, OperationCancelledError

STATE = "state-of-this-login"


class Waiting:
    """A login that waits for its browser."""

    def __init__(self, loopback: Loopback) -> None:
        self.loopback = loopback
        self.came: SimpleQueue[Mapping[str, object]] = SimpleQueue()
        self.cancellation = Cancellation()
        self.thread = threading.Thread(target=self._wait)
        self.thread.start()

    def _wait(self) -> None:
        with contextlib.suppress(OperationCancelledError):
            self.came.put(self.loopback.wait(STATE, Deadline(60), self.cancellation))
        self.loopback.tell("You are logged in", "<b>Close</b> this page.")


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    """A login that waits for its browser."""
    with Loopback() as loopback:
        login = Waiting(loopback)
        yield login
        login.cancellation.cancel()
        login.thread.join()


def test_the_answer_is_taken_and_the_page_says_what_became_of_it(waiting: Waiting, browser: Any) -> None:
    """It is written once the login succeeded or failed; nothing in it can be markup."""
    status, page = browser.visit(f"{waiting.loopback.uri}?code=c&state={STATE}")

    assert waiting.came.get(timeout=10) == {"code": ["c"], "state": [STATE]}
    assert status == 200
    assert "You are logged in" in page
    assert "&lt;b&gt;Close&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?code=c&state=another", 400),
        ("?code=c", 400),
        (f"?code=c&state={STATE}&state={STATE}", 400),
        ("/elsewhere", 404),
        (f"?code=c&state={STATE}&more={'x' * 20_000}", 404),
    ],
    ids=["another state", "no state", "two states", "another path", "too long"],
)
def test_whoever_else_knocks_changes_nothing(waiting: Waiting, browser: Any, query: str, status: int) -> None:
    """The login goes on, and its own answer is taken afterwards."""
    assert browser.visit(waiting.loopback.uri + query)[0] == status
    assert waiting.came.empty()

    assert browser.visit(f"{waiting.loopback.uri}?code=mine&state={STATE}")[0] == 200
    assert waiting.came.get(timeout=10)["code"] == ["mine"]


def test_a_second_answer_is_refused(waiting: Waiting, browser: Any) -> None:
    """The first one counts."""
    browser.visit(f"{waiting.loopback.uri}?code=first&state={STATE}")

    assert browser.visit(f"{waiting.loopback.uri}?code=second&state={STATE}")[0] == 410
    assert waiting.came.get(timeout=10)["code"] == ["first"]
    assert waiting.came.empty()


def test_a_name_that_was_bent_to_this_machine_is_refused(waiting: Waiting, browser: Any) -> None:
    """DNS rebinding: the page of a stranger may not speak to it under its own name."""
    target = f"{waiting.loopback.uri}?code=c&state={STATE}"

    assert browser.visit(target, Host="evil.example")[0] == 403
    assert waiting.came.empty()


def test_somebody_who_connects_and_says_nothing_keeps_nobody_waiting(waiting: Waiting, browser: Any) -> None:
    """Ten of them, and the login's own answer comes through."""
    address = urlsplit(waiting.loopback.uri)
    silent = [socket.create_connection((address.hostname or "", address.port or 0)) for _ in range(10)]
    began = time.monotonic()

    assert browser.visit(f"{waiting.loopback.uri}?code=c&state={STATE}")[0] == 200

    assert time.monotonic() - began < 8.0
    for each in silent:
        each.close()


def test_nobody_comes() -> None:
    """The waiting ends, and says how to get more time."""
    with Loopback() as loopback, pytest.raises(DeadlineError, match="--timeout"):
        loopback.wait(STATE, Deadline(0.3), Cancellation())


def test_the_waiting_can_be_cancelled() -> None:
    """By whoever began it."""
    cancellation = Cancellation()
    cancellation.cancel()

    with Loopback() as loopback, pytest.raises(OperationCancelledError):
        loopback.wait(STATE, Deadline(20), cancellation)


def test_it_listens_on_this_machine_alone_and_no_longer_than_needed() -> None:
    """Afterwards nobody answers at the port; one that is taken is told of."""
    with Loopback() as loopback:
        address = urlsplit(loopback.uri)
        with pytest.raises(InputError, match="cannot be listened on"), Loopback(port=address.port or 0):
            pass

    assert address.hostname == "127.0.0.1"
    with pytest.raises(OSError, match=r"."):
        socket.create_connection(("127.0.0.1", address.port or 0), timeout=1).close()
