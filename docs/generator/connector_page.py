"""The page of an installed connector: its connection, and every module with all that it takes and gives."""

import re

from generator.markdown import code, table
from jackfield import ConnectionType, Form, Host, ModuleHandle
from jackfield._cli.describe import FieldTable, type_words
from jackfield._cli.example import example_of
from jackfield.forms import form_of

_INDENT = "\N{NO-BREAK SPACE}" * 4
_DEEPEST = 20
_NESTED = re.compile(r"( *)(\. )?(.*)")


def page(connector_id: str) -> str:
    """Write the page."""
    with Host(environ={}) as host:
        connector = host.connector(connector_id)
        parts = [f"# {connector.title}", connector.description]
        parts += [_connection(type_id, kind) for type_id, kind in connector.connection_types.items()]
        parts += [_module(handle) for handle in host.modules() if handle.id in connector.module_ids]
    return "\n\n".join(part for part in parts if part) + "\n"


def _connection(type_id: str, kind: ConnectionType) -> str:
    slots = form_of(kind.form).slots
    rows = [
        (
            code(slot.key),
            type_words(slot),
            "required" if slot.required else "",
            code(slot.word.env) if slot.word.env else "",
            f"{slot.label}. {slot.word.help}",
        )
        for slot in slots
    ]
    fields = table(["Field", "Type", "", "Variable", "Meaning"], rows)
    return f"## Connection `{type_id}`\n\n{kind.help}\n\n{fields}"


def _module(handle: ModuleHandle) -> str:
    effect = handle.effect.value if handle.effect else "depends on the input"
    facts = [f"Kind: {handle.kind.value}.", f"Effect: {effect}.", f"Streams: {'yes' if handle.streams else 'no'}."]
    if handle.aliases:
        facts.append(f"Also known as {', '.join(map(code, handle.aliases))}.")
    if handle.sunset:
        facts.append(handle.sunset.words)
    parts = [
        f"## {handle.label}\n\n`{handle.id}`",
        handle.description,
        " ".join(facts),
        f"```sh\n{example_of(handle, handle.form)}\n```",
        f"What it takes:\n\n{_fields(handle.form)}",
        f"What it gives:\n\n{_fields(handle.output)}",
    ]
    if handle.output.rest:
        parts.append("Keys that the service sends and this table does not name are kept, too.")
    return "\n\n".join(parts)


def _fields(form: Form) -> str:
    found = FieldTable(form, advanced=True, levels=_DEEPEST).rows
    rows = [(_name(row.name, heading=row.heading), row.type, row.needed, row.meaning) for row in found]
    return table(["Field", "Type", "", "Meaning"], rows) if rows else "Nothing."


def _name(text: str, *, heading: bool) -> str:
    """Show how deep a field stands by blanks that a browser keeps."""
    found = _NESTED.fullmatch(text)
    assert found is not None  # noqa: S101  any text fits
    blanks, dot, key = found.groups(default="")
    return _INDENT * (len(blanks + dot) // 2) + (f"**{key}**" if heading else code(key))
