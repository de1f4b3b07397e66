"""What a service says about its limits is read, or left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield._http.pace import Brake, Bucket
from jackfield._http.rates import Allowance, allowance_in, duration_s


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360.0),
        ("1s", 1.0),
        ("20ms", 0.02),
        ("1m30.5s", 90.5),
        ("2m59.56s", 179.56),
        ("1h2m3s", 3723.0),
        ("1d", 86_400.0),
        ("12", 12.0),
        ("0.25", 0.25),
        (" 1S ", 1.0),
        ("0s", 0.0),
        ("", None),
        ("-1s", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("1e12", None),
        ("999999d", None),
        ("soon", None),
        ("s", None),
        ("1s1m", None),
        ("9" * 50, None),
    ],
)
def test_times_are_read(text: str, seconds: float | None) -> None:
    """As OpenAI writes them, or as a number of seconds; nonsense is no time."""
    assert duration_s(text) == pytest.approx(seconds)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    """Whatever stands in a header, it is a time that can be waited for or nothing."""
    seconds = duration_s(text)
    found = allowance_in(
        {
            "x-ratelimit-limit-requests": text,
            "x-ratelimit-remaining-requests": text[:3],
            "x-ratelimit-reset-requests": text,
        },
        "requests",
    )

    assert seconds is None or 0 <= seconds <= 366 * 86_400
    assert found is None or found.interval_s > 0


def headers(limit: str, remaining: str, reset: str) -> dict[str, str]:
    """Write what a service says of its requests."""
    return {
        "x-ratelimit-limit-requests": limit,
        "x-ratelimit-remaining-requests": remaining,
        "x-ratelimit-reset-requests": reset,
    }


def test_how_fast_a_limit_comes_back_follows_from_what_is_said() -> None:
    """One of sixty is used and is there again in a second: one a second."""
    found = allowance_in(headers("60", "59", "1s"), "requests")

    assert found == Allowance(60, 59, 1.0)
    assert found.interval_s == 1.0


@pytest.mark.parametrize(
    "said",
    [
        {},
        headers("60", "60", "0s"),
        headers("60", "59", "0s"),
        headers("60", "59", ""),
        headers("60", "", "1s"),
        headers("nan", "59", "1s"),
        headers("0", "0", "1s"),
        headers("x", "y", "z"),
    ],
)
def test_what_says_nothing_is_left_alone(said: dict[str, str]) -> None:
    """Nothing used, or nothing that makes sense: no allowance."""
    assert allowance_in(said, "requests") is None


def test_a_bucket_gives_what_it_holds_and_then_one_by_one() -> None:
    """Two at once, and another each second; what is given back is there for the next."""
    bucket = Bucket(1.0, 2)

    assert [bucket.take(100.0) for _ in range(4)] == [100.0, 100.0, 101.0, 102.0]
    bucket.give_back()
    assert bucket.take(100.0) == 102.0
    assert bucket.take(200.0) == 200.0


def test_a_bucket_takes_over_what_the_service_says() -> None:
    """Three of ten are left, and the rest comes back within 14 s: three now, then one each two seconds."""
    bucket = Bucket(1.0, 10)
    bucket.correct(Allowance(10, 3, 14.0), 100.0)

    assert [bucket.take(100.0) for _ in range(5)] == [100.0, 100.0, 100.0, 102.0, 104.0]


def test_what_was_taken_meanwhile_stays_taken() -> None:
    """An answer that was sent before our last requests arrived does not give them back."""
    bucket = Bucket(1.0, 4)
    taken = [bucket.take(100.0) for _ in range(4)]
    bucket.correct(Allowance(4, 3, 1.0), 100.0)

    assert taken == [100.0] * 4
    assert bucket.take(100.0) == 101.0


def test_a_refusal_finds_the_rate() -> None:
    """Five answers in the last second: five a second from now on, after the wait that was asked for."""
    brake = Brake()
    for _ in range(5):
        brake.answered(100.0)

    brake.refused(100.1, 0.0, 1.0)

    assert brake.bucket is not None
    assert [brake.bucket.take(100.1) for _ in range(3)] == pytest.approx([101.1, 101.3, 101.5])


def test_refusals_of_one_burst_slow_down_once() -> None:
    """What left before the rate was lowered says nothing about the new rate; what left after it does."""
    brake = Brake()
    brake.refused(100.0, 0.0, 0.0)
    assert brake.bucket is not None

    brake.refused(100.1, 99.9, 0.0)
    assert brake.bucket.interval_s == 1.0
    brake.refused(101.0, 100.5, 0.0)
    assert brake.bucket.interval_s == 1.25


def test_a_brake_is_eased_and_forgotten() -> None:
    """A bit faster every ten seconds; after five minutes without a refusal there is no limit any more."""
    brake = Brake()
    brake.refused(100.0, 0.0, 0.0)
    assert brake.bucket is not None

    brake.ease(105.0)
    assert brake.bucket.interval_s == 1.0
    brake.ease(111.0)
    assert brake.bucket.interval_s == pytest.approx(1 / 1.05)
    brake.ease(401.0)
    assert brake.bucket is None
