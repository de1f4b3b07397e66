"""``connection check``: whether a connection works, and what it is made of."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from jackfield import Cancellation, ConnectionCheck, Host
from jackfield._cli.attend import attend
from jackfield._cli.describe import shown_value
from jackfield._cli.output import write_json, write_plain
from jackfield._cli.settings import open_host
from jackfield._cli.talk import Talk
from jackfield._cli.terminal import write
from jackfield._engine.conversion import dump
from jackfield._engine.resolve import variable_for
from jackfield.fields import Password
from jackfield.forms import Slot, form_of
from jackfield.secrets import MASK


class _Part(NamedTuple):
    """One field of a connection.

    Attributes:
        name: As in the form.
        value: What may be shown of it; ``None`` if it is not set.
        origin: Where the value comes from; for a field that is not set, the variable that would set it.
        secret: Whether it is one.
    """

    name: str
    value: object
    origin: str
    secret: bool


def check_connection(type_id: str, name: str | None, form: str) -> None:
    """Check a connection, and print what was found.

    Raises:
        JackfieldError: As ``Host.check_connection``.
    """
    talk = Talk()
    with open_host(talk) as host:
        cancellation = Cancellation()

        def ask(tell: Callable[[object], None]) -> ConnectionCheck:
            talk.pass_on = tell
            return host.check_connection(type_id, name, cancellation=cancellation)

        found = attend(ask, talk.hear, cancellation)
        parts = [_part(slot, found) for slot in _slots(host, type_id)]
    if form == "json":
        write_json(_as_json(found, parts))
    elif form == "plain":
        write_plain(f"{found.label or found.view.base_url}\n")
    else:
        write(_as_text(found, parts))


def _slots(host: Host, type_id: str) -> Sequence[Slot]:
    kind = host.connector(type_id.partition(".")[0]).connection_types[type_id]
    return form_of(kind.form).slots


def _part(slot: Slot, found: ConnectionCheck) -> _Part:
    view = found.view
    value = MASK if view.secrets.get(slot.name) else _shown(view.settings.get(slot.name))
    return _Part(slot.key, value, _origin(slot, value, found), isinstance(slot.word, Password))


def _shown(value: object) -> object:
    # A map of headers is no secret to the form, and yet a place where people put a second key: its names are enough.
    return {str(name): MASK for name in value} if isinstance(value, Mapping) else dump(value)


def _origin(slot: Slot, value: object, found: ConnectionCheck) -> str:
    variable = variable_for(found.view.name, slot)
    if value is None or os.environ.get(variable):
        return variable
    return "default" if value == slot.default else "a plugin"


def _as_json(found: ConnectionCheck, parts: Sequence[_Part]) -> dict[str, object]:
    view = found.view
    settings = [part for part in parts if not part.secret and part.value is not None]
    return {
        "type": view.type_id,
        "name": view.name,
        "label": found.label,
        "base_url": view.base_url,
        "source": view.source,
        "settings": {part.name: {"value": part.value, "from": part.origin} for part in settings},
        "secrets": {
            part.name: {"set": True, "from": part.origin} if part.value else {"set": False}
            for part in parts
            if part.secret
        },
    }


def _as_text(found: ConnectionCheck, parts: Sequence[_Part]) -> str:
    from jackfield._cli.tables import cell, pairs, rendered, table  # noqa: PLC0415  rich is for tables only

    view = found.view
    name = f"{view.type_id}, {view.name}" if view.name else view.type_id
    facts = [("account", found.label), ("address", view.base_url), ("from", view.source)]
    rows = [(part.name, "not set" if part.value is None else shown_value(part.value), part.origin) for part in parts]
    drawn = table(["Field", "Value", "From"], rows, unbroken=["Field", "From"])
    head = rendered(cell(f"The connection works ({name})", "bold"), pairs([fact for fact in facts if fact[1]]))
    return f"{head}\n{rendered(drawn)}"
