"""The pieces of a module that runs on a worker, as they come."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from celery.result import AsyncResult
from redis import Redis

from jackfield import BrokenAnswerError, DeadlineError, Failure, Result
from jackfield_celery.failures import told_if_away

_LOOK_S = 0.5
"""How often it is looked whether the task is over, while no piece comes."""


class Pieces:
    """Iterates over the pieces, once; then ``result`` is there.

    Args:
        redis: Where they come.
        name: Of their list.
        sent: The task.
        outcome: Waits for what became of it.
        timeout_s: How long to wait for the next one.
    """

    def __init__(
        self,
        redis: "Redis",
        name: str,
        sent: "AsyncResult[Any]",
        outcome: Callable[["AsyncResult[Any]"], Result[Any] | Failure],
        timeout_s: float | None,
    ) -> None:
        self._redis = redis
        self._name = name
        self._outcome = outcome
        self._timeout_s = timeout_s
        self.sent = sent

    def __iter__(self) -> Iterator[Any]:
        """Give each piece as JSON values, in order.

        Raises:
            BrokenAnswerError: The worker was lost, and another one began anew: the pieces so far are void.
            DeadlineError: No piece came for ``timeout_s``.
            UnreachableError: Redis is away.
        """
        begun, seen = False, 0
        while (told := self._next()) is not None:
            if "piece" in told:
                if told["number"] > seen:  # one that Redis took while nobody heard so is there twice
                    seen = told["number"]
                    yield told["piece"]
            elif begun:
                message = "The worker was lost in the middle, and another one began anew."
                raise BrokenAnswerError(message, hint="Drop the pieces so far; the result will be whole.")
            else:
                begun = True

    def _next(self) -> dict[str, Any] | None:
        """Wait for what comes next; ``None`` if nothing does."""
        waits_until = time.monotonic() + self._timeout_s if self._timeout_s is not None else None
        while True:
            with told_if_away("in which pieces come", "The task goes on; ask for its outcome later."):
                over = self.sent.ready()  # asked before the list: what came first is read first
                found: Any = self._redis.lpop(self._name) if over else self._redis.blpop([self._name], timeout=_LOOK_S)
            if found:
                told: dict[str, Any] = json.loads(found if over else found[1])
                return told
            if over:
                return None
            if waits_until is not None and time.monotonic() > waits_until:
                message = f"No piece came for {self._timeout_s:g} s."
                raise DeadlineError(message, phase="queue", deadline_s=self._timeout_s or 0.0, sent=True)

    @property
    def result(self) -> Result[Any]:
        """The whole, as ``Modules.run`` would have given it; waits for it.

        Raises:
            JackfieldError: As ``Modules.run``.
        """
        found = self._outcome(self.sent)
        if isinstance(found, Failure):
            raise found.error
        return found
