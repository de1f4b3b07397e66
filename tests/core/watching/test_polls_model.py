"""Items come in any order and with equal dates, polls give a part, and consumers take a part of that."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from bulletin import Note, Which
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from jackfield import Context, Effect, Host, Order, Trigger, WatchSettings, module

LOOK_BACK_MIN = 5
KINDS = {
    "unordered": Trigger(key="id"),
    "dated": Trigger(key="id", date="at", look_back_s=LOOK_BACK_MIN * 60),
    "newest first": Trigger(key="id", date="at", order=Order.NEWEST_FIRST, look_back_s=LOOK_BACK_MIN * 60),
    "oldest first": Trigger(key="id", date="at", order=Order.OLDEST_FIRST, look_back_s=LOOK_BACK_MIN * 60),
    "pushed": Trigger(key="id", order=Order.OLDEST_FIRST, keep_last_key=True),
}


def moment(minute: int) -> datetime:
    """Give the moment of a minute."""
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)


class Following(RuleBasedStateMachine):
    """A service, a consumer, and what each has."""

    def __init__(self) -> None:
        super().__init__()
        self.host = Host(discover=False)
        self.notes: list[Note] = []
        self.minute = 0
        self.next_id = 1
        self.taken: list[int] = []
        self.state: Any = None

    @initialize(kind=st.sampled_from(sorted(KINDS)), most=st.integers(1, 4), begins_with=st.integers(0, 3))
    def begin(self, kind: str, most: int, begins_with: int) -> None:
        """Choose a kind of trigger; some notes may be there already, which all of them are to be given."""
        self.kind, self.settings = kind, WatchSettings(max_items=most)

        @module(label="Watch", effect=Effect.READ, trigger=KINDS[kind])
        def watch(form: Which, context: Context) -> Iterator[Note]:
            """Give notes as this kind of service does."""
            last: Any = context.last_key or 0
            yield from (note for note in self.given() if kind != "pushed" or note.id > last)

        self.trigger = watch
        for _ in range(begins_with):
            self.add(0, 0)

    def given(self) -> list[Note]:
        """Give the notes in the order of the service."""
        if self.kind in ("newest first", "oldest first"):
            return sorted(self.notes, key=lambda note: note.at or "", reverse=self.kind == "newest first")
        return list(self.notes)

    @rule(later=st.integers(0, 3), late=st.integers(0, LOOK_BACK_MIN))
    def add(self, later: int, late: int) -> None:
        """A note appears: now, or a little late, so that its date may be that of others or older."""
        self.minute += later
        note = Note(id=self.next_id, at=moment(self.minute - late).isoformat())
        self.next_id += 1
        self.notes.insert(0 if self.kind == "unordered" and self.next_id % 2 else len(self.notes), note)

    @rule(share=st.integers(0, 4))
    def poll(self, share: int) -> None:
        """The consumer takes some of what is given, keeps the state behind that, and perhaps dies."""
        poll = self.host.poll(self.trigger, state=self.state, start="all", settings=self.settings)
        assert len(poll.items) <= self.settings.max_items
        dates = [item.date for item in poll.items if item.date]
        assert dates == sorted(dates)
        count = min(share, len(poll.items))
        self.taken += [item.output.id for item in poll.items[:count]]
        self.state = poll.state_after(count)

    @rule()
    def catch_up(self) -> None:
        """After enough polls, all was given that ever appeared, and once."""
        more = True
        while more:
            poll = self.host.poll(self.trigger, state=self.state, start="all", settings=self.settings)
            self.taken += [item.output.id for item in poll.items]
            self.state, more = poll.state, poll.more
        assert sorted(self.taken) == sorted(note.id for note in self.notes)

    @invariant()
    def nothing_is_given_twice(self) -> None:
        """Not even after a poll of which only a part was taken."""
        assert len(self.taken) == len(set(self.taken))

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.host.close()


def test_nothing_is_lost_and_nothing_repeated() -> None:
    """Whatever the service shows and whatever part of it the consumer takes."""
    run_state_machine_as_test(Following, settings=settings(max_examples=60, stateful_step_count=30, deadline=None))
