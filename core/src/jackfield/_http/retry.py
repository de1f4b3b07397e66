"""Whether and when a failed request is sent again. Nothing here waits or sends."""

import math
import random
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from attrs import frozen

from jackfield._http.limits import HttpSettings
from jackfield.errors import (
    BrokenAnswerError,
    BusyError,
    JackfieldError,
    QuotaError,
    RemoteError,
    TransportError,
    UnreachableError,
)

_TOO_MANY_REQUESTS = 429
_LARGEST_JITTER = 0.25
_LONGEST_MEANT_S = 366 * 86_400.0


@frozen(kw_only=True)
class Verdict:
    """What to do after a failure.

    Attributes:
        wait_s: Seconds to wait before the next attempt; ``None`` if there is none.
        note: Why there is none, where the user can change it or should know it; may be empty.
    """

    wait_s: float | None = None
    note: str = ""


def judge(
    error: JackfieldError,
    *,
    attempt: int,
    repeatable: bool,
    left_s: float,
    settings: HttpSettings,
    advice: bool | None = None,
) -> Verdict:
    """Decide what follows a failed attempt.

    Args:
        error: What the attempt ended with.
        attempt: Its number; 1 was the first.
        repeatable: Whether a repeat is harmless even if the service acted on the request.
        left_s: Seconds until the deadline.
        settings: How often, how long.
        advice: What the service itself says (``x-should-retry``); ``None`` if nothing.
    """
    if not _worth_it(error, repeatable=repeatable, settings=settings, advice=advice):
        return Verdict()
    if attempt >= settings.max_attempts:
        return Verdict(note=f"It was tried {attempt} times." if attempt > 1 else "")
    invited = error.retry_after_s if isinstance(error, RemoteError) else None
    if invited is not None and invited > settings.max_retry_after_s:
        asked = f"The service asks to wait {invited:g} s"
        return Verdict(note=f"{asked}, more than max_retry_after_s allows ({settings.max_retry_after_s:g} s).")
    wait = _pause(attempt, settings) if invited is None else invited
    if wait >= left_s:
        return Verdict(note=f"It was not tried again: {wait:.1f} s of waiting would have passed the deadline.")
    return Verdict(wait_s=wait)


def _worth_it(error: JackfieldError, *, repeatable: bool, settings: HttpSettings, advice: bool | None) -> bool:
    if isinstance(error, QuotaError):
        return False
    if isinstance(error, RemoteError):
        busy = isinstance(error, BusyError)
        if not repeatable:  # the service says itself of a 429 that it has not acted
            return busy and error.status == _TOO_MANY_REQUESTS and advice is not False
        return busy if advice is None else advice
    return isinstance(error, TransportError) and _worth_another_connection(error, repeatable, settings)


def _worth_another_connection(error: TransportError, repeatable: bool, settings: HttpSettings) -> bool:  # noqa: FBT001
    if isinstance(error, UnreachableError) and not error.sent:
        return not isinstance(error.__cause__, ssl.SSLCertVerificationError)  # it will not be trusted next time either
    return repeatable and settings.retry_timeouts and isinstance(error, UnreachableError | BrokenAnswerError)


def cause_of(error: JackfieldError) -> str:
    """Say in a word or two what failed, for people who wait."""
    if isinstance(error, RemoteError):
        return "rate limited" if error.status == _TOO_MANY_REQUESTS else "busy"
    return "not reached" if isinstance(error, UnreachableError) else "cut off"


def _pause(attempt: int, settings: HttpSettings) -> float:
    longest = min(settings.retry_base_s * 2.0 ** min(attempt - 1, 60), settings.retry_cap_s)
    return longest * (1 - _LARGEST_JITTER * random.random())  # noqa: S311  spreads load, guards nothing


def advice_of(headers: Mapping[str, str]) -> bool | None:
    """Read what the service says about a repeat."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def invited_wait_s(headers: Mapping[str, str]) -> float | None:
    """Read for how many seconds the service asks to wait; ``None`` if it does not say, or says nonsense.

    ``retry-after-ms`` comes before ``Retry-After``, which is a number of seconds or a date. A time that has passed, a
    negative one, NaN and more than a year are nonsense: then our own pauses are made. A day is none.
    """
    text = headers.get("Retry-After", "")
    for seconds in (_number(headers.get("retry-after-ms", "")) / 1000, _number(text), _until(text)):
        if 0 < seconds <= _LONGEST_MEANT_S:  # NaN is neither
            return seconds
    return None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _until(text: str) -> float:
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError, OSError):  # no date; or one that the platform cannot count
        return math.nan
