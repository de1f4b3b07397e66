"""A module over many inputs: sent in chunks, answered in any order, given in that of the inputs."""

import json
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any, TypedDict

from attrs import define, field
from redis import Redis

from jackfield import (
    DeadlineError,
    Failure,
    InputError,
    JackfieldError,
    OperationCancelledError,
    Result,
    UnreachableError,
)
from jackfield_celery.failures import AWAY, told_if_away, told_of
from jackfield_celery.outcomes import read_outcome
from jackfield_celery.sending import published
from jackfield_celery.settings import CelerySettings
from jackfield_celery.tasks import pause_s, with_note

_logger = logging.getLogger("jackfield_celery")

_LOOK_S = 1
"""How often it is looked whether a chunk ended without a word: by a time limit, or since somebody revoked it."""


class MapOptions(TypedDict, total=False):
    """How a map runs. All are optional.

    Attributes:
        deadline_s: Seconds for each input.
        chunk_size: How many inputs one task has; 20 without.
        chunks: How many tasks are under way or waiting at once; 16 without.
        threads: How many inputs of a task a worker process runs at once; 4 without.
        idempotency_key: The same for a repeat of the same map: what modules with an unsafe effect did, they do not do
            again.
        silence_s: How long no worker may say anything; forever without.
        queue: Of Celery.
    """

    deadline_s: float | None
    chunk_size: int
    chunks: int
    threads: int
    idempotency_key: str
    silence_s: float | None
    queue: str | None


@define(eq=False)
class _Slot:
    """One input, until its outcome is given."""

    key: str
    fields: Mapping[str, Any]
    retries: int = 0
    outcome: Mapping[str, Any] | None = None


@define(eq=False)
class _Chunk:
    """One task that is under way."""

    sent: Any
    slots: Sequence[_Slot] = field(repr=False)


