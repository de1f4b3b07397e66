"""``connector show``."""

from collections.abc import Iterator

import attrs

from jackfield import ConnectionType, Host, JackfieldError, Sunset
from jackfield._cli.describe import type_words
from jackfield._cli.output import write_json
from jackfield._cli.settings import open_host
from jackfield._cli.tables import cell, rendered, table
from jackfield._cli.terminal import write
from jackfield._engine.resolve import variable_for
from jackfield._engine.schema import form_schema
from jackfield.forms import Slot, form_of
from jackfield.host import ConnectorHandle

_SAMPLE_NAME = "work"


def show_connector(connector_id: str, form: str) -> None:
    """Print what a connector needs and offers."""
    with open_host() as host:
        handle = host.connector(connector_id)
        if form == "json":
            write_json(_as_json(handle, host))
        else:
            write("\n".join(_as_text(handle, host)))


def _as_json(handle: ConnectorHandle, host: Host) -> dict[str, object]:
    sunsets = {module_id: sunset for module_id in handle.module_ids if (sunset := _sunset_of(module_id, host))}
    return {
        "id": handle.id,
        "title": handle.title,
        "description": handle.description,
        "distribution": handle.distribution,
        "version": handle.version,
        "connection_types": [_type_as_json(type_id, kind) for type_id, kind in handle.connection_types.items()],
        "modules": list(handle.module_ids),
        "sunsets": {module_id: attrs.asdict(sunset) for module_id, sunset in sunsets.items()},
    }


def _type_as_json(type_id: str, kind: ConnectionType) -> dict[str, object]:
    form = form_of(kind.form)
    return {
        "id": type_id,
        "label": kind.label,
        "help": kind.help,
        "schema": form_schema(form),
        "variables": {slot.key: slot.word.env for slot in form.slots if slot.word.env},
    }


def _sunset_of(module_id: str, host: Host) -> Sunset | None:
    try:
        return host.module(module_id).sunset
    except JackfieldError:  # `module show` tells what is wrong with it
        return None


def _as_text(handle: ConnectorHandle, host: Host) -> Iterator[str]:
    head = [cell(f"{handle.title} ({handle.id})", "bold")]
    if handle.description:
        head.append(cell(handle.description))
    yield rendered(*head, cell(f"from {handle.distribution} {handle.version}"))
    for type_id, kind in handle.connection_types.items():
        yield _type_as_text(type_id, kind)
    yield rendered(
        cell("What it can run", "bold"), *(cell(_line_of(module_id, host)) for module_id in handle.module_ids)
    )


def _line_of(module_id: str, host: Host) -> str:
    sunset = _sunset_of(module_id, host)
    return f"  {module_id} (sunset {sunset.date})" if sunset else f"  {module_id}"


def _type_as_text(type_id: str, kind: ConnectionType) -> str:
    slots = form_of(kind.form).slots
    rows = [(slot.key, slot.word.env, _meaning(slot)) for slot in slots]
    drawn = table(["Field", "Variable", "Meaning"], rows, unbroken=["Field", "Variable"])
    lines = [cell(f"Connection {kind.label} ({type_id})", "bold")]
    if kind.help:
        lines.append(cell(kind.help))
    named = ", ".join(variable_for(_SAMPLE_NAME, slot) for slot in slots[:2])
    note = f"Set these variables, and modules find them. For a second connection, named {_SAMPLE_NAME}, set {named}"
    note += f"{'...' if len(slots) > 2 else ''} and run modules with --connection {_SAMPLE_NAME}."  # noqa: PLR2004
    return rendered(*lines, drawn, cell(note))


def _meaning(slot: Slot) -> str:
    needed = ", required" if slot.required else ""
    return f"{slot.label} ({type_words(slot)}{needed}). {slot.word.help}".strip()
