"""Tasks of Airflow, run as its worker and its triggerer run them."""

import asyncio
import contextvars
import json
import threading
import traceback
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import structlog
from airflow.sdk import ObjectStoragePath
from airflow.sdk.bases.operator import ExecutorSafeguard
from airflow.sdk.exceptions import TaskDeferred
from airflow_home import CONNECTION
from contract import Failed, Outcome, Running

from jackfield import InvalidInputError, JackfieldError
from jackfield_airflow import ModuleFailedError, ModuleOperator, ModuleRetryError, ModuleTrigger

_WITH_CONNECTION = ("contract.ask", "contract.post", "contract.tell")
_NAMES = {"dag_id": "contract", "run_id": "manual", "task_id": "call", "map_index": -1, "try_number": 1}


def context() -> dict[str, Any]:
    """What a task is given of itself."""
    return {"ti": SimpleNamespace(**_NAMES)}


class AirflowHost:
    """Makes an operator for each call, and runs it: its Dag is parsed, its task executed.

    Args:
        written: Where all that Airflow logs is kept.
        deferrable: Whether the triggerer runs the module.
    """

    def __init__(self, written: list[str], *, deferrable: bool = False) -> None:
        self._deferrable = deferrable
        self._written = written
        self.lacks: Mapping[str, str] = {"a_stream": "a task pushes one result when it is done"}

    def call(self, module_id: str, form: Mapping[str, Any], *, approved: bool = True) -> Outcome:
        """Run a task."""
        return self._begun(module_id, form).wait()

    def start(self, module_id: str, form: Mapping[str, Any]) -> Running:
        """Run a task in a thread."""
        return self._begun(module_id, form)

    def within(self, deadline_s: float, module_id: str, form: Mapping[str, Any]) -> Outcome:
        """Run a task with an execution_timeout."""
        return self._begun(module_id, form, execution_timeout=timedelta(seconds=deadline_s)).wait()

    def content_of(self, reference: Mapping[str, Any]) -> bytes:
        """Read where the reference says."""
        content: bytes = ObjectStoragePath(reference["file"]).read_bytes()
        return content

    def written(self) -> bytes:
        """Give what tasks have logged, pushed and raised."""
        return "\n".join(self._written).encode()

    def _begun(self, module_id: str, form: Mapping[str, Any], **options: Any) -> "_Call":
        return _Call(self._written, module_id, form, deferrable=self._deferrable, **options)


class _Call:
    """One task, in a thread."""

    def __init__(self, written: list[str], module_id: str, form: Mapping[str, Any], **options: Any) -> None:
        self._written = written
        self._cancelled = threading.Event()
        self._connection = CONNECTION if module_id in _WITH_CONNECTION else None
        self._operator: ModuleOperator | None = None
        pool = ThreadPoolExecutor(1)
        self._future: Future[Outcome] = pool.submit(self._outcome, module_id, form, options)
        pool.shutdown(wait=False)

    def cancel(self) -> None:
        """Kill the task."""
        self._cancelled.set()
        if self._operator is not None:
            self._operator.on_kill()

    def outcome(self) -> Outcome | None:
        """Its end."""
        return self.wait()

    def wait(self) -> Outcome:
        """Its end."""
        return self._future.result(60)

    def _outcome(self, module_id: str, form: Mapping[str, Any], options: dict[str, Any]) -> Outcome:
        try:
            pushed = self._pushed(module_id, form, options)
        except (ModuleFailedError, ModuleRetryError) as error:
            self._written.append(traceback.format_exc())
            return Outcome(error=_failed(error.error, str(error), retryable=isinstance(error, ModuleRetryError)))
        except JackfieldError as error:  # the Dag is not parsed
            return Outcome(error=_failed(error, str(error), retryable=False))
        self._written.append(json.dumps(pushed))
        bundles = pushed if isinstance(pushed, list) else [pushed]
        return Outcome(bundles=bundles, whole=bundles)

    def _pushed(self, module_id: str, form: Mapping[str, Any], options: dict[str, Any]) -> Any:
        operator = ModuleOperator(
            task_id="call", module_id=module_id, fields=form, connection_id=self._connection, **options
        )
        self._operator = operator
        try:
            return self._executed(operator)
        except TaskDeferred as deferred:
            name, arguments = deferred.trigger.serialize()
            self._written.append(json.dumps([name, arguments]))
            return operator.finish(context(), asyncio.run(self._event(ModuleTrigger(**arguments))))

    def _executed(self, operator: ModuleOperator) -> Any:
        """Call it as Airflow's task runner does."""
        known = contextvars.copy_context()
        known.run(ExecutorSafeguard.tracker.set, operator)
        return known.run(operator.execute, context())

    async def _event(self, trigger: ModuleTrigger) -> Any:
        """Wait for the event of a trigger, and cancel it as the triggerer does."""

        async def first() -> Any:
            async for event in trigger.run():
                return json.loads(json.dumps(event.payload))
            return None

        running = asyncio.create_task(first())
        while not running.done():
            await asyncio.wait([running], timeout=0.02)
            if self._cancelled.is_set():
                running.cancel()
        return running.result() if not running.cancelled() else _CANCELLED


_CANCELLED = {
    "ends_as": "ModuleFailedError",
    "error": {"kind": "OperationCancelledError", "message": "The trigger was cancelled.", "hint": ""},
}
"""Nobody hears of a trigger that was cancelled."""


def _failed(error: JackfieldError, text: str, *, retryable: bool) -> Failed:
    paths = [problem.path for problem in error.problems] if isinstance(error, InvalidInputError) else []
    return Failed(kind=type(error).__name__, text=text, retryable=retryable, paths=paths)


@contextmanager
def logged() -> Iterator[list[str]]:
    """Keep all that Airflow logs meanwhile."""
    written: list[str] = []
    before = structlog.get_config()["processors"]

    def keep(_logger: object, _name: str, event: Any) -> Any:
        written.append(str(event))
        return event

    structlog.configure(processors=[keep, *before])
    yield written
    structlog.configure(processors=before)
