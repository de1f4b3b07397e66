"""Cancelling in a signal handler, which runs between any two steps of the thread that it interrupts."""

import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from jackfield import Cancellation, OperationCancelledError

STEPS = 40
"""More than each of the calls below takes."""


class Interrupted:
    """Cancels after so many steps of a call, in the thread that makes it, as a signal handler would."""

    def __init__(self, cancellation: Cancellation, after: int) -> None:
        self.done = False
        self._cancellation = cancellation
        self._left = after

    def trace(self, frame: FrameType, what: str, _more: object) -> Any:
        """Count a step."""
        if what == "line" and not self.done:
            self._left -= 1
            if self._left < 0:
                self.done = True
                self._cancellation.cancel()
        return self.trace


def interrupted(cancellation: Cancellation, call: Callable[[], object], after: int) -> tuple[bool, bool]:
    """Make a call, with a cancellation after so many of its steps.

    Returns:
        Whether it was interrupted, and whether it raised that it was cancelled.
    """
    handler = Interrupted(cancellation, after)
    before = sys.gettrace()
    sys.settrace(handler.trace)
    try:
        call()
    except OperationCancelledError:
        return handler.done, True
    finally:
        sys.settrace(before)
    return handler.done, False


def wherever(interrupt: Callable[[int], tuple[bool, bool]]) -> set[tuple[bool, bool]]:
    """Interrupt a call at each of its steps, in a thread of its own; what comes of it, or nothing if it hangs."""
    outcomes: list[tuple[bool, bool]] = []
    thread = threading.Thread(target=lambda: outcomes.extend([interrupt(after) for after in range(STEPS)]), daemon=True)
    thread.start()
    thread.join(60)
    return {*outcomes}


def test_a_wait_ends_wherever_it_is_interrupted() -> None:
    """It met a lock that its own thread held, and stood still for good."""

    def wait(after: int) -> tuple[bool, bool]:
        cancellation = Cancellation()
        return interrupted(cancellation, lambda: cancellation.wait(0.001), after)

    assert {(True, True), (False, False)} <= wherever(wait)


def test_a_socket_is_shut_or_refused_wherever_watching_is_interrupted() -> None:
    """None is watched that nobody shuts."""
    left_open = []

    def watch(after: int) -> tuple[bool, bool]:
        cancellation = Cancellation()
        ours, other = socket.socketpair()
        with ours, other:
            outcome = interrupted(cancellation, lambda: cancellation.watch(ours), after)
            if outcome == (True, False) and not is_shut(other):
                left_open.append(after)
        return outcome

    assert {(True, True), (False, False)} <= wherever(watch)
    assert left_open == []


def test_cancelling_may_be_interrupted_by_cancelling() -> None:
    """As by Ctrl-C that is pressed twice."""
    left_open = []

    def cancel(after: int) -> tuple[bool, bool]:
        cancellation = Cancellation()
        ours, other = socket.socketpair()
        with ours, other:
            cancellation.watch(ours)
            outcome = interrupted(cancellation, cancellation.cancel, after)
            if not is_shut(other):
                left_open.append(after)
        return outcome

    assert {(True, False), (False, False)} <= wherever(cancel)
    assert left_open == []


def is_shut(other: socket.socket) -> bool:
    """Say whether the other end of a connection was shut."""
    other.settimeout(5)
    try:
        return other.recv(1) == b""
    except TimeoutError:
        return False


@pytest.fixture
def handled() -> Iterator[Cancellation]:
    """Have a signal cancel."""
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("only the main thread handles signals")
    cancellation = Cancellation()
    before = signal.signal(signal.SIGINT, lambda *_: cancellation.cancel())
    yield cancellation
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows waits for a lock to the end before it runs a handler")
def test_a_signal_ends_a_wait_of_the_main_thread(handled: Cancellation) -> None:
    """At once, though the main thread is what waits."""
    kill: Callable[[int, int], None] = signal.pthread_kill
    timer = threading.Timer(0.05, kill, [threading.get_ident(), signal.SIGINT])
    timer.start()
    try:
        with pytest.raises(OperationCancelledError):
            handled.wait(60)
    finally:
        timer.join()
