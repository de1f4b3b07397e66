"""A trigger that is asked again and again, and the watch that remembers how far that came."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar

import attrs

from jackfield._engine.conversion import dump
from jackfield._engine.memory import Entry, Memory
from jackfield._engine.newness import Newness
from jackfield._engine.stream import finished
from jackfield._engine.watched import subject_of
from jackfield._http.limits import Cancellation
from jackfield._runtime import Runtime
from jackfield.errors import (
    BusyError,
    DeadlineError,
    InputError,
    JackfieldError,
    OperationCancelledError,
    PluginError,
    TransportError,
)
from jackfield.modules import AnyModule, Kind
from jackfield.operations import Operation, PollFailed, Result, RunOptions
from jackfield.polls import NewItem, Start, WatchSettings
from jackfield.triggers import Trigger

T_co = TypeVar("T_co", covariant=True)

_PASSING = (BusyError, TransportError, DeadlineError)
"""Failures that a watch sits out."""
_DOUBLED = 30
"""So often at most: a float has an end."""


class Looked(NamedTuple):
    """What one look gave.

    Attributes:
        newness: What is new, and what is to be remembered.
        items: The same for the consumer; none at a first look that only remembers.
        result: Of the run.
    """

    newness: Newness
    items: tuple[NewItem[Any], ...]
    result: Result[Any]


class Polls:
    """Looks at one trigger with one input, again and again.

    Args:
        runtime: Of the host.
        module: The trigger.
        form: Its input.
        settings: How much is read and given at once.
        options: How each look runs.

    Raises:
        InputError: It is no trigger, or the input breaks its form.
    """

    def __init__(
        self, runtime: Runtime, module: str | AnyModule, form: object, settings: WatchSettings, options: RunOptions
    ) -> None:
        self.runtime = runtime
        self._module = module
        self._form = form
        self.settings = settings
        self._options = options
        self._trigger = self._found()  # first: nobody need fill in the form of what cannot be watched
        self.operation = self._next()
        self.subject = subject_of(self.operation, self._trigger)

    def begun(self, start: Start) -> Memory:
        """Give the memory of a watch that begins.

        Raises:
            InputError: It cannot begin there.
        """
        memory = Memory(self.subject)
        if isinstance(start, datetime):
            if start.tzinfo is None:
                message = "The date to start from has no time zone."
                raise InputError(message, hint="Make it with tzinfo=...")
            if self._trigger.date is None:
                message = f"{self.operation.module_id} has no dates to start from."
                raise InputError(message, hint="Start from 'now' or from 'all'.")
            memory.floor = start.astimezone(UTC)
        elif start not in ("now", "all"):
            message = "A watch starts from 'now', from 'all' or from a datetime."
            raise InputError(message)
        return memory

    def look(self, memory: Memory, *, first: bool) -> Looked:
        """Ask the service what is new."""
        self.operation = operation = self._next()
        module = operation.module
        assert module is not None  # noqa: S101  a trigger
        newness = Newness(module, memory, self.settings, first=first, confidential=operation.confidential)
        result = finished(self.runtime.started(attrs.evolve(operation, selection=newness)))
        return Looked(newness, _items(newness, result, first=first), result)

    def _next(self) -> Operation:
        return self.runtime.operation(self._module, self._form, **self._options)

    def _found(self) -> Trigger:
        module_id, module = self.runtime.find(self._module)
        if module.signature.kind is not Kind.TRIGGER or module.trigger is None:
            message = f"{module_id} is no trigger: it does not say what is new."
            raise InputError(message, hint=f"jackfield module run {module_id}")
        return module.trigger


def _items(newness: Newness, result: Result[Any], *, first: bool) -> tuple[NewItem[Any], ...]:
    outputs, bundles = result.outputs, result.bundles
    if not newness.looked:  # a plugin answered in the place of the module, with all that there is
        for output in outputs:
            if not newness.wants_more(output):
                break
        outputs = tuple(newness.chosen())
        bundles = tuple(dump(output) for output in outputs)  # type: ignore[misc]  # of an attrs class it is a dict
    if first:
        return ()
    if len(outputs) != len(newness.entries) or len(bundles) != len(outputs):
        message = f"A plugin changed how many items a poll gave ({len(outputs)} instead of {len(newness.entries)})."
        hint = "A wrapper of 'execute' may change the items of a poll, and not their number."
        raise PluginError(message, stage="hook", hint=hint)
    return tuple(
        NewItem(id=entry.id, output=output, bundle=bundle, date=entry.date)
        for entry, output, bundle in zip(newness.entries, outputs, bundles, strict=True)
    )


class Watch(Generic[T_co]):
    """Gives what is new at a service, item by item, and remembers in a file how far it came.

    An item counts as taken when the next one is asked for, or when ``ack()`` is called. What was not taken is given
    again by the next watch, whatever ended this one: an error of the consumer, ``break``, ``kill -9``, a power cut. So
    nothing is lost, and at most one item, the last, is given twice. A consumer that must not see that item twice keeps
    its ``id`` with what it makes of it.

    Only one Watch at a time has the file. Use it in a ``with`` block, from one thread; ``ack()`` may come from another.

    Attributes:
        is_new: Whether it begins; else it goes on where an earlier one ended.
        others: How many other watches without a name there are of this module: with other values, or connections.
        start: Where it begins.
        settings: How often it asks.
    """

    def __init__(
        self,
        polls: Polls,
        folder: Path,
        *,
        name: str = "",
        start: Start = "now",
        reset: bool = False,
        cancellation: Cancellation,
        reached: Callable[[str], None] = lambda _step: None,
    ) -> None:
        # Few processes watch anything, and SQLite has its price.
        from jackfield._watch_file import WatchFile, adopt, others_of, path_of  # noqa: PLC0415

        self._polls = polls
        self._reached = reached
        self._cancellation = cancellation
        self._stopped = False
        self._pending: tuple[Newness, Entry] | None = None
        self.start = start
        self.settings = polls.settings
        begun = polls.begun(start)
        path = path_of(folder, name, polls.operation.module_id, polls.subject.id)
        if not (name or reset):
            adopt(path, polls.subject)
        self._file = WatchFile(path, reached)
        try:
            if reset:
                self._file.clear()
            found = self._file.load(polls.subject)
        except BaseException:
            self._file.close()
            raise
        self.is_new = found is None
        self.others = 0 if name else others_of(path, polls.operation.module_id)
        self._memory = begun if found is None else found

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it; an item that was not taken is given again next time."""
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._pending = None
        self._file.close()

    def stop(self) -> None:
        """End the iteration, from another thread: what it waits for is cancelled."""
        self._stopped = True
        self._cancellation.cancel()

    def ack(self) -> None:
        """Say that the item that was given last is taken; without one, nothing happens."""
        if self._pending is not None:
            newness, entry = self._pending
            newness.take(self._memory, entry)
            self._file.took(self._memory, entry)
            self._pending = None

    def once(self) -> Iterator[NewItem[T_co]]:
        """Give all that is new now, oldest first.

        Raises:
            JackfieldError: As ``Host.poll``.
        """
        more = True
        while more:
            looked = self._look()
            for entry, item in zip(looked.newness.entries, looked.items, strict=False):
                self._pending = looked.newness, entry
                self._reached("given")
                yield item
                self.ack()
            self._file.settle(self._memory, looked.newness.settle(self._memory))
            more = looked.newness.more

    def __iter__(self) -> Iterator[NewItem[T_co]]:
        """Give what is new, and wait for more, until ``stop()`` is called.

        Raises:
            OperationCancelledError: The cancellation that the watch was given was used.
            JackfieldError: As ``Host.poll``, where time does not help; a service that is away is waited for.
        """
        failures = 0
        while not self._stopped:
            try:
                try:
                    yield from self.once()
                except _PASSING as error:
                    failures += 1
                    wait_s = self._told(error, failures)
                else:
                    failures, wait_s = 0, self._jittered(self.settings.interval_s)
                self._cancellation.wait(wait_s)
            except OperationCancelledError:
                if not self._stopped:
                    raise

    def _look(self) -> Looked:
        self._pending = None
        first = self.is_new and self.start == "now"
        looked = self._polls.look(self._memory, first=first)
        self._reached("polled")
        if self.is_new:
            if first:
                for entry in looked.newness.entries:
                    looked.newness.take(self._memory, entry)
            self._file.save(self._memory)
            self.is_new = False
        return looked

    def _told(self, error: JackfieldError, failures: int) -> float:
        """Tell that a poll failed, and give the seconds to wait."""
        doubled = self.settings.interval_s * 2.0 ** min(failures - 1, _DOUBLED)
        wait_s = self._jittered(min(doubled, self.settings.max_wait_s))
        invited = getattr(error, "retry_after_s", None) or 0.0
        # A service may name a year; whoever watches has said how long he waits at most.
        wait_s = max(wait_s, min(invited, self.settings.max_wait_s))
        operation = self._polls.operation
        self._polls.runtime.emit(
            PollFailed(
                operation_id=operation.id,
                module_id=operation.module_id,
                failures=failures,
                wait_s=wait_s,
                reason=error.message,
            )
        )
        return wait_s

    def _jittered(self, seconds: float) -> float:
        jitter = self.settings.jitter
        return seconds * random.uniform(1 - jitter, 1 + jitter)  # noqa: S311  it spreads load, and keeps no secret
