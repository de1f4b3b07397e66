"""Connections of Airflow, found by a host as its own."""

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.execution_time import task_runner
from airflow.sdk.log import amask_secret, mask_secret

from jackfield import Host, InputError, NoConnectionError, Secret, hookimpl
from jackfield_airflow.columns import Columns
from jackfield_airflow.connection_types import airflow_name

_ANY_TYPE = ("", "generic", None)


class AirflowConnections:
    """A plugin of a host that knows Airflow's connections: their secrets are masked in Airflow's logs, too.

    A caller that names no connection gets ``jackfield_openai_default``, where that is there.

    Attributes:
        host: Of which it is a plugin; set when that is made.
    """

    host: Host

    @hookimpl(tryfirst=True)
    def find_connection(self, name: str, type_id: str) -> Mapping[str, object] | None:
        """Ask Airflow; ``None`` if it knows no such connection."""
        try:
            found = Connection.get(name or default_id(type_id))
        except AirflowNotFoundException:
            return None
        columns = columns_of(self.host, type_id)
        values = values_of(found, type_id, columns)
        for secret in values.values():
            if isinstance(secret, Secret):
                mask_secret(secret.reveal())
        return values


async def asked_for(host: Host, conn_id: str, type_id: str) -> Mapping[str, object] | None:
    """Ask Airflow from its event loop; where no id is given, ``None`` if there is no default connection.

    Raises:
        InputError: It is of another type, or filled in wrongly.
        NoConnectionError: There is no connection of that id.
    """
    try:
        found = await _found(conn_id or default_id(type_id))
    except AirflowNotFoundException:
        if not conn_id:
            return None
        raise no_such(conn_id, type_id) from None
    values = values_of(found, type_id, columns_of(host, type_id))
    for secret in values.values():
        if isinstance(secret, Secret):
            await amask_secret(secret.reveal())
    return values


def no_such(conn_id: str, type_id: str) -> NoConnectionError:
    """Give the error that says there is no such connection, and how to add it."""
    message = f"Airflow has no connection {conn_id!r}."
    hint = f"airflow connections add {conn_id} --conn-type {airflow_name(type_id)} ..."
    return NoConnectionError(message, name=conn_id, hint=hint)


async def _found(conn_id: str) -> Any:
    comms = getattr(task_runner, "SUPERVISOR_COMMS", None)
    if comms is not None and not hasattr(comms, "asend"):
        # dag.test() of Airflow 3.3.2 runs triggers, and answers nothing that they ask asynchronously.
        return Connection.get(conn_id)
    return await Connection.async_get(conn_id)


def columns_of(host: Host, type_id: str) -> Columns:
    """Give how a connection type of ours is filled in."""
    return Columns.of(host.connector(type_id.partition(".")[0]).connection_schema(type_id))


def default_id(type_id: str) -> str:
    """Give the id of the connection that is used where none is named."""
    return f"{airflow_name(type_id)}_default"


def values_of(connection: Any, type_id: str, columns: Columns) -> dict[str, object]:
    """Give the values of our form.

    Raises:
        InputError: The connection is of another type, or filled in wrongly.
    """
    wanted = airflow_name(type_id)
    if connection.conn_type not in (*_ANY_TYPE, wanted):
        message = f"The Airflow connection {connection.conn_id!r} is of type {connection.conn_type!r}, not {wanted!r}."
        raise InputError(message, hint=f"Name one of type {wanted}: airflow connections list")
    return columns.values(connection)
