"""The file in which a watch keeps how far it came: SQLite, one for each watch, whose lock is that of the watch."""

import contextlib
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from jackfield._engine.memory import VERSION, Entry, Memory, checked_facts
from jackfield._engine.watched import Subject
from jackfield._privacy import check_private, create_private, make_folder
from jackfield._writing import part_beside
from jackfield.errors import InputError, InvalidInputError, JackfieldError, StoreError

_OURS = 0x4A4B5754  # "JKWT", in the header of the file
_SCHEMA = (
    "CREATE TABLE watch (one INTEGER PRIMARY KEY CHECK (one = 1), facts TEXT NOT NULL)",
    "CREATE TABLE seen (id TEXT PRIMARY KEY, date TEXT)",
    f"PRAGMA application_id = {_OURS}",
    f"PRAGMA user_version = {VERSION}",
)
_NAME = re.compile(r"[\w.-]{1,64}", re.ASCII)
_SUFFIX = ".watch"


def path_of(folder: Path, name: str, module_id: str, subject: str) -> Path:
    """Give the file of a watch: by its name, or by what it watches if it has none.

    Raises:
        InputError: The name cannot be that of a file.
    """
    if name and (not _NAME.fullmatch(name) or name.startswith(".")):
        message = "The name of a watch is made of at most 64 letters, digits, '_', '-' and '.', and begins with no dot."
        raise InputError(message)
    return folder / f"{name or f'{_slug(module_id)}@{subject[:16]}'}{_SUFFIX}"


def others_of(path: Path, module_id: str) -> int:
    """Count the watches without a name of the same module."""
    with contextlib.suppress(OSError):
        return sum(each != path for each in path.parent.glob(f"{_slug(module_id)}@*{_SUFFIX}"))
    return 0


def adopt(path: Path, subject: Subject) -> None:
    """Give a watch without a name the file that it had when the form of its module was an older one, if there is one.

    One that is run at this moment, or cannot be read, stays what it is: another watch.
    """
    with contextlib.suppress(OSError):
        if path.exists():
            return
        for module_id in (subject.module_id, *subject.module.aliases):
            for former in sorted(path.parent.glob(f"{_slug(module_id)}@*{_SUFFIX}")):
                if _is_of(former, subject):
                    former.rename(path)
                    return


def _is_of(path: Path, subject: Subject) -> bool:
    with contextlib.suppress(JackfieldError):
        file = WatchFile(path, lambda _step: None)
        try:
            return file.load(subject) is not None
        finally:
            file.close()
    return False


def _slug(module_id: str) -> str:
    return re.sub(r"[^\w.-]", "_", module_id, flags=re.ASCII)


def _place_new(path: Path) -> None:
    """Make the file of a new watch, whole or not at all: one that was cut off is never taken for a new one."""
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        for statement in _SCHEMA:
            database.execute(statement)
        content = database.serialize()
    part = part_beside(path)
    create_private(part)
    try:
        with part.open("r+b") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _name(part, path)
    finally:
        part.unlink(missing_ok=True)


