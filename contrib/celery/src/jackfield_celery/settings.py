"""What a Celery app has for the modules that run on it: where the shared state is, how often and how long is waited."""

import time
from collections.abc import Callable
from math import isfinite
from typing import Any

from attrs import field, fields, frozen
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from jackfield import InputError, InvalidInputError, Problem

_SOCKETS = {"redis+socket://": "unix://", "socket://": "unix://"}
"""How Celery names the address of a Redis behind a socket of this machine, and how redis does."""


@frozen(kw_only=True)
class CelerySettings:
    """How modules run on a Celery app.

    Attributes:
        redis: The URL of the Redis where limits and marks are kept; without, the app's result backend, or its broker,
            whichever is a Redis.
        prefix: What the names of all keys there begin with; two apps with the same share their limits.
        max_retries: How often an operation that failed and may succeed later is run again.
        retry_base_s: The wait before the first of these, doubled for each further one.
        retry_cap_s: The longest of these waits, where the service names no time.
        max_retry_after_s: A service that asks for a longer wait is not waited for.
        redis_away_s: How long Redis may be away: so long are outcomes kept in hand, and waited for, until it is back.
        max_deliveries: How often a task may lose its worker before it is given up.
        lease_s: How long a worker that says nothing counts as alive: its places in ``max_in_flight`` are free after it.
        keep_marks_s: How long is known what a module with an unsafe effect did.
        share_limits: Whether the limits of a connection hold for all workers together, and not for each process.
        chunk_budget_s: How long a chunk of a map goes on to begin further inputs; the others are sent anew.
        max_message_bytes: The most JSON that the input of one task may have, or its result.
    """

    redis: str = field(default="", repr=False)
    prefix: str = "jackfield"
    max_retries: int = 5
    retry_base_s: float = 2.0
    retry_cap_s: float = 60.0
    max_retry_after_s: float = 900.0
    redis_away_s: float = 60.0
    max_deliveries: int = 5
    lease_s: float = 15.0
    keep_marks_s: float = 86_400.0
    share_limits: bool = True
    chunk_budget_s: float = 300.0
    max_message_bytes: int = 16 * 1024**2

    def __attrs_post_init__(self) -> None:
        """Look whether every number can be one.

        Raises:
            InvalidInputError: Some cannot; all of them are named.
        """
        numbers = [slot for slot in fields(CelerySettings) if type(slot.default) in {int, float}]
        problems = [
            Problem(path=f"$.{slot.name}", rule="minimum", message=f"must be a number {least}")
            for slot in numbers
            for least in ["of at least 0" if slot.name.startswith(("max_retr", "retry")) else "greater than 0"]
            if not _is_number(getattr(self, slot.name), allow_zero="least" in least)
        ]
        if problems:
            raise InvalidInputError(problems, subject="CelerySettings")


def _is_number(value: object, *, allow_zero: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return False
    return value > 0 or (value == 0 and allow_zero)


def redis_url(app: Any, settings: CelerySettings) -> str:
    """Give the URL of the Redis that the workers of an app share.

    Raises:
        InputError: There is none.
    """
    for url in (settings.redis, app.conf.result_backend, app.conf.broker_url):
        found = _as_redis_has_it(str(url or ""))
        if found:
            return found
    message = "jackfield-celery needs a Redis for what the workers share, and neither result backend nor broker is one."
    raise InputError(message, hint='register(app, settings=CelerySettings(redis="redis://...")) names one.')


def _as_redis_has_it(url: str) -> str:
    for celerys, ours in _SOCKETS.items():
        if url.startswith(celerys):
            return ours + url.removeprefix(celerys).replace("virtual_host=", "db=")
    return url if url.startswith(("redis://", "rediss://", "unix://")) else ""


BEFORE_NEXT_TRY_S = 0.2
_HASTE_S = 1.0


class _Patience(Retry):
    """Tries until the time is up, and not so many times."""

    def __init__(self, away_s: float) -> None:
        super().__init__(ConstantBackoff(BEFORE_NEXT_TRY_S), -1)
        self._away_s = away_s

    def call_with_retry(self, do: Callable[[], Any], fail: Callable[..., Any], *more: Any, **named: Any) -> Any:
        """Do it, again and again; what came with redis 6 and 7 is passed on."""
        ends_at = time.monotonic() + self._away_s

        def failed(error: Exception, *count: int) -> None:
            fail(error, *count)
            if time.monotonic() >= ends_at:
                raise error

        return super().call_with_retry(do, failed, *more, **named)


def redis_at(url: str, away_s: float = _HASTE_S) -> "Redis":
    """Make a way to a Redis; unless it may be away for longer, one that does not answer is told of within seconds."""
    return Redis.from_url(url, retry=_Patience(away_s), socket_connect_timeout=5, socket_timeout=20)


def check_app(app: Any, settings: CelerySettings) -> None:
    """See that an app keeps what is promised: JSON alone, results kept, nothing delivered twice while it waits.

    Raises:
        InputError: It does not; says which setting of Celery moves it.
    """
    conf = app.conf
    others = [kind for kind in conf.accept_content or () if kind not in {"json", "application/json"}]
    if others:
        message = f"The Celery app accepts {', '.join(map(str, others))}; what unpacks such a message can run any code."
        raise InputError(message, hint='Set accept_content = ["json"].')
    if conf.result_serializer != "json":
        message = f"The Celery app writes results as {conf.result_serializer}, and modules give theirs as JSON."
        raise InputError(message, hint='Set result_serializer = "json".')
    _check_visibility(conf, settings)


_VISIBLE_AFTER_S = 3600.0
"""Kombu's own, for Redis."""


def _check_visibility(conf: Any, settings: CelerySettings) -> None:
    if not _as_redis_has_it(str(conf.broker_url or "")):
        return
    hidden_s = float((conf.broker_transport_options or {}).get("visibility_timeout", _VISIBLE_AFTER_S))
    longest_s = max(settings.max_retry_after_s, settings.retry_cap_s, settings.chunk_budget_s)
    if hidden_s <= longest_s:
        message = (
            f"The broker delivers a task again after {hidden_s:g} s (visibility_timeout), and one may wait or work for "
            f"{longest_s:g} s (max_retry_after_s, retry_cap_s, chunk_budget_s): it would run twice."
        )
        raise InputError(message, hint='Set broker_transport_options = {"visibility_timeout": ...} to more.')
