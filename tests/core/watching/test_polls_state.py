"""The state of a poll, where one begins, and what is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from bulletin import Note, Which
from notes import BY_DATE, BY_ID, Source, at

from jackfield import (
    Context,
    Effect,
    Host,
    InputError,
    InvalidInputError,
    Order,
    Trigger,
    WatchSettings,
    module,
)


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
