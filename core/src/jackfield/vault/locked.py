"""The file of a store with its lock: what opens it, and what happens to it as a whole."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as Sqlite

from jackfield.secrets import Secret
from jackfield.vault.database import Database
from jackfield.vault.protection import Keys, Protection, Wrapped
from jackfield.vault.records import Records


class LockedFile:
    """A file whose connections can be read and changed once its key is there; arguments as for Store."""

    def __init__(
        self,
        path: Path,
        *,
        key_file: Path,
        environ: Mapping[str, str],
        ask: Callable[[bool], str | Secret],
        busy_timeout_s: float,
        max_bytes: int,
        reached: Callable[[str], None],
    ) -> None:
        self.database = Database(path, busy_timeout_s=busy_timeout_s, max_bytes=max_bytes, reached=reached)
        self._keys = Keys(key_file, environ, ask)
        self._reached = reached
        self._own_keys: dict[str, Secret] = {}

    def protection(self) -> Protection:
        """Say what protects the key; of a store that is not there yet, what would."""
        with self.database.reading() as connection:
            return Protection(_wrapped(connection)[1].method) if connection else self._keys.usual()

    def told(self, protection: Protection) -> str:
        """Say in words where the key is."""
        return self._keys.told(protection)

    def unlock(self) -> None:
        """Get the key now, asking for a passphrase if need be; without a store, do nothing."""
        with self.database.reading() as connection:
            if connection:
                self._own_key(connection)

    def rotate(self, protection: Protection | None, passphrase: Secret) -> None:
        """Make a new key, and seal everything with it; arguments as ``Store.rotate``."""
        wanted = protection or self.protection()
        if wanted is Protection.PASSPHRASE and not passphrase:
            passphrase = self._keys.new_passphrase()  # now, since nobody can write while a person thinks
        with self.writing("rotate") as records:
            wrapped, own = self._keys.wrap(records.store, wanted, passphrase)
            self._reached("rotate: key kept")
            records.resealed(own)
            _write_wrapped(records.connection, records.store, wrapped)
        self._own_keys = {wrapped.key_id: own}
        with self.database.writing("settle") as connection:
            store, current = _wrapped(connection)
            self._keys.settle(store, current)

    @contextmanager
    def reading(self) -> Iterator[Records | None]:
        """Read one state of the file; ``None`` if nothing was ever saved."""
        with self.database.reading() as connection:
            yield self._records(connection) if connection else None

    @contextmanager
    def writing(self, verb: str) -> Iterator[Records]:
        """Change the file, or leave it as it is; ``verb`` is in the names of the steps."""
        self.unlock()  # before the lock: others must not wait until somebody has typed a passphrase
        with self.database.writing(verb) as connection:
            if connection.execute("SELECT count(*) FROM store").fetchone()[0] == 0:
                self._begin(connection)
            yield self._records(connection)

    def _begin(self, connection: Sqlite) -> None:
        store = secrets.token_hex(16)
        wrapped, own = self._keys.wrap(store, self._keys.usual())
        self._reached("key kept")
        _write_wrapped(connection, store, wrapped)
        self._own_keys[wrapped.key_id] = own

    def _records(self, connection: Sqlite) -> Records:
        store, own = self._own_key(connection)
        return Records(connection, store, own)

    def _own_key(self, connection: Sqlite) -> tuple[str, Secret]:
        store, wrapped = _wrapped(connection)
        own = self._own_keys.get(wrapped.key_id)
        if own is None:
            own = self._keys.unwrap(store, wrapped)
            self._own_keys = {wrapped.key_id: own}
        return store, own


def _wrapped(connection: Sqlite) -> tuple[str, Wrapped]:
    store, *rest = connection.execute(
        "SELECT id, method, parameters, key_check, key_id, sealed_key FROM store"
    ).fetchone()
    return store, Wrapped(*rest)


def _write_wrapped(connection: Sqlite, store: str, wrapped: Wrapped) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO store (one, id, method, parameters, key_check, key_id, sealed_key)"
        " VALUES (1, ?, ?, ?, ?, ?, ?)",
        [store, *wrapped],
    )
