"""Moments as the service counts them, in the way that people and programs read them."""

from datetime import UTC, datetime

__all__ = ["as_iso"]


def as_iso(seconds: float | None) -> str | None:
    """Give seconds since 1970 as ISO 8601 in UTC; ``None`` for what is unknown, or no such number."""
    if not seconds or seconds < 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):  # far in the future: not seconds since 1970
        return None
