"""Moments as the service counts them, in the way that people and programs read them."""

from collections.abc import Mapping
from datetime import UTC, datetime

__all__ = ["as_iso", "with_dates"]


def as_iso(seconds: float | None) -> str | None:
    """Give seconds since 1970 as ISO 8601 in UTC; ``None`` for what is unknown, or no such number."""
    if not seconds or seconds < 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):  # far in the future: not seconds since 1970
        return None


def with_dates(said: object) -> object:
    """Give an answer with each moment in it (``created_at``, ``expires_at``...) as ISO 8601."""
    if not isinstance(said, Mapping):
        return said
    return {
        name: as_iso(value) if name.endswith("_at") and type(value) in {int, float} else value
        for name, value in said.items()
    }
