"""The host of a worker process, and what it makes of the operations of tasks."""

import contextlib
import logging
import os
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from attrs import frozen
from celery.exceptions import SoftTimeLimitExceeded
from redis import Redis, RedisError

from jackfield import Host, JackfieldError, OperationCancelledError, to_json
from jackfield_celery.failures import told_of
from jackfield_celery.files import FileNames
from jackfield_celery.marks import AnsweredBeforeError, Marks, RunningElsewhereError
from jackfield_celery.outcomes import check_connection, check_size, result_to_json
from jackfield_celery.pulse import Pulse
from jackfield_celery.settings import CelerySettings, redis_at, redis_url
from jackfield_celery.watching import CALL, Call, Watcher, may_have_been_acted_on, told_after_all

_logger = logging.getLogger("jackfield_celery")

MakeHost = Callable[[Sequence[object]], Host]
"""Makes the host of a process; it must have the plugins that are given."""
Tell = Callable[[object], None]
_LOOK_S = 0.25
"""How often it is looked whether somebody cancelled the task; one that is over before costs no look."""
_STOP_S = 30.0
"""How long a run that was stopped may take to end; after it the process goes on without it."""


@frozen(kw_only=True)
class Item:
    """One operation of a task.

    Attributes:
        module: Its id.
        fields: Its input, as JSON.
        connection: The name of its connection.
        deadline_s: As in ``Host.run``.
        key: Its idempotency key: the same for each delivery.
        tell: Is given the pieces of a streaming module.
    """

    module: str
    fields: Mapping[str, Any]
    connection: str | None
    deadline_s: float | None
    key: str
    tell: Tell | None = None


class _Process:
    """What one process has: made when its first task runs, so after the fork.

    What was done is told to ``redis``, however long that takes; where nothing was sent yet, ``hasty`` says within a
    second that it is away, and the task comes again.
    """

    def __init__(self, make_host: MakeHost, url: str, settings: CelerySettings) -> None:
        self.redis, self.hasty = redis_at(url, settings.redis_away_s), redis_at(url)
        self.pulse = Pulse(self.hasty, settings.lease_s)
        self.marks = Marks(self.redis, settings, self.pulse, hasty=self.hasty)
        self.host = make_host([Watcher(self.hasty, settings, self.pulse)])
        self.names = FileNames(self.redis, settings)

    def close(self) -> None:
        self.host.close()
        self.pulse.close()
        self.redis.close()
        self.hasty.close()


