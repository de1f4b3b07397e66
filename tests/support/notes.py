"""A service of notes in memory, and one who polls it."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bulletin import Note, Which

from jackfield import (
    Context,
    Effect,
    Host,
    Trigger,
    module,
)

LONG_AGO = "2026-01-01T00:00:00Z"
BY_ID = Trigger(key="id")
BY_DATE = Trigger(key="id", date="at")


class Source:
    """A service in memory: what it has, and how far it was read."""

    def __init__(self) -> None:
        self.notes: list[Any] = []
        self.read = 0
        self.since: datetime | None = None
        self.last_key: object = None

    def trigger(self, declared: Trigger) -> Any:
        """Make a trigger of it."""

        @module(label="Watch", effect=Effect.READ, trigger=declared)
        def watch(form: Which, context: Context) -> Iterator[Note]:
            """Give notes."""
            self.read, self.since, self.last_key = 0, context.since, context.last_key
            for note in self.notes:
                self.read += 1
                yield note

        return watch


class Follower:
    """Polls one trigger again and again, with the state of the last poll."""

    def __init__(self, host: Host, trigger: Any, **options: Any) -> None:
        self.host = host
        self.trigger = trigger
        self.options = options
        self.state: Mapping[str, object] | None = None
        self.more = False

    def poll(self) -> list[int]:
        """Give the ids of what is new."""
        poll = self.host.poll(self.trigger, state=self.state, **self.options)
        self.state = json.loads(json.dumps(poll.state))
        self.more = poll.more
        return [item.output.id for item in poll.items]


def at(minute: int, *ids: int) -> list[Note]:
    """Make notes of one minute."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    return [Note(id=each, at=moment.isoformat()) for each in ids]


Follow = Callable[..., Follower]
