"""The sign of life of a worker process: what it holds in Redis lapses by itself once the process is gone."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from redis import Redis, RedisError

_logger = logging.getLogger("jackfield_celery")

Renew = Callable[[Any], None]
"""Adds to a pipeline what keeps something held."""
_BEATS = 3
"""How often a lease is renewed while it lasts: one lost beat does no harm."""


class Pulse:
    """Renews everything that this process holds, in one go, in a thread that runs while something is held.

    Args:
        redis: Where.
        lease_s: How long something is held without a renewal.
    """

    def __init__(self, redis: "Redis", lease_s: float) -> None:
        self._redis = redis
        self._every_s = lease_s / _BEATS
        self._lock = threading.Lock()
        self._held: dict[str, Renew] = {}
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def hold(self, token: str, renew: Renew) -> None:
        """Renew something from now on."""
        with self._lock:
            self._held[token] = renew
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._beat, name="jackfield-pulse", daemon=True)
                self._thread.start()

    def let_go(self, token: str) -> None:
        """Renew it no longer; a second time does nothing."""
        with self._lock:
            self._held.pop(token, None)

    def holds(self, token: str) -> bool:
        """Tell whether it is renewed."""
        return token in self._held

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(self._every_s):
            with self._lock:
                held = list(self._held.values())
            try:
                if held:
                    self._renew(held)
            except RedisError as error:
                _logger.warning("What this worker holds could not be renewed: %s", type(error).__name__)

    def _renew(self, held: list[Renew]) -> None:
        with self._redis.pipeline(transaction=False) as pipeline:
            for renew in held:
                renew(pipeline)
            pipeline.execute()
