"""An operator that runs a module."""

import hashlib
from collections.abc import Mapping, Sequence
from threading import Thread
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.configuration import conf

from jackfield_airflow.checking import check_task
from jackfield_airflow.following import Run
from jackfield_airflow.places import later_places
from jackfield_airflow.remedies import RetryAfterPolicy, from_event
from jackfield_airflow.running import Runner, Task

_OF_TIMEOUT = 0.95
"""The deadline is a little earlier than Airflow's execution_timeout, so that the error says what was going on."""


class ModuleOperator(BaseOperator):
    """Runs a module of a connector, and pushes its bundle; a search or a trigger pushes a list of bundles.

    What is wrong with the fields shows when the Dag is parsed, as far as no template stands there. An error that may
    pass is left to Airflow's ``retries``, which wait as long as the service asks; any other fails the task.

    Args:
        module_id: What to run: ``openai.create_chat_completion``.
        fields: Its form, as JSON values; texts in it may be templates, and values results of other tasks.
        connection_id: Airflow's id of the connection; without, ``jackfield_openai_default`` if that is there, else the
            environment variables that the connection's fields declare.
        deferrable: Whether the triggerer waits for the answer, so that no worker is held.
        deadline_s: Seconds for one try; without, a little less than ``execution_timeout``, if that is set.
        idempotency_key: The same for every repeat of the same wish; made of the Dag run and the task without.
        files: Where files that the module makes are kept: a directory that every worker has, or a URL of object
            storage; the setting ``files`` of ``[jackfield]`` without.
        max_result_bytes: The most JSON that the task pushes; a larger result goes to a file and fails the task.
        **kwargs: As in ``BaseOperator``.

    Raises:
        InvalidInputError: Fields break the module's form.
        UnknownModuleError: There is no such module.
    """

    template_fields: Sequence[str] = ("module_id", "fields", "connection_id", "idempotency_key", "files")
    template_fields_renderers = {"fields": "json"}  # noqa: RUF012  as Airflow declares it
    ui_color = "#dbe9f4"

    def __init__(
        self,
        *,
        module_id: str,
        fields: Any = None,
        connection_id: str | None = None,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        deadline_s: float | None = None,
        idempotency_key: str = "",
        files: str = "",
        max_result_bytes: int | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("retry_policy", RetryAfterPolicy())
        super().__init__(**kwargs)
        self.module_id = module_id
        self.fields = {} if fields is None else fields
        self.connection_id = connection_id
        self.deferrable = deferrable
        self.deadline_s = deadline_s
        self.idempotency_key = idempotency_key
        self.files = files
        self.max_result_bytes = max_result_bytes
        self._places = [list(place) for place in later_places(self.fields)]
        self._run: Run | None = None
        check_task(self.task_id, module_id, self.fields)

    def execute(self, context: Any) -> Any:
        """Run the module, or have the triggerer run it.

        Raises:
            ModuleFailedError: A repeat would not help.
            ModuleRetryError: The same may succeed later.
        """
        task = self._task(context)
        if self.deferrable:
            from jackfield_airflow.triggers import ModuleTrigger  # noqa: PLC0415  it needs more of Airflow

            self.defer(trigger=ModuleTrigger.of(task), method_name="finish")
        runner = Runner()
        self._run = Run(self.log)
        try:
            return self._told(runner.run(task, self._run))
        finally:
            runner.close()

    def finish(self, context: Any, event: dict[str, Any]) -> Any:  # noqa: ARG002  Airflow gives it
        """Push what the triggerer got.

        Raises:
            ModuleFailedError: As ``execute``.
            ModuleRetryError: As ``execute``.
        """
        if "ends_as" in event:
            raise from_event(event)
        return self._told(event["result"])

    def _told(self, result: Any) -> Any:
        """Have each part of a bundle be an XCom of its own, too, so that ``task.output["text"]`` finds it."""
        self.multiple_outputs = isinstance(result, dict)
        return result

    def on_kill(self) -> None:
        """Stop: the service sees that nobody waits any more."""
        if self._run is not None:
            # Airflow calls this in a signal handler: the thread that it interrupts may hold the lock that is needed.
            Thread(target=self._run.cancellation.cancel, name="jackfield-kill", daemon=True).start()

    def _task(self, context: Any) -> Task:
        run = names_of(context)
        return Task(
            module_id=self.module_id,
            fields=self.fields,
            places=self._places,
            connection_id=self.connection_id,
            deadline_s=self._deadline_s(),
            idempotency_key=self.idempotency_key or _key(run),
            files=self.files,
            max_result_bytes=self.max_result_bytes,
            run=run,
        )

    def _deadline_s(self) -> float | None:
        if self.deadline_s is not None or self.execution_timeout is None:
            return self.deadline_s
        seconds: float = self.execution_timeout.total_seconds()
        return seconds * _OF_TIMEOUT


def names_of(context: Any) -> Mapping[str, object]:
    """Name the try of a task, from large to small."""
    ti = context["ti"]
    return {
        "dag_id": ti.dag_id,
        "run_id": ti.run_id,
        "task_id": ti.task_id,
        "map_index": ti.map_index,
        "try_number": ti.try_number,
    }


def _key(run: Mapping[str, object]) -> str:
    """Give what is the same for each try of a task in a Dag run, and tells nothing of it."""
    wish = [str(value) for name, value in run.items() if name != "try_number"]
    return hashlib.sha256("\0".join(wish).encode()).hexdigest()[:32]
