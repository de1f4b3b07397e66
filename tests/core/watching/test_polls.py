"""What a poll gives, for a program that keeps the state itself."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import frozen
from bulletin import Note, Which

from jackfield import (
    AnswerError,
    Context,
    Effect,
    Host,
    InputError,
    InvalidInputError,
    LimitError,
    NewItem,
    Order,
    PluginError,
    Trigger,
    WatchSettings,
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


@pytest.fixture
def host() -> Iterator[Host]:
    """A host with nothing installed."""
    with Host(discover=False) as made:
        yield made


@pytest.fixture
def source() -> Source:
    """A service that has nothing yet."""
    return Source()


Follow = Callable[..., Follower]


@pytest.fixture
def follow(host: Host, source: Source) -> Follow:
    """Follow the source."""
    return lambda declared, **options: Follower(host, source.trigger(declared), **options)


def at(minute: int, *ids: int) -> list[Note]:
    """Make notes of one minute."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    return [Note(id=each, at=moment.isoformat()) for each in ids]


@pytest.mark.parametrize("declared", [BY_ID, BY_DATE])
def test_from_now_on_nothing_is_given_that_is_there_already(source: Source, follow: Follow, declared: Trigger) -> None:
    """The first poll remembers it; what comes later is new once."""
    follower = follow(declared)
    source.notes = at(0, 1, 2)

    assert follower.poll() == []
    source.notes = [*at(1, 3), *source.notes]
    assert follower.poll() == [3]
    assert follower.poll() == []


def test_what_comes_after_an_empty_beginning_is_new(source: Source, follow: Follow) -> None:
    """However old its date is."""
    follower = follow(BY_DATE)

    assert follower.poll() == []
    source.notes = at(0, 1)
    assert follower.poll() == [1]


def test_from_all_everything_is_given_oldest_first(source: Source, follow: Follow) -> None:
    """Whatever the order of the service; of one date, in its order."""
    follower = follow(BY_DATE, start="all")
    source.notes = [*at(5, 5), *at(3, 3, 4), *at(9, 9), Note(id=7, at=None)]

    assert follower.poll() == [7, 3, 4, 5, 9]
    assert follower.poll() == []


def test_from_a_date_what_is_older_is_not_given(source: Source, follow: Follow) -> None:
    """That date itself is; the function is told it, so that it need not ask for more."""
    start = datetime(2026, 1, 1, 0, 3, tzinfo=UTC)
    follower = follow(BY_DATE, start=start)
    source.notes = [*at(3, 3), *at(2, 2), *at(4, 4)]

    assert follower.poll() == [3, 4]
    assert source.since == start
    source.notes += at(2, 6)
    assert follower.poll() == []


def test_items_of_the_newest_date_so_far_are_told_apart(source: Source, follow: Follow) -> None:
    """Nobody loses what came in the same second."""
    follower = follow(Trigger(key="id", date="at", look_back_s=0), start="all")
    source.notes = at(1, 1)
    assert follower.poll() == [1]

    source.notes = [*at(1, 2), *at(1, 1)]
    assert follower.poll() == [2]


def test_a_late_item_is_given_if_it_is_not_too_late(source: Source, follow: Follow) -> None:
    """look_back_s says how late; it is looked at from the newest date."""
    follower = follow(Trigger(key="id", date="at", look_back_s=300), start="all")
    source.notes = at(10, 1)
    assert follower.poll() == [1]

    source.notes += [*at(5, 2), *at(4, 3)]
    assert follower.poll() == [2]


def test_an_item_that_changes_is_new_only_if_that_was_declared(source: Source, follow: Follow) -> None:
    """By its date, which then says when it was changed last."""
    once, each = follow(BY_DATE, start="all"), follow(Trigger(key="id", date="at", updates=True), start="all")
    source.notes = at(1, 1)
    assert (once.poll(), each.poll()) == ([1], [1])

    source.notes = at(2, 1)
    assert (once.poll(), each.poll()) == ([], [1])
    assert each.poll() == []


def test_a_date_in_the_future_does_not_hide_what_comes(source: Source, follow: Follow) -> None:
    """It is given once; what is dated now comes after it, whoever's clock was wrong."""
    follower = follow(BY_DATE, start="all")
    now = datetime.now(UTC)
    source.notes = [Note(id=1, at=(now + timedelta(days=9000)).isoformat())]
    assert follower.poll() == [1]

    source.notes.append(Note(id=2, at=(now - timedelta(days=1)).isoformat()))
    assert follower.poll() == [2]
    assert follower.poll() == []


