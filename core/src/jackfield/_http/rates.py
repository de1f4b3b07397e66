"""What a service says about how many requests it takes, in the headers of its answers.

``x-ratelimit-limit-requests: 60``, ``x-ratelimit-remaining-requests: 59``, ``x-ratelimit-reset-requests: 1s``, and the
same for tokens. The time of the reset is when the whole limit is there again; it comes back bit by bit until then, so a
limit with what is used of it and that time say how fast.

Source: OpenAI's guide to rate limits, read 2026-11-25; servers that speak OpenAI's API send the same.
"""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

REMAINING_REQUESTS = "x-ratelimit-remaining-requests"
REMAINING_TOKENS = "x-ratelimit-remaining-tokens"
_PART = r"[0-9]+(?:\.[0-9]+)?"
_DURATION = re.compile(rf"(?:({_PART})d)?(?:({_PART})h)?(?:({_PART})m)?(?:({_PART})s)?(?:({_PART})ms)?")
_UNITS_S = (86_400.0, 3_600.0, 60.0, 1.0, 0.001)
_LONGEST_TEXT = 40
_LONGEST_S = 366 * 86_400.0


class Allowance(NamedTuple):
    """What a service says about one of its limits.

    Attributes:
        limit: How many there are when nothing is used.
        remaining: How many are left.
        reset_s: Seconds until all of them are there again.
    """

    limit: float
    remaining: float
    reset_s: float

    @property
    def interval_s(self) -> float:
        """Seconds until one more is there."""
        return self.reset_s / (self.limit - self.remaining)


def allowance_in(headers: Mapping[str, str], what: str) -> Allowance | None:
    """Read what is left of one limit; ``None`` if the service does not say, says nonsense, or nothing is used.

    Args:
        headers: Of an answer, by name.
        what: ``requests`` or ``tokens``.
    """
    limit = _count(headers.get(f"x-ratelimit-limit-{what}"))
    remaining = None if limit is None else _count(headers.get(f"x-ratelimit-remaining-{what}"))
    if limit is None or remaining is None or remaining >= limit:
        return None
    reset_s = duration_s(headers.get(f"x-ratelimit-reset-{what}") or "")
    if not reset_s:
        return None
    return Allowance(limit, max(remaining, 0.0), reset_s)


def none_left(headers: Mapping[str, str]) -> bool:
    """Say whether a service may say that no tokens are left: a glance, for nearly always some are."""
    return headers.get(REMAINING_TOKENS, "1").startswith(("0", "-"))


def _count(text: str | None) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def duration_s(text: str) -> float | None:
    """Read a time such as ``6m0s``, ``1h2m3.5s``, ``20ms`` or ``12`` (seconds); ``None`` if it is none, or absurd."""
    text = text.strip().lower()
    if not text or len(text) > _LONGEST_TEXT:
        return None
    match = _DURATION.fullmatch(text)
    if match is None:
        seconds = _count(text)
    else:
        seconds = sum(float(part) * unit for part, unit in zip(match.groups(), _UNITS_S, strict=True) if part)
    return seconds if seconds is not None and 0 <= seconds <= _LONGEST_S else None
