"""What is said of a module in a word or a few: its kind, its effect, its end."""

from collections.abc import Mapping
from datetime import date
from enum import Enum

from attrs import field, frozen

__all__ = ["Effect", "Kind", "Sunset"]


_OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})


class Kind(Enum):
    """What a module gives."""

    ACTION = "action"
    """One bundle."""
    SEARCH = "search"
    """None, one or many bundles."""
    TRIGGER = "trigger"
    """What is new since the last time."""
    UNIVERSAL = "universal"
    """Whatever the service answers to any call."""


class Effect(Enum):
    """What a repeat leaves behind in the service (not what it costs)."""

    READ = "read"
    """Nothing: it only reads."""
    IDEMPOTENT = "idempotent"
    """The same as the first time."""
    KEYED = "keyed"
    """The same as the first time, if the idempotency key is the same."""
    UNSAFE = "unsafe"
    """Perhaps a second one of what the first left."""

    @classmethod
    def of_method(cls, method: str, headers: Mapping[str, str] | None = None) -> "Effect":
        """Say what HTTP promises of a method, in capitals; a service that keeps other promises says so itself.

        Args:
            method: The method.
            headers: What a user adds. Where one of them names another method (``X-HTTP-Method-Override``), nobody knows
                which of both a server takes: that one counts of which a repeat does more harm.

        Source: RFC 9110, section 9.2.
        """
        named = [value.strip().upper() for name, value in (headers or {}).items() if cls.is_told_by(name)]
        return max(map(cls._of_one, [method, *named]), key=[*cls].index)

    @classmethod
    def _of_one(cls, method: str) -> "Effect":
        if method in {"GET", "HEAD", "OPTIONS"}:
            return cls.READ
        return cls.IDEMPOTENT if method in {"PUT", "DELETE"} else cls.UNSAFE

    @staticmethod
    def is_told_by(header: str) -> bool:
        """Tell whether some servers take another method from a header of this name: ``X-HTTP-Method-Override``."""
        return header.strip().lower().replace("_", "-") in _OVERRIDES  # many servers take one for the other

    @property
    def repeatable(self) -> bool:
        """Whether a request whose outcome is unknown may be sent again."""
        return self is not Effect.UNSAFE


def _day(given: str | date) -> str:
    try:
        return (given if isinstance(given, date) else date.fromisoformat(given)).isoformat()[:10]
    except (TypeError, ValueError):
        message = f"the date of a Sunset is a day such as 2026-01-31, was {given!r}"
        raise ValueError(message) from None


@frozen(kw_only=True)
class Sunset:
    """When something stops or stopped working, and what to use instead. ``date`` is ISO 8601; a ``date`` will do."""

    date: str = field(converter=_day)
    replacement: str
    reason: str = ""

    @property
    def words(self) -> str:
        """Say it in a sentence or two."""
        reason = f": {self.reason.rstrip('.')}" if self.reason else ""
        return f"Sunset {self.date}{reason}." + (f" Use {self.replacement}." if self.replacement else "")
