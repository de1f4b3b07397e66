"""The gate through which the requests of one connection leave: none faster, and no more at once, than is allowed.

What is allowed is said by the settings, by the service in the headers of its answers, and by its refusals. A connection
about which nobody says anything passes without a lock.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jackfield._http.bells import Bell
from jackfield._http.forking import forget_after_fork
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.pace import Brake, Bucket
from jackfield._http.rates import REMAINING_REQUESTS, allowance_in, none_left
from jackfield._http.turns import Limiter, Tell
from jackfield.errors import DeadlineError

_SERVICE = "the service takes no more for now"
_MOST_GATES = 1024
_TOKENS_AWAITED = 0.05
"""Where no tokens are left, a request waits until a twentieth is back; nobody knows what it will cost."""


class Gate:
    """Lets requests leave in turn; for any number of threads. The lock is never held while somebody waits.

    Attributes:
        counts: Whether ``leave`` must be called for every request that entered.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings
        most = settings.max_requests_per_s
        self._set = Bucket(1.0 / most) if most else None
        self._told: Bucket | None = None
        self._brake = Brake()
        self._round = 0
        self._held_until = 0.0
        self.counts = settings.max_in_flight is not None
        self.forget()
        forget_after_fork(self)

    def forget(self) -> None:
        """Start anew: in a child process nobody else is under way, and a vanished thread may hold the lock."""
        self._lock = threading.Lock()
        self._waiting: deque[Bell] = deque()
        self._under_way = 0

    @property
    def idle(self) -> bool:
        """Whether nothing would be lost with it."""
        now = time.monotonic()
        quiet = all(bucket.is_full(now) for bucket in (self._set, self._told) if bucket)
        return quiet and not (self._under_way or self._waiting or self._brake.bucket)

    @property
    def is_open(self) -> bool:
        """Whether a request may leave at once, without a look at anything."""
        return not (self.counts or self._set or self._told or self._brake.bucket or self._held_until)

    def enter(self, deadline: Deadline, cancellation: Cancellation, tell: Tell) -> float:
        """Wait until a request may leave, and give the moment.

        Args:
            deadline: A wait that would pass it is not begun.
            cancellation: Ends the wait.
            tell: Called once before each wait, in this thread.

        Raises:
            DeadlineError: Its turn would not come in time; nothing was sent.
            OperationCancelledError: Somebody cancelled.
        """
        if self.counts:
            self._find_room(deadline, cancellation, tell)
        try:
            return self._find_turn(deadline, cancellation, tell)
        except BaseException:
            self.leave()
            raise

    def _find_turn(self, deadline: Deadline, cancellation: Cancellation, tell: Tell) -> float:
        while True:
            with self._lock:
                now, round_ = time.monotonic(), self._round
                taken = [bucket for bucket in (self._set, self._told, self._brake.bucket) if bucket]
                due, reason = self._due(now, taken)
                if due > deadline.ends_at:
                    self._give_back(taken, round_)
            if due <= now:
                return now
            if due > deadline.ends_at:
                raise _too_late(deadline, f"the next turn of this connection comes in {due - now:.1f} s: {reason}")
            try:
                tell(due - now, reason)
                cancellation.wait(due - now)
            except BaseException:
                with self._lock:
                    self._give_back(taken, round_)
                raise
            if not self._moved(taken, round_):
                return time.monotonic()

    def _due(self, now: float, buckets: Sequence[Bucket]) -> tuple[float, str]:
        """Take a turn of each; give the moment when all are there, and who is to blame if that is not now."""
        due, reason, asked = now, "", self._held_until
        for bucket in buckets:
            moment = bucket.take(now)
            if bucket is self._set:
                due, reason = moment, f"max_requests_per_s is {self._settings.max_requests_per_s:g}"
            else:
                asked = max(asked, moment)
        return (asked, _SERVICE) if asked > due else (due, reason)

    def _give_back(self, taken: Sequence[Bucket], round_: int) -> None:
        """Give back the turns that were taken in a round; a refusal since then has voided that of the brake."""
        for bucket in taken:
            if bucket is not self._brake.bucket or round_ == self._round:
                bucket.give_back()

    def _find_room(self, deadline: Deadline, cancellation: Cancellation, tell: Tell) -> None:
        most = self._settings.max_in_flight or 0
        with self._lock:
            if self._under_way < most:
                self._under_way += 1
                return
            room = Bell()
            self._waiting.append(room)
        reason = f"max_in_flight is {most}"
        try:
            tell(None, reason)
            if cancellation.wait_for(room, deadline.left_s):
                return
        except BaseException:
            self._give_up(room)
            raise
        self._give_up(room)
        raise _too_late(deadline, f"other requests of this connection are under way, and {reason}")

    def _moved(self, taken: Sequence[Bucket], round_: int) -> bool:
        """Say whether a refusal meanwhile moved all turns; then the one that was waited for is given back."""
        with self._lock:
            moved = round_ != self._round
            if moved:
                self._give_back(taken, round_)
            return moved

    def _give_up(self, room: Bell) -> None:
        with self._lock:
            if room in self._waiting:
                self._waiting.remove(room)
                return
        self.leave()  # it was given room at the same moment

    def leave(self, _permit: object = None, /) -> None:
        """Make room for another request; to be called when an answer was read to its end, or there is none."""
        if not self.counts:
            return
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            elif self._under_way:  # nothing in a child process that began in the middle of a request
                self._under_way -= 1

    def refused(self, left_at: float | None, wait_s: float, /) -> None:
        """Hold everybody back, since the service refused a request for there being too many.

        Args:
            left_at: When the request left; ``None`` for one that did not enter.
            wait_s: For how many seconds the service asks to wait; 0 if it does not say.
        """
        if not self._settings.heed_rate_limits:
            return
        if wait_s > self._settings.max_retry_after_s:
            wait_s = 0.0  # that is not waited for; others hear it from the service itself
        with self._lock:
            self._brake.refused(time.monotonic(), left_at or 0.0, wait_s)
            self._round += 1

    def answered(self, headers: Mapping[str, str], /) -> None:
        """Read from the headers of an answer, by lower-case name, what the service takes."""
        if not self._settings.heed_rate_limits:
            return
        now = time.monotonic()
        self._brake.answered(now)
        if headers.get(REMAINING_REQUESTS) is None and self._brake.bucket is None:
            return
        requests = allowance_in(headers, "requests")
        tokens = allowance_in(headers, "tokens") if none_left(headers) else None
        if not (requests or tokens or self._brake.bucket):
            return
        longest = self._settings.max_retry_after_s  # for longer, nobody waits: the service is asked instead
        with self._lock:
            self._brake.ease(now)
            if requests and requests.interval_s <= longest:
                self._told = self._told or Bucket(requests.interval_s, requests.limit)
                self._told.correct(requests, now)
            if tokens and not tokens.remaining:
                wait_s = min(tokens.reset_s * _TOKENS_AWAITED, longest)
                self._held_until = max(self._held_until, now + wait_s)


