"""What a worker's host does beside running modules: marks before unsafe requests, and limits for all workers."""

from collections.abc import Generator
from contextvars import ContextVar

from attrs import define, field
from redis import Redis
from requests import Response

from jackfield import (
    BusyError,
    Cancellation,
    Connection,
    DeadlineError,
    Effect,
    Execution,
    HttpSettings,
    JackfieldError,
    Limiter,
    Operation,
    Purpose,
    TransportError,
    hookimpl,
)
from jackfield_celery.failures import UncertainError
from jackfield_celery.limiter import SharedLimiter
from jackfield_celery.marks import Mark
from jackfield_celery.pulse import Pulse
from jackfield_celery.settings import CelerySettings

_TOO_MANY = 429


@define(kw_only=True, eq=False)
class Call:
    """One run that a task asked for.

    Attributes:
        mark: To be set before a request leaves that may not be repeated.
        cancellation: Stops it.
        is_unsafe: Whether a repeat may leave a second one behind; known once the input is checked.
    """

    mark: Mark
    cancellation: Cancellation = field(factory=Cancellation)
    is_unsafe: bool = False


CALL: ContextVar[Call | None] = ContextVar("jackfield-celery-call", default=None)
"""The run of this thread."""


class Watcher:
    """A plugin of the host of a worker process.

    Args:
        redis: Where limits are kept.
        settings: How.
        pulse: Keeps what this process holds.
    """

    def __init__(self, redis: "Redis", settings: CelerySettings, pulse: Pulse) -> None:
        self._redis = redis
        self._settings = settings
        self._pulse = pulse

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """Learn the effect, which may depend on the input."""
        call = CALL.get()
        if call is not None and operation.purpose is Purpose.RUN:
            call.is_unsafe = operation.effect is Effect.UNSAFE
        return (yield)

    @hookimpl(wrapper=True)
    def send(self) -> Generator[None, Response, Response]:
        """Set the mark before a request leaves whose repeat may leave a second one behind."""
        call = CALL.get()
        if call is not None and call.is_unsafe:
            call.mark.set()
        return (yield)

    @hookimpl
    def limit_requests(self, connection: Connection, settings: HttpSettings) -> Limiter | None:
        """Share the limits of a connection with all workers that know it by the same name."""
        limits = settings.max_requests_per_s or settings.max_in_flight or settings.heed_rate_limits
        if not (self._settings.share_limits and limits):
            return None
        name = f"{self._settings.prefix}:limit:{connection.type_id}:{connection.name}"
        return SharedLimiter(self._redis, name, settings, self._pulse, self._settings.lease_s)


def may_have_been_acted_on(error: JackfieldError) -> bool:
    """Tell whether the service may have acted on what an error ended."""
    if isinstance(error, TransportError | DeadlineError):
        return error.sent
    return not (isinstance(error, BusyError) and error.status == _TOO_MANY)


def told_after_all(error: JackfieldError, call: Call, module_id: str, key: str) -> JackfieldError:
    """Give the error to tell of a run: where the outcome is unknown and a repeat could do harm, that comes first."""
    unknown = isinstance(error, TransportError | DeadlineError) and error.sent
    if not (call.is_unsafe and unknown):
        return error
    message = f"The service may have acted on the request, and gave no whole answer: {error.message}"
    return UncertainError(message, module_id=module_id, idempotency_key=key)
