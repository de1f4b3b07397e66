"""Which failures are worth another attempt, and when."""

import ssl
import time
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield._http.limits import HttpSettings
from jackfield._http.retry import Verdict, advice_of, invited_wait_s, judge
from jackfield.errors import (
    AnswerError,
    BrokenAnswerError,
    BusyError,
    CredentialsError,
    DeadlineError,
    InvalidInputError,
    JackfieldError,
    LimitError,
    NotFoundError,
    OperationCancelledError,
    Problem,
    QuotaError,
    RefusedError,
    UnreachableError,
    UnsafeRequestError,
)

SETTINGS = HttpSettings()


def verdict(error: JackfieldError, **changes: Any) -> Verdict:
    """Judge a first failure, with ten minutes left."""
    given = {"attempt": 1, "repeatable": True, "left_s": 600.0, "settings": SETTINGS, **changes}
    return judge(error, **given)


def busy(status: int = 503, **more: Any) -> BusyError:
    """Make the error of a busy service."""
    return BusyError("busy", status=status, **more)


def untrusted() -> UnreachableError:
    """Make the error for a certificate that nobody trusts."""
    error = UnreachableError("not trusted")
    error.__cause__ = ssl.SSLCertVerificationError("bad")
    return error


YES, NO = True, False
TABLE: list[tuple[str, JackfieldError, bool, bool]] = [
    # what happened, as an error, again if repeatable, again if not
    ("408", busy(408), YES, NO),
    ("409", busy(409), YES, NO),
    ("429", busy(429), YES, YES),
    ("500", busy(500), YES, NO),
    ("503", busy(503), YES, NO),
    ("quota", QuotaError("no money", status=429), NO, NO),
    ("400", RefusedError("bad", status=400), NO, NO),
    ("401", CredentialsError("who", status=401), NO, NO),
    ("404", NotFoundError("where", status=404), NO, NO),
    ("not connected", UnreachableError("down"), YES, YES),
    ("not trusted", untrusted(), NO, NO),
    ("unreachable after sending", UnreachableError("down", sent=True), YES, NO),
    ("cut", BrokenAnswerError("cut"), YES, NO),
    ("misshapen", AnswerError("odd"), NO, NO),
    ("too large", LimitError("large", limit="max_body_bytes", maximum=1), NO, NO),
    ("too late", DeadlineError("late", phase="read", deadline_s=1, sent=True), NO, NO),
    ("cancelled", OperationCancelledError("stop"), NO, NO),
    ("unsafe", UnsafeRequestError("no"), NO, NO),
    ("invalid", InvalidInputError([Problem(path="$", rule="type", message="no")]), NO, NO),
]


@pytest.mark.parametrize(("error", "harmless", "unsafe"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_is_tried_again(*, error: JackfieldError, harmless: bool, unsafe: bool) -> None:
    """An effect that must not happen twice is only repeated where it certainly has not happened."""
    assert (verdict(error).wait_s is not None) is harmless
    assert (verdict(error, repeatable=False).wait_s is not None) is unsafe


def test_answers_that_broke_off_may_be_left_alone() -> None:
    """The setting retry_timeouts decides; connections that were never made are not meant."""
    settings = HttpSettings(retry_timeouts=False)

    assert verdict(BrokenAnswerError("cut"), settings=settings) == Verdict()
    assert verdict(UnreachableError("down"), settings=settings).wait_s is not None


@pytest.mark.parametrize(("advice", "again"), [(True, YES), (False, NO), (None, NO)])
def test_the_service_s_advice_counts(*, advice: bool | None, again: bool) -> None:
    """x-should-retry may ask for more than the status does."""
    assert (verdict(RefusedError("odd", status=400), advice=advice).wait_s is not None) is again


def test_advice_has_its_limits() -> None:
    """It ends repeats; it brings none of what may have been acted on, and no money."""
    assert verdict(busy(), advice=False) == Verdict()
    assert verdict(busy(429), repeatable=False, advice=False) == Verdict()
    assert verdict(busy(500), repeatable=False, advice=True) == Verdict()
    assert verdict(QuotaError("no money", status=429), advice=True) == Verdict()


def test_attempts_are_counted() -> None:
    """The last one is not repeated, and the user learns how many there were."""
    assert verdict(busy(), attempt=2).wait_s is not None
    assert verdict(busy(), attempt=3) == Verdict(note="It was tried 3 times.")
    assert verdict(busy(), settings=HttpSettings(max_attempts=1)) == Verdict()


@given(st.integers(1, 10_000))
def test_the_pause_doubles_up_to_a_cap(attempt: int) -> None:
    """Less up to a quarter of it, so that many clients do not come back in step."""
    wait = verdict(busy(), attempt=attempt, settings=HttpSettings(max_attempts=20_000)).wait_s
    longest = min(0.5 * 2 ** min(attempt - 1, 10), 8.0)

    assert wait is not None
    assert 0.75 * longest <= wait <= longest


def test_pauses_differ() -> None:
    """Jitter is drawn anew each time."""
    assert len({verdict(busy()).wait_s for _ in range(20)}) > 10


def test_the_service_s_own_time_is_kept() -> None:
    """Exactly; up to the longest that the settings allow, and beyond it nothing is repeated at all."""
    assert verdict(busy(429, retry_after_s=7.0)).wait_s == 7.0
    assert verdict(busy(429, retry_after_s=120.0)).wait_s == 120.0
    refused = verdict(busy(429, retry_after_s=121.0))
    assert refused.wait_s is None
    assert "121 s" in refused.note
    assert "max_retry_after_s" in refused.note
    assert verdict(busy(429, retry_after_s=float("inf"))).wait_s is None


def test_no_wait_passes_the_deadline() -> None:
    """The error is raised at once instead, with the reason."""
    late = verdict(busy(429, retry_after_s=7.0), left_s=6.9)

    assert late.wait_s is None
    assert "7.0 s of waiting would have passed the deadline" in late.note


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": " 1.5 "}, 1.5),
        ({"Retry-After": "0"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "86400"}, 86_400.0),
        ({"Retry-After": "1000000000"}, None),
        ({"Retry-After": "1e999"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ({"Retry-After": "Wed, 99 Oct 99999 07:28:00 GMT"}, None),
        ({"retry-after-ms": "250", "Retry-After": "9"}, 0.25),
        ({"retry-after-ms": "-1", "Retry-After": "9"}, 9.0),
        ({"retry-after-ms": "x", "Retry-After": "9"}, 9.0),
    ],
    ids=repr,
)
def test_how_long_the_service_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """Milliseconds before seconds; nonsense counts as nothing said."""
    assert invited_wait_s(headers) == seconds


def test_a_date_is_a_wait_too() -> None:
    """As HTTP writes it."""
    seconds = invited_wait_s({"Retry-After": formatdate(time.time() + 60, usegmt=True)})

    assert seconds is not None
    assert 50 < seconds <= 61


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    """Whatever the service says there, it is a positive number of seconds or nothing."""
    seconds = invited_wait_s({"Retry-After": text, "retry-after-ms": text[::-1]})

    assert seconds is None or seconds > 0


@pytest.mark.parametrize(
    ("text", "advice"), [("true", True), (" TRUE ", True), ("false", False), ("", None), ("yes", None)]
)
def test_advice_is_read(*, text: str, advice: bool | None) -> None:
    """Only the two words that are documented."""
    assert advice_of({"x-should-retry": text} if text else {}) is advice
