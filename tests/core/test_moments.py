from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import (
    ConnectionType,
    Context,
    Date,
    DateTime,
    Effect,
    FromText,
    InvalidInputError,
    PluginError,
    Time,
    from_text,
    module,
    to_json,
)
from jackfield._engine.conversion import load_form, load_output
from jackfield._engine.schema import form_schema
from jackfield.forms import form_of
from jackfield.testing import Reply, context

PRAGUE = timezone(timedelta(hours=1), "CET")


@frozen(kw_only=True)
class Event:
    start: datetime | None = None
    day: date | None = None
    clock: time | None = None
    days: Sequence[date] | None = None
    soon: Annotated[
        datetime | None,
        DateTime(earliest=datetime(2026, 1, 1, tzinfo=UTC), latest=datetime(2026, 12, 31, 12, tzinfo=UTC)),
    ] = None
    shift: Annotated[time | None, Time(earliest=time(9), latest=time(17, 30))] = None
    booked: Annotated[date | None, Date(earliest=date(2026, 1, 1))] = None


def read(field: str, value: object) -> Any:
    """Read one field."""
    return getattr(load_form(Event, {field: value}), field)


STRICT: list[tuple[str, object, object]] = [
    ("start", "2026-11-25T15:44:00Z", datetime(2026, 11, 25, 15, 44, tzinfo=UTC)),
    ("start", "2026-11-25T15:44:00.25+01:00", datetime(2026, 11, 25, 15, 44, 0, 250_000, tzinfo=PRAGUE)),
    ("start", datetime(2026, 11, 25, tzinfo=PRAGUE), datetime(2026, 11, 25, tzinfo=PRAGUE)),
    ("day", "2024-02-29", date(2024, 2, 29)),
    ("day", date(2024, 2, 29), date(2024, 2, 29)),
    ("clock", "15:44:00", time(15, 44)),
    ("clock", "15:44:00.5", time(15, 44, 0, 500_000)),
    ("clock", time(15, 44), time(15, 44)),
    ("days", ["2026-01-01", "2026-01-02"], (date(2026, 1, 1), date(2026, 1, 2))),
    ("soon", "2026-12-31T12:00:00Z", datetime(2026, 12, 31, 12, tzinfo=UTC)),
    ("shift", "17:30:00", time(17, 30)),
]


@pytest.mark.parametrize(("field", "value", "held"), STRICT, ids=[f"{each[0]}={each[1]}" for each in STRICT])
def test_a_date_or_time_is_read_as_iso_8601(field: str, value: object, held: object) -> None:
    """Or given as Python has it."""
    assert read(field, value) == held


WRONG: list[tuple[str, object, str, str]] = [
    ("start", "2026-11-25T15:44:00", "type", "must be a date and time with its offset from UTC, such as 2026-"),
    ("start", "2026-11-25 15:44:00Z", "type", "must be a date and time with its offset from UTC"),
    ("start", "2026-02-30T00:00:00Z", "type", "must be a date and time with its offset from UTC"),
    ("start", "2026-11-25", "type", "must be a date and time with its offset from UTC"),
    ("start", 1_764_085_440, "type", "must be a date and time with its offset from UTC"),
    ("start", date(2026, 11, 25), "type", "must be a date and time with its offset from UTC"),
    ("start", datetime(2026, 11, 25), "type", "must have a time zone"),  # noqa: DTZ001  that is the point
    ("day", "2026-02-30", "type", "must be a date such as 2026-11-25, was text of 10 characters"),
    ("day", "20260228", "type", "must be a date such as 2026-11-25"),
    ("day", datetime(2026, 11, 25, tzinfo=UTC), "type", "must be a date such as 2026-11-25"),
    ("clock", "24:00:00", "type", "must be a time such as 15:44:00"),
    ("clock", "15:44", "type", "must be a time such as 15:44:00"),
    ("clock", "15:44:00Z", "type", "must be a time such as 15:44:00"),
    ("clock", time(1, tzinfo=UTC), "type", "must have no time zone"),
    ("soon", "2025-12-31T23:59:59Z", "earliest", "must not be before 2026-01-01T00:00:00Z, was 2025-12-31T23:59:59Z"),
    ("soon", "2027-01-01T00:00:00+01:00", "latest", "must not be after 2026-12-31T12:00:00Z, was 2027-01-01T00:00:00+"),
    ("shift", "08:59:59", "earliest", "must not be before 09:00:00, was 08:59:59"),
    ("shift", "17:30:01", "latest", "must not be after 17:30:00, was 17:30:01"),
    ("booked", "2025-12-31", "earliest", "must not be before 2026-01-01, was 2025-12-31"),
]


