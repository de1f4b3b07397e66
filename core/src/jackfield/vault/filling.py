"""From the values that somebody gives for a connection to what is saved, checked by the form of its type."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from secrets import token_hex

from attrs import frozen

from jackfield._engine.conversion import dump
from jackfield._engine.resolve import filled
from jackfield._engine.suggestions import close_names
from jackfield._tokens import TOKEN_FIELDS
from jackfield.connections import ConnectionType
from jackfield.errors import InputError, InvalidInputError, JackfieldError, NoConnectionError, PluginError, Problem
from jackfield.forms import form_of, slots_to_secrets
from jackfield.references import Reference
from jackfield.secrets import Secret
from jackfield.vault.records import Kept, Record

_NAME = re.compile(r"\w[\w.@+-]{0,99}")
_ELSEWHERE = Secret("kept-elsewhere-" * 5)
"""Stands for a secret that is a reference while the other fields are checked."""


@frozen(kw_only=True)
class Filled:
    """What is saved of values that were found good; attributes as in Record.

    Attributes:
        places: Where its secrets may go, its base URL first; empty if that is not known.
    """

    settings: Mapping[str, object]
    secrets: Mapping[str, Kept]
    secret_fields: tuple[str, ...]
    base_url: str
    places: tuple[str, ...] = ()


def veiled(kind: ConnectionType, values: Mapping[str, object]) -> dict[str, object]:
    """Give values with each secret that is a text as a Secret: what a variable holds is shown by debuggers."""
    keys = {slot.key for slot in form_of(kind.form).slots if slot.is_secret}
    return {key: Secret(value) if key in keys and isinstance(value, str) else value for key, value in values.items()}


def fill(kind: ConnectionType, values: Mapping[str, object], subject: str) -> Filled:
    """Check values; secrets are text, Secret or Reference.

    Raises:
        InvalidInputError: They break the form of the type.
        PluginError: The type has a secret where none can be saved.
    """
    slots = form_of(kind.form).slots
    secret_fields = tuple(slot.key for slot in slots if slot.is_secret)
    references = {key: value for key, value in values.items() if isinstance(value, Reference)}
    problems = [
        Problem(path=f"$.{key}", rule="reference", message="is no secret; only a secret may be kept elsewhere")
        for key in references
        if key not in secret_fields
    ]
    if problems:
        raise InvalidInputError(problems, subject=subject)
    deeper = [slot.key for slot in slots_to_secrets(kind.form) if not slot.is_secret and slot.key in values]
    if deeper:
        what = f"{kind.label}: a secret stands inside of {deeper[0]!r}"
        message = f"{what}, and only secrets in the form itself can be saved; nothing was saved."
        raise PluginError(
            message, stage="object", hint="This is for the connector's authors: give it a field of its own."
        )
    form = filled({**values, **dict.fromkeys(references, _ELSEWHERE)}, kind, subject)
    given = {
        slot.key: getattr(form, slot.name) for slot in slots if slot.key in values and values[slot.key] is not None
    }
    return Filled(
        settings={key: dump(value) for key, value in given.items() if key not in secret_fields},
        secrets={key: references.get(key, given[key]) for key in given if key in secret_fields and given[key]},
        secret_fields=secret_fields,
        base_url=kind.origin_of(form),
        places=kind.places_of(form),
    )


def merged(record: Record, kind: ConnectionType, changes: Mapping[str, object]) -> Filled:
    """Check a saved connection with changes.

    Args:
        record: As it is saved.
        kind: Its type.
        changes: New values; ``None`` takes one away.

    Raises:
        InvalidInputError: The values break the form, or the address changes while a secret was not given again (rule
            ``origin``): whoever may change an address must not learn a secret by it.
    """
    subject = f"The connection {record.name!r}"
    values = {key: value for key, value in {**record.values(), **changes}.items() if value is not None}
    found = fill(kind, values, subject)
    before = _places(record, kind)
    if found.places[: len(before)] == before:
        return found
    kept = [key for key, value in record.values().items() if _may_be_secret(value) and key not in changes]
    typed = [key for key in kept if not (kind.oauth and key in TOKEN_FIELDS)]
    if typed:
        old, new = next(pair for pair in zip(before, found.places, strict=False) if pair[0] != pair[1])
        raise InvalidInputError([_again(key, old, new) for key in typed], subject=subject)
    # Nobody can type tokens again: they are forgotten, and a new login gives others.
    return fill(kind, {key: value for key, value in values.items() if key not in kept}, subject)


def new_record(name: str, type_id: str, found: Filled, now: str) -> Record:
    """Make what is saved of a new connection."""
    return Record(
        id=token_hex(16),
        name=name,
        type_id=type_id,
        base_url=found.base_url,
        settings=found.settings,
        secrets=found.secrets,
        secret_fields=found.secret_fields,
        revision=1,
        created=now,
        changed=now,
    )


def _places(record: Record, kind: ConnectionType) -> tuple[str, ...]:
    try:
        return fill(kind, record.values(), "").places
    except JackfieldError:  # it was saved with a form that has changed since
        return (record.base_url.rstrip("/"),)


def _may_be_secret(value: object) -> bool:
    # A header that a user made up may be a second key.
    return isinstance(value, Secret | Reference | Mapping)


def _again(key: str, before: str, after: str) -> Problem:
    message = f"must be given again, since the address changes from {before} to {after}"
    return Problem(path=f"$.{key}", rule="origin", message=message)


def checked_name(name: str) -> str:
    """Give a name in the one way in which it is saved.

    Raises:
        InputError: It cannot be a name. It is not shown, since it may be a secret in the wrong place.
    """
    spelled = unicodedata.normalize("NFC", name)
    if _NAME.fullmatch(spelled) is None:
        message = (
            "A connection's name has 1 to 100 letters, digits and . _ @ + -, and begins with a letter, a digit or _."
        )
        raise InputError(message, hint="For example: my-openai")
    return spelled


def not_saved(name: str, known: Collection[str]) -> NoConnectionError:
    """Make the error for a name that is not there."""
    message = f"There is no saved connection {name!r}.{close_names(name, known)}"
    return NoConnectionError(message, name=name, hint="jackfield connection list")
