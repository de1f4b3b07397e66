"""Connections that were carried here, and where they go: beside those that are saved, or in their place."""

from attrs import evolve

from jackfield.errors import InputError
from jackfield.vault.carrying import Carried, filled_by
from jackfield.vault.filling import new_record
from jackfield.vault.records import Record, Records, changed


def arrive(records: Records, each: Carried, now: str, *, bare: bool, replace: bool, references: bool) -> Record:
    """Save one connection that was carried, and give it as it is now.

    Args:
        records: What is saved.
        each: The connection.
        now: When it is: ISO 8601, UTC.
        bare: Whether it was carried without secrets.
        replace: As in ``Store.load``.
        references: As in ``Store.load``.

    Raises:
        InputError: Its name is taken, or the secrets of the one that has it would be lost.
    """
    known = records.get(each.name)
    if known and not replace:
        refuse_taken(records, each.name, hint="To put the one of the file in its place: --replace")
    if known and bare and known.holds_secrets:
        if (each.type, each.settings) != (known.type_id, known.plain_settings):
            raise _secrets_lost(each.name)
        return known
    record = new_record(each.name, each.type, filled_by(each, references=references), now)
    if known:
        record = changed(evolve(record, id=known.id, revision=known.revision), now)
        records.replace(record)
        records.forget_check(record)
    else:
        records.add(record)
    return record


def refuse_taken(records: Records, name: str, hint: str = "") -> None:
    """Go on if a name is free.

    Raises:
        InputError: It is taken.
    """
    if name in records.names():
        message = f"There is a connection {name!r} already; nothing was changed."
        raise InputError(message, hint=hint or f"To change it: jackfield connection edit {name}")


def _secrets_lost(name: str) -> InputError:
    reason = f"The file has no secrets and other settings than {name!r}, whose secrets would be lost"
    remedy = f"Change it with `jackfield connection edit {name}`; or remove it"
    return InputError(f"{reason}; nothing was changed.", hint=f"{remedy}, then import it and give its secrets again.")
