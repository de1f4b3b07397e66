"""One run of a module for a client: in a thread, with progress, stopped when the client gives up."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextvars import ContextVar
from typing import Any

import anyio
import anyio.to_thread
from attrs import field, frozen

from jackfield import (
    Cancellation,
    Effect,
    Event,
    Execution,
    Host,
    Operation,
    Purpose,
    RefusedByPolicyError,
    Result,
    RetryScheduled,
    TurnAwaited,
    WaitBegun,
    hookimpl,
    to_json,
)

Report = Callable[[float, str], Awaitable[None]]
"""Tells a client how far a call came: a number that only grows, and a text."""

_EVERY_S = 0.1
_LONGEST_MESSAGE = 500


class ApprovalNeededError(RefusedByPolicyError):
    """Somebody has to say that this may be run; nothing was sent."""


@frozen(kw_only=True, eq=False)
class Call:
    """A run that a client asked for.

    Attributes:
        approved: Whether it may leave something behind.
        tell: Is given what happens on the way; ``None`` if nobody wants to know.
        cancellation: Stops it.
    """

    approved: bool
    tell: Callable[[str], None] | None = None
    cancellation: Cancellation = field(factory=Cancellation)


_CALL: ContextVar[Call | None] = ContextVar("jackfield-mcp-call", default=None)


class Watcher:
    """Sees, as a plugin of the host, what a run is about to do and what happens during it."""

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """Refuse what nobody approved of: here its input is checked and its effect known, and nothing was sent."""
        execution = yield
        call = _CALL.get()
        if (
            call is not None
            and not call.approved
            and operation.purpose is Purpose.RUN
            and operation.effect is not Effect.READ
        ):
            message = f"{operation.module_id} leaves something behind that may not be undone; nobody approved of it."
            raise ApprovalNeededError(message)
        return execution

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Tell of what makes a run take longer."""
        call = _CALL.get()
        if call is None or call.tell is None:
            return
        if isinstance(event, RetryScheduled):
            attempt = f"attempt {event.attempt + 1} of {event.max_attempts}"
            call.tell(f"{event.cause}; {attempt} in {event.wait_s:.1f} s")
        elif isinstance(event, TurnAwaited):
            call.tell(f"waiting for its turn: {event.reason}")
        elif isinstance(event, WaitBegun):
            call.tell(f"waiting {event.wait_s:.1f} s: {event.reason}")


async def run(
    host: Host, module_id: str, form: object, call: Call, *, limiter: anyio.CapacityLimiter, **options: Any
) -> Result[Any]:
    """Run a module without holding up the event loop; cancelling the task cancels the operation.

    Raises:
        JackfieldError: As ``Host.run``; also ApprovalNeededError.
    """

    def work() -> Result[Any]:
        _CALL.set(call)  # in the context of this thread alone
        options["cancellation"] = call.cancellation
        if call.tell is None:
            result: Result[Any] = host.run(module_id, form, **options)
            return result
        with host.stream(module_id, form, **options) as stream:
            for piece in stream:
                call.tell(_said(to_json(piece)))
            return stream.result

    try:
        return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=limiter)
    except anyio.get_cancelled_exc_class():
        call.cancellation.cancel()
        raise


def _said(piece: object) -> str:
    """Give the text of a piece; nobody reads the sound or the record of one as progress."""
    text = piece.get("text") if isinstance(piece, dict) else None
    return text if isinstance(text, str) else ""


class Progress:
    """Passes on what happens in a thread, at most ten times a second.

    Args:
        report: Tells the client.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._lock = threading.Lock()
        self._texts: list[str] = []
        self._count = 0

    def tell(self, text: str) -> None:
        """Take something to pass on, from any thread."""
        with self._lock:
            self._texts.append(text)
            self._count += 1
        with contextlib.suppress(RuntimeError):  # the client is gone, and the loop with it
            self._loop.call_soon_threadsafe(self._wake.set)

    @contextlib.asynccontextmanager
    async def passed_on(self) -> AsyncIterator[None]:
        """Pass it on as long as the block lasts, and what is left at its end."""
        task = asyncio.create_task(self._pump())
        try:
            yield
            await self._flush()
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _pump(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._flush()
            await asyncio.sleep(_EVERY_S)

    async def _flush(self) -> None:
        async with self._turn:  # the end waits for what is on its way
            with self._lock:
                texts, self._texts, count = self._texts, [], self._count
            if texts:
                await self._report(count, "".join(texts)[:_LONGEST_MESSAGE])
