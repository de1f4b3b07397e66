import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest

from jackfield import Cancellation, DeadlineError
from jackfield._cli.attend import Due, attend, uninterrupted
from jackfield._http.limits import Deadline

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one process of a console")

FIELDS = ("latitude=1", "longitude=2")


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("arguments", [("station.get_weather", *FIELDS), ("station.tell_story", "voice=x", "--stream")])
def test_ctrl_c_ends_at_once(environment: Mapping[str, str], service: Any, arguments: tuple[str, ...]) -> None:
    """Exit code 130, no data, no traceback, however long the service would have taken."""
    asked = threading.Event()

    def wait(connection: socket.socket) -> None:
        asked.set()
        service.ended.wait(60)

    service.answer = wait
    command = [sys.executable, "-m", "jackfield", "module", "run", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert asked.wait(30)
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err.strip()) == (130, b"", b"")
    assert time.monotonic() - started < 10


def test_work_tells_in_order_and_gives_its_result() -> None:
    """What the work tells is heard in the thread that waits."""
    heard: list[tuple[object, str]] = []

    def work(tell: Any) -> str:
        tell(1)
        tell(2)
        return threading.current_thread().name

    name = attend(work, lambda item: heard.append((item, threading.current_thread().name)), Cancellation())

    mine = threading.current_thread().name
    assert heard == [(1, mine), (2, mine)]
    assert name != mine


def test_what_work_raises_is_raised() -> None:
    """As if it had been called here."""

    def work(_tell: Any) -> None:
        message = "too late"
        raise TimeoutError(message)

    with pytest.raises(TimeoutError, match="too late"):
        attend(work, lambda _item: None, Cancellation())


def test_work_that_hangs_past_its_deadline_is_given_up() -> None:
    """What it told is heard; it is cancelled, and the error says that the service may have acted."""
    released = threading.Event()
    heard: list[object] = []
    cancellation = Cancellation()

    def hang(tell: Any) -> None:
        tell("begun")
        released.wait(60)

    try:
        with pytest.raises(DeadlineError, match=r"went on after its deadline of 0\.1 s, and was given up") as given_up:
            attend(hang, heard.append, cancellation, Due(0.1))
    finally:
        released.set()

    assert heard == ["begun"]
    assert cancellation.cancelled
    assert given_up.value.sent
    assert "--deadline" in given_up.value.hint


def test_work_that_says_itself_that_its_deadline_passed_is_heard() -> None:
    """It knows what it was doing then."""
    deadline = Deadline(0.01)

    def work(_tell: Any) -> None:
        Cancellation().wait(0.1)
        deadline.check("read", sent=False)

    with pytest.raises(DeadlineError, match="in the phase 'read'"):
        attend(work, lambda _item: None, Cancellation(), Due(0.01))


def test_work_is_cancelled_where_hearing_fails() -> None:
    """Nobody goes on asking for what nobody can print."""
    cancellation = Cancellation()

    def work(tell: Any) -> None:
        tell("something")
        cancellation.wait(60)

    def hear(_item: object) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        attend(work, hear, cancellation)

    assert cancellation.cancelled


@pytest.mark.usefixtures("interruptible")
def test_a_line_that_is_being_printed_is_counted_before_ctrl_c_ends() -> None:
    """Else going on after it would do it twice."""
    done: list[str] = []

    def press_while_printing() -> None:
        with uninterrupted():
            done.append("printed")
            signal.raise_signal(signal.SIGINT)
            done.append("counted")
        done.append("went on")

    with pytest.raises(KeyboardInterrupt):
        press_while_printing()

    assert done == ["printed", "counted"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("interruptible")
def test_a_second_ctrl_c_does_not_wait_for_the_line() -> None:
    """It may be stuck in a pipe that nobody reads."""
    done: list[str] = []

    def press_twice() -> None:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("once")
            signal.raise_signal(signal.SIGINT)
            done.append("twice")

    with pytest.raises(KeyboardInterrupt):
        press_twice()

    assert done == ["once"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    """Such as what a shell started in the background."""
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, former)
