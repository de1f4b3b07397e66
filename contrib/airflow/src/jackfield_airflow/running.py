"""One run of a module for a task, on a worker or in the triggerer."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk.configuration import conf
from attrs import field, frozen

from jackfield import Host, InputError, JackfieldError, Kind, LimitError, NoConnectionError, Result, user_settings
from jackfield_airflow.connections import AirflowConnections, asked_for, no_such
from jackfield_airflow.files import Shelf, folder_of, spelled
from jackfield_airflow.following import Follower, Run
from jackfield_airflow.places import typed
from jackfield_airflow.remedies import AirflowError, as_airflow

_MAX_RESULT_BYTES = 1024 * 1024


@frozen(kw_only=True)
class Task:
    """What a task is to run, in JSON: a worker may hand it to the triggerer.

    Attributes:
        module_id: What runs.
        fields: Its form, rendered.
        places: Where templates stood in it.
        connection_id: Airflow's; the default one of its type without.
        deadline_s: Seconds for the whole run.
        idempotency_key: The same for each try.
        files: Where files are kept.
        max_result_bytes: The most that the result may have; as the setting says without.
        run: What names the try, from large to small: the folder of its files.
    """

    module_id: str
    fields: Any = field(factory=dict, repr=False)
    places: Sequence[Sequence[str | int]] = ()
    connection_id: str | None = None
    deadline_s: float | None = None
    idempotency_key: str = ""
    files: str = ""
    max_result_bytes: int | None = None
    run: Mapping[str, object] = field(factory=dict)


class Runner:
    """A host for tasks of Airflow."""

    def __init__(self) -> None:
        self.follower = Follower()
        self.host = airflow_host(self.follower)

    def close(self) -> None:
        """Close the host."""
        self.host.close()

    def run(self, task: Task, run: Run) -> Any:
        """Run a module on a worker, and give what the task pushes.

        Raises:
            ModuleFailedError: A repeat would not help.
            ModuleRetryError: The same may succeed later.
        """
        self.follower.follow(run)
        try:
            with self._shelf(task) as shelf:
                result = self.host.run(
                    task.module_id, self._form(task, shelf), connection=task.connection_id, **_how(task, run)
                )
                return self._pushed(task, shelf, result)
        except JackfieldError as error:
            raise self._ended(error, task, run) from None
        finally:
            self.follower.forget(run)

    async def arun(self, task: Task, run: Run) -> Any:
        """Run a module in the triggerer; cancelling the asyncio task cancels it. As ``run``."""
        import asyncio  # noqa: PLC0415  the triggerer has it already, and a worker may do without

        self.follower.follow(run)
        try:
            # Airflow's connections are asked for in its event loop; a thread of ours could not.
            type_id = self.host.module(task.module_id).connection_type_id
            values = await asked_for(self.host, task.connection_id or "", type_id) if type_id else None
            with await asyncio.to_thread(self._shelf, task) as shelf:
                form = await asyncio.to_thread(self._form, task, shelf)
                result = await self.host.arun(task.module_id, form, connection=values, **_how(task, run))
                return await asyncio.to_thread(self._pushed, task, shelf, result)
        except JackfieldError as error:
            raise self._ended(error, task, run) from None
        finally:
            self.follower.forget(run)

    def _shelf(self, task: Task) -> Shelf:
        return Shelf(task.files, self.host.files)

    def _ended(self, error: JackfieldError, task: Task, run: Run) -> AirflowError:
        if isinstance(error, NoConnectionError) and task.connection_id:  # the host told of its own connections
            error = no_such(task.connection_id, self.host.module(task.module_id).connection_type_id or "")
        return as_airflow(error, run.effect, run.attempts)

    def _form(self, task: Task, shelf: Shelf) -> Any:
        if not isinstance(task.fields, Mapping):
            message = f"fields must be a mapping, was a {type(task.fields).__name__}."
            raise InputError(message, hint=f"jackfield module show {task.module_id}")
        return shelf.take(typed(task.fields, task.places))

    def _pushed(self, task: Task, shelf: Shelf, result: Result[Any]) -> Any:
        folder = folder_of(task.run)
        bundles = shelf.keep(result.bundles, folder)
        one = self.host.module(task.module_id).kind in (Kind.ACTION, Kind.UNIVERSAL)
        pushed = bundles[0] if one else bundles
        text = spelled(pushed)
        most = task.max_result_bytes or conf.getint("jackfield", "max_result_bytes", fallback=_MAX_RESULT_BYTES)
        if len(text) > most:
            place = shelf.write(text, "result.json", folder)
            message = f"The result has {len(text)} bytes of JSON. The whole of it is in {place}."
            hint = f"Raise max_result_bytes (now {most}) if XComs so large are meant, or have a task read the file."
            raise LimitError(message, limit="max_result_bytes", maximum=most, hint=hint)
        return json.loads(text)


def _how(task: Task, run: Run) -> dict[str, Any]:
    return {
        "deadline_s": task.deadline_s,
        "idempotency_key": task.idempotency_key,
        "cancellation": run.cancellation,
    }


def airflow_host(*plugins: object, **options: Any) -> Host:
    """Make a host that knows Airflow's connections and goes by the variables ``JACKFIELD_HTTP_...``.

    Args:
        *plugins: More of them.
        **options: As in ``Host``.
    """
    connections = AirflowConnections()
    options.setdefault("settings", user_settings())
    connections.host = Host(plugins=[connections, *plugins], **options)
    return connections.host
