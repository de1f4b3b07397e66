"""The store: what can be done with saved connections."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection as Sqlite
from time import time_ns
from typing import NamedTuple, Self

from attrs import evolve

from jackfield._home import Home
from jackfield.connections import ConnectionStore, ConnectionType, ConnectionView, SavedConnection
from jackfield.errors import InputError, StoreError
from jackfield.hookspecs import hookimpl
from jackfield.secrets import Secret
from jackfield.vault.arriving import arrive, refuse_taken
from jackfield.vault.carrying import is_encrypted, packed, packed_without_secrets, unpacked
from jackfield.vault.filling import checked_name, fill, merged, new_record, not_saved, veiled
from jackfield.vault.locked import LockedFile
from jackfield.vault.protection import Protection
from jackfield.vault.records import Record, Records, changed

__all__ = ["Store"]

_FILE = "connections.sqlite"
_KEY_FILE = "connections.key"
_SETTLED_NS = 2_000_000_000
"""A file system's clock may tick this slowly: a file as young as that may change again without looking younger."""


def _nobody_to_ask(new: bool) -> str:  # noqa: FBT001, ARG001  the shape of Store's `ask`
    message = "This store is protected by a passphrase, and there is nobody to ask for it."
    raise StoreError(message, hint="Set JACKFIELD_PASSPHRASE, or in a program give Store(ask=...).")


class _Found(NamedTuple):
    stamp: tuple[int, int, int]
    settled: bool
    type_id: str
    values: Mapping[str, object]


