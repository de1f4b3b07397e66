"""Airflow's names of our connection types, and how each is filled in there."""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

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


def airflow_types() -> Iterator[AirflowType]:
    """Give every connection type that is installed; a connector that is broken is left out, and the log says so."""
    from jackfield import Host, JackfieldError  # noqa: PLC0415  only where what is kept no longer holds

    with Host() as host:
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
    """Give every connection type that is installed by Airflow's name.

    Each process of Airflow asks, and importing all connectors takes half a second; so what was found is kept in
    ``AIRFLOW_HOME`` until something is installed, removed or changed.
    """
    place, now = airflow_home() / "jackfield" / "connection-types.json", _fingerprint()
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads(place.read_text("utf-8"))
        if kept["of"] == now:
            return {name: _read(told) for name, told in kept["types"].items()}
    found = {each.name: each for each in airflow_types()}
    with suppress(OSError):
        _write(place, {"of": now, "types": {name: attrs.asdict(each) for name, each in found.items()}})
    return found


def _read(told: Mapping[str, Any]) -> AirflowType:
    return AirflowType(**{**told, "columns": Columns(**told["columns"])})


def _write(place: Path, kept: Mapping[str, object]) -> None:
    """Write all of it or nothing: other processes read meanwhile."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False, encoding="utf-8") as part:
        json.dump(kept, part)
    Path(part.name).replace(place)


def _fingerprint() -> str:
    """Give what changes when a connector is installed, removed or, in its first file, edited."""
    connectors = sorted(entry_points(group="jackfield.connectors"))
    parts = [version("jackfield"), version("jackfield-airflow"), *map(_state, connectors)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _state(connector: EntryPoint) -> str:
    dist, changed = connector.dist, 0
    with suppress(ImportError, ValueError, OSError):
        spec = find_spec(connector.module.partition(".")[0])
        changed = Path(spec.origin).stat().st_mtime_ns if spec and spec.origin else 0
    return f"{connector.name}={connector.value} {dist and dist.name} {dist and dist.version} {changed}"


def airflow_home() -> Path:
    """Give where Airflow lives."""
    return Path(os.environ.get("AIRFLOW_HOME") or "~/airflow").expanduser().absolute()
