"""A saved connection, and how it lies in the file: one sealed text for all that is no secret, and one for each secret.

The first names every secret by the nonce with which it was sealed, so rows cannot be exchanged for older ones, taken
away, or put beside another connection's; and it holds the name and type, so nobody can give a connection the name of
another.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from jackfield.connections import ConnectionView
from jackfield.errors import StoreError
from jackfield.references import Reference
from jackfield.secrets import Secret
from jackfield.vault.sealing import Place, SealError, seal, unseal

_BODY = "body"
_NONCE_BYTES = 12
_ONE = "SELECT id, name, type_id, revision, created, changed, sealed FROM connections WHERE name = ?"
_ALL = "SELECT id, name, type_id, revision, created, changed, sealed FROM connections ORDER BY name"

Kept = Secret | Reference
"""A secret as it is saved: itself, or where it is."""


@frozen(kw_only=True)
class Record:
    """A saved connection.

    Attributes:
        id: Never changes, whatever its name.
        name: What users call it.
        type_id: Of its connection type.
        base_url: Where its requests went when it was saved; empty if that is not known.
        settings: The values that are no secrets, as JSON.
        secrets: The secrets that are set.
        secret_fields: The secret fields that its type had when it was saved.
        revision: Counts its changes.
        created: When it was made: ISO 8601, UTC.
        changed: When it was changed last.
    """

    id: str
    name: str
    type_id: str
    base_url: str
    settings: Mapping[str, object]
    secrets: Mapping[str, Kept]
    secret_fields: tuple[str, ...]
    revision: int
    created: str
    changed: str

    def values(self) -> dict[str, object]:
        """Give all values by field."""
        return {**self.settings, **self.secrets}

    @property
    def plain_settings(self) -> dict[str, object]:
        """The settings without headers that a user made up, which may be a second key."""
        return {key: value for key, value in self.settings.items() if not isinstance(value, Mapping)}

    @property
    def holds_secrets(self) -> bool:
        """Whether there is anything in it that an export without secrets leaves out."""
        return bool(self.secrets) or len(self.plain_settings) < len(self.settings)

    def view(self, source: str) -> ConnectionView:
        """Give what may be seen of it."""
        fields = dict.fromkeys((*self.secret_fields, *self.secrets))
        return ConnectionView(
            type_id=self.type_id,
            name=self.name,
            source=source,
            base_url=self.base_url,
            settings=self.settings,
            secrets={field: field in self.secrets for field in fields},
            references={
                field: secret.shown() for field, secret in self.secrets.items() if isinstance(secret, Reference)
            },
        )


class Records:
    """The saved connections in an open file.

    Args:
        connection: Inside a transaction.
        store: The store's id.
        key: The store's own key.
    """

    def __init__(self, connection: sqlite3.Connection, store: str, key: Secret) -> None:
        self.connection = connection
        self.store = store
        self._key = key

    def get(self, name: str) -> Record | None:
        """Give one, by its name.

        Raises:
            StoreError: It is damaged.
        """
        found = self.connection.execute(_ONE, [name]).fetchone()
        return self._read(found) if found else None

    def names(self) -> list[str]:
        """Give all names, sorted."""
        return [name for (name,) in self.connection.execute("SELECT name FROM connections ORDER BY name")]

    def every(self) -> Iterator[Record]:
        """Give all, by name."""
        yield from map(self._read, self.connection.execute(_ALL).fetchall())

    def add(self, record: Record) -> None:
        """Add one whose name is free."""
        self.connection.execute(
            "INSERT INTO connections (id, name, type_id, revision, created, changed, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?, x'')",
            [record.id, record.name, record.type_id, record.revision, record.created, record.changed],
        )
        self._seal(record)

    def replace(self, record: Record) -> None:
        """Write one that is there, whatever has changed of it but its id."""
        self.connection.execute(
            "UPDATE connections SET name = ?, type_id = ?, revision = ?, changed = ? WHERE id = ?",
            [record.name, record.type_id, record.revision, record.changed, record.id],
        )
        self._seal(record)

    def forget_check(self, record: Record) -> None:
        """Forget what a check found: the connection is not what it was."""
        self.connection.execute("UPDATE connections SET verdict = '', checked = '' WHERE id = ?", [record.id])

    def resealed(self, key: Secret) -> None:
        """Seal all with another key."""
        anew = Records(self.connection, self.store, key)
        for record in [*self.every()]:
            anew.replace(record)

    def _seal(self, record: Record) -> None:
        sealed = {field: self._sealed(record.id, field, _plain(secret)) for field, secret in record.secrets.items()}
        body = {
            "name": record.name,
            "type": record.type_id,
            "base_url": record.base_url,
            "settings": record.settings,
            "secret_fields": record.secret_fields,
            "secrets": {field: row[:_NONCE_BYTES].hex() for field, row in sealed.items()},
        }
        self.connection.execute(
            "UPDATE connections SET sealed = ? WHERE id = ?", [self._sealed(record.id, "", body, _BODY), record.id]
        )
        self.connection.execute("DELETE FROM secrets WHERE connection = ?", [record.id])
        self.connection.executemany(
            "INSERT INTO secrets (connection, field, sealed) VALUES (?, ?, ?)",
            [(record.id, field, row) for field, row in sealed.items()],
        )

    def _read(self, row: tuple[Any, ...]) -> Record:
        connection_id, name, type_id, revision, created, changed, sealed = row
        try:
            body = self._unsealed(connection_id, "", sealed, _BODY)
            rows = dict(
                self.connection.execute("SELECT field, sealed FROM secrets WHERE connection = ?", [connection_id])
            )
            nonces = {field: bytes(found[:_NONCE_BYTES]).hex() for field, found in rows.items()}
            _check_same((body["name"], body["type"], body["secrets"]), (name, type_id, nonces))
            secrets = {field: _kept(self._unsealed(connection_id, field, found)) for field, found in rows.items()}
        except (SealError, TypeError):  # TypeError: a column holds no bytes
            message = f"The saved connection {name!r} is damaged, or was changed by something else than Jackfield."
            hint = f"Put a backup of the store in its place, or: jackfield connection remove {name}"
            raise StoreError(message, hint=hint) from None
        return Record(
            id=connection_id,
            name=name,
            type_id=type_id,
            base_url=body["base_url"],
            settings=body["settings"],
            secrets=secrets,
            secret_fields=tuple(body["secret_fields"]),
            revision=revision,
            created=created,
            changed=changed,
        )

    def _sealed(self, owner: str, field: str, value: object, part: str = "secret") -> bytes:
        return seal(self._key, json.dumps(value).encode(), Place(self.store, owner, f"{part} {field}"))

    def _unsealed(self, owner: str, field: str, sealed: bytes, part: str = "secret") -> Any:
        return json.loads(unseal(self._key, sealed, Place(self.store, owner, f"{part} {field}")))


def _check_same(sealed: object, found: object) -> None:
    if sealed != found:
        raise SealError


def _plain(secret: Kept) -> dict[str, str]:
    return {"reference": str(secret)} if isinstance(secret, Reference) else {"value": secret.reveal()}


def _kept(plain: Mapping[str, str]) -> Kept:
    return Reference.parse(plain["reference"]) if "reference" in plain else Secret(plain["value"])


def changed(record: Record, now: str, **changes: Any) -> Record:
    """Give a record with changes, as its next revision."""
    return evolve(record, revision=record.revision + 1, changed=now, **changes)