def _name(part: Path, path: Path) -> None:
    """Give a file its name, unless another process was quicker: its file is as good, and it may hold the lock."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return
    except OSError:  # a file system without links, such as that of a USB stick
        if not path.exists():
            part.replace(path)


class WatchFile:
    """An open file, which no other process and no other Watch may open meanwhile.

    Args:
        path: Where it is; made if it is not there, its owner's alone.
        reached: Called at each named step, to see what a crash there leaves behind.

    Raises:
        StoreError: Somebody else has it, or it cannot be used.
    """

    def __init__(self, path: Path, reached: Callable[[str], None]) -> None:
        self.path = path
        self._reached = reached
        self._bookmark: object = None
        try:
            make_folder(path.parent)
            if not path.exists():
                _place_new(path)
            check_private(path, path.stat(), "The state of a watch")
        except OSError as error:
            raise self._unusable(error.strerror or "") from None
        with self._told():
            # An acknowledgment may come from another thread than the polls; never two at once.
            self._database = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw",
                uri=True,
                timeout=0,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            self._begin()
        except BaseException:
            self._database.close()
            raise

    def _begin(self) -> None:
        with self._told():
            for pragma in ("locking_mode = EXCLUSIVE", "synchronous = FULL", "trusted_schema = OFF"):
                self._database.execute(f"PRAGMA {pragma}")
            # In this mode the lock is kept after the transaction, until the file is closed or its process ends.
            with self._transaction("open", "BEGIN EXCLUSIVE"):
                self._check()

    def _check(self) -> None:
        """Look whether this is the state of a watch."""
        ours, version = (
            self._database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        (tables,) = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:  # SQLite takes an empty file for a new one; ours have their tables from the first moment on
            raise self._damaged()
        if ours != _OURS:
            message = f"{self.path} is no state of a watch."
            raise StoreError(message, hint="Move it away, or give the watch another name.")
        if version > VERSION:
            message = f"A newer Jackfield wrote the state of a watch {self.path}."
            raise StoreError(message, hint="pip install --upgrade jackfield")

    def close(self) -> None:
        """Let go of it."""
        self._database.close()

    def load(self, subject: Subject) -> Memory | None:
        """Give what is in it; ``None`` if nothing is.

        Raises:
            InputError: It is another watch's, a newer Jackfield wrote it, or the trigger tells its items otherwise now.
            StoreError: It is damaged.
        """
        with self._told():
            found = self._database.execute("SELECT facts FROM watch").fetchone()
            seen = self._database.execute("SELECT id, date FROM seen ORDER BY rowid").fetchall()
        if found is None:
            return None
        try:
            memory = Memory(subject, checked_facts(json.loads(found[0]), subject), seen)
        except (InvalidInputError, KeyError, TypeError, ValueError) as error:
            raise self._damaged() from error
        self._bookmark = memory.bookmark
        return memory

    def save(self, memory: Memory) -> None:
        """Write all of it in the place of what is there."""
        with self._told(), self._transaction("begin"):
            self._database.execute("DELETE FROM seen")
            rows = [(item_id, date.isoformat() if date else None) for item_id, date in memory.seen.items()]
            self._database.executemany("INSERT INTO seen (id, date) VALUES (?, ?)", rows)
            self._write_facts(memory)

    def took(self, memory: Memory, entry: Entry) -> None:
        """Write that an item was taken."""
        row = (entry.id, entry.date.isoformat() if entry.date else None)
        with self._told(), self._transaction("ack"):
            self._database.execute("INSERT OR REPLACE INTO seen (id, date) VALUES (?, ?)", row)
            self._write_facts(memory)

    def settle(self, memory: Memory, ids: Sequence[str]) -> None:
        """Write what a look that is over leaves, and take out what is not needed any more."""
        if ids or memory.bookmark != self._bookmark:
            with self._told(), self._transaction("settle"):
                self._database.executemany("DELETE FROM seen WHERE id = ?", [(each,) for each in ids])
                self._write_facts(memory)

    def clear(self) -> None:
        """Take out everything."""
        with self._told(), self._transaction("reset"):
            self._database.execute("DELETE FROM seen")
            self._database.execute("DELETE FROM watch")

    def _write_facts(self, memory: Memory) -> None:
        self._bookmark = memory.bookmark
        self._database.execute("INSERT OR REPLACE INTO watch (one, facts) VALUES (1, ?)", [json.dumps(memory.facts())])

    @contextlib.contextmanager
    def _transaction(self, verb: str, begin: str = "BEGIN") -> Iterator[None]:
        database: Any = self._database
        database.execute(begin)
        try:
            yield
            self._reached(f"{verb}: to commit")
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:  # SQLite itself ends it where the disk is full
                database.execute("ROLLBACK")
            raise
        self._reached(f"{verb}: committed")

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite says into an error that tells what to do."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                message = f"Somebody else runs this watch already ({self.path})."
                hint = "End that process first, or give this watch a name of its own: it then begins anew."
                raise StoreError(message, hint=hint) from None
            if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                raise self._unusable(reason="the disk is full, or fails; what was acknowledged is kept") from error
            if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
                raise self._unusable(reason="it cannot be written") from error
            raise self._damaged() from error

    def _unusable(self, reason: str) -> StoreError:
        message = f"The state of a watch {self.path} cannot be used{f': {reason}' if reason else ''}."
        return StoreError(message, hint=f"ls -ld '{self.path.parent}'; or name another place: JACKFIELD_HOME")

    def _damaged(self) -> StoreError:
        message = f"The state of a watch {self.path} is damaged."
        return StoreError(message, hint="Put a backup of it in its place, or remove it: the watch then begins anew.")