class Worker:
    """Runs the operations of tasks in whatever process it is asked in.

    Args:
        app: The Celery app.
        make_host: Makes the host of a process.
        settings: How modules run.
    """

    def __init__(self, app: Any, make_host: MakeHost, settings: CelerySettings) -> None:
        self._app = app
        self._make_host = make_host
        self._settings = settings
        self.forget()
        _forget_after_fork(self)

    def forget(self) -> None:
        """Start anew: in a child process the host of its parent is not used."""
        self._lock = threading.Lock()
        self._made: _Process | None = None

    @property
    def _process(self) -> _Process:
        with self._lock:
            if self._made is None:
                self._made = _Process(self._make_host, redis_url(self._app, self._settings), self._settings)
            return self._made

    @property
    def host(self) -> Host:
        """The host of this process."""
        return self._process.host

    @property
    def redis(self) -> "Redis":
        """What all workers share."""
        return self._process.redis

    def close(self) -> None:
        """Close the host of this process, if it has one; the next task would make another."""
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            made.close()

    def receive(self, task_id: str, retries: int) -> None:
        """Count that a task came.

        Raises:
            LimitError: It came too often: it takes its workers down with it.
            OperationCancelledError: Somebody cancelled it while it waited.
            UnreachableError: Redis is away.
        """
        self._process.marks.receive(task_id, retries)

    def await_redis(self) -> None:
        """Wait for Redis if it is away: Celery stores a result once, and loses it if nobody is there."""
        with contextlib.suppress(RedisError):
            self.redis.ping()

    def cancel(self, task_ids: Sequence[str]) -> None:
        """Have tasks stopped, wherever they are."""
        self._process.marks.cancel(task_ids)

    def outcomes(
        self, items: Sequence[Item], task_id: str, *, threads: int = 1, go_on: Callable[[], bool] = lambda: True
    ) -> list[dict[str, Any]]:
        """Run operations, several at once, and give what became of each, as JSON, in order.

        The thread that asks only waits: so it can stop them at any time, by a soft time limit or since somebody said
        so in Redis. Not by a signal: of a process that ``revoke(terminate=True)`` has sent one, billiard 4.3 takes the
        later loss for the end of a revoked task, which then comes no more (pool.py, ``_job_terminated``).

        Args:
            items: The operations.
            task_id: Of the task.
            threads: How many run at once.
            go_on: Asked before each whether it is still to be begun.
        """
        calls = [Call(mark=self._process.marks.of(item.module, item.key)) for item in items]
        pool = ThreadPoolExecutor(min(threads, len(items)), thread_name_prefix="jackfield-task")
        futures = [pool.submit(self._begun, item, call, go_on) for item, call in zip(items, calls, strict=True)]
        pending = set(futures)
        try:
            while pending:
                _, pending = wait(pending, timeout=_LOOK_S)
                if pending and self._process.marks.is_cancelled(task_id):
                    self._stop(calls, futures)
                    break
        except SoftTimeLimitExceeded:
            _logger.warning("The soft time limit of the task passed: what runs is stopped.")
            self._stop(calls, futures)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return [_outcome_of(future) for future in futures]

    def _stop(self, calls: Sequence[Call], futures: "Sequence[Future[dict[str, Any]]]") -> None:
        for future in futures:
            future.cancel()
        for call in calls:
            call.cancellation.cancel()
        for future in futures:
            with contextlib.suppress(Exception):
                future.exception(_STOP_S)

    def _begun(self, item: Item, call: Call, go_on: Callable[[], bool]) -> dict[str, Any]:
        if not go_on():
            return postponed("there was no time left for it in this task")
        token = CALL.set(call)
        try:
            told = self._told(item, call)
        finally:
            CALL.reset(token)
        return told

    def _told(self, item: Item, call: Call) -> dict[str, Any]:
        """Run one, and keep in its mark what became of it."""
        acted = True
        try:
            told = self._result(item, call)
        except AnsweredBeforeError as before:
            return dict(before.outcome)
        except RunningElsewhereError as error:
            return postponed(error.message, self._settings.lease_s)
        except JackfieldError as error:
            acted = may_have_been_acted_on(error)
            told = {"error": told_of(told_after_all(error, call, item.module, item.key))}
            if call.is_unsafe and acted:
                told["error"]["retryable"] = False
        try:
            call.mark.settle(told if acted else None)
        except RedisError as error:  # the mark lapses as that of a lost worker: a second delivery is uncertain
            _logger.warning("What became of %s could not be marked: %s", item.module, type(error).__name__)
        return told

    def _result(self, item: Item, call: Call) -> dict[str, Any]:
        check_connection(item.connection)
        process = self._process
        with process.names.known(item.fields, process.host) as fields:
            options: dict[str, Any] = {"connection": item.connection, "deadline_s": item.deadline_s}
            options |= {"idempotency_key": item.key, "cancellation": call.cancellation}
            if item.tell is None:
                result = process.host.run(item.module, fields, **options)
            else:
                with process.host.stream(item.module, fields, **options) as stream:
                    for piece in stream:
                        item.tell(to_json(piece))
                    result = stream.result
        told = result_to_json(result)
        check_size(told, self._settings.max_message_bytes, f"What {item.module} gave")
        process.names.keep(told["bundles"])
        return told


def postponed(reason: str, after_s: float = 0.0) -> dict[str, Any]:
    """Say of an operation that it was not begun, and is to be sent anew."""
    return {"postponed": reason, "after_s": after_s}


def _outcome_of(future: "Future[dict[str, Any]]") -> dict[str, Any]:
    if future.cancelled():
        return postponed("the task was stopped before it was begun")
    if not future.done():
        message = f"The operation was stopped, and did not end within {_STOP_S:g} s; it may still be at work."
        return {"error": told_of(OperationCancelledError(message))}
    return future.result()


def _forget_after_fork(worker: Worker) -> None:
    known = weakref.ref(worker)

    def forget() -> None:
        found = known()
        if found is not None:
            found.forget()

    if hasattr(os, "register_at_fork"):  # Windows has no fork
        os.register_at_fork(after_in_child=forget)
