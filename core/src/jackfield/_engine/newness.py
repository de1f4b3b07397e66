"""What is new among the items that a trigger's function gives."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from jackfield._engine.dumping import dump
from jackfield._engine.memory import Entry, Memory
from jackfield.errors import AnswerError, LimitError, PluginError
from jackfield.modules import AnyModule
from jackfield.polls import WatchSettings
from jackfield.triggers import Order, Trigger

_FIRST_LOOK = 10
"""A watch that begins now without dates remembers this many times ``look_back_items``: some of them may be deleted."""
_LONGEST_KEY = 80
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Newness:
    """One look at a trigger: the Selection of its operation.

    Args:
        module: The trigger.
        memory: How far the watch came; it stays as it is.
        settings: How much is read and given at once.
        first: Whether what is there now is only to be remembered, since the watch begins now.
        confidential: Whether no key may be kept as it is.

    Attributes:
        entries: What is new, oldest first; known when ``chosen`` was called.
        more: Whether there is more that is new.
        looked: Whether anything called ``chosen``.
    """

    def __init__(
        self, module: AnyModule, memory: Memory, settings: WatchSettings, *, first: bool, confidential: bool = False
    ) -> None:
        self._module = module
        self._trigger: Trigger = module.trigger or Trigger()
        self._memory = memory
        self._settings = settings
        self._first = first
        self._keeps_key = self._trigger.keep_last_key and not confidential
        self._keeps_bookmark = not confidential
        self._bookmark: object = None
        self._now = datetime.now(UTC)
        self._since = memory.since(self._trigger.look_back_s)
        self._newest: datetime | None = None
        self._read = self._known_in_a_row = 0
        self._known: dict[str, datetime | None] = {}
        self._fresh: dict[str, Entry] = {}
        self._undated: list[str] = []
        self.entries: tuple[Entry, ...] = ()
        self.more = self.looked = False

    @property
    def since(self) -> datetime | None:
        """As in Context."""
        return self._since

    @property
    def last_key(self) -> object:
        """As in Context."""
        return self._memory.last_key

    @property
    def bookmark(self) -> object:
        """As in Context."""
        return self._memory.bookmark

    def mark(self, bookmark: object) -> None:
        """As in Selection."""
        self._bookmark = bookmark if self._keeps_bookmark else None

    @property
    def warnings(self) -> Sequence[str]:
        """As in Selection."""
        if not self._undated:
            return ()
        count = len(self._undated)
        whose = self._undated[0] if count == 1 else f"{count} items, the first of them {self._undated[0]},"
        said = f"The date of {whose} cannot be read; by the key alone it was seen that this is new."
        return (f"{said} Wanted: ISO 8601, or seconds since 1970.",)

    def wants_more(self, output: object) -> bool:
        """Look at an item; tells whether another one is to be read.

        Raises:
            AnswerError: It has no key.
            LimitError: More would have to be read than may be.
        """
        if self._read >= self._settings.max_read:
            return self._at_limit()
        self._read += 1
        return not self._sort(self._entry(output)) and not self._is_enough()

    def _sort(self, entry: Entry) -> bool:
        """Put an item where it belongs; tells whether nothing new can follow."""
        newest_first = self._trigger.order is Order.NEWEST_FIRST
        since = self._border()
        if since and entry.date is not None and entry.date < since:
            return newest_first
        if entry.id in self._memory.seen:
            self._known[entry.id] = entry.date
            self._known_in_a_row += 1
        elif entry.id not in self._fresh:
            self._fresh[entry.id] = entry
            self._known_in_a_row = 0
        rows = self._known_in_a_row >= self._trigger.look_back_items
        return newest_first and self._trigger.date is None and rows

    def _border(self) -> datetime | None:
        """Give the date before which nothing matters; at a first look it follows from the newest item."""
        if self._first and self._newest:
            with suppress(OverflowError):
                return self._newest - timedelta(seconds=self._trigger.look_back_s)
        return self._since

    def _is_enough(self) -> bool:
        if self._first:
            by_count = self._trigger.order is Order.NEWEST_FIRST and self._trigger.date is None
            return by_count and len(self._fresh) >= _FIRST_LOOK * self._trigger.look_back_items
        return self._trigger.order is Order.OLDEST_FIRST and len(self._fresh) > self._settings.max_items

    def _at_limit(self) -> bool:
        """Say that no more is to be read, where what was read is the beginning of what is new."""
        if self._trigger.order is Order.OLDEST_FIRST and self._fresh and not self._first:
            self.more = True
            return False
        most = self._settings.max_read
        message = f"{self._module.label}: there are more than {most} items to read before it is known what is new."
        raise LimitError(message, limit="max_read", maximum=most)

    def chosen(self) -> Sequence[object]:
        """Give what is new, oldest first, and no more than is allowed.

        Raises:
            LimitError: More would have to be remembered than may be.
        """
        self.looked = True
        reverse = self._trigger.order is Order.NEWEST_FIRST
        since = self._border()
        fresh = [entry for entry in self._fresh.values() if not (since and entry.date and entry.date < since)]
        found = sorted(fresh, key=lambda each: (each.date or _EARLIEST, -each.place if reverse else each.place))
        if self._first:
            self._check_room(len(found))
            self.entries = tuple(found)
            return ()
        self.entries = tuple(found[: self._settings.max_items])
        self.more = self.more or len(found) > len(self.entries)
        self._check_room(len(self._known) + len(self.entries))
        return tuple(entry.output for entry in self.entries)

    def _check_room(self, needed: int) -> None:
        most = self._settings.max_keys
        if needed > most:
            message = f"{self._module.label}: {needed} items would have to be remembered, so that none is given twice."
            raise LimitError(message, limit="max_keys", maximum=most)

    def take(self, memory: Memory, entry: Entry) -> None:
        """Remember that an item was given."""
        memory.take(entry, self._now, keep_key=self._keeps_key)

    def settle(self, memory: Memory) -> list[str]:
        """Remember what was met again when all was given, and give the ids of what is forgotten for it."""
        met = list(self._known.items())
        memory.meet(reversed(met) if self._trigger.order is Order.NEWEST_FIRST else met)
        memory.meet((entry.id, entry.date) for entry in self.entries)
        if not self.more:  # what is left would be taken for known
            memory.bookmark = self._bookmark
        return memory.forget(memory.since(self._trigger.look_back_s), self._settings.max_keys)

    def _entry(self, output: object) -> Entry:
        trigger = self._trigger
        written = None if trigger.date is None else _part(trigger.date, output)
        moment = _moment(written)
        key = output if trigger.key is None else _part(trigger.key, output)
        if key is None:
            message = f"{self._module.label}: item {self._read} has no key."
            raise AnswerError(message, hint="Its connector must say what makes an item that item: Trigger(key=...).")
        item_id = self._memory.id_of([key, moment] if trigger.updates else [key])
        is_new = item_id not in self._memory.seen and item_id not in self._fresh
        if is_new and moment is None and written is not None:
            self._undated.append(f"item {self._read}{'' if key is output else f' (key {_shortened(key)})'}")
        if self._first and moment and moment <= self._now and (self._newest is None or moment > self._newest):
            self._newest = moment
        return Entry(item_id, moment, key, self._read, output)


def _moment(value: object) -> datetime | None:
    with suppress(ValueError, OverflowError, OSError):
        return None if value is None else moment_of(value)
    return None


def _shortened(key: object) -> str:
    text = json.dumps(dump(key), ensure_ascii=False)
    return text if len(text) <= _LONGEST_KEY else f"{text[:_LONGEST_KEY]}..."


def _part(part: Any, output: object) -> object:
    found: object = part(output) if callable(part) else getattr(output, part)
    return found


def moment_of(value: object) -> datetime:
    """Give the moment that a date is, in UTC; one without a time zone is in UTC already.

    Raises:
        PluginError: It is no date, nor anything that can be one.
        ValueError: A text or number that is no date; also OverflowError and OSError.
    """
    if isinstance(value, str):
        return moment_of(datetime.fromisoformat(value.strip()))
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    message = f"The date of an item is a Python {type(value).__name__}."
    raise PluginError(message, stage="run", hint="Give a datetime, a date, ISO 8601 text, or seconds since 1970.")
