"""A run whose pieces go out as they come, as server-sent events."""

import contextlib
from collections.abc import Callable
from typing import Any

import anyio
import anyio.from_thread
from anyio.streams.memory import MemoryObjectReceiveStream
from attrs import frozen
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from jackfield import (
    Event,
    JackfieldError,
    OperationCancelledError,
    RetryScheduled,
    TurnAwaited,
    WaitBegun,
    WarningRaised,
)
from jackfield_web.operations import Operations, Underway, cancel_when_gone
from jackfield_web.problems import OverLimitError, defect, problem, problem_response
from jackfield_web.rendering import to_text
from jackfield_web.settings import WebSettings

MEDIA_TYPE = "text/event-stream"
_MOST_WAITING = 64
"""How many events wait for a caller who reads slowly; then the module waits."""
_HEADERS = [
    (b"content-type", MEDIA_TYPE.encode()),
    (b"x-accel-buffering", b"no"),  # nginx would hold the events back
]

_LAST_S = 5.0
"""How long a caller who reads nothing may take to read why the stream ends."""
_GONE = "The caller has gone."

Message = tuple[str, Any]
Tell = Callable[[str, Any], None]


@frozen(kw_only=True, eq=False)
class EventStream:
    """The answer to somebody who wants to hear of a run.

    What goes wrong before the run has begun is an ordinary answer with its status; later, it is the last event.

    Attributes:
        request: Its body was read.
        operations: Where the run has its room.
        one: The run.
        work: Runs the module in a thread; tells ``operation`` first, then each ``piece`` and what happens, ``result``
            last.
        settings: How long, and how often something is sent.
    """

    request: Request
    operations: Operations
    one: Underway
    work: Callable[[Tell], None]
    settings: WebSettings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        sender, receiver = anyio.create_memory_object_stream[Message](_MOST_WAITING)

        def tell(kind: str, told: Any) -> None:
            try:
                anyio.from_thread.run(sender.send, (kind, told))
            except BaseException:  # noqa: BLE001  whatever it is called, it says that nobody listens any more
                raise OperationCancelledError(_GONE) from None

        def job() -> None:
            try:
                self.work(tell)
            except JackfieldError as error:
                self._end(tell, error)
            except Exception as error:  # noqa: BLE001  the caller must hear of the end in any case
                self._end(tell, defect(error))

        async def run() -> None:
            await self.operations.in_thread(self.one, job)

        async def leave() -> None:
            await cancel_when_gone(self.request, self.one)
            group.cancel_scope.cancel()  # closes the stream below, at which a module that only computes ends

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            group.start_soon(leave)
            try:
                await self._answer(receiver, scope, receive, send)
            except OSError:  # servers of ASGI 2.4 tell so that the caller has gone
                pass
            finally:
                self.one.cancellation.cancel()
                sender.close()
                receiver.close()
            group.cancel_scope.cancel()

    @staticmethod
    def _end(tell: Tell, error: JackfieldError) -> None:
        with contextlib.suppress(OperationCancelledError):  # nobody is there to hear it
            tell("error", error)

    async def _answer(
        self, receiver: MemoryObjectReceiveStream[Message], scope: Scope, receive: Receive, send: Send
    ) -> None:
        kind, told = await receiver.receive()
        if kind == "error":
            await problem_response(told)(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        limit = self.settings.max_stream_s
        with anyio.move_on_after(limit) as scope_of_time:
            await _send(send, kind, told)
            await self._pass_on(receiver, send)
        if scope_of_time.cancelled_caught:
            message = f"The stream was open for {limit:g} seconds, and max_stream_s allows no more."
            error = OverLimitError(message, limit="max_stream_s", maximum=limit, status=504)
            with anyio.move_on_after(_LAST_S):
                await _send(send, "error", problem(error, operation=self.one.id))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pass_on(self, receiver: MemoryObjectReceiveStream[Message], send: Send) -> None:
        while True:
            message: Message | None = None
            with anyio.move_on_after(self.settings.heartbeat_s):
                message = await receiver.receive()
            if message is None:
                await send({"type": "http.response.body", "body": b": still there\n\n", "more_body": True})
                continue
            kind, told = message
            if kind == "error":
                told = problem(told, operation=self.one.id)
            await _send(send, kind, told)
            if kind in {"result", "error"}:
                return


def told_event(event: Event) -> Message | None:
    """Say in JSON what happened, if it makes a run take longer or is for the user to know."""
    if isinstance(event, WarningRaised):
        return "warning", {"message": event.message}
    if isinstance(event, RetryScheduled):
        attempts = {"attempt": event.attempt, "max_attempts": event.max_attempts}
        return "waiting", {"for": "retry", "wait_s": event.wait_s, "reason": event.reason, **attempts}
    if isinstance(event, TurnAwaited):
        return "waiting", {"for": "turn", "wait_s": event.wait_s, "reason": event.reason}
    if isinstance(event, WaitBegun):
        return "waiting", {"for": "service", "wait_s": event.wait_s, "reason": event.reason}
    return None


async def _send(send: Send, kind: str, told: Any) -> None:
    body = b"event: %b\ndata: %b\n\n" % (kind.encode(), to_text(told))
    await send({"type": "http.response.body", "body": body, "more_body": True})
