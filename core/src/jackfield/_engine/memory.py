"""What a watch remembers between two polls: how far it came, and which items it gave.

Of an item it keeps a salted hash of its key, and its date: ids may be private, and a hash is short whatever they are.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

from jackfield._engine.dumping import dump
from jackfield._engine.problems import describe
from jackfield._engine.watched import Subject, told_otherwise
from jackfield.errors import InputError, InvalidInputError, Problem

VERSION = 1
"""Of the state; one that is newer is refused."""

_ID_BYTES = 12
_SALT_BYTES = 16


class Entry(NamedTuple):
    """An item that is new.

    Attributes:
        id: What it is known by.
        date: When it came into being; ``None`` if that is not known.
        key: What the service knows it by.
        place: Where it was among all that were read.
        output: The item.
    """

    id: str
    date: datetime | None
    key: object
    place: int
    output: object


class Memory:
    """How far a watch came.

    Args:
        subject: What is watched, as ``subject_of`` gives it.
        facts: All but the items, as ``facts`` gives it; a new memory without.
        seen: Ids and dates of items that were given or passed over, least recently met first.
    """

    def __init__(
        self, subject: Subject, facts: Mapping[str, Any] | None = None, seen: Iterable[tuple[str, str | None]] = ()
    ) -> None:
        said = facts or {"salt": os.urandom(_SALT_BYTES).hex()}
        self.subject = subject
        self._salt = bytes.fromhex(said["salt"])
        self.floor = _read(said.get("floor"))
        self.newest = _read(said.get("newest"))
        self.last_key: object = said.get("last_key")
        self.bookmark: object = said.get("bookmark")
        self.seen = {item_id: _read(date) for item_id, date in seen}

    @classmethod
    def load(cls, state: object, subject: Subject) -> Self:
        """Read a state that a caller kept.

        Raises:
            InputError: It is none, belongs to another watch, or a newer Jackfield wrote it.
        """
        facts = checked_facts(state, subject)
        try:
            return cls(subject, facts, [(str(item_id), date) for item_id, date in facts["seen"]])
        except (KeyError, TypeError, ValueError):
            raise _no_state(path="$", message="its parts are not those that a poll writes") from None

    def facts(self) -> dict[str, object]:
        """Give all but the items, as JSON."""
        return {
            "version": VERSION,
            **self.subject.facts(self._salt),
            "salt": self._salt.hex(),
            "floor": _spell(self.floor),
            "newest": _spell(self.newest),
            "last_key": self.last_key,
            **({} if self.bookmark is None else {"bookmark": self.bookmark}),
        }

    def state(self) -> dict[str, object]:
        """Give all of it, as JSON."""
        return {**self.facts(), "seen": [[item_id, _spell(date)] for item_id, date in self.seen.items()]}

    def copy(self) -> "Memory":
        """Give another one that is the same."""
        made = Memory(self.subject, self.facts())
        made.seen = dict(self.seen)
        return made

    def id_of(self, parts: Sequence[object]) -> str:
        """Give the id of an item, by what makes it that item."""
        import hashlib  # noqa: PLC0415  as above

        text = json.dumps([dump(part) for part in parts], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=_ID_BYTES, key=self._salt).hexdigest()

    def since(self, look_back_s: float) -> datetime | None:
        """Give the date before which nothing is new."""
        border = self.newest
        if border is not None:
            try:
                border -= timedelta(seconds=look_back_s)
            except OverflowError:
                border = None
        found = [date for date in (border, self.floor) if date is not None]
        return max(found, default=None)

    def take(self, entry: Entry, now: datetime, *, keep_key: bool) -> None:
        """Remember that an item was given.

        A date that lies in the future does not move the border: all that came after it would be too old.
        """
        self.seen.pop(entry.id, None)
        self.seen[entry.id] = entry.date
        if entry.date is not None and entry.date <= now and (self.newest is None or entry.date > self.newest):
            self.newest = entry.date
        if keep_key:
            self.last_key = dump(entry.key)

    def meet(self, met: Iterable[tuple[str, datetime | None]]) -> None:
        """Remember that known items were met again, the last of them most recently."""
        for item_id, date in met:
            former = self.seen.pop(item_id, None)
            dates = [each for each in (former, date) if each is not None]
            self.seen[item_id] = max(dates, default=None)

    def forget(self, since: datetime | None, most: int) -> list[str]:
        """Forget what is not needed any more, and give the ids of that."""
        old = [item_id for item_id, date in self.seen.items() if since and date is not None and date < since]
        for item_id in old:
            del self.seen[item_id]
        beyond = [*self.seen][: max(0, len(self.seen) - most)]
        for item_id in beyond:
            del self.seen[item_id]
        return old + beyond


def checked_facts(state: object, subject: Subject) -> Mapping[str, Any]:
    """Give a state, if it is one, and this watch's.

    Raises:
        InputError: It is not.
    """
    if not isinstance(state, Mapping):
        raise _no_state(path="$", message=f"must be an object, was {describe(state)}")
    version = state.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _no_state(path="$.version", message="must be a whole number of at least 1")
    if version > VERSION:
        message = f"The state was written by a newer Jackfield (version {version}; this one knows {VERSION})."
        raise InputError(message, hint="pip install --upgrade jackfield")
    if not subject.is_of(state):
        message = "The state belongs to another watch: its module, its connection or its fields are not these."
        raise InputError(message, hint="Give the state that this very poll gave, or none to begin anew.")
    _check_told_by(state.get("told_by", {}), subject.told_by)  # an earlier Jackfield did not write it
    return state


def _check_told_by(was: object, now: Mapping[str, object]) -> None:
    if not isinstance(was, Mapping):
        raise _no_state(path="$.told_by", message=f"must be an object, was {describe(was)}")
    if said := told_otherwise(was, now):
        message = f"Its connector now tells what is new by other parts of an item: {said}."
        hint = (
            "What was given before cannot be told from what is new. Go back to the version of the connector that wrote "
            "the state; or begin anew, with no state, or with --reset."
        )
        raise InputError(message, hint=hint)


def _no_state(*, path: str, message: str) -> InvalidInputError:
    return InvalidInputError([Problem(path=path, rule="state", message=message)], subject="The state of a poll")


def _spell(date: datetime | None) -> str | None:
    return date.isoformat() if date else None


def _read(date: str | None) -> datetime | None:
    return None if date is None else datetime.fromisoformat(date).astimezone(UTC)
