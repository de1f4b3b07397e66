"""What a poll gives, for a program that keeps the state itself."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from bulletin import Note
from notes import BY_DATE, BY_ID, Follow, Source, at

from jackfield import (
    Host,
    LimitError,
    Order,
    Trigger,
    WatchSettings,
)


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
