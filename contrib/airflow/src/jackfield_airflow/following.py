"""What a run of a module tells Airflow's log, and what must be known of it if it fails."""

from collections.abc import Generator
from logging import Logger, LoggerAdapter
from typing import Any

from attrs import define, field

from jackfield import (
    AttemptStarted,
    Cancellation,
    Effect,
    Event,
    Execution,
    Operation,
    OperationFinished,
    RetryScheduled,
    TurnAwaited,
    WaitBegun,
    hookimpl,
)


@define(eq=False)
class Run:
    """One run that somebody follows.

    Attributes:
        log: Where it is told of.
        cancellation: Stops it.
        effect: What a repeat leaves behind; ``None`` until its input was checked, and nothing was sent.
        attempts: How many requests have begun.
    """

    log: Logger | LoggerAdapter[Any] | Any
    cancellation: Cancellation = field(factory=Cancellation)
    effect: Effect | None = None
    attempts: int = 0


class Follower:
    """A plugin of a host that follows runs."""

    def __init__(self) -> None:
        self._by_cancellation: dict[Cancellation, Run] = {}
        self._by_operation: dict[str, Run] = {}

    def follow(self, run: Run) -> None:
        """Begin: the operation with its cancellation is this run."""
        self._by_cancellation[run.cancellation] = run

    def forget(self, run: Run) -> None:
        """Stop following it."""
        self._by_cancellation.pop(run.cancellation, None)
        self._by_operation = {key: other for key, other in [*self._by_operation.items()] if other is not run}

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """Learn the effect, which may depend on the input."""
        run = self._by_cancellation.get(operation.cancellation)
        if run is not None:
            run.effect = operation.effect
            self._by_operation[operation.id] = run
        return (yield)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Tell of what makes a run take longer."""
        run = self._by_operation.get(event.operation_id)
        if run is None:
            return
        run.attempts += isinstance(event, AttemptStarted)
        told = _told(event)
        if told:
            run.log.info("%s: %s", event.module_id, told)


def _told(event: Event) -> str:
    """Say what happened; nothing of an input or output."""
    if isinstance(event, RetryScheduled):
        return f"{event.cause}; attempt {event.attempt + 1} of {event.max_attempts} in {event.wait_s:.1f} s"
    if isinstance(event, TurnAwaited):
        return f"waiting for its turn: {event.reason}"
    if isinstance(event, WaitBegun):
        return f"waiting {event.wait_s:.1f} s: {event.reason}"
    if isinstance(event, OperationFinished) and not event.error:
        named = f", request {event.request_id}" if event.request_id else ""
        return f"done in {event.duration_s:.1f} s after {event.attempts} requests{named}"
    return ""