def test_without_a_key_the_whole_item_tells(source: Source, follow: Follow) -> None:
    """Two with all values equal are one."""
    follower = follow(Trigger(date="at"), start="all")
    source.notes = [*at(1, 1), *at(1, 1), *at(1, 2)]

    assert follower.poll() == [1, 2]
    assert follower.poll() == []


def test_a_poll_gives_no_more_than_it_may_and_goes_on_with_the_rest(source: Source, follow: Follow) -> None:
    """The oldest first, so that nothing is passed over."""
    follower = follow(BY_DATE, start="all", settings=WatchSettings(max_items=2))
    source.notes = [note for minute in range(5, 0, -1) for note in at(minute, minute)]

    assert (follower.poll(), follower.more) == ([1, 2], True)
    assert (follower.poll(), follower.more) == ([3, 4], True)
    assert (follower.poll(), follower.more) == ([5], False)


def test_reading_ends_where_nothing_new_can_follow(source: Source, follow: Follow) -> None:
    """A service that gives the newest first is not read to its end."""
    dated = follow(Trigger(key="id", date="at", order=Order.NEWEST_FIRST, look_back_s=60))
    keyed = follow(Trigger(key="id", order=Order.NEWEST_FIRST, look_back_items=3))
    source.notes = [note for minute in range(5000, 0, -1) for note in at(minute, minute)]
    assert dated.poll() == []
    assert source.read == 3
    assert keyed.poll() == []
    assert source.read == 30

    source.notes = [*at(5002, 5002), *at(5001, 5001), *source.notes]
    assert dated.poll() == [5001, 5002]
    assert source.read == 5  # one of them is older than the look-back
    assert keyed.poll() == [5001, 5002]
    assert source.read == 5


def test_an_item_between_known_ones_is_found(source: Source, follow: Follow) -> None:
    """Pages shift while they are read, so one may be missed at first."""
    follower = follow(Trigger(key="id", order=Order.NEWEST_FIRST, look_back_items=3))
    source.notes = [Note(id=each) for each in (9, 7, 6, 5)]
    assert follower.poll() == []

    source.notes = [Note(id=each) for each in (9, 8, 7, 6, 5)]
    assert follower.poll() == [8]


def test_the_last_key_is_told_where_that_is_declared(source: Source, follow: Follow) -> None:
    """So that the service is asked only for what comes after; of others it holds no key."""
    plain = follow(Trigger(key="id", order=Order.OLDEST_FIRST, keep_last_key=True), start="all")
    source.notes = [Note(id=4711), Note(id=4712)]
    assert plain.poll() == [4711, 4712]
    source.notes = [Note(id=4713)]
    assert plain.poll() == [4713]
    assert source.last_key == 4712

    hashed = follow(BY_ID, start="all")
    assert hashed.poll() == [4713]
    assert "4713" not in json.dumps({**(hashed.state or {}), "salt": "", "seen": []})
    assert all(item[0] != 4713 for item in (hashed.state or {})["seen"])  # type: ignore[attr-defined]


def test_a_confidential_poll_keeps_no_key(source: Source, follow: Follow) -> None:
    """Whatever the trigger declares."""
    follower = follow(Trigger(key="id", keep_last_key=True), start="all", confidential=True)
    source.notes = [Note(id=1)]

    assert follower.poll() == [1]
    assert follower.state is not None
    assert follower.state["last_key"] is None
    assert follower.poll() == []


def test_a_consumer_that_took_some_items_gets_the_others_again(source: Source, host: Host) -> None:
    """There is a state behind each item."""
    trigger = source.trigger(BY_DATE)
    source.notes = [*at(1, 1), *at(2, 2), *at(3, 3)]
    poll = host.poll(trigger, start="all")

    for count in range(4):
        again = host.poll(trigger, state=poll.state_after(count))
        assert [item.output.id for item in again.items] == [1, 2, 3][count:]
        assert [item.id for item in again.items] == [item.id for item in poll.items[count:]]
    with pytest.raises(IndexError):
        poll.state_after(4)


def test_what_is_to_be_read_has_a_limit_that_loses_nothing(source: Source, follow: Follow) -> None:
    """The error names it; where the oldest come first, what was read is given."""
    settings = WatchSettings(max_read=3)
    unordered = follow(BY_ID, start="all", settings=settings)
    in_order = follow(Trigger(key="id", order=Order.OLDEST_FIRST), start="all", settings=settings)
    source.notes = [Note(id=each) for each in range(3)]
    assert unordered.poll() == [0, 1, 2]

    source.notes.append(Note(id=3))
    with pytest.raises(LimitError, match="max_read") as limited:
        unordered.poll()
    assert limited.value.limit == "max_read"
    assert (in_order.poll(), in_order.more) == ([0, 1, 2], True)
    with pytest.raises(LimitError, match="max_read"):  # it reads what it knows before it finds what is new
        in_order.poll()


