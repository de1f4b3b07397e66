"""``module show`` and ``module schema``."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import attrs

from jackfield import Cancellation, ConnectionType, Effect, Form, Host, Kind, ModuleHandle
from jackfield._cli.attend import attend
from jackfield._cli.describe import FieldTable
from jackfield._cli.example import example_of
from jackfield._cli.inputs import read_inputs
from jackfield._cli.output import write_json
from jackfield._cli.settings import open_host
from jackfield._cli.tables import cell, pairs, rendered, table
from jackfield._cli.talk import Talk
from jackfield._cli.terminal import write
from jackfield.forms import form_of

_ALL = 100
_OUTPUT_LEVELS = 1

_KINDS = {
    Kind.ACTION: "action: gives one bundle",
    Kind.SEARCH: "search: gives any number of bundles",
    Kind.TRIGGER: "trigger: gives what is new since the last time",
    Kind.UNIVERSAL: "universal: gives whatever the service answers",
}
_EFFECTS = {
    Effect.READ: "read: a repeat leaves nothing behind",
    Effect.IDEMPOTENT: "idempotent: a repeat leaves the same as the first time",
    Effect.KEYED: "keyed: a repeat with the same idempotency key leaves the same as the first time",
    Effect.UNSAFE: "unsafe: a repeat may leave a second one",
    None: "depends on the input",
}


class Beside(NamedTuple):
    """What a form is shown for.

    Attributes:
        fields: What is filled in: ``FIELD=VALUE``.
        connection: Whose form it is; ``None`` if nobody is to be asked.
    """

    fields: Sequence[str]
    connection: str | None


def show_module(module_id: str, form: str, beside: Beside, about: dict[str, str], *, everything: bool) -> None:
    """Print what a module does, takes and gives; advanced fields and deeply nested outputs only if all is wanted."""
    talk = Talk()
    with open_host(talk) as host:
        handle = _found(host, module_id, about)
        takes = _taken(host, handle, beside, talk)
        if form == "json":
            write_json(_as_json(handle, takes))
        else:
            write(_as_text(handle, takes, everything=everything))


def print_schema(module_id: str, beside: Beside, about: dict[str, str], *, of_output: bool) -> None:
    """Print the JSON Schema of what a module takes or gives."""
    talk = Talk()
    with open_host(talk) as host:
        handle = _found(host, module_id, about)
        write_json(handle.output_schema() if of_output else handle.schema_of(_taken(host, handle, beside, talk)))


def _taken(host: Host, handle: ModuleHandle, beside: Beside, talk: Talk) -> Form:
    """Give what a module takes; this may ask the service if a connection is named."""
    values = read_inputs(beside.fields, handle.form, handle.id)
    if beside.connection is None and not (handle.connection_type is None and handle.module.dynamic):
        return handle.form_for(values)
    cancellation = Cancellation()

    def ask(tell: Callable[[object], None]) -> Form:
        talk.pass_on = tell
        return host.form(handle.id, values, connection=beside.connection, cancellation=cancellation)

    return attend(ask, talk.hear, cancellation)


def _found(host: Host, module_id: str, about: dict[str, str]) -> ModuleHandle:
    handle = host.module(module_id)
    about.update(module=handle.id, connector=handle.connection_type_id.partition(".")[0])
    return handle


def _as_json(handle: ModuleHandle, takes: Form) -> dict[str, object]:
    return {
        "id": handle.id,
        "label": handle.label,
        "description": handle.description,
        "distribution": handle.distribution,
        "version": handle.version,
        "form_version": handle.form_version,
        "kind": handle.kind.value,
        "effect": handle.effect.value if handle.effect else None,
        "connection": handle.connection_type_id,
        "streams": handle.streams,
        "aliases": list(handle.aliases),
        "sunset": attrs.asdict(handle.sunset) if handle.sunset else None,
        "input_schema": handle.schema_of(takes),
        "output_schema": handle.output_schema(),
        "example": example_of(handle, takes),
    }


def _as_text(handle: ModuleHandle, form: Form, *, everything: bool) -> str:
    takes = FieldTable(form, advanced=everything, levels=_ALL)
    gives = FieldTable(handle.output, advanced=True, levels=_ALL if everything else _OUTPUT_LEVELS)
    left_out = takes.left_out + gives.left_out
    parts = [
        rendered(cell(f"{handle.label} ({handle.id})", "bold"), cell(handle.description.replace("``", ""))),
        rendered(pairs([*_facts(handle)])),
        _fields("What it takes", takes),
        _fields("What it gives", gives),
        *([f"{left_out} advanced and nested fields are not shown; --all shows them.\n"] if left_out else []),
        # Not drawn: a command that was folded cannot be copied.
        f"For example:\n  {example_of(handle, form)}\n",
    ]
    return "\n".join(parts)


def _facts(handle: ModuleHandle) -> Iterator[tuple[str, str]]:
    yield "from", f"{handle.distribution} {handle.version}".strip() or "code"
    if handle.form_version > 1:
        yield "form", f"version {handle.form_version}"
    yield "kind", _KINDS[handle.kind]
    yield "effect", _EFFECTS[handle.effect]
    connection = handle.connection_type
    if connection is None:
        yield "connection", "none needed"
    else:
        yield "connection", handle.connection_type_id or connection.label
        if variables := variables_of(connection):
            yield "variables", ", ".join(variables)
    yield "streams", "yes, with --stream" if handle.streams else "no"
    if handle.aliases:
        yield "also known as", ", ".join(handle.aliases)
    if handle.sunset:
        yield "sunset", handle.sunset.words.removeprefix("Sunset ")


def variables_of(connection: ConnectionType) -> list[str]:
    """Name the environment variables that a connection without a name is made of."""
    return [slot.word.env for slot in form_of(connection.form).slots if slot.word.env]


def _fields(title: str, fields: FieldTable) -> str:
    if not fields.rows:
        return rendered(cell(f"{title}: nothing", "bold"))
    rows = [(f"{row.name}:" if row.heading else row.name, *row[1:4]) for row in fields.rows]
    drawn = table(["Field", "Type", "", "Meaning"], rows)
    return rendered(cell(title, "bold"), drawn)