def _too_late(deadline: Deadline, because: str) -> DeadlineError:
    message = f"The deadline of {deadline.total_s:g} s comes first: {because}."
    return deadline.error("queue", sent=False, message=message)


class Gates:
    """Keeps one limiter for each connection; for a thousand of them, those that are idle make room.

    Args:
        settings: What the gates of this process let through.
        supply: Gives a limiter in place of a gate, for a connection; ``None`` from it means "none but a gate".
    """

    def __init__(self, settings: HttpSettings, supply: Callable[[Any], Limiter | None] | None = None) -> None:
        self._settings = settings
        self._supply = supply
        self._gates: dict[bytes, Limiter] = {}
        self.forget()
        forget_after_fork(self)

    def forget(self) -> None:
        """Make a new lock: in a child process a vanished thread may hold it."""
        self._lock = threading.Lock()

    def of(self, counted_as: bytes, connection: Any = None) -> Limiter:
        """Give what lets the requests of a connection out.

        Args:
            counted_as: The same for everything that the service counts together.
            connection: It, for whoever supplies limiters.
        """
        gate = self._gates.get(counted_as)
        if gate is None:
            made = (self._supply(connection) if self._supply else None) or Gate(self._settings)
            with self._lock:
                if len(self._gates) >= _MOST_GATES:
                    idle = next((key for key, gate in self._gates.items() if gate.idle), None)
                    self._gates.pop(idle or b"", None)
                gate = self._gates.setdefault(counted_as, made)
        return gate