class Store:
    """Connections in a file of SQLite, every value encrypted; also a plugin, so that ``Host(plugins=[store])`` has it.

    Nothing is opened or made before it is needed. It is thread-safe and fork-safe, and several processes may use one
    file at once. A write happens as a whole or not at all, whenever the process ends.

    Args:
        path: The file.
        key_file: Where the key is kept if a file protects it; one for each store.
        environ: Where ``JACKFIELD_STORE_KEY`` and ``JACKFIELD_PASSPHRASE`` are looked up; the process's environment
            without.
        ask: Asks a person for the passphrase; is told whether it is a new one.
        busy_timeout_s: How long to wait for another process that writes.
        max_bytes: How large the file may become.
        reached: Called with the name of each step of a write, to see what a crash there leaves behind.

    Raises:
        StoreError: From every method: the file or the key cannot be used; nothing was changed.
    """

    def __init__(
        self,
        path: Path,
        *,
        key_file: Path,
        environ: Mapping[str, str] | None = None,
        ask: Callable[[bool], str | Secret] = _nobody_to_ask,
        busy_timeout_s: float = 10.0,
        max_bytes: int = 64 * 1024 * 1024,
        reached: Callable[[str], None] = lambda _step: None,
    ) -> None:
        self.path = path
        self.label = f"the store {path}"
        self._file = LockedFile(
            path,
            key_file=key_file,
            environ=os.environ if environ is None else environ,
            ask=ask,
            busy_timeout_s=busy_timeout_s,
            max_bytes=max_bytes,
            reached=reached,
        )
        self._found: dict[str, _Found] = {}

    @classmethod
    def default(
        cls, environ: Mapping[str, str] | None = None, *, ask: Callable[[bool], str | Secret] = _nobody_to_ask
    ) -> Self:
        """Give the store that the command line uses, in the data directory of this user.

        Args:
            environ: Where ``JACKFIELD_HOME`` and ``JACKFIELD_KEY_FILE`` are looked up too.
            ask: As in the class.
        """
        said = os.environ if environ is None else environ
        home, named = Home.find(said), said.get("JACKFIELD_KEY_FILE")
        key_file = Path(named).expanduser() if named else home.config / _KEY_FILE
        return cls(home.data / _FILE, key_file=key_file, environ=said, ask=ask)

    # As a plugin.

    @hookimpl
    def connection_stores(self) -> Sequence[ConnectionStore]:
        """Give itself."""
        return [self]

    def find(self, name: str, type_id: str) -> Mapping[str, object] | None:
        """Give the values of a connection by field, secrets as Secret or Reference; ``None`` if it is not saved here.

        Raises:
            InputError: It is saved, and of another type.
        """
        status = self._file.database.look()
        if status is None:
            return None
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        found = self._found.get(name)
        if found is None or not found.settled or found.stamp != stamp:
            settled = time_ns() - status.st_mtime_ns > _SETTLED_NS
            with self._file.reading() as records:
                record = records.get(name) if records else None
            if record is None:
                self._found.pop(name, None)
                return None
            found = self._found[name] = _Found(stamp, settled, record.type_id, record.values())
        if found.type_id != type_id:
            message = f"The connection {name!r} is for {found.type_id}, and {type_id} is needed."
            raise InputError(message, hint="jackfield connection list")
        return found.values

    # What is saved.

    def saved(self) -> tuple[SavedConnection, ...]:
        """Give what is saved, by name. Takes no key, so it is not proven that nobody changed the file."""
        with self._file.database.reading() as connection:
            return _listed(connection) if connection else ()

    def view(self, name: str) -> ConnectionView:
        """Give what may be seen of one.

        Raises:
            NoConnectionError: It is not saved here.
        """
        return self._record(name).view(self.label)

    def protection(self) -> Protection:
        """Say what protects the key; of a store that is not there yet, what would."""
        return self._file.protection()

    def told_protection(self) -> str:
        """Say it in words: ``the key file ~/.config/jackfield/connections.key``."""
        return self._file.told(self.protection())

    def unlock(self) -> None:
        """Get the key now, asking for a passphrase if need be; without a store, do nothing."""
        self._file.unlock()

    # What changes it.

    def add(self, name: str, type_id: str, kind: ConnectionType, values: Mapping[str, object]) -> ConnectionView:
        """Save a new connection.

        Args:
            name: Letters, digits and ``._@+-``; not yet taken.
            type_id: Its type: ``openai.openai``.
            kind: The same, as the connector declares it.
            values: By field; a secret as text, Secret or Reference.

        Raises:
            InvalidInputError: The values break the form of the type.
            InputError: The name is taken, or cannot be one.
        """
        values = veiled(kind, values)
        spelled, now = checked_name(name), _now()
        found = fill(kind, values, f"The connection {spelled!r}")
        record = new_record(spelled, type_id, found, now)
        with self._file.writing("add") as records:
            refuse_taken(records, spelled)
            records.add(record)
        return record.view(self.label)

    def draft(self, name: str, kind: ConnectionType, changes: Mapping[str, object]) -> tuple[Mapping[str, object], int]:
        """Give the values that ``edit`` would save, and the revision that they change; all else as there."""
        changes = veiled(kind, changes)
        record = self._record(name)
        found = merged(record, kind, changes)
        return {**found.settings, **found.secrets}, record.revision

    def edit(
        self, name: str, kind: ConnectionType, changes: Mapping[str, object], *, revision: int | None = None
    ) -> ConnectionView:
        """Change some values; what is not named stays.

        Args:
            name: Of the connection.
            kind: Its type, as the connector declares it.
            changes: New values by field, as in ``add``; ``None`` takes one away.
            revision: As ``draft`` gave it, if nobody may have changed it since.

        Raises:
            NoConnectionError: It is not saved here.
            InvalidInputError: The values break the form; or the address changes, and a secret is not given again.
            InputError: Somebody changed it since the draft.
        """
        changes = veiled(kind, changes)
        with self._file.writing("edit") as records:
            record = _there(records, name)
            if revision not in (None, record.revision):
                message = f"The connection {name!r} was changed by somebody else meanwhile; nothing was saved."
                raise InputError(message, hint="Do it again.")
            found = merged(record, kind, changes)
            new = changed(
                record,
                _now(),
                base_url=found.base_url,
                settings=found.settings,
                secrets=found.secrets,
                secret_fields=found.secret_fields,
            )
            records.replace(new)
            records.forget_check(new)
        return new.view(self.label)

    def renewing(self, name: str, wait: Callable[[], None]) -> AbstractContextManager[None]:
        """As TokenStore; a process that ends lets go of it."""
        return self._file.database.claiming(self._id_of(name), wait)

    def renew(self, name: str, kind: ConnectionType, tokens: Mapping[str, object]) -> None:
        """As TokenStore. It is no change of the connection: its revision and what a check found stay.

        Raises:
            NoConnectionError: It is not saved here.
        """
        tokens = veiled(kind, tokens)
        with self._file.writing("renew") as records:
            record = _there(records, name)
            found = merged(record, kind, tokens)
            records.replace(evolve(record, settings=found.settings, secrets=found.secrets))

    def rename(self, name: str, new_name: str) -> None:
        """Give a connection another name.

        Raises:
            NoConnectionError: It is not saved here.
            InputError: The new name is taken, or cannot be one.
        """
        spelled = checked_name(new_name)
        with self._file.writing("rename") as records:
            record = _there(records, name)
            if spelled != record.name:
                refuse_taken(records, spelled)
                records.replace(changed(record, _now(), name=spelled))

    def remove(self, name: str) -> None:
        """Take a connection away, and overwrite where it lay in the file.

        Raises:
            NoConnectionError: It is not saved here.
        """
        known = [saved.name for saved in self.saved()]
        if name not in known:
            raise not_saved(name, known)
        with self._file.database.writing("remove") as connection:  # takes no key: what is damaged can be removed
            found = connection.execute("DELETE FROM connections WHERE name = ? RETURNING id", [name]).fetchall()
        for (owner,) in found:
            self._file.database.unclaimed(owner)

    def export(self, names: Sequence[str] = (), *, passphrase: str | Secret | None) -> str:
        """Write connections as a text that ``load`` reads.

        Args:
            names: Which; all of them without.
            passphrase: What encrypts the text; with ``None`` it has no secrets in it, and no headers.

        Raises:
            NoConnectionError: One is not saved here.
            InputError: The passphrase is too short.
        """
        passphrase = None if passphrase is None else Secret.of(passphrase)
        with self._file.reading() as records:
            known = [*records.every()] if records else []
        wanted = names or [record.name for record in known]
        by_name = {record.name: record for record in known}
        for name in wanted:
            if name not in by_name:
                raise not_saved(name, by_name)
        chosen = [by_name[name] for name in wanted]
        return packed_without_secrets(chosen) if passphrase is None else packed(chosen, passphrase)

    def load(
        self, text: str, *, passphrase: str | Secret = "", replace: bool = False, references: bool = False
    ) -> tuple[ConnectionView, ...]:
        """Save the connections in a text that ``export`` wrote: all of them or, if one cannot be saved, none.

        Args:
            text: What was written.
            passphrase: What encrypts it, if it is.
            replace: Whether a connection of the same name gives way. To a text without secrets it does so only if
                nothing would change: its secrets stay.
            references: Whether secrets that are kept elsewhere are taken too, which is to trust whoever made the text:
                he chose what is fetched here, and where it goes.

        Raises:
            InputError: The text cannot be read, a name is taken, or secrets would be lost: the text has none, and
                other settings, with which the saved secrets may go elsewhere.
        """
        passphrase = Secret.of(passphrase)
        carried, now, bare = unpacked(text, passphrase), _now(), not is_encrypted(text)
        with self._file.writing("load") as records:
            loaded = [arrive(records, each, now, bare=bare, replace=replace, references=references) for each in carried]
        return tuple(record.view(self.label) for record in loaded)

    def note_check(self, name: str, verdict: str) -> None:
        """Remember what a check found, for ``saved``; nothing if the connection is gone meanwhile.

        Args:
            name: Of the connection.
            verdict: In one word, as ``ConnectionCheck.verdict``.
        """
        if any(saved.name == name for saved in self.saved()):
            with self._file.database.writing("note check") as connection:
                change = "UPDATE connections SET verdict = ?, checked = ? WHERE name = ?"
                connection.execute(change, [verdict, _now(), name])

    def rotate(self, protection: Protection | None = None, *, passphrase: str | Secret = "") -> None:
        """Make a new key, and seal everything with it; the old one opens nothing any more, except old copies.

        Args:
            protection: What shall protect the new key; as before without.
            passphrase: The new one, if a passphrase protects it; else it is asked for.
        """
        passphrase = Secret.of(passphrase)
        self._file.rotate(protection, passphrase)

    def _id_of(self, name: str) -> str:
        with self._file.database.reading() as connection:
            row = connection and connection.execute("SELECT id FROM connections WHERE name = ?", [name]).fetchone()
        if not row:
            raise not_saved(name, [saved.name for saved in self.saved()])
        return str(row[0])

    def _record(self, name: str) -> Record:
        with self._file.reading() as records:
            if records is None:
                raise not_saved(name, ())
            return _there(records, name)


def _listed(connection: Sqlite) -> tuple[SavedConnection, ...]:
    fields: dict[str, list[str]] = {}
    for owner, field in connection.execute("SELECT connection, field FROM secrets ORDER BY field"):
        fields.setdefault(owner, []).append(field)
    rows = connection.execute("SELECT id, name, type_id, changed, verdict, checked FROM connections ORDER BY name")
    return tuple(
        SavedConnection(
            name=name,
            type_id=type_id,
            secrets=tuple(fields.get(owner, ())),
            changed=changed_at,
            verdict=verdict,
            checked=checked,
        )
        for owner, name, type_id, changed_at, verdict, checked in rows
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _there(records: Records, name: str) -> Record:
    record = records.get(name)
    if record is None:
        raise not_saved(name, records.names())
    return record