def test_what_is_remembered_has_a_limit_that_repeats_nothing(source: Source, follow: Follow) -> None:
    """What the service does not show any more is forgotten first."""
    follower = follow(BY_ID, start="all", settings=WatchSettings(max_keys=3))
    source.notes = [Note(id=each) for each in (1, 2, 3)]
    assert follower.poll() == [1, 2, 3]
    source.notes = [Note(id=each) for each in (2, 3, 4)]
    assert follower.poll() == [4]
    assert follower.poll() == []

    source.notes.append(Note(id=5))
    with pytest.raises(LimitError, match="max_keys") as limited:
        follower.poll()
    assert limited.value.limit == "max_keys"


def test_with_dates_little_is_remembered(source: Source, follow: Follow) -> None:
    """What is older than the look-back is known by its date."""
    follower = follow(Trigger(key="id", date="at", look_back_s=60), start="all")
    source.notes = [note for minute in range(1000) for note in at(minute, minute)]

    assert len(follower.poll()) == 1000
    assert follower.state is not None
    assert len(follower.state["seen"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ([], "must be an object"),
        ({}, r"\$\.version"),
        ({"version": True}, r"\$\.version"),
        ({"version": 99}, "newer Jackfield"),
        ({"version": 1, "subject": "other"}, "belongs to another watch"),
    ],
)
def test_a_state_that_is_none_is_refused(source: Source, host: Host, state: Any, words: str) -> None:
    """Before anything is asked."""
    with pytest.raises(InputError, match=words) as refused:
        host.poll(source.trigger(BY_ID), state=state)

    assert refused.value.hint or isinstance(refused.value, InvalidInputError)


@pytest.mark.parametrize(
    "damage", [{"salt": "zz"}, {"salt": None}, {"seen": [1]}, {"seen": None}, {"newest": "soon"}, {"floor": 7}]
)
def test_a_damaged_state_is_refused(source: Source, host: Host, damage: dict[str, object]) -> None:
    """As wrong input, not as a defect."""
    trigger = source.trigger(BY_ID)
    state = {**host.poll(trigger).state, **damage}

    with pytest.raises(InvalidInputError, match="its parts are not those"):
        host.poll(trigger, state=state)


def test_a_state_is_refused_for_other_values(source: Source, host: Host) -> None:
    """What is new there is another question; a value that is given as it would be anyway changes nothing."""
    trigger = source.trigger(BY_ID)
    state = host.poll(trigger, {"board": "blue"}).state

    with pytest.raises(InputError, match="another watch"):
        host.poll(trigger, {"board": "red"}, state=state)
    assert host.poll(trigger, {"board": None}, state=host.poll(trigger).state).items == ()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (BY_ID, Trigger(key="at"), "key was id, is at"),
        (BY_ID, Trigger(key=lambda note: note.id), "key was id, is a function"),
        (BY_ID, Trigger(), "key was id, is not given"),
        (BY_DATE, Trigger(key="id", date=lambda note: note.at), "date was at, is a function"),
        (BY_DATE, BY_ID, "date was at, is not given"),
        (BY_DATE, Trigger(key="id", date="at", updates=True), "updates was False, is True"),
        (Trigger(key="id", order=Order.NEWEST_FIRST), BY_ID, "order was newest_first, is any"),
    ],
)
def test_a_trigger_that_tells_its_items_by_other_parts_repeats_nothing_silently(
    source: Source, host: Host, before: Trigger, after: Trigger, words: str
) -> None:
    """The state is refused, with what changed and what to do; nothing is asked."""
    source.notes = at(0, 1)
    state = host.poll(source.trigger(before)).state
    source.read = 0

    with pytest.raises(InputError, match=words) as refused:
        host.poll(source.trigger(after), state=state)
    assert "--reset" in refused.value.hint
    assert source.read == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BY_ID, BY_DATE),
        (BY_ID, Trigger(key="id", order=Order.NEWEST_FIRST)),
        (BY_DATE, Trigger(key="id", date="at", order=Order.NEWEST_FIRST)),
        (BY_ID, Trigger(key="id", look_back_items=7)),
    ],
)
def test_a_trigger_that_knows_all_that_it_gave_goes_on(
    source: Source, host: Host, before: Trigger, after: Trigger
) -> None:
    """Dates that are added, another order or reach: what was given is known by the same key."""
    source.notes = at(0, 1)
    state = host.poll(source.trigger(before)).state
    source.notes = [*at(1, 2), *source.notes]

    assert [item.output.id for item in host.poll(source.trigger(after), state=state).items] == [2]


