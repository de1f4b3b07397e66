"""The two tasks: one operation, and a chunk of a map."""

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from jackfield import JackfieldError, OperationCancelledError
from jackfield_celery.failures import ModuleFailedError, told_of
from jackfield_celery.outcomes import RUN, RUN_MANY
from jackfield_celery.settings import CelerySettings
from jackfield_celery.worker import Item, Worker

_LARGEST_JITTER = 0.25

OPTIONS: Mapping[str, Any] = {
    "shared": False,  # else the first app's would be every app's, with its host and its connections
    "acks_late": True,  # a task whose worker is lost comes again
    "reject_on_worker_lost": True,
    "acks_on_failure_or_timeout": True,
    "serializer": "json",
    "throws": (ModuleFailedError,),  # expected: no traceback in the log
    "max_retries": None,  # counted here, by the class of the error
    "resultrepr_maxsize": 1,  # what modules give is nobody's who reads the log
}


def pause_s(error: Mapping[str, Any], retries: int, settings: CelerySettings) -> float | None:
    """Say after how many seconds an operation that failed is run again; ``None`` if it is not.

    Args:
        error: It, as JSON.
        retries: How often it was run again already.
        settings: How often, how long.
    """
    if not error.get("retryable") or retries >= settings.max_retries:
        return None
    invited = error.get("retry_after_s")
    if invited is None:
        longest = min(settings.retry_base_s * 2.0 ** min(retries, 60), settings.retry_cap_s)
        return float(longest * (1 - _LARGEST_JITTER * random.random()))  # noqa: S311  spreads load, guards nothing
    if invited > settings.max_retry_after_s:
        return None
    return float(invited * (1 + _LARGEST_JITTER * random.random()))  # noqa: S311  not all at the same moment


def with_note(error: Mapping[str, Any], retries: int, settings: CelerySettings) -> dict[str, Any]:
    """Have a final error say why it is not run again, where it could be."""
    invited, note = error.get("retry_after_s"), ""
    if error.get("retryable") and retries >= settings.max_retries and retries:
        note = f"The task was run {retries + 1} times (max_retries is {settings.max_retries})."
    elif error.get("retryable") and invited is not None and invited > settings.max_retry_after_s:
        note = f"The service asks to wait {invited:g} s; max_retry_after_s is {settings.max_retry_after_s:g}."
    return {**error, "hint": f"{error.get('hint') or ''} {note}".strip()}


class Tasks:
    """What the two tasks do.

    Args:
        worker: Runs the operations.
        settings: How.
    """

    def __init__(self, worker: Worker, settings: CelerySettings) -> None:
        self._worker = worker
        self._settings = settings

    def run(  # noqa: PLR0917  Celery gives what a message has
        self,
        task: Any,
        module: str,
        fields: Mapping[str, Any] | None = None,
        connection: str | None = None,
        deadline_s: float | None = None,
        idempotency_key: str = "",
        pieces: str = "",
    ) -> dict[str, Any]:
        """Run one module; see ``Modules.send``."""
        request = task.request
        tell = self._piece_teller(pieces) if pieces else None
        key = idempotency_key or request.id or ""
        item = Item(
            module=module, fields=fields or {}, connection=connection, deadline_s=deadline_s, key=key, tell=tell
        )
        told = self._attended(request, lambda: self._worker.outcomes([item], request.id or "")[0])
        self._worker.await_redis()
        if told.get("after_s"):  # an earlier delivery is at work
            raise task.retry(countdown=told["after_s"], max_retries=None)
        error = told.get("error")
        if "postponed" in told:
            error = told_of(OperationCancelledError(f"The operation was cancelled: {told['postponed']}."))
        if error is None:
            return told
        wait_s = pause_s(error, request.retries, self._settings)
        if wait_s is not None:
            raise task.retry(exc=ModuleFailedError(error), countdown=wait_s, max_retries=None)
        raise ModuleFailedError(with_note(error, request.retries, self._settings))

    def run_many(  # noqa: PLR0917  the same
        self,
        task: Any,
        module: str,
        items: Sequence[tuple[str, Mapping[str, Any]]],
        reply_to: str,
        chunk: int,
        connection: str | None = None,
        deadline_s: float | None = None,
        threads: int = 1,
    ) -> None:
        """Run a module for each input of a chunk, and put what became of them on the list of the map."""
        ends_at = time.monotonic() + self._settings.chunk_budget_s
        made = [
            Item(module=module, fields=fields, connection=connection, deadline_s=deadline_s, key=key)
            for key, fields in items
        ]

        def outcomes() -> dict[str, Any]:
            task_id, in_time = task.request.id or "", lambda: time.monotonic() < ends_at
            return {"outcomes": self._worker.outcomes(made, task_id, threads=threads, go_on=in_time)}

        told = self._attended(task.request, outcomes)
        self._push(reply_to, {"chunk": chunk, **told})

    def _attended(self, request: Any, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Do work, unless the task has lost too many workers, or was cancelled."""
        try:
            self._worker.receive(request.id or "", request.retries)
        except JackfieldError as error:
            return {"error": told_of(error)}
        return work()

    def _piece_teller(self, name: str) -> Callable[[object], None]:
        self._push(name, {"begun": True})
        numbers = count(1)
        return lambda piece: self._push(name, {"number": next(numbers), "piece": piece})

    def _push(self, name: str, value: object) -> None:
        with self._worker.redis.pipeline() as pipeline:
            pipeline.rpush(name, json.dumps(value))
            pipeline.expire(name, int(self._settings.keep_marks_s) or 1)
            pipeline.execute()


def add_tasks(app: Any, tasks: Tasks) -> tuple[Any, Any]:
    """Register the tasks on an app; give both."""

    def run(self: Any, *args: Any, **options: Any) -> dict[str, Any]:
        return tasks.run(self, *args, **options)

    def run_many(self: Any, *args: Any, **options: Any) -> None:
        tasks.run_many(self, *args, **options)

    one = app.task(run, bind=True, name=RUN, typing=False, **OPTIONS)
    many = app.task(
        run_many,
        bind=True,
        name=RUN_MANY,
        typing=False,
        ignore_result=True,
        store_errors_even_if_ignored=True,  # how a map learns that a chunk was lost
        **OPTIONS,
    )
    return one, many
