"""Dates as lists and feeds write them."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["moment_of"]

_MILLISECONDS = 1e11
"""A number of seconds since 1970 that is larger would be after the year 5000: such numbers count milliseconds."""

_LONGEST = 100
_PART_OF_A_DATE = re.compile(r"\d{4}(?:-\d\d)?")


def moment_of(said: object) -> datetime | None:
    """Read a moment: ISO 8601, the date of an e-mail, or seconds or milliseconds since 1970.

    What names no time zone is in UTC.

    Returns:
        It in UTC; ``None`` if it is none.
    """
    try:
        if isinstance(said, int | float) and not isinstance(said, bool):
            return datetime.fromtimestamp(said / 1000 if abs(said) > _MILLISECONDS else said, UTC)
        return _read(str(said).strip())
    except (ValueError, OverflowError, OSError, TypeError, IndexError):  # what the library raises for odd dates
        return None


def _read(text: str) -> datetime | None:
    if not text or len(text) > _LONGEST:
        return None
    if _PART_OF_A_DATE.fullmatch(text):  # as feeds may have it (W3C date and time formats)
        text = f"{text}-01-01"[:10]
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = parsedate_to_datetime(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
