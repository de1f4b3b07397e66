"""The limits of one connection, shared by all workers: whoever asks Redis for a turn gets the next of all."""

import contextlib
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from redis import Redis, RedisError

from jackfield import Cancellation, Deadline, DeadlineError, HttpSettings, allowance_in
from jackfield_celery.failures import told_if_away
from jackfield_celery.limit_script import ANSWERED, LEAVE, REFUSED, RENEW, TAKE
from jackfield_celery.pulse import Pulse

_logger = logging.getLogger("jackfield_celery")

_FIRST_LOOK_S = 0.02
_LAST_LOOK_S = 0.25
_TOKENS_AWAITED = 0.05
_TOLD_FROM = 0.5
"""Of a limit that is used by less than a half, nobody needs to know yet: most answers cost no way to Redis."""


class Permit(NamedTuple):
    """What was let out: by which name it is under way, in which round of refusals, and when, by the clock of Redis."""

    token: str
    round: str
    left_at: float


class SharedLimiter:
    """A ``jackfield.Limiter`` whose state is in Redis.

    Args:
        redis: Where.
        name: What is limited: the same for all workers.
        settings: The limits.
        pulse: Keeps the places of this process.
        lease_s: How long a place is kept without a sign of life.
    """

    is_open = False

    def __init__(self, redis: "Redis", name: str, settings: HttpSettings, pulse: Pulse, lease_s: float) -> None:
        self._settings = settings
        self._pulse = pulse
        self._lease_s = lease_s
        self._most = settings.max_in_flight or 0
        self._every_s = 1.0 / settings.max_requests_per_s if settings.max_requests_per_s else 0.0
        self._keys = [f"{{{name}}}:pace", f"{{{name}}}:under-way"]  # in braces: both on one server of a cluster
        self._take, self._leave = redis.register_script(TAKE), redis.register_script(LEAVE)
        self._refused, self._answered = redis.register_script(REFUSED), redis.register_script(ANSWERED)
        self._held: set[str] = set()

    @property
    def counts(self) -> bool:
        """Whether requests have to say when they are over."""
        return self._most > 0

    @property
    def idle(self) -> bool:
        """Whether none is under way here; what is known stands in Redis."""
        return not self._held

    def enter(
        self, deadline: Deadline, cancellation: Cancellation, tell: Callable[[float | None, str], None]
    ) -> Permit:
        """Wait for the next turn of all workers; see ``jackfield.Limiter``."""
        token, round_ = secrets.token_hex(8), ""
        look_s, told = _FIRST_LOOK_S, False
        try:
            while True:
                said, wait_s, reason, new, now = self._asked(token, deadline.left_s, round_)
                round_ = new if said in {"go", "wait"} else ""
                if said == "late" or (said == "room" and deadline.left_s <= 0):
                    too_late = self._too_late(deadline, said, wait_s, reason)
                    raise too_late  # noqa: TRY301  below, what was taken is given back whatever ended the wait
                if said == "room":
                    if not told:
                        tell(None, f"max_in_flight is {self._most}, over all workers")
                    told = True
                    cancellation.wait(min(look_s, max(deadline.left_s, 0.0)))
                    look_s = min(look_s * 1.5, _LAST_LOOK_S)
                    continue
                self._keep(token)
                if said == "go":
                    return Permit(token, round_, now)
                tell(wait_s, self._whose(reason))
                cancellation.wait(wait_s)
        except BaseException:
            self._drop(token, round_)
            raise

    def _asked(self, token: str, left_s: float, round_: str) -> tuple[str, float, str, str, float]:
        heed = "1" if self._settings.heed_rate_limits else "0"
        values = [self._every_s, self._most, heed, max(left_s, 0.0), token, self._lease_s, round_]
        with told_if_away("that keeps the limits of all workers", "See that it runs; without it no request leaves."):
            found: Any = self._take(self._keys, values)
        said, wait_s, reason, new, now = (one.decode() if isinstance(one, bytes) else str(one) for one in found)
        return said, float(wait_s), reason, new, float(now)

    def _whose(self, reason: str) -> str:
        if reason == "max_requests_per_s":
            return f"max_requests_per_s is {self._settings.max_requests_per_s:g}, over all workers"
        return "the service takes no more for now"

    def _too_late(self, deadline: Deadline, said: str, wait_s: float, reason: str) -> DeadlineError:
        because = f"the next turn of this connection comes in {wait_s:.1f} s: {self._whose(reason)}"
        if said == "room":
            because = f"other requests of this connection are under way, and max_in_flight is {self._most}"
        message = f"The deadline of {deadline.total_s:g} s comes first: {because}."
        return deadline.error("queue", sent=False, message=message)

    def _keep(self, token: str) -> None:
        if self._most and token not in self._held:
            self._held.add(token)
            self._pulse.hold(token, lambda pipeline: self._renew(pipeline, token))

    def _renew(self, pipeline: Any, token: str) -> None:
        """Move the end of the lease; by the clock of Redis, so that it must be asked."""
        pipeline.eval(
            RENEW,
            1,
            self._keys[1],
            self._lease_s,
            token,
        )

    def _drop(self, token: str, round_: str) -> None:
        """Leave the place; what cannot be told to Redis lapses there."""
        self._pulse.let_go(token)
        self._held.discard(token)
        with self._logged():
            self._leave(self._keys, [token, round_, self._every_s])

    def leave(self, permit: Permit, /) -> None:
        """Make room for another request of any worker."""
        if self._most:
            self._drop(permit.token, "")

    def refused(self, permit: Permit | None, wait_s: float, /) -> None:
        """Hold all workers back."""
        if not self._settings.heed_rate_limits:
            return
        wait_s = 0.0 if wait_s > self._settings.max_retry_after_s else wait_s
        with self._logged():
            self._refused(self._keys, [wait_s, permit.left_at if permit else 0.0])

    def answered(self, headers: Mapping[str, str], /) -> None:
        """Tell all workers what the service says."""
        if not self._settings.heed_rate_limits or "x-ratelimit-remaining-requests" not in headers:
            return
        longest_s = self._settings.max_retry_after_s
        requests, tokens = allowance_in(headers, "requests"), allowance_in(headers, "tokens")
        hold_s = min(tokens.reset_s * _TOKENS_AWAITED, longest_s) if tokens and not tokens.remaining else 0.0
        near = requests and requests.interval_s <= longest_s and requests.remaining <= requests.limit * _TOLD_FROM
        if not (near or hold_s):
            return
        known = [requests.limit, requests.interval_s, requests.reset_s] if requests and near else [0, 0, 0]
        with self._logged():
            self._answered(self._keys, [*known, hold_s])

    @contextlib.contextmanager
    def _logged(self) -> Any:
        """Go on without Redis where the answer of a service is there already."""
        try:
            yield
        except RedisError as error:
            _logger.warning("The limits of all workers could not be told of an answer: %s", type(error).__name__)
