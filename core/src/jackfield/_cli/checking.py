"""``connection check``: whether a connection works, and what it is made of."""

import contextlib
import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

import attrs

from jackfield import Cancellation, ConnectionCheck, Host, Slot, StoreError
from jackfield._cli.attend import Due, attend
from jackfield._cli.describe import shown_value
from jackfield._cli.kept import meant_by
from jackfield._cli.output import write_json, write_plain
from jackfield._cli.saved import connection_type, open_store
from jackfield._cli.settings import open_host
from jackfield._cli.talk import Talk
from jackfield._cli.terminal import write
from jackfield._cli.verdicts import told_tiers
from jackfield._engine.dumping import dump_masked
from jackfield._engine.resolve import variable_for
from jackfield.forms import form_of
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


class CheckWishes(NamedTuple):
    """How a connection is checked.

    Attributes:
        form: ``table``, ``json`` or ``plain``.
        offline: Whether to check the values alone.
        deadline_s: Seconds that it may take; ``None`` for the host's own.
    """

    form: str
    offline: bool
    deadline_s: float | None


def check_connection(target: str, name: str | None, wishes: CheckWishes, about: dict[str, str]) -> None:
    """Check a connection, and print what was found.

    Args:
        target: A connection type, or the name of a saved connection.
        name: Of the connection, if ``target`` is its type.
        wishes: How.
        about: Gets the connector, for what is said of errors.

    Raises:
        JackfieldError: It does not work.
    """
    talk = Talk()
    with open_host(talk, connection=name or target) as host:
        type_id, name = meant_by(host, target, name)
        about["connector"] = type_id.partition(".")[0]
        found = _found(host, type_id, name, talk, wishes)
        source = next((each.name for each in host.explain_connection(type_id, name or "") if each.used), "")
        if name and source:
            found = attrs.evolve(found, view=attrs.evolve(found.view, source=source))
        parts = [_part(slot, found) for slot in form_of(connection_type(host, type_id).form).slots]
    if name and not wishes.offline:
        with contextlib.suppress(StoreError):  # what cannot be remembered was found nevertheless
            open_store().note_check(name, found.verdict)
    if wishes.form == "json":
        write_json(_as_json(found, parts))
    if found.error is not None:
        found.error.message += f"\n{told_tiers(found)}"
        raise found.error
    if wishes.form == "plain":
        write_plain(f"{found.label or found.view.base_url}\n")
    elif wishes.form == "table":
        write(_as_text(found, parts))


def _found(host: Host, type_id: str, name: str | None, talk: Talk, wishes: CheckWishes) -> ConnectionCheck:
    cancellation = Cancellation()

    def ask(tell: Callable[[object], None]) -> ConnectionCheck:
        talk.pass_on = tell
        return host.diagnose_connection(
            type_id, name, offline=wishes.offline, deadline_s=wishes.deadline_s, cancellation=cancellation
        )

    return attend(ask, talk.hear, cancellation, Due(wishes.deadline_s, "The check of the connection"))


def _part(slot: Slot, found: ConnectionCheck) -> _Part:
    view = found.view
    value = MASK if view.secrets.get(slot.name) else dump_masked(view.settings.get(slot.name))
    return _Part(slot.key, value, _origin(slot, value, found), slot.is_secret)


def _origin(slot: Slot, value: object, found: ConnectionCheck) -> str:
    variable = variable_for(found.view.name, slot)
    if value is None or os.environ.get(variable):
        return variable
    return "default" if value == slot.default else found.view.source


def _as_json(found: ConnectionCheck, parts: Sequence[_Part]) -> dict[str, object]:
    view = found.view
    settings = [part for part in parts if not part.secret and part.value is not None]
    error = {"error": {"message": found.error.message, "hint": found.error.hint}} if found.error else {}
    return {
        "type": view.type_id,
        "name": view.name,
        "verdict": found.verdict,
        "passed": list(found.passed),
        "label": found.label,
        "base_url": view.base_url,
        "source": view.source,
        "settings": {part.name: {"value": part.value, "from": part.origin} for part in settings},
        "secrets": {
            part.name: {"set": True, "from": part.origin} if part.value else {"set": False}
            for part in parts
            if part.secret
        },
        **error,
    }


def _as_text(found: ConnectionCheck, parts: Sequence[_Part]) -> str:
    from jackfield._cli.tables import cell, pairs, rendered, table  # noqa: PLC0415  rich is for tables only

    view = found.view
    name = f"{view.type_id}, {view.name}" if view.name else view.type_id
    works = "The connection works" if len(found.passed) > 1 else "The values are right; nothing was sent"
    facts = [("account", found.label), ("address", view.base_url), ("from", view.source)]
    rows = [(part.name, "not set" if part.value is None else shown_value(part.value), part.origin) for part in parts]
    drawn = table(["Field", "Value", "From"], rows, unbroken=["Field", "From"])
    head = rendered(cell(f"{works} ({name})", "bold"), pairs([fact for fact in facts if fact[1]]))
    return f"{head}\n{rendered(drawn)}"
