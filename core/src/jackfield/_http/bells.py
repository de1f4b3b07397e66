"""An event that may be set where nothing may be waited for."""

import contextlib
import threading


class Bell:
    """What one thread waits for, and any thread rings; in a signal handler, too.

    ``threading.Event`` will not do there: the thread that a signal interrupts may hold the lock that its ``set`` needs.
    Ringing a bell waits for nobody.
    """

    __slots__ = ("_closed", "_rung")

    def __init__(self) -> None:
        self._rung = False
        self._closed = threading.Lock()
        self._closed.acquire()

    def set(self) -> None:
        """Ring: whoever waits goes on, and nobody waits from now on."""
        self._rung = True
        with contextlib.suppress(RuntimeError):  # it was rung before
            self._closed.release()

    def wait(self, seconds: float) -> bool:
        """Wait until it rings, but no longer than so many seconds; say whether it did."""
        return self._rung or self._closed.acquire(timeout=seconds)