@pytest.mark.parametrize(("field", "value", "rule", "message"), WRONG, ids=[f"{each[0]}={each[1]}" for each in WRONG])
def test_what_is_none_is_refused_with_what_would_be_one(field: str, value: object, rule: str, message: str) -> None:
    """Path, rule and remedy."""
    with pytest.raises(InvalidInputError) as caught:
        read(field, value)

    (problem,) = caught.value.problems
    assert (problem.path, problem.rule) == (f"$.{field}", rule)
    assert problem.message.startswith(message)


TYPED: list[tuple[str, str, object]] = [
    ("start", "2026-11-25T15:44:00Z", datetime(2026, 11, 25, 15, 44, tzinfo=UTC)),
    ("start", " 2026-11-25 15:44 ", datetime(2026, 11, 25, 15, 44, tzinfo=PRAGUE)),
    ("start", "2026-11-25", datetime(2026, 11, 25, tzinfo=PRAGUE)),
    ("start", "2026/11/25 9:05", datetime(2026, 11, 25, 9, 5, tzinfo=PRAGUE)),
    ("start", "25.11.2026 15:44:30", datetime(2026, 11, 25, 15, 44, 30, tzinfo=PRAGUE)),
    ("start", "1. 2. 2026", datetime(2026, 2, 1, tzinfo=PRAGUE)),
    ("start", "11/25/2026 15:44 UTC", datetime(2026, 11, 25, 15, 44, tzinfo=UTC)),
    ("start", "2026-11-25 15:44 +0200", datetime(2026, 11, 25, 13, 44, tzinfo=UTC)),
    ("start", "2026-11-25 15:44+02:00", datetime(2026, 11, 25, 13, 44, tzinfo=UTC)),
    ("day", "2026/11/5", date(2026, 11, 5)),
    ("day", "5.11.2026", date(2026, 11, 5)),
    ("day", "12/25/2026", date(2026, 12, 25)),
    ("day", "5/5/2026", date(2026, 5, 5)),
    ("clock", "9:05", time(9, 5)),
    ("clock", "15:44:30.5", time(15, 44, 30, 500_000)),
    ("days", '["2026-01-01"]', (date(2026, 1, 1),)),
    ("days", "1.1.2026", (date(2026, 1, 1),)),
]


@pytest.mark.parametrize(("field", "text", "held"), TYPED, ids=[f"{each[0]}={each[1]}" for each in TYPED])
def test_a_person_may_type_a_date_as_people_do(field: str, text: str, held: object) -> None:
    """What names no time zone is meant where the person is."""
    assert read(field, from_text(text, zone=PRAGUE)) == held


MISTYPED: list[tuple[str, str, str, str]] = [
    (
        "start",
        "soon",
        "type",
        "must be a date and time such as 2026-11-25 15:44 or 2026-11-25T15:44:00Z, was text of 4",
    ),
    ("start", "", "type", "must be a date and time such as"),
    ("start", "11/2026", "type", "must be a date and time such as"),
    ("start", "31.2.2026", "type", "must be a date and time such as"),
    ("start", "2026-11-25 25:00", "type", "must be a date and time such as"),
    ("day", "3/4/2026", "ambiguous", "may be the 4. of month 3 or the 3. of month 4; write 2026-03-04 or 2026-04-03"),
    ("day", "25/12/2026", "type", "must be a date such as 2026-11-25"),
    ("day", "2026-11-25 10:00", "type", "must be a date such as 2026-11-25"),
    ("clock", "9", "type", "must be a time such as 15:44:00"),
    ("clock", "25:00", "type", "must be a time such as 15:44:00"),
]


@pytest.mark.parametrize(("field", "text", "rule", "message"), MISTYPED, ids=[each[1] for each in MISTYPED])
def test_what_a_person_mistyped_is_refused_with_what_to_type(field: str, text: str, rule: str, message: str) -> None:
    """A day that could be two is not guessed."""
    with pytest.raises(InvalidInputError) as caught:
        read(field, FromText(text, zone=UTC))

    (problem,) = caught.value.problems
    assert problem.rule == rule
    assert problem.message.startswith(message)


def test_without_a_zone_a_person_is_where_the_computer_is() -> None:
    """As with every other program on it."""
    held = read("start", FromText("2026-07-01 12:00"))

    assert held == datetime(2026, 7, 1, 12).astimezone()
    assert held.tzinfo is not None


