"""What is known in Redis of operations that leave something behind, and of tasks that come again.

Before the first request of an operation with an unsafe effect leaves, its mark is set; when the outcome is known, the
mark holds it. A task that is delivered again finds there what became of the first delivery: its outcome, or that it is
still at work, or that nobody knows.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis, RedisError

from jackfield import JackfieldError, LimitError, OperationCancelledError
from jackfield_celery.failures import UncertainError, told_if_away
from jackfield_celery.pulse import Pulse
from jackfield_celery.settings import CelerySettings

_BEGIN = """
local owner = redis.call('HGET', KEYS[1], 'owner')
if owner == ARGV[1] then return 'ours' end
if owner then
  local outcome = redis.call('HGET', KEYS[1], 'outcome')
  if outcome then return outcome end
  if redis.call('EXISTS', KEYS[2]) == 1 then return 'running' end
  return 'lost'
end
redis.call('HSET', KEYS[1], 'owner', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[3])
return 'ours'
"""
_OURS = "if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end redis.call('DEL', KEYS[2]) "
_FINISH = _OURS + "redis.call('HSET', KEYS[1], 'outcome', ARGV[2]) redis.call('PEXPIRE', KEYS[1], ARGV[3]) return 1"
_CLEAR = _OURS + "return redis.call('DEL', KEYS[1])"


class AnsweredBeforeError(JackfieldError):
    """An earlier delivery was answered; see ``outcome``. Never seen outside: the outcome takes its place."""

    def __init__(self, outcome: Mapping[str, Any]) -> None:
        super().__init__("An earlier delivery was answered.")
        self.outcome = outcome


class RunningElsewhereError(JackfieldError):
    """An earlier delivery is still at work; it will be known later what became of it."""

    def __init__(self) -> None:
        super().__init__("An earlier delivery of this task is still at work.")


class Mark:
    """That of one run of one operation.

    Attributes:
        is_set: Whether a request may have left.
    """

    def __init__(self, marks: "Marks", module_id: str, key: str) -> None:
        self._marks = marks
        self._module_id = module_id
        self._key = key
        self._owner = secrets.token_hex(8)
        self.is_set = False

    def set(self) -> None:
        """Say that a request is about to leave; again for each further one.

        Raises:
            AnsweredBeforeError: An earlier delivery has the outcome.
            RunningElsewhereError: An earlier delivery still waits for it.
            UncertainError: An earlier delivery is gone, and nobody knows.
            UnreachableError: Redis did not answer; nothing was sent.
        """
        if self.is_set:
            return
        said = self._marks.begin(self._module_id, self._key, self._owner)
        if said == "running":
            raise RunningElsewhereError
        if said == "lost":
            message = f"The worker was lost while {self._module_id} ran; the service may have acted on its request."
            raise UncertainError(message, module_id=self._module_id, idempotency_key=self._key)
        if said != "ours":
            raise AnsweredBeforeError(json.loads(said))
        self.is_set = True

    def settle(self, outcome: Mapping[str, Any] | None) -> None:
        """Keep what became of it; ``None`` if the service has not acted, so that it may run again."""
        if self.is_set:
            self._marks.end(self._module_id, self._key, self._owner, outcome)


class Marks:
    """The marks of all workers, and what is known of tasks: how often they came, and whether they are to stop.

    Args:
        redis: Where.
        settings: How long they are kept.
        pulse: Says that this process is still at work.
        hasty: The same Redis, for what had better be told soon that it is away.
    """

    def __init__(self, redis: "Redis", settings: CelerySettings, pulse: Pulse, *, hasty: "Redis") -> None:
        self._redis = redis
        self._hasty = hasty
        self._settings = settings
        self._pulse = pulse
        self._kept_ms = max(int(settings.keep_marks_s * 1000), 1)
        self._begin, self._finish = hasty.register_script(_BEGIN), redis.register_script(_FINISH)
        self._clear = redis.register_script(_CLEAR)

    def of(self, module_id: str, key: str) -> Mark:
        """Give the mark of an operation; none is set yet."""
        return Mark(self, module_id, key)

    def _keys(self, module_id: str, key: str) -> list[str]:
        name = f"{{{self._settings.prefix}:mark:{module_id}:{key}}}"
        return [name, f"{name}:alive"]

    def begin(self, module_id: str, key: str, owner: str) -> str:
        """Set a mark, or say what the one that is there says."""
        keys, lease_ms = self._keys(module_id, key), int(self._settings.lease_s * 1000)
        with told_if_away("in which unsafe operations are marked", "See that it runs; without a mark none leaves."):
            found: Any = self._begin(keys, [owner, self._kept_ms, lease_ms])
        said = found.decode() if isinstance(found, bytes) else str(found)
        if said == "ours":
            self._pulse.hold(owner, lambda pipeline: pipeline.set(keys[1], owner, px=lease_ms, xx=True))
        return said

    def end(self, module_id: str, key: str, owner: str, outcome: Mapping[str, Any] | None) -> None:
        """Put the outcome into a mark, or take the mark away.

        Raises:
            RedisError: Redis did not answer: the mark lapses as that of a lost worker.
        """
        self._pulse.let_go(owner)
        keys = self._keys(module_id, key)
        if outcome is None:
            self._clear(keys, [owner])
        else:
            self._finish(keys, [owner, json.dumps(outcome), self._kept_ms])

    def _cancelled(self, task_id: str) -> str:
        return f"{self._settings.prefix}:cancelled:{task_id}"

    def cancel(self, task_ids: Sequence[str]) -> None:
        """Say that tasks are to stop."""
        with self._redis.pipeline() as pipeline:
            for task_id in task_ids:
                pipeline.set(self._cancelled(task_id), "1", px=self._kept_ms)
            pipeline.execute()

    def is_cancelled(self, task_id: str) -> bool:
        """Tell whether a task is to stop; while Redis is away, nobody can have said so."""
        try:
            return bool(self._hasty.exists(self._cancelled(task_id)))
        except RedisError:
            return False

    def receive(self, task_id: str, retries: int) -> None:
        """Count that a task came, once more than its worker was lost with it; see ``Worker.receive``."""
        name = f"{self._settings.prefix}:deliveries:{task_id}:{retries}"
        with self._redis.pipeline() as pipeline:
            pipeline.incr(name)
            pipeline.pexpire(name, self._kept_ms)
            pipeline.exists(self._cancelled(task_id))
            with told_if_away("in which tasks are counted", "See that it runs; the task comes again."):
                count, _, cancelled = pipeline.execute()
        if cancelled:
            message = "The task was cancelled."
            raise OperationCancelledError(message)
        most = self._settings.max_deliveries
        if count > most:
            message = f"The task was delivered {count} times, and each time its worker was lost."
            hint = "See in the log of the worker what ended it: memory, a time limit, a crash."
            raise LimitError(message, limit="max_deliveries", maximum=most, hint=hint)
