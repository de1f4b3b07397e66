"""Airflow's names of our connection types, and how each is filled in there."""

import logging
from collections.abc import Iterator
from functools import cache

from attrs import frozen

from jackfield import Host, JackfieldError
from jackfield_airflow.columns import Columns

_PREFIX = "jackfield_"
_log = logging.getLogger(__name__)


@frozen(kw_only=True)
class AirflowType:
    """A connection type, as Airflow knows it.

    Attributes:
        name: Airflow's: ``jackfield_openai``.
        type_id: Ours: ``openai.openai``.
        label: What a person reads.
        columns: How it is filled in.
    """

    name: str
    type_id: str
    label: str
    columns: Columns


def airflow_name(type_id: str) -> str:
    """Give Airflow's name of a connection type of ours; one that is called as its connector stands there once."""
    connector, _, own = type_id.partition(".")
    return _PREFIX + (connector if own in ("", connector) else f"{connector}_{own}")


def airflow_types(host: Host) -> Iterator[AirflowType]:
    """Give every connection type that is installed; a connector that is broken is left out, and the log says so."""
    for connector in host.connectors():
        try:
            for type_id, kind in connector.connection_types.items():
                columns = Columns.of(connector.connection_schema(type_id))
                label = f"{kind.label} (Jackfield)"
                yield AirflowType(name=airflow_name(type_id), type_id=type_id, label=label, columns=columns)
        except JackfieldError as error:
            _log.warning("Connector %s offers Airflow no connection type: %s", connector.id, error.message)


@cache
def installed_types() -> dict[str, AirflowType]:
    """Give every connection type that is installed by Airflow's name; found once in a process."""
    with Host() as host:
        return {found.name: found for found in airflow_types(host)}


def columns_of(host: Host, type_id: str) -> Columns:
    """Give how a connection type of ours is filled in."""
    return Columns.of(host.connector(type_id.partition(".")[0]).connection_schema(type_id))