class Map:
    """One map.

    Args:
        task: ``jackfield.run_many``.
        redis: Where outcomes come.
        settings: How often and when is sent anew.
        module: Its id.
        checked: Makes JSON of an input, or raises.
        connection: By name.
        options: See MapOptions.

    Raises:
        InputError: An option cannot be used.
    """

    def __init__(
        self,
        task: Any,
        redis: "Redis",
        settings: CelerySettings,
        *,
        module: str,
        checked: Callable[[object], Mapping[str, Any]],
        connection: str | None,
        options: MapOptions,
    ) -> None:
        self._task = task
        self._redis = redis
        self._settings = settings
        self._checked = checked
        _check_names(options)
        self._size = _at_least_one(options, "chunk_size", 20)
        self._most = _at_least_one(options, "chunks", 16)
        self._given = {
            "module": module,
            "connection": connection,
            "deadline_s": options.get("deadline_s"),
            "threads": _at_least_one(options, "threads", 4),
        }
        self._key = options.get("idempotency_key") or secrets.token_hex(12)
        self._silence_s = _seconds(options, "silence_s")
        self._queue = {"queue": options["queue"]} if options.get("queue") else {}
        self._list = f"{settings.prefix}:map:{secrets.token_hex(12)}"
        self._moved = f"{self._list}:moved"
        self._numbers = count()
        self._under_way: dict[int, _Chunk] = {}
        self._waiting: deque[_Slot] = deque()
        self._looked_at = self._heard_at = time.monotonic()
        self._taken_in = False

    def outcomes(
        self, inputs: Iterable[object], stop: Callable[[Sequence[str]], None]
    ) -> Iterator[Result[Any] | Failure]:
        """Give what becomes of each input, in order."""
        source = enumerate(inputs)
        try:
            while True:
                self._send_more(source)
                if not self._waiting:
                    return
                while self._waiting and self._waiting[0].outcome is not None:
                    yield read_outcome(self._waiting.popleft().outcome or {})
                if self._waiting:
                    self._hear()
        except UnreachableError:
            self._under_way.clear()  # nobody can be told
            raise
        finally:
            self._leave(stop)

    def _leave(self, stop: Callable[[Sequence[str]], None]) -> None:
        try:
            if self._under_way:
                stop([chunk.sent.id for chunk in self._under_way.values()])
            self._redis.delete(self._list, self._moved)
        except AWAY as error:
            _logger.warning("What a map has under way could not be stopped: %s", type(error).__name__)

    def _send_more(self, source: Iterator[tuple[int, object]]) -> None:
        """Send chunks, as long as there is room for them and for what waits to be given."""
        while len(self._under_way) < self._most and len(self._waiting) < 2 * self._most * self._size:
            taken = list(islice(source, self._size))
            if not taken:
                return
            slots = [self._slot(number, form) for number, form in taken]
            self._waiting += slots
            self._send([slot for slot in slots if slot.outcome is None])

    def _slot(self, number: int, form: object) -> _Slot:
        key = f"{self._key}:{number}"
        try:
            return _Slot(key, self._checked(form))
        except JackfieldError as error:
            return _Slot(key, {}, outcome={"error": told_of(error)})

    def _send(self, slots: Sequence[_Slot], after_s: float = 0.0) -> None:
        if not slots:
            return
        number = next(self._numbers)
        given = {**self._given, "items": [[slot.key, slot.fields] for slot in slots]}
        given |= {"reply_to": self._list, "chunk": number}
        shown = repr({"module": given["module"], "connection": given["connection"], "inputs": len(slots)})
        message = {"kwargs": given, "argsrepr": "()", "kwargsrepr": shown, "countdown": after_s or None}
        sent = published(self._task, self._settings, **message, **self._queue)
        self._under_way[number] = _Chunk(sent, slots)

    def _hear(self) -> None:
        """Wait until a worker says something, and take it in."""
        found, now = self._heard(), time.monotonic()
        for told in found:
            self._heard_at = now
            self._take(json.loads(told))
        if not found and self._silence_s is not None and now - self._heard_at > self._silence_s:
            message = f"No worker said anything for {self._silence_s:g} s (silence_s)."
            hint = "Is there a worker for the queue? What is under way is stopped."
            raise DeadlineError(message, phase="queue", deadline_s=self._silence_s, sent=True, hint=hint)
        if now - self._looked_at > _LOOK_S:
            self._looked_at = now
            self._look_for_lost()

    def _heard(self) -> Sequence[bytes]:
        """Give what workers said, and forget what was given before.

        It is moved, and read where it is now: what Redis gave while the way to it broke is found there.
        """
        with told_if_away("in which outcomes come", "See that it runs; then map again, with the same idempotency_key."):
            if self._taken_in:
                self._redis.delete(self._moved)
            self._redis.blmove(self._list, self._moved, _LOOK_S)
            with self._redis.pipeline() as pipeline:
                pipeline.lrange(self._moved, 0, -1)
                pipeline.expire(self._moved, int(self._settings.keep_marks_s) or 1)
                found, _ = pipeline.execute()
            self._taken_in = bool(found)
            return list(found)

    def _take(self, told: Mapping[str, Any]) -> None:
        chunk = self._under_way.pop(told["chunk"], None)
        if chunk is None:
            return  # delivered twice, and answered before
        if "error" in told:
            self._given_up(chunk, told["error"])
            return
        again: dict[bool, list[_Slot]] = {False: [], True: []}
        wait_s = 0.0
        for slot, outcome in zip(chunk.slots, told["outcomes"], strict=True):
            pause = self._pause_before_next(slot, outcome)
            if pause is not None:
                again[pause > 0].append(slot)
                wait_s = max(wait_s, pause)
        self._send(again[False])
        self._send(again[True], wait_s)

    def _pause_before_next(self, slot: _Slot, outcome: Mapping[str, Any]) -> float | None:
        """Take in an outcome; if it is none yet, give the seconds after which the input is sent again."""
        if "postponed" in outcome:
            return float(outcome["after_s"])
        error = outcome.get("error")
        wait_s = pause_s(error, slot.retries, self._settings) if error else None
        if wait_s is not None:
            slot.retries += 1
            return wait_s
        slot.outcome = {"error": with_note(error, slot.retries, self._settings)} if error else outcome
        return None

    def _given_up(self, chunk: _Chunk, error: Mapping[str, Any]) -> None:
        """Of a chunk that takes workers down with it, find the input that does: each gets a task of its own."""
        if len(chunk.slots) == 1:
            chunk.slots[0].outcome = {"error": error}
            return
        for slot in chunk.slots:
            self._send([slot])

    def _look_for_lost(self) -> None:
        """Take in chunks of which Celery knows that they are over, and that said nothing."""
        for number, chunk in list(self._under_way.items()):
            try:
                state = chunk.sent.state
            except AWAY:
                return
            if state not in {"FAILURE", "REVOKED"} or self._redis.llen(self._list):
                continue
            self._under_way.pop(number)
            error: JackfieldError = OperationCancelledError("The task was revoked.")
            if state == "FAILURE":
                reason = type(chunk.sent.result).__name__
                message = f"The task of this input ended with {reason}, before it could say what became of it."
                error = JackfieldError(message, hint="See the log of the worker.")
            for slot in chunk.slots:
                slot.outcome = {"error": told_of(error)}


def _at_least_one(options: MapOptions, name: str, usual: int) -> int:
    given: object = options.get(name, usual)
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        message = f"{name} must be a whole number of at least 1, was {given!r}."
        raise InputError(message)
    return given


def _seconds(options: MapOptions, name: str) -> float | None:
    given: object = options.get(name)
    if given is not None and (isinstance(given, bool) or not isinstance(given, int | float) or not given > 0):
        message = f"{name} must be a number of seconds, greater than 0, was {given!r}."
        raise InputError(message)
    return given


def _check_names(options: MapOptions) -> None:
    known = MapOptions.__annotations__
    others = ", ".join(sorted({*options} - {*known}))
    if others:
        message = f"There is no such option of map: {others}."
        raise InputError(message, hint=f"There are {', '.join(known)}, and connection.")
    queue: object = options.get("queue")
    if queue is not None and not isinstance(queue, str):
        message = f"queue must be the name of one, was a {type(queue).__name__}."
        raise InputError(message)
