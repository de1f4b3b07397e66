"""The requests of one connection leave in turn."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from jackfield._http.gate import Gate, Gates
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.turns import Limiter, Turn
from jackfield.errors import DeadlineError, OperationCancelledError

Waits = list[tuple[float | None, str]]


def gate_of(**settings: Any) -> Gate:
    """Make a gate for settings."""
    return Gate(HttpSettings(**settings))


def enter(
    gate: Limiter, waits: Waits | None = None, deadline_s: float = 30.0, stop: Cancellation | None = None
) -> float:
    """Wait for a turn."""
    told = [] if waits is None else waits
    return float(gate.enter(Deadline(deadline_s), stop or Cancellation(), lambda *wait: told.append(wait)))


def together(number: int, work: Callable[[], object]) -> None:
    """Do work in many threads at once."""
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


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


def test_without_limits_nothing_is_looked_at() -> None:
    """Not even a lock is taken, and answers that say nothing change nothing."""
    gate = gate_of()
    gate.answered({})

    assert gate.is_open
    assert not gate.counts


def test_a_rate_that_is_set_is_kept_over_threads() -> None:
    """Eight threads, twenty requests a second: evenly spread, none too early."""
    gate, waits = gate_of(max_requests_per_s=20), Waits()
    left: list[float] = []
    together(8, lambda: left.extend(enter(gate, waits) for _ in range(3)))

    left.sort()
    assert left[-1] - left[0] >= 23 / 20 - 0.02
    assert {reason for _, reason in waits} == {"max_requests_per_s is 20"}


def test_no_more_are_under_way_than_allowed() -> None:
    """The setting max_in_flight counts all threads; each is let in when another one ends."""
    gate, waits = gate_of(max_in_flight=3), Waits()
    lock, now, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal now, most
        enter(gate, waits)
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1
        gate.leave()

    together(12, work)

    assert (now, most) == (0, 3)
    assert set(waits) == {(None, "max_in_flight is 3")}


def test_who_waits_longest_is_let_in_first() -> None:
    """Room is given in the order in which it was asked for."""
    gate = gate_of(max_in_flight=1)
    order: list[int] = []
    enter(gate)

    def work(number: int) -> None:
        enter(gate)
        order.append(number)
        gate.leave()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        while len(gate._waiting) < number:  # noqa: SLF001  the order is the point
            time.sleep(0.001)
    gate.leave()
    for thread in threads:
        thread.join(30)

    assert order == [0, 1, 2, 3, 4]


def test_a_wait_for_room_ends_at_the_deadline() -> None:
    """Nothing was sent, and the error says what was waited for; room that comes later goes to others."""
    gate = gate_of(max_in_flight=1)
    enter(gate)

    with pytest.raises(DeadlineError, match="max_in_flight is 1") as caught:
        enter(gate, deadline_s=0.1)

    assert (caught.value.phase, caught.value.sent) == ("queue", False)
    gate.leave()
    assert enter(gate, deadline_s=0.1)


def test_a_wait_that_would_pass_the_deadline_is_not_begun() -> None:
    """The turn is known to come too late, so the error comes at once, and the turn is free for others."""
    gate, began = gate_of(max_requests_per_s=0.1), time.monotonic()
    enter(gate)

    for _ in range(3):
        with pytest.raises(DeadlineError, match=r"comes in (9|10)\.\d s: max_requests_per_s is 0\.1") as caught:
            enter(gate, deadline_s=5)

    assert (caught.value.phase, caught.value.sent) == ("queue", False)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("settings", [{"max_in_flight": 1}, {"max_requests_per_s": 0.01}])
def test_a_wait_can_be_cancelled(settings: dict[str, Any]) -> None:
    """From another thread, at once; room and turn are free again."""
    gate, stop, began = gate_of(**settings), Cancellation(), time.monotonic()
    enter(gate)
    timer = threading.Timer(0.05, stop.cancel)
    timer.start()

    with pytest.raises(OperationCancelledError):
        enter(gate, deadline_s=1000, stop=stop)

    timer.join()
    assert time.monotonic() - began < 10
    gate.leave()
    assert not gate._waiting  # noqa: SLF001  nobody waits any more


def test_what_the_service_says_is_heeded() -> None:
    """None are left, and one comes back each tenth of a second."""
    gate, waits = gate_of(), Waits()
    gate.answered(limits(10, 0, "1s"))

    assert not gate.is_open
    began = time.monotonic()
    for _ in range(3):
        enter(gate, waits)

    assert time.monotonic() - began >= 0.28
    assert {reason for _, reason in waits} == {"the service takes no more for now"}


def test_as_long_as_some_are_left_nobody_waits() -> None:
    """A limit that is far away holds nobody back."""
    gate, waits = gate_of(), Waits()

    for remaining in (99, 98, 97):
        gate.answered(limits(100, remaining, "10m"))
        enter(gate, waits)

    assert waits == []


def test_used_up_tokens_are_awaited_in_part() -> None:
    """What the next request costs is not known, so it waits until a twentieth is back."""
    gate, waits = gate_of(), Waits()
    gate.answered(limits(100, 99, "1s", tokens=0))

    enter(gate, waits)

    ((wait_s, _),) = waits
    assert wait_s == pytest.approx(0.5, abs=0.2)


def test_a_limit_that_comes_back_too_slowly_is_not_waited_for() -> None:
    """One a day: the service is asked, and says itself what is the matter."""
    gate, waits = gate_of(), Waits()
    gate.answered(limits(1, 0, "1d"))

    enter(gate, waits)

    assert waits == []


def test_a_refusal_holds_everybody_back() -> None:
    """Also those who wait already; afterwards they follow one by one, and not all at once."""
    gate, waits = gate_of(), Waits()
    left: list[float] = []
    for _ in range(20):
        gate.answered({})
    Turn(gate, 0.0).refused(0.3)
    began = time.monotonic()
    threads = [threading.Thread(target=lambda: left.append(enter(gate, waits))) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    Turn(gate, 0.0).refused(0.5)
    for thread in threads:
        thread.join(30)

    left.sort()
    assert left[0] - began >= 0.58
    assert left[-1] - left[0] >= 3 / 20 - 0.02


def test_a_wait_that_is_too_long_holds_nobody() -> None:
    """The setting max_retry_after_s says what is waited for."""
    gate, waits = gate_of(max_retry_after_s=60), Waits()
    Turn(gate, 0.0).refused(3600)

    enter(gate, waits)

    ((wait_s, _),) = waits
    assert wait_s is not None
    assert wait_s <= 1


def test_rate_limits_need_not_be_heeded() -> None:
    """The setting heed_rate_limits switches that off; what is set by the host stays."""
    gate, waits = gate_of(heed_rate_limits=False), Waits()
    gate.answered(limits(1, 0, "10s"))
    Turn(gate, 0.0).refused(10)

    enter(gate, waits)

    assert waits == []
    assert gate.is_open


def test_connections_have_gates_of_their_own() -> None:
    """The same for the same values; a bounded number, of which those that hold something back stay."""
    gates = Gates(HttpSettings())
    busy = gates.of(b"busy")
    Turn(busy, 0.0).refused(60)
    first = gates.of(b"0")
    for number in range(1, 1100):
        gates.of(str(number).encode())

    assert gates.of(b"busy") is busy
    assert gates.of(b"0") is not first
    assert gates.of(b"1099") is gates.of(b"1099")


def test_a_child_process_begins_with_nobody_under_way() -> None:
    """Threads that were there before a fork are not there after it; their room is free, and their lock is new."""
    gate = gate_of(max_in_flight=1)
    enter(gate)

    gate.forget()  # what os.fork has called in the child

    assert enter(gate, deadline_s=1)
    gate.leave()
    gate.leave()  # a request that was under way in the parent ends here, too
    assert enter(gate, deadline_s=1)


def test_a_gate_that_still_holds_turns_back_is_kept() -> None:
    """However many other connections there are."""
    gates = Gates(HttpSettings(max_requests_per_s=0.001))
    first = gates.of(b"0")
    enter(first)
    for number in range(1, 1100):
        gates.of(str(number).encode())

    assert gates.of(b"0") is first


def test_a_turn_that_was_given_up_is_there_for_the_next() -> None:
    """Whoever is cancelled while it waits, or would wait for too long, takes nothing away."""
    gate, stop = gate_of(max_requests_per_s=0.01), Cancellation()
    enter(gate)
    with pytest.raises(OperationCancelledError):
        gate.enter(Deadline(200), stop, lambda *_: stop.cancel())

    for _ in range(2):
        with pytest.raises(DeadlineError, match=r"comes in (99\.\d|100\.0) s"):
            enter(gate, deadline_s=5)


def test_nobody_gives_back_what_was_never_taken() -> None:
    """A limit of which the service tells while somebody waits is not widened by whoever gives up that wait."""
    gate, stop = gate_of(max_requests_per_s=0.001), Cancellation()
    enter(gate)

    def hear(*_: object) -> None:
        gate.answered(limits(2, 0, "200s", tokens=5))
        stop.cancel()

    with pytest.raises(OperationCancelledError):
        gate.enter(Deadline(2000), stop, hear)

    assert gate._told is not None  # noqa: SLF001  only its fill tells
    assert gate._told.take(time.monotonic()) - time.monotonic() > 99  # noqa: SLF001  the same


def test_room_is_left_by_whoever_gets_no_turn() -> None:
    """Both limits are set; the wait for a turn fails, and the room is free again."""
    gate = gate_of(max_requests_per_s=0.01, max_in_flight=1)
    enter(gate)
    gate.leave()

    for _ in range(3):
        with pytest.raises(DeadlineError, match=r"max_requests_per_s is 0\.01"):
            enter(gate, deadline_s=1)


def test_a_crowd_that_is_cancelled_in_part_leaves_no_trace() -> None:
    """Of 300 threads in front of two places half give up; the others get in, never more than two at once."""
    gate, lock = gate_of(max_in_flight=2), threading.Lock()
    inside = most = entered = 0
    stops = [Cancellation() for _ in range(300)]

    def visit(number: int) -> None:
        nonlocal inside, most, entered
        try:
            enter(gate, stop=stops[number])
        except OperationCancelledError:
            return
        with lock:
            inside, entered = inside + 1, entered + 1
            most = max(most, inside)
        time.sleep(0.001)
        with lock:
            inside -= 1
        gate.leave()

    numbers = iter(range(300))

    def give_up() -> None:
        for stop in stops[::2]:
            stop.cancel()

    canceller = threading.Thread(target=give_up)
    canceller.start()
    together(300, lambda: visit(next(numbers)))
    canceller.join()

    assert most <= 2
    assert entered >= 150
    assert gate.idle


def test_room_that_comes_with_a_cancellation_goes_to_the_next() -> None:
    """Whoever is given room and cancelled at the same moment leaves it to others."""
    gate, stop = gate_of(max_in_flight=1), Cancellation()
    enter(gate)

    def at_once(*_: object) -> None:
        gate.leave()
        stop.cancel()

    with pytest.raises(OperationCancelledError):
        gate.enter(Deadline(20), stop, at_once)

    assert enter(gate, deadline_s=1)
