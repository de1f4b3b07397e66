"""Waiting for work in such a way that Ctrl-C ends it at once, whatever it waits for."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from jackfield import Cancellation
from jackfield._http.limits import Deadline
from jackfield.errors import DeadlineError

T = TypeVar("T")

_POLL_S = 0.2
"""Windows looks for Ctrl-C only between two waits; elsewhere a wait is interrupted."""
_GRACE_S = 1.0
"""Work that was cancelled is given this long to put its things away."""
_PAST_S = 2.0
"""A module whose deadline passed is given this long to say so itself: it knows what it was doing."""


class Due:
    """When work is given up that does not end by itself, and has nothing to tell.

    Args:
        seconds: How long it may take; ``None`` for as long as it takes.
        what: What went on, as the error says it.

    Attributes:
        deadline: The present one; ``None`` as long as there is none.
    """

    past_s = _PAST_S

    def __init__(self, seconds: float | None, what: str = "The module") -> None:
        self._seconds = seconds
        self._what = what
        self.deadline: Deadline | None = None
        self.begin()

    def begin(self) -> None:
        """Have the time begin, also once more."""
        self.deadline = None if self._seconds is None else Deadline(self._seconds)

    def check(self) -> None:
        """See that it has not passed.

        Raises:
            DeadlineError: It has.
        """
        deadline = self.deadline
        if deadline is not None and deadline.left_s < -self.past_s:
            raise self.error(deadline)

    def error(self, deadline: Deadline) -> DeadlineError:
        """Make what is raised then."""
        message = f"{self._what} went on after its deadline of {deadline.total_s:g} s, and was given up."
        return deadline.error("run", sent=True, message=message)


class ReadingDue(Due):
    """Nobody who reads can say by himself that it takes too long."""

    past_s = 0.0

    def error(self, deadline: Deadline) -> DeadlineError:
        """Say that nothing was sent yet."""
        message = f"What an input is read from had not ended after {deadline.total_s:g} s; nothing was sent."
        return deadline.error("read", sent=False, message=message)


_NEVER = Due(None)


class _Worker(threading.Thread):
    """Does the work in a daemon thread, which cannot keep a process alive that was asked to end."""

    def __init__(self, work: Callable[[], Any], told: "SimpleQueue[object]", end: object) -> None:
        super().__init__(name="jackfield-run", daemon=True)
        self._work = work
        self._told = told
        self._end = end
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Keep what the work gives or raises, and say that it is over."""
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001  it is raised again where somebody waits
            self.error = error
        self._told.put(self._end)


def attend(
    work: Callable[[Callable[[object], None]], T],
    hear: Callable[[object], None],
    cancellation: Cancellation,
    due: Due = _NEVER,
) -> T:
    """Do work in another thread, and hear here what it has to tell meanwhile.

    Python wakes only the main thread for Ctrl-C, and not while it looks up a name or, on Windows, reads a socket.

    Args:
        work: Called with a function that passes something to ``hear``, at once and from any thread.
        hear: Called in this thread, in the order of the telling.
        cancellation: Of the work; cancelled if this thread is interrupted, ``hear`` raises or the deadline passes.
        due: When to give up work that does not end by itself, and has nothing to tell; never without.

    Returns:
        What the work returned; what it raised is raised.

    Raises:
        DeadlineError: The work went on past its deadline, as a loop of a module may that asks nobody.
    """
    told: SimpleQueue[object] = SimpleQueue()
    end = object()
    worker = _Worker(lambda: work(told.put), told, end)
    worker.start()
    try:
        while (item := _next(told, due)) is not end:
            hear(item)
    except BaseException:
        cancellation.cancel()
        with contextlib.suppress(KeyboardInterrupt):
            worker.join(_GRACE_S)
        raise
    if worker.error is not None:
        raise worker.error
    result: T = worker.result
    return result


def in_time(read: Callable[[], T], due: Due | None) -> T:
    """Read what an input is made of, for as long as there is time: nobody may ever write into a pipe.

    Raises:
        DeadlineError: It had not ended by then.
    """
    return read() if due is None else attend(lambda _tell: read(), lambda _told: None, Cancellation(), due)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Put Ctrl-C off until the block is through, so that what it did and what it counted agree.

    A second Ctrl-C ends the block: it may be writing to a pipe that nobody reads.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield  # the signal is somebody else's
        return
    put_off = False

    def put_it_off(*_: object) -> None:
        nonlocal put_off
        put_off = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, put_it_off)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if put_off:
        raise KeyboardInterrupt


def _next(told: "SimpleQueue[object]", due: Due) -> object:
    while True:
        with contextlib.suppress(Empty):
            return told.get(timeout=_POLL_S)
        due.check()
