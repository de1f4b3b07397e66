"""Dates and times: strictly as JSON has them, and as a person types them.

What a person may type are the forms that users of Fusion know (type coercion, read 2026-08): ISO 8601, YYYY/MM/DD,
D.M.YYYY, and MM/DD/YYYY; the last only where it can mean one day, since most of the world writes the day first.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from jackfield._engine.bounds import Check
from jackfield._engine.problems import refuse, refuse_type
from jackfield.fields import FromText
from jackfield.forms import ScalarKind

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_ZONE = r"Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]"

CLOCK_PATTERN = f"^(?:{_CLOCK})$"
"""For JSON Schema, whose format ``time`` would want an offset from UTC."""

_TYPED_DAYS = (
    r"(?P<year>[0-9]{4})([-/])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})",
    r"(?P<day>[0-9]{1,2})\. ?(?P<month>[0-9]{1,2})\. ?(?P<year>[0-9]{4})",
    r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})",
)
_TYPED_CLOCK = r"(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)"
_TYPED_ZONE = r" ?(?P<zone>Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"

_EXPECTED = {
    ScalarKind.DATETIME: "a date and time with its offset from UTC, such as 2026-11-25T15:44:00Z",
    ScalarKind.DATE: "a date such as 2026-11-25",
    ScalarKind.TIME: "a time such as 15:44:00",
}
_EXPECTED_TYPED = {**_EXPECTED, ScalarKind.DATETIME: "a date and time such as 2026-11-25 15:44 or 2026-11-25T15:44:00Z"}


def moment_reader(kind: ScalarKind, checks: Sequence[Check], *, lenient: bool) -> Callable[..., Any]:
    """Make the reader of a date, a time, or both."""
    held = _HELD[kind]

    def read(value: object, _: object = None) -> Any:
        found = value
        if lenient and isinstance(value, FromText):
            found = _typed(kind, value)
        elif isinstance(value, str):
            found = _strict(kind, value)
        if not isinstance(found, held) or isinstance(found, datetime) is not (held is datetime):
            refuse_type(_EXPECTED[kind], value)
        if isinstance(found, datetime | time) and (found.tzinfo is None) is (held is datetime):
            refuse("type", "must have a time zone" if held is datetime else "must have no time zone")
        for check in checks:
            check(found)
        return found

    return read


_HELD: dict[ScalarKind, type] = {ScalarKind.DATETIME: datetime, ScalarKind.DATE: date, ScalarKind.TIME: time}

_STRICT = {
    ScalarKind.DATETIME: re.compile(f"{_DAY}T{_CLOCK}(?:{_ZONE})"),
    ScalarKind.DATE: re.compile(_DAY),
    ScalarKind.TIME: re.compile(_CLOCK),
}


def _strict(kind: ScalarKind, text: str) -> object:
    try:
        if _STRICT[kind].fullmatch(text):
            return _HELD[kind].fromisoformat(str.__str__(text))  # type: ignore[attr-defined]  # all three have it
    except ValueError:  # there is no such day
        pass
    return refuse_type(_EXPECTED[kind], text)


def _typed(kind: ScalarKind, text: FromText) -> object:
    given = text.strip()
    try:
        if kind is ScalarKind.TIME:
            found = re.fullmatch(_TYPED_CLOCK, given)
            return _clock(found["clock"]) if found else refuse_type(_EXPECTED[kind], text)
        clock = f"(?:[T ] ?{_TYPED_CLOCK}{_TYPED_ZONE})?" if kind is ScalarKind.DATETIME else ""
        for form in _TYPED_DAYS:
            found = re.fullmatch(form + clock, given)
            if found:
                day = _day(found)
                return _moment(day, found, text) if clock else day
    except (ValueError, OverflowError):  # there is no such day or time
        pass
    return refuse_type(_EXPECTED_TYPED[kind], text)


def _day(found: re.Match[str]) -> date:
    day, month = int(found["day"]), int(found["month"])
    made = date(int(found["year"]), month, day)
    if found.re.pattern.startswith(_TYPED_DAYS[-1]) and day != month and day <= 12:  # noqa: PLR2004  months
        refuse(
            "ambiguous",
            f"may be the {day}. of month {month} or the {month}. of month {day}; write {made} or "
            f"{made.year:04}-{day:02}-{month:02}",
        )
    return made


def _clock(text: str) -> time:
    return time.fromisoformat(text if text.index(":") > 1 else f"0{text}")


def _moment(day: date, found: re.Match[str], text: FromText) -> datetime:
    made = datetime.combine(day, _clock(found["clock"]) if found["clock"] else time())
    zone = (found["zone"] or "").replace("UTC", "Z")
    if zone:
        return datetime.fromisoformat(f"{made.isoformat()}{zone}")
    if text.zone is not None:
        return made.replace(tzinfo=text.zone)
    try:
        return made.astimezone()
    except OSError:  # Windows knows its own zone since 1970 only
        refuse("zone", "is outside of what this computer's time zone covers; add the offset from UTC, such as +00:00")
