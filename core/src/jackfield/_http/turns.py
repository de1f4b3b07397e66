"""How requests of one connection wait for each other: what core asks of whatever lets them out."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from jackfield._http.limits import Cancellation, Deadline

Tell = Callable[[float | None, str], None]
"""Is told for how many seconds a request waits (``None``: for others to end), and why."""


@runtime_checkable
class Limiter(Protocol):
    """Lets the requests of one connection leave in turn, for any number of threads.

    Each process has one of its own; the hook ``limit_requests`` may give another, which several processes share. It
    must survive a fork: what is under way in the parent is not under way in the child.

    Attributes:
        is_open: Whether a request may leave at once, without a look at anything; then ``enter`` is not called.
        counts: Whether ``leave`` must be called for every request that entered.
        idle: Whether nothing would be lost with it.
    """

    @property
    def is_open(self) -> bool:
        """See above."""

    @property
    def counts(self) -> bool:
        """See above."""

    @property
    def idle(self) -> bool:
        """See above."""

    def enter(self, deadline: Deadline, cancellation: Cancellation, tell: Tell) -> Any:
        """Wait until a request may leave.

        Args:
            deadline: A wait that would pass it is not begun; ``deadline.error("queue", sent=False, message=...)`` makes
                the error.
            cancellation: Ends the wait: ``cancellation.wait(seconds)``.
            tell: Called once before each wait, in this thread: for how many seconds (``None``: for others to end), and
                whose limit it is.

        Returns:
            Anything but ``None``; it is handed to ``leave`` and ``refused``.

        Raises:
            DeadlineError: Its turn would not come in time; nothing was sent.
            OperationCancelledError: Somebody cancelled.
        """

    def leave(self, permit: Any, /) -> None:
        """Make room for another request: the answer was read to its end, or there is none."""

    def refused(self, permit: Any, wait_s: float, /) -> None:
        """Hold everybody back: the service refused a request for there being too many (429).

        Args:
            permit: What ``enter`` gave; ``None`` if it was not called.
            wait_s: For how many seconds the service asks to wait; 0 if it does not say.
        """

    def answered(self, headers: Mapping[str, str], /) -> None:
        """Read from the headers of an answer, by lower-case name, what the service takes: see ``allowance_in``."""


class Turn:
    """What a request that is under way owes to the limiter that let it leave."""

    __slots__ = ("_limiter", "_permit")

    def __init__(self, limiter: Limiter, permit: Any) -> None:
        self._limiter = limiter
        self._permit = permit

    def end(self) -> None:
        """Make room for another one: the answer was read to its end, or dropped. To be called once."""
        if self._permit is not None:
            self._limiter.leave(self._permit)

    def refused(self, wait_s: float | None) -> None:
        """Hold everybody back: there were too many, and the service asks to wait for so many seconds."""
        self._limiter.refused(self._permit, wait_s or 0.0)