def test_a_state_of_an_earlier_release_goes_on(source: Source, host: Host) -> None:
    """It does not say by which parts its items are told; the next one does."""
    trigger = source.trigger(BY_ID)
    state = {name: value for name, value in host.poll(trigger).state.items() if name != "told_by"}

    assert "told_by" in host.poll(trigger, state=state).state


@pytest.mark.parametrize("start", ["yesterday", None, datetime(2026, 1, 1)])  # noqa: DTZ001  that is what is refused
def test_a_start_that_is_none_is_refused(source: Source, host: Host, start: Any) -> None:
    """With those that there are, or with what the date lacks."""
    with pytest.raises(InputError, match=r"'now'|time zone"):
        host.poll(source.trigger(BY_DATE), start=start)


def test_a_trigger_without_dates_cannot_start_from_one(source: Source, host: Host) -> None:
    """It would have to guess."""
    with pytest.raises(InputError, match="has no dates"):
        host.poll(source.trigger(BY_ID), start=datetime(2026, 1, 1, tzinfo=UTC))


@module(label="Search", effect=Effect.READ)
def search(form: Which, context: Context) -> Iterator[Note]:
    """Give notes."""
    yield Note(id=1)


def test_only_a_trigger_can_be_polled(host: Host) -> None:
    """The error says how to run what is none."""
    with pytest.raises(InputError, match="no trigger") as refused:
        host.poll(search)

    assert "module run" in refused.value.hint


def test_settings_out_of_bounds_are_all_named() -> None:
    """When they are made."""
    with pytest.raises(InvalidInputError) as refused:
        WatchSettings(interval_s=0, jitter=2, max_items=0, max_read=1.5, max_keys=True)  # type: ignore[arg-type]

    paths = [problem.path for problem in refused.value.problems]
    assert paths == ["$.interval_s", "$.jitter", "$.max_items", "$.max_read", "$.max_keys"]


@frozen(kw_only=True)
class Anything:
    value: object


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1.5, datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=UTC)),
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T02:00:00+02:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00.123456789Z", datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)),
        ("2026-01-01 00:00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        (date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_date_may_be_written_as_services_do(host: Host, value: object, expected: datetime) -> None:
    """Seconds since 1970, ISO 8601, or Python's own."""
    (item,) = polled(host, [Note(id=1)], Trigger(key="id", date=lambda _: value))

    assert item.date == expected


def polled(host: Host, notes: Sequence[Note], declared: Trigger) -> tuple[NewItem[Note], ...]:
    """Poll a service that has these notes."""
    source = Source()
    source.notes = [*notes]
    return host.poll(source.trigger(declared), start="all").items


@pytest.mark.parametrize("wrong", ["soon", 1e99, -1e99])
def test_an_item_whose_date_cannot_be_read_does_not_stop_a_watch(source: Source, host: Host, wrong: object) -> None:
    """It is given once, without a date, like those around it; the result says which it was, as long as it is new."""
    trigger = source.trigger(Trigger(key="id", date=lambda item: wrong if item.id == 471147 else item.at))
    source.notes = [*at(1, 1), *at(2, 471147), *at(3, 3)]

    first = host.poll(trigger, start="all")
    assert sorted(item.output.id for item in first.items) == [1, 3, 471147]
    assert [item.output.id for item in first.items if item.date is None] == [471147]
    (warning,) = first.result.warnings
    assert "The date of item 2 (key 471147) cannot be read" in warning
    assert "ISO 8601" in warning

    source.notes += at(4, 4)
    second = host.poll(trigger, state=first.state)
    assert [item.output.id for item in second.items] == [4]
    assert second.result.warnings == ()


def test_many_dates_that_cannot_be_read_are_told_at_once(source: Source, host: Host) -> None:
    """One warning, with their number."""
    source.notes = at(0, *range(7))
    poll = host.poll(source.trigger(Trigger(date=lambda _: "soon")), start="all")

    assert len(poll.items) == 7
    (warning,) = poll.result.warnings
    assert "The date of 7 items, the first of them item 1, cannot be read" in warning


@pytest.mark.parametrize(
    ("declared", "error", "words"),
    [
        (Trigger(key=lambda _: None), AnswerError, "item 1 has no key"),
        (Trigger(date=lambda _: [1]), PluginError, "The date of an item is a Python list"),
        (Trigger(key=lambda item: item.idd), PluginError, "AttributeError"),
    ],
)
def test_an_item_whose_parts_cannot_be_read_is_told(
    host: Host, declared: Trigger, error: type[Exception], words: str
) -> None:
    """As the service's mistake or the connector's."""
    with pytest.raises(error, match=words):
        polled(host, [Note(id=1)], declared)
