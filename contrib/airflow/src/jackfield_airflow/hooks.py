"""Hooks: for code in a task, and for Airflow's test of a connection."""

from functools import cached_property
from typing import Any

from airflow.sdk import BaseHook

from jackfield import Host, JackfieldError, Result, Verdict
from jackfield_airflow.connection_types import airflow_name, installed_types
from jackfield_airflow.connections import columns_of, values_of
from jackfield_airflow.running import airflow_host


class JackfieldHook(BaseHook):
    """Runs modules in code, with a connection of Airflow's.

    Args:
        jackfield_conn_id: Airflow's id of the connection; without, the default one of the module's connection type.
        host: Which runs modules; without, one with all that is installed.
    """

    conn_name_attr = "jackfield_conn_id"
    default_conn_name = ""
    conn_type = ""
    hook_name = "Jackfield"

    def __init__(self, jackfield_conn_id: str | None = None, *, host: Host | None = None) -> None:
        super().__init__()
        self.jackfield_conn_id = jackfield_conn_id
        self._given = host

    @cached_property
    def host(self) -> Host:
        """The host, which knows Airflow's connections by their ids."""
        return self._given or airflow_host()

    def get_conn(self) -> Host:
        """Give the host."""
        return self.host

    def run(self, module_id: str, form: Any = None, **options: Any) -> Result[Any]:
        """Run a module; arguments and errors as ``jackfield.Host.run``."""
        options.setdefault("connection", self.jackfield_conn_id)
        result: Result[Any] = self.host.run(module_id, form or {}, **options)
        return result

    def test_connection(self) -> tuple[bool, str]:
        """Ask the service, and say what was found: whether the connection works, and if not, why."""
        connection = self.get_connection(self.jackfield_conn_id or "")
        known = installed_types().get(connection.conn_type or "")
        if known is None:
            kinds = ", ".join(installed_types()) or "none"
            return False, f"{connection.conn_type} is no connection type of Jackfield's. There are: {kinds}."
        try:
            # By its values: the id is one that Airflow makes up for the test, and no remedy should name it.
            values = values_of(connection, known.type_id, columns_of(self.host, known.type_id))
            check = self.host.diagnose_connection(known.type_id, values)
        except JackfieldError as error:
            return False, str(error)
        if check.error is not None:
            return False, f"{check.verdict}: {check.error}"
        account = f", as {check.label}" if check.label else ""
        unproven = "The values are right; the service has no way to prove them."
        return True, unproven if check.verdict is Verdict.UNPROVEN else f"{check.verdict}{account}"


def __getattr__(name: str) -> Any:
    """Give the hook of one connection type, by Airflow's name of it: ``jackfield_openai``."""
    found = installed_types().get(name) if name.startswith(airflow_name("")) else None
    if found is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    own = {"conn_type": found.name, "hook_name": found.label, "default_conn_name": f"{found.name}_default"}
    return type(name, (JackfieldHook,), {**own, "__module__": __name__, "__doc__": JackfieldHook.__doc__})