def test_json_has_dates_and_times_as_iso_8601() -> None:
    """With Z for UTC, and back to what they were."""
    event = Event(
        start=datetime(2026, 11, 25, 15, 44, tzinfo=UTC),
        soon=datetime(2026, 11, 25, 15, 44, tzinfo=PRAGUE),
        day=date(2026, 11, 25),
        clock=time(9, 30),
        days=(date(2026, 1, 1),),
    )

    value = to_json(event)

    assert value == {
        "start": "2026-11-25T15:44:00Z",
        "soon": "2026-11-25T15:44:00+01:00",
        "day": "2026-11-25",
        "clock": "09:30:00",
        "days": ["2026-01-01"],
    }
    assert load_form(Event, value) == event
    assert load_output(Event, value) == event


def test_a_moment_without_a_time_zone_never_becomes_json() -> None:
    """Nobody could say when it was."""
    with pytest.raises(TypeError, match=r"\$\.start: a datetime without a time zone has no place in JSON"):
        to_json(Event(start=datetime(2026, 1, 1)))  # noqa: DTZ001  that is the point


def test_a_schema_says_formats_and_bounds() -> None:
    """Bounds where our own words stand: JSON Schema has none for them."""
    properties = form_schema(form_of(Event))["properties"]

    assert properties["start"] == {"title": "Start", "type": "string", "format": "date-time"}
    assert properties["day"] == {"title": "Day", "type": "string", "format": "date"}
    assert properties["clock"]["x-jackfield"] == {"word": "Time"}
    assert properties["soon"]["x-jackfield"] == {
        "earliest": "2026-01-01T00:00:00Z",
        "latest": "2026-12-31T12:00:00Z",
    }


def test_bounds_of_time_may_only_get_tighter() -> None:
    """As all others."""
    form = form_of(Event)

    assert form.narrowed("soon", latest=datetime(2026, 6, 1, tzinfo=UTC)).slot("soon") != form.slot("soon")
    with pytest.raises(PluginError, match="latest would widen"):
        form.narrowed("soon", latest=datetime(2027, 1, 1, tzinfo=UTC))
    with pytest.raises(PluginError, match="earliest would widen"):
        form.narrowed("booked", earliest=None)


def test_times_far_from_now_are_no_accident() -> None:
    """The first and the last day there is."""
    assert read("start", "0001-01-01T00:00:00Z").year == 1
    assert read("start", FromText("9999-12-31 23:59 UTC")).year == 9999


@frozen(kw_only=True)
class NoKey:
    pass


calendar = ConnectionType(label="Calendar", form=NoKey, origin="https://calendar.example", authorize=[])


@module(label="List Events", connection=calendar, effect=Effect.READ)
def list_events(form: Event, context: Context) -> Mapping[str, object]:
    """List events."""
    return dict(context.client.get("/events", params={"since": form.start, "day": form.days, "at": form.clock}))


SENT: list[tuple[Event, str]] = [
    (Event(start=datetime(2026, 11, 25, 15, 44, tzinfo=UTC)), "since=2026-11-25T15%3A44%3A00Z"),
    (Event(start=datetime(2026, 11, 25, 15, 44, tzinfo=PRAGUE)), "since=2026-11-25T15%3A44%3A00%2B01%3A00"),
    (Event(days=[date(2026, 1, 1), date(2026, 1, 2)]), "day=2026-01-01&day=2026-01-02"),
    (Event(clock=time(15, 44)), "at=15%3A44%3A00"),
]


@pytest.mark.parametrize(("form", "query"), SENT, ids=[query for _, query in SENT])
def test_a_date_or_time_stands_in_a_query_as_in_json(form: Event, query: str) -> None:
    """What a trigger knows as ``context.since`` can be sent as it is."""
    with context(list_events, Reply(json={})) as given:
        list_events.function(form, given.context)

    assert [request.url for request in given.replay.requests] == [f"https://calendar.example/events?{query}"]


def test_a_moment_without_a_time_zone_is_not_sent() -> None:
    """The service would take it for another one; the error says which parameter it is."""
    form = Event(start=datetime(2026, 11, 25))  # noqa: DTZ001  that is the mistake

    with (
        context(list_events) as given,
        pytest.raises(InvalidInputError, match=r"\$\.params\.since: is a datetime without a time zone"),
    ):
        list_events.function(form, given.context)

    assert given.replay.requests == []
