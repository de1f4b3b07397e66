"""How fast requests may follow each other: a bucket of turns that fills at a steady rate. Nothing here waits."""

from jackfield._http.rates import Allowance

_SLOWER = 0.8
_FASTER = 1.05
_FASTER_EVERY_S = 10.0
_FORGOTTEN_AFTER_S = 300.0
_LONGEST_UNASKED_S = 0.35
"""Whoever was refused without a time makes a pause of its own, which is longer; the others may go on after this."""


class Bucket:
    """Turns that come back one after the other.

    Kept as one moment: when the bucket would be full again if nobody took a turn any more ("generic cell rate
    algorithm"). A turn may be taken before it is there; whoever takes it waits until then.

    Attributes:
        interval_s: Seconds until one more turn is there.
        size: How many turns a full bucket holds.
    """

    def __init__(self, interval_s: float, size: float = 1.0) -> None:
        self.interval_s = interval_s
        self.size = size
        self._full_at = 0.0

    def take(self, now: float) -> float:
        """Take a turn, and say when it is there."""
        self._full_at = max(self._full_at, now) + self.interval_s
        return max(now, self._full_at - self.size * self.interval_s)

    def give_back(self) -> None:
        """Give a turn back that was not used."""
        self._full_at -= self.interval_s

    def is_full(self, now: float) -> bool:
        """Say whether no turn is taken."""
        return self._full_at <= now

    def empty_until(self, moment: float) -> None:
        """Have no turn there before a moment, and the others follow it one by one; turns taken so far are void."""
        self._full_at = moment + (self.size - 1) * self.interval_s

    def correct(self, allowance: Allowance, now: float) -> None:
        """Take over what the service says; what we took meanwhile and it did not see stays taken."""
        self.interval_s, self.size = allowance.interval_s, max(allowance.limit, 1.0)
        self._full_at = max(self._full_at, now + allowance.reset_s)


class Brake:
    """Finds how fast a service that refuses with 429 and tells no rate can be asked.

    Where it refuses for the first time, it is asked as often in a second as it answered in the last; where it still
    refuses, a fifth less. As long as it refuses nothing, it is asked a twentieth more every ten seconds, and after five
    minutes it is asked freely again.

    Attributes:
        bucket: The turns; ``None`` while the service is asked freely.
        set_at: When the rate was lowered; what left before tells nothing about it.
    """

    def __init__(self) -> None:
        self.bucket: Bucket | None = None
        self.set_at = 0.0
        self._changed_at = 0.0
        self._second_began = 0.0
        self._in_second = self._in_last = 0

    def answered(self, now: float) -> None:
        """Count an answer that was no refusal. Called without a lock: a count that is lost does no harm."""
        if now - self._second_began >= 1.0:
            self._in_last = self._in_second if now - self._second_began < 2.0 else 0  # noqa: PLR2004  the last second
            self._second_began, self._in_second = now, 0
        self._in_second += 1

    def ease(self, now: float) -> None:
        """Let requests follow each other a bit faster, if nothing was refused for some time."""
        if self.bucket is None or now - self._changed_at < _FASTER_EVERY_S:
            return
        if now - self.set_at >= _FORGOTTEN_AFTER_S:
            self.bucket = None
            return
        self.bucket.interval_s /= _FASTER
        self._changed_at = now

    def refused(self, now: float, left_at: float, wait_s: float) -> None:
        """Slow down; whoever waits for a turn must take a new one.

        Args:
            now: The moment.
            left_at: When the request left that was refused.
            wait_s: For how long nobody should ask again; 0 if the service does not say.
        """
        if self.bucket is None:
            self.bucket = Bucket(1.0 / max(self._in_second, self._in_last, 1))
            self.set_at = self._changed_at = now
        elif left_at > self.set_at:
            self.bucket.interval_s /= _SLOWER
            self.set_at = self._changed_at = now
        self.bucket.empty_until(now + (wait_s or min(self.bucket.interval_s, _LONGEST_UNASKED_S)))
