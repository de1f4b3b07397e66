"""The file of a store: SQLite, its schema, and what can go wrong with a file.

Every use opens the file anew, so that nothing is shared among threads or with a child process. A write is one
transaction, begun with the lock that keeps other writers out; SQLite's rollback journal makes it whole or undone,
whenever the process ends. ``secure_delete`` overwrites what is removed, so that a key that was given up opens nothing.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from jackfield._privacy import REPLACE_SECRETS, check_folder, check_private, create_private, make_folder
from jackfield.errors import StoreError

_OURS = 0x4A4B4644  # "JKFD", in the header of the file

_FIRST = """
CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, method TEXT NOT NULL, parameters TEXT NOT NULL,
    key_check BLOB NOT NULL, key_id TEXT NOT NULL, sealed_key BLOB NOT NULL
);
CREATE TABLE connections (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, type_id TEXT NOT NULL, revision INTEGER NOT NULL,
    created TEXT NOT NULL, changed TEXT NOT NULL, sealed BLOB NOT NULL
);
CREATE TABLE secrets (
    connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE, field TEXT NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (connection, field)
);
"""

_CHECKS = """
ALTER TABLE connections ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN checked TEXT NOT NULL DEFAULT '';
"""

MIGRATIONS: Sequence[str] = (_FIRST, _CHECKS)
"""What leads from each schema to the next; the schema of a file is how many of them it has behind it."""


_DISK = "df -h '{folder}'"


def _opened(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, timeout=0, isolation_level=None, uri=True, check_same_thread=False)


def _claimed(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


class Database:
    """One file.

    Args:
        path: Where it is.
        busy_timeout_s: How long to wait for another process that writes.
        max_bytes: How large it may become.
        reached: Called at each named step of a write.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float, max_bytes: int, reached: Callable[[str], None]) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._max_bytes = max_bytes
        self._reached = reached

    def look(self) -> os.stat_result | None:
        """Give what the system says of the file; ``None`` if there is none.

        Raises:
            StoreError: Others may read it.
        """
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._unusable(error.strerror or "") from None
        check_private(self.path, found, "The store", then=REPLACE_SECRETS)
        return found

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """See one state of the file, whatever others write meanwhile; ``None`` if nothing was ever saved."""
        if self.look() is None:
            yield None
            return
        check_folder(self.path.parent)
        with self._open() as connection, self._transaction(connection, "BEGIN"):
            schema = self._schema(connection)
            if schema in (0, len(MIGRATIONS)):
                yield connection if schema else None
                return
        with self.writing("migrate"):  # an old file is brought up to date by whoever comes first
            pass
        with self.reading() as migrated:
            yield migrated

    @contextlib.contextmanager
    def writing(self, verb: str) -> Iterator[sqlite3.Connection]:
        """Change the file, or leave it as it is.

        Args:
            verb: What is done, in the names of its steps.
        """
        try:
            make_folder(self.path.parent)
            if create_private(self.path):
                self._reached("file made")
        except OSError as error:
            raise self._unusable(error.strerror or "") from None
        self.look()
        with self._open() as connection, self._transaction(connection, "BEGIN IMMEDIATE"):
            self._migrate(connection)
            yield connection
            self._reached(f"{verb}: to commit")
        self._reached(f"{verb}: committed")

    @contextlib.contextmanager
    def claiming(self, what: str, wait: Callable[[], None]) -> Iterator[None]:
        """Keep other threads and processes from claiming the same meanwhile.

        The lock is SQLite's own, on an empty file beside the store: it works on every system, and ends with its holder.

        Args:
            what: Letters and digits.
            wait: Called again and again while somebody else has it; may raise.
        """
        path = self._claim(what)
        try:
            create_private(path)
        except OSError as error:
            raise self._unusable(error.strerror or "") from None
        with self._told(), contextlib.closing(_opened(path)) as connection:
            while not _claimed(connection):
                wait()
            yield

    def unclaimed(self, what: str) -> None:
        """Take away what ``claiming`` left, once nobody will claim it again."""
        with contextlib.suppress(OSError):  # on Windows it stays while somebody has it open
            self._claim(what).unlink(missing_ok=True)

    def _claim(self, what: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{what}.lock")

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._told():
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=rw",
                timeout=self._busy_timeout_s,
                isolation_level=None,
                uri=True,
                check_same_thread=False,
            )
            with contextlib.closing(connection):
                for pragma in (
                    "foreign_keys = ON",
                    "secure_delete = ON",
                    "synchronous = EXTRA",
                    "trusted_schema = OFF",
                ):
                    connection.execute(f"PRAGMA {pragma}")
                size = connection.execute("PRAGMA page_size").fetchone()[0]
                connection.execute(f"PRAGMA max_page_count = {max(1, self._max_bytes // size)}")
                yield connection

    @contextlib.contextmanager
    def _transaction(self, connection: sqlite3.Connection, begin: str) -> Iterator[None]:
        connection.execute(begin)
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite itself ends it where the disk is full
                connection.execute("ROLLBACK")
            raise

    def _schema(self, connection: sqlite3.Connection) -> int:
        ours, schema = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if ours != _OURS:
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] and ours == 0:
                return 0
            message = f"{self.path} is no store of Jackfield's."
            raise StoreError(message, hint="Move it away.")
        if schema > len(MIGRATIONS):
            message = (
                f"The store {self.path} was written by a newer Jackfield "
                f"(schema {schema}; this one knows schemas up to {len(MIGRATIONS)})."
            )
            raise StoreError(message, hint="pip install --upgrade jackfield")
        return int(schema)

    def _migrate(self, connection: sqlite3.Connection) -> None:
        schema = self._schema(connection)
        for number, script in enumerate(MIGRATIONS[schema:], schema + 1):
            for statement in filter(str.strip, script.split(";")):  # executescript would commit
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
            self._reached(f"schema {number} made")
        if schema == 0:
            connection.execute(f"PRAGMA application_id = {_OURS}")

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite says into an error that tells what to do."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._error(getattr(error, "sqlite_errorcode", 0) & 0xFF) from error

    def _error(self, code: int) -> StoreError:
        path, folder = self.path, self.path.parent
        room = f"would grow beyond {self._max_bytes} bytes (max_bytes)"
        told = {
            sqlite3.SQLITE_BUSY: (
                f"Another process keeps others from the store {path} for {self._busy_timeout_s:g} s (busy_timeout_s).",
                "Run it again; if it stays so, end that process.",
            ),
            sqlite3.SQLITE_FULL: (f"The disk of the store {path} is full, or it {room}; nothing changed.", _DISK),
            sqlite3.SQLITE_IOERR: (f"The disk fails at the store {path}, or is full; nothing changed.", _DISK),
            sqlite3.SQLITE_READONLY: (f"The store {path} cannot be written.", "ls -ld '{folder}' '{path}'"),
            sqlite3.SQLITE_CANTOPEN: (f"The store {path} cannot be opened.", "ls -ld '{folder}' '{path}'"),
        }
        damaged = (f"The store {path} is damaged.", "Put a backup of it in its place.")
        message, hint = told.get(code, damaged)
        return StoreError(message, hint=hint.format(folder=folder, path=path))

    def _unusable(self, reason: str) -> StoreError:
        message = f"The store {self.path} cannot be opened{f': {reason}' if reason else ''}."
        return StoreError(message, hint=f"ls -ld '{self.path.parent}'; or name another place: JACKFIELD_HOME")
