"""A sensor that waits until a trigger of a connector sees something new."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from airflow.sdk import BaseSensorOperator, PokeReturnValue, Variable

from jackfield import BusyError, Host, JackfieldError, Poll, RunOptions, TransportError
from jackfield_airflow.checking import check_task
from jackfield_airflow.files import Shelf, folder_of
from jackfield_airflow.following import Follower, Run
from jackfield_airflow.operators import names_of
from jackfield_airflow.places import later_places, typed
from jackfield_airflow.remedies import as_airflow
from jackfield_airflow.running import airflow_host

_AWAY = (BusyError, TransportError)
"""What time may mend: the sensor goes on waiting."""


class ModuleSensor(BaseSensorOperator):
    """Waits until there is something new, and pushes a list of what is new, oldest first.

    How far it came stands in a Variable of Airflow. A task that is tried again or cleared gives the same items again;
    the next Dag run goes on behind them.

    Args:
        module_id: A trigger: ``github.watch_issues``.
        fields: As for ``ModuleOperator``.
        connection_id: As for ``ModuleOperator``.
        start: What the first look gives: ``now`` nothing of what is there already, ``all`` all of it.
        state_key: The Variable; ``jackfield_watch.DAG.TASK`` without.
        files: As for ``ModuleOperator``.
        **kwargs: As in ``BaseSensorOperator``; ``mode="reschedule"`` holds no worker between two looks.

    Raises:
        InvalidInputError: Fields break the module's form.
        UnknownModuleError: There is no such module.
    """

    template_fields: Sequence[str] = ("module_id", "fields", "connection_id", "files")
    template_fields_renderers = {"fields": "json"}  # noqa: RUF012  as Airflow declares it
    ui_color = "#dbe9f4"

    def __init__(
        self,
        *,
        module_id: str,
        fields: Any = None,
        connection_id: str | None = None,
        start: Literal["now", "all"] = "now",
        state_key: str = "",
        files: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.module_id = module_id
        self.fields = {} if fields is None else fields
        self.connection_id = connection_id
        self.start = start
        self.state_key = state_key
        self.files = files
        self._places = [list(place) for place in later_places(self.fields)]
        check_task(self.task_id, module_id, self.fields)

    def poke(self, context: Any) -> PokeReturnValue:
        """Look once.

        Raises:
            ModuleFailedError: Time does not help.
        """
        names = names_of(context)
        key = self.state_key or f"jackfield_watch.{names['dag_id']}.{names['task_id']}"
        saved = Variable.get(key, default=None, deserialize_json=True) or {}
        again = saved.get("run") == names["run_id"]
        before = saved.get("before" if again else "after")
        follower, run = Follower(), Run(self.log)
        follower.follow(run)
        with airflow_host(follower) as host:
            try:
                poll = self._look(host, before, run)
            except _AWAY as error:
                self.log.warning("%s", error)
                return PokeReturnValue(is_done=False)
            except JackfieldError as error:
                raise as_airflow(error, run.effect, run.attempts) from None
            given = Shelf(self.files, host.files).keep([_item(item) for item in poll.items], folder_of(names))
        # An item that is new must be given again if this try ends before its result is pushed.
        state = {
            "before": before if given else poll.state,
            "after": poll.state,
            "run": names["run_id"] if given else "",
        }
        Variable.set(key, state, serialize_json=True)
        return PokeReturnValue(is_done=bool(given), xcom_value=given)

    def _look(self, host: Host, state: Mapping[str, object] | None, run: Run) -> Poll[Any]:
        form = Shelf(self.files, host.files).take(typed(self.fields, self._places))
        options = RunOptions(connection=self.connection_id, cancellation=run.cancellation)
        poll: Poll[Any] = host.poll(self.module_id, form, state=state, start=self.start, **options)
        return poll


def _item(item: Any) -> dict[str, Any]:
    return {"id": item.id, "bundle": item.bundle, "date": item.date and item.date.isoformat()}
