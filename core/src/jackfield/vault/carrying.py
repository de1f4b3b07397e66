"""Connections as a text that can be carried to another machine: encrypted with a passphrase, or without any secret.

Reading such a text is reading data: no plugin is loaded, no secret is fetched, no program is started, and a text that
looks like a reference is none.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from attrs import Factory, frozen

from jackfield import _json
from jackfield._engine.conversion import load_form
from jackfield.errors import InputError, InvalidInputError, Problem
from jackfield.fields import KeyValue, Text
from jackfield.references import Reference
from jackfield.secrets import Secret
from jackfield.vault.filling import Filled, checked_name
from jackfield.vault.key_typed import check_length, derived, fresh_parameters
from jackfield.vault.records import Kept, Record
from jackfield.vault.sealing import Place, SealError, seal, unseal

MAX_BYTES = 16 * 1024 * 1024
"""The most that is read: more than ten thousand connections."""

_FORMAT = "jackfield-connections"
_VERSION = 1
_PLACE = Place(_FORMAT, str(_VERSION), "all")


@frozen(kw_only=True)
class Carried:
    """One connection as it is carried; attributes as in Record, secrets apart from references."""

    name: Annotated[str, Text(min_length=1, max_length=100)]
    type: Annotated[str, Text(min_length=1, max_length=200)]
    settings: Annotated[Mapping[str, object], KeyValue()] = Factory(dict)
    secrets: Mapping[str, Secret] = Factory(dict)
    references: Annotated[Mapping[str, str], KeyValue()] = Factory(dict)


@frozen(kw_only=True)
class _Load:
    connections: list[Carried]


@frozen(kw_only=True)
class _Envelope:
    format: Literal["jackfield-connections"]
    version: int
    parameters: Mapping[str, object] | None = None
    sealed: str | None = None
    connections: list[Carried] | None = None


def packed(records: Sequence[Record], passphrase: Secret) -> str:
    """Write connections, encrypted.

    Raises:
        InputError: The passphrase is too short.
    """
    parameters = fresh_parameters()
    key = derived(check_length(passphrase), parameters)
    sealed = seal(key, _plain(records), _PLACE)
    return _written({"parameters": parameters, "sealed": base64.b64encode(sealed).decode()})


def _plain(records: Sequence[Record]) -> bytes:
    return json.dumps({"connections": [_carried(record) for record in records]}).encode()


def packed_without_secrets(records: Sequence[Record]) -> str:
    """Write connections without secrets: neither those of the form nor the headers that a user made up."""
    connections = [
        {"name": record.name, "type": record.type_id, "settings": record.plain_settings} for record in records
    ]
    return _written({"connections": connections})


def _carried(record: Record) -> dict[str, object]:
    return {
        "name": record.name,
        "type": record.type_id,
        "settings": record.settings,
        "secrets": {key: each.reveal() for key, each in record.secrets.items() if isinstance(each, Secret)},
        "references": {key: str(each) for key, each in record.secrets.items() if isinstance(each, Reference)},
    }


def _written(content: Mapping[str, object]) -> str:
    return json.dumps({"format": _FORMAT, "version": _VERSION, **content}, indent=2) + "\n"


def is_encrypted(text: str) -> bool:
    """Tell whether it takes a passphrase to read a text.

    Raises:
        InputError: It is none of ours.
    """
    return _opened(text).connections is None


def unpacked(text: str, passphrase: Secret) -> list[Carried]:
    """Read what was packed.

    Raises:
        InputError: It is none of ours, or the passphrase is another.
    """
    envelope = _opened(text)
    found = envelope.connections if envelope.connections is not None else _unsealed(envelope, passphrase)
    for each in found:
        checked_name(each.name)
    return found


def _unsealed(envelope: _Envelope, passphrase: Secret) -> list[Carried]:
    key, problems = derived(passphrase, envelope.parameters or {}), None
    try:
        sealed = base64.b64decode(envelope.sealed or "", validate=True)
        return load_form(_Load, _json.parse(unseal(key, sealed, _PLACE)), subject="The file").connections
    except InvalidInputError as error:
        problems = error.problems
    except (SealError, binascii.Error, _json.JsonError):
        pass
    # Here, since the variables of who read the file are in the traces of those errors.
    if problems:
        raise InvalidInputError(problems, subject="The file")
    message = "The passphrase is not the one of this file, or the file is damaged."
    raise InputError(message, hint="Nothing was imported.")


def filled_by(carried: Carried, *, references: bool) -> Filled:
    """Give what is saved of a connection that was carried; its type is not looked at, so it need not be installed.

    Args:
        carried: The connection.
        references: Whether secrets that are kept elsewhere are taken too.
    """
    secrets: dict[str, Kept] = dict(carried.secrets)
    if references:
        secrets |= {key: Reference.parse(text) for key, text in carried.references.items()}
    fields = tuple(dict.fromkeys((*carried.secrets, *carried.references)))
    # Where its requests go is for its type to say; what the file says of it would be believed.
    return Filled(settings=carried.settings, secrets=secrets, secret_fields=fields, base_url="")


def _opened(text: str) -> _Envelope:
    if len(text) > MAX_BYTES:
        message = f"The file is longer than {MAX_BYTES // 1024**2} MiB."
        raise InputError(message)
    try:
        envelope = load_form(_Envelope, _json.parse(text, unique=True), subject="The file")
    except _json.JsonError as error:
        message = f"The file is no JSON: {error}."
        raise InputError(message, hint="Give one that `jackfield connection export` wrote.") from None
    if envelope.version != _VERSION:
        problem = Problem(path="$.version", rule="version", message=f"must be {_VERSION}, was {envelope.version}")
        raise InvalidInputError([problem], subject="The file", hint="pip install --upgrade jackfield")
    if (envelope.connections is None) == (envelope.sealed is None):
        problem = Problem(path="$", rule="required", message="must have either connections or sealed")
        raise InvalidInputError([problem], subject="The file")
    return envelope
