"""Workers share the limits of a connection through Redis."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from jackfield import Cancellation, Deadline, DeadlineError, HttpSettings, OperationCancelledError, UnreachableError
from jackfield_celery.limiter import Permit, SharedLimiter
from jackfield_celery.pulse import Pulse
from jackfield_celery.settings import redis_at

pytestmark = pytest.mark.hosts

Waits = list[tuple[float | None, str]]
Worker = Callable[..., SharedLimiter]


@pytest.fixture
def worker(redis_socket: Path, request: pytest.FixtureRequest) -> Iterator[Worker]:
    """Make what each worker process has: a limiter with a way to Redis of its own; all know the limit by one name."""
    with ExitStack() as stack:

        def make(lease_s: float = 30.0, **settings: Any) -> SharedLimiter:
            client = stack.enter_context(Redis(unix_socket_path=str(redis_socket)))
            pulse = Pulse(client, lease_s)
            stack.callback(pulse.close)
            return SharedLimiter(client, request.node.name, HttpSettings(**settings), pulse, lease_s)

        yield make


def enter(
    limiter: SharedLimiter, waits: Waits | None = None, deadline_s: float = 30.0, stop: Cancellation | None = None
) -> Permit:
    """Wait for a turn."""
    told = [] if waits is None else waits
    return limiter.enter(Deadline(deadline_s), stop or Cancellation(), lambda *wait: told.append(wait))


def limits(limit: int, remaining: int, reset: str, tokens: int = 1) -> dict[str, str]:
    """Write what a service says."""
    return {
        "x-ratelimit-limit-requests": str(limit),
        "x-ratelimit-remaining-requests": str(remaining),
        "x-ratelimit-reset-requests": reset,
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": str(tokens),
        "x-ratelimit-reset-tokens": "10s",
    }


def test_a_rate_is_kept_over_workers(worker: Worker) -> None:
    """Two workers, twenty requests a second together: evenly spread, by the clock of Redis."""
    waits, left = Waits(), []
    workers = [worker(max_requests_per_s=20) for _ in range(2)]

    for _ in range(6):
        left += [enter(one, waits).left_at for one in workers]

    assert left[-1] - left[0] >= 10 / 20
    assert {reason for _, reason in waits} == {"max_requests_per_s is 20, over all workers"}


def test_no_more_are_under_way_than_allowed(worker: Worker) -> None:
    """Whoever comes third waits until one of the others leaves, of whichever worker."""
    first, second, third = (worker(max_in_flight=2) for _ in range(3))
    permit, _ = enter(first), enter(second)
    waits = Waits()

    with pytest.raises(DeadlineError, match="max_in_flight is 2") as caught:
        enter(third, waits, deadline_s=2)
    first.leave(permit)

    assert (caught.value.phase, caught.value.sent) == ("queue", False)
    assert waits == [(None, "max_in_flight is 2, over all workers")]
    assert enter(third).token
    assert (first.idle, third.idle) == (True, False)


def test_the_place_of_a_worker_that_is_gone_is_free_after_a_while(worker: Worker) -> None:
    """Its lease is not renewed any more; nobody has to know that it is gone."""
    gone, other = worker(max_in_flight=1, lease_s=0.3), worker(max_in_flight=1)
    permit = enter(gone)
    gone._pulse.let_go(permit.token)  # noqa: SLF001  as if its process had ended

    assert enter(other, deadline_s=20).token


def test_the_place_of_a_worker_that_works_is_kept(worker: Worker) -> None:
    """For as long as it works, however short the lease is."""
    busy, other = worker(max_in_flight=1, lease_s=0.6), worker(max_in_flight=1)
    permit = enter(busy)

    with pytest.raises(DeadlineError, match="under way"):
        enter(other, deadline_s=2)

    busy.leave(permit)
    assert enter(other).token


def test_a_refusal_holds_all_workers_back(worker: Worker) -> None:
    """For as long as the service asks; then they follow one by one."""
    first, second = worker(), worker()
    for _ in range(3):
        permit = enter(first)
    waits = Waits()

    first.refused(permit, 0.4)
    began = time.monotonic()
    enter(second, waits)

    assert time.monotonic() - began >= 0.39
    assert [reason for _, reason in waits] == ["the service takes no more for now"]


def test_who_waits_already_is_held_back_too(worker: Worker) -> None:
    """A refusal voids the turns that were not used yet."""
    first, second = worker(max_requests_per_s=2), worker(max_requests_per_s=2)
    permit, told = enter(first), threading.Event()
    began = time.monotonic()
    left: list[float] = []

    def wait() -> None:
        second.enter(Deadline(30), Cancellation(), lambda *_: told.set())
        left.append(time.monotonic())

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert told.wait(30)
    first.refused(permit, 1.0)
    waiting.join(30)

    assert left[0] - began >= 0.99


def test_what_the_service_says_is_heeded_by_all(worker: Worker) -> None:
    """None are left, and one comes back each fifth of a second."""
    first, second = worker(), worker()
    first.answered(limits(5, 0, "1s"))
    began = time.monotonic()

    for _ in range(2):
        enter(second)

    assert time.monotonic() - began >= 0.38


def test_used_up_tokens_are_awaited_in_part(worker: Worker) -> None:
    """As in one process: until a twentieth is back."""
    first, second = worker(), worker()
    waits = Waits()
    first.answered(limits(100, 99, "1s", tokens=0))

    enter(second, waits)

    ((wait_s, _),) = waits
    assert wait_s == pytest.approx(0.5, abs=0.3)


def test_a_limit_that_is_far_away_is_not_told(worker: Worker, redis: "Redis", request: pytest.FixtureRequest) -> None:
    """Most answers cost no way to Redis."""
    limiter = worker()

    limiter.answered(limits(100, 80, "1s"))
    limiter.answered({})

    assert redis.keys(f"*{request.node.name}*") == []


def test_a_turn_that_would_come_too_late_is_free_for_others(worker: Worker) -> None:
    """The error comes at once, and nothing was taken."""
    limiter = worker(max_requests_per_s=0.1)
    enter(limiter)

    for _ in range(3):
        with pytest.raises(DeadlineError, match=r"comes in (9|10)\.\d s: max_requests_per_s is 0\.1"):
            enter(limiter, deadline_s=5)


def test_a_wait_that_is_cancelled_takes_nothing_away(worker: Worker) -> None:
    """Neither a turn nor a place."""
    limiter, stop = worker(max_requests_per_s=0.05, max_in_flight=1), Cancellation()
    limiter.leave(enter(limiter))

    with pytest.raises(OperationCancelledError):
        limiter.enter(Deadline(100), stop, lambda *_: stop.cancel())

    assert limiter.idle
    with pytest.raises(DeadlineError, match=r"comes in (1\d|20)\.\d s"):
        enter(limiter, deadline_s=5)


def test_limits_need_not_be_heeded(worker: Worker) -> None:
    """The setting heed_rate_limits switches off what the service says; what is set stays."""
    limiter, waits = worker(heed_rate_limits=False, max_requests_per_s=100), Waits()
    limiter.answered(limits(1, 0, "10s"))
    limiter.refused(None, 10)

    enter(limiter, waits)

    assert waits == []


def test_without_redis_no_request_leaves(tmp_path: Path) -> None:
    """It is told as something that may pass, with nothing of the address, and nothing was sent."""
    client = redis_at(f"unix://{tmp_path / 'secret-name.sock'}")
    limiter = SharedLimiter(client, "x", HttpSettings(max_in_flight=1), Pulse(client, 30), 30)

    with pytest.raises(UnreachableError, match="did not answer") as caught:
        enter(limiter)

    limiter.answered(limits(1, 0, "1s"))
    limiter.refused(None, 1)
    assert (caught.value.sent, caught.value.retryable) == (False, True)
    assert "secret-name" not in str(caught.value)
