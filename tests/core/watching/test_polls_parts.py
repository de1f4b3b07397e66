"""The parts by which items are told apart: their dates and keys."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from attrs import frozen
from bulletin import Note
from notes import Source, at

from jackfield import (
    AnswerError,
    Host,
    NewItem,
    PluginError,
    Trigger,
)


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
