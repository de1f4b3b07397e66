"""What is under way: how much at once, whose it is, and how it is stopped."""

import threading
import time
from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any, Literal, TypeVar

import anyio
import anyio.to_thread
from attrs import field, frozen
from starlette.requests import Request

from jackfield import Cancellation, DeadlineError
from jackfield_web.problems import OverLimitError, WebError, nothing_there
from jackfield_web.settings import WebSettings

T = TypeVar("T")

_GRACE_S = 1.0
"""How long the host may take to tell of a deadline itself, which says in which phase it passed."""

ID_PATTERN = "^[A-Za-z0-9_-]{16,64}$"
"""Of an operation. A caller may choose it, so that it can be cancelled before anything has come back."""


@frozen(kw_only=True, eq=False)
class Underway:
    """Something that runs for somebody.

    Attributes:
        id: Nobody can guess it, unless the caller chose it.
        owner: The id of the principal.
        what: The id of the module, or of the connection type for a check.
        started: By the clock of time.monotonic.
        cancellation: Stops it.
    """

    id: str
    owner: str
    what: str
    started: float = field(factory=time.monotonic)
    cancellation: Cancellation = field(factory=Cancellation)

    def told(self) -> dict[str, Any]:
        """Say it in JSON."""
        return {"operation": self.id, "of": self.what, "seconds": round(time.monotonic() - self.started, 3)}


class Operations:
    """Knows what runs, for any number of threads; what is too much is refused at once, so that nothing piles up.

    Args:
        settings: How much.
        what: As the settings call it: ``max_operations`` and ``max_operations_per_principal``.
    """

    def __init__(self, settings: WebSettings, what: Literal["operations", "downloads"] = "operations") -> None:
        self._settings = settings
        self._limit = f"max_{what}"
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], Underway] = {}

    def begin(self, owner: str, what: str, operation_id: str = "") -> Underway:
        """Make room for something that begins; ``end`` must follow.

        Raises:
            OverLimitError: There is no room.
            WebError: The id is taken.
        """
        new = Underway(id=operation_id or token_urlsafe(18), owner=owner, what=what)
        with self._lock:
            mine = sum(each.owner == owner for each in self._running.values())
            if (owner, new.id) in self._running:
                message = "An operation of yours with this id is under way."
                raise WebError(message, status=409, hint="Choose another id for each, or leave it out.")
            self._check_room(mine, f"{self._limit}_per_principal", 429)
            self._check_room(len(self._running), self._limit, 503)
            self._running[owner, new.id] = new
        return new

    def _check_room(self, used: int, limit: str, status: int) -> None:
        maximum = getattr(self._settings, limit)
        if used >= maximum:
            message = f"{used} {self._limit.removeprefix('max_')} are under way already, and {limit} is {maximum}."
            raise OverLimitError(message, limit=limit, maximum=maximum, status=status)

    def end(self, one: Underway) -> None:
        """Give its room back. A second time does nothing."""
        with self._lock:
            if self._running.get((one.owner, one.id)) is one:
                del self._running[one.owner, one.id]

    def of(self, owner: str) -> list[Underway]:
        """Give what runs for somebody, the oldest first."""
        with self._lock:
            return [each for each in self._running.values() if each.owner == owner]

    def cancel(self, owner: str, operation_id: str) -> None:
        """Stop one.

        Raises:
            WebError: Nothing of theirs with this id runs.
        """
        with self._lock:
            found = self._running.get((owner, operation_id))
        if found is None:
            missing = nothing_there("operation", "It may have ended; GET operations lists those that run.")
            raise missing
        found.cancellation.cancel()

    async def in_thread(self, one: Underway, work: Callable[[], T]) -> T:
        """Do the work of an operation in a thread; cancelling the task cancels the operation, and gives its room back.

        The room is that of the thread, which may need a while to notice.
        """
        begun = False

        def job() -> T:
            nonlocal begun
            begun = True
            try:
                return work()
            finally:
                self.end(one)

        try:
            # Of its own, since there is room: `begin` has counted.
            return await anyio.to_thread.run_sync(job, abandon_on_cancel=True, limiter=anyio.CapacityLimiter(1))
        finally:
            one.cancellation.cancel()
            if not begun:
                self.end(one)

    async def for_caller(
        self, request: Request, one: Underway, work: Callable[[], T], *, deadline_s: float | None = None
    ) -> T:
        """Do the work of an operation while the caller is there.

        Args:
            request: Its body was read.
            one: The operation.
            work: Done in a thread.
            deadline_s: As the caller gave it. A module that computes may not look at the clock; then the answer comes
                in time, and the thread ends when it ends.

        Raises:
            JackfieldError: As the work; OperationCancelledError if the caller has gone.
        """
        limit_s = self._settings.max_deadline_s if deadline_s is None else deadline_s
        failed: Exception | None = None
        done: list[T] = []
        async with anyio.create_task_group() as group:
            group.start_soon(cancel_when_gone, request, one)
            try:
                with anyio.move_on_after(limit_s + _GRACE_S):
                    done.append(await self.in_thread(one, work))
            except Exception as error:  # noqa: BLE001  raised below: a task group would wrap it
                failed = error
            group.cancel_scope.cancel()
        if failed is not None:
            raise failed
        if not done:
            message = f"{one.what} did not end within {limit_s:g} s, and may go on for a while."
            raise DeadlineError(message, phase="run", deadline_s=limit_s, sent=True)
        return done[0]


async def cancel_when_gone(request: Request, one: Underway) -> None:
    """Wait until the caller has gone, and cancel. The body of the request must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    one.cancellation.cancel()
