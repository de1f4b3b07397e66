"""What became of a task, as Celery tells it: also by a result backend that is away for a moment."""

import time
from typing import Any

from celery.exceptions import TaskRevokedError
from celery.exceptions import TimeoutError as NotOverError

from jackfield import DeadlineError, Failure, JackfieldError, OperationCancelledError, Result, UnreachableError
from jackfield_celery.failures import AWAY, ModuleFailedError, is_away
from jackfield_celery.outcomes import read_outcome
from jackfield_celery.settings import BEFORE_NEXT_TRY_S, CelerySettings

_ASK_AGAIN_S = 5.0
"""How long Celery may wait to be told. It hears by a subscription of Redis, which may be gone without a word."""


def awaited(sent: Any, timeout_s: float | None, settings: CelerySettings) -> Any:
    """Wait for what a task gave, or for the exception that it ended with, which is given and not raised.

    So what is raised came on the way here, and says nothing of the task.

    Raises:
        DeadlineError: It is not over.
        UnreachableError: Nobody answers for longer than ``redis_away_s``; the task goes on.
    """
    ends_at = None if timeout_s is None else time.monotonic() + timeout_s
    answered_at = time.monotonic()
    while True:
        left_s = _ASK_AGAIN_S if ends_at is None else max(ends_at - time.monotonic(), 0.0)
        try:
            return sent.get(timeout=min(left_s, _ASK_AGAIN_S), propagate=False, disable_sync_subtasks=False)
        except NotOverError:
            answered_at = time.monotonic()
            if left_s <= _ASK_AGAIN_S and ends_at is not None:
                raise _not_over(timeout_s or 0.0) from None
        except (*AWAY, RuntimeError) as error:
            if not is_away(error):
                raise
            if time.monotonic() - answered_at >= settings.redis_away_s:
                message = f"Where results are kept did not answer: {type(error).__name__}."
                hint = "The task goes on; see that it runs, and ask again later."
                raise UnreachableError(message, sent=True, hint=hint) from None
            time.sleep(BEFORE_NEXT_TRY_S)


def _not_over(waited_s: float) -> DeadlineError:
    message = f"The task is not over after {waited_s:g} s."
    hint = "Is there a worker for its queue? It goes on; ask again later."
    return DeadlineError(message, phase="queue", deadline_s=waited_s, sent=True, hint=hint)


def ended_as(told: Any) -> Result[Any] | Failure:
    """Read what a task gave, or the exception that it ended with."""
    if isinstance(told, ModuleFailedError):
        return Failure(error=told.error)
    if isinstance(told, TaskRevokedError):
        return Failure(error=OperationCancelledError("The task was revoked."))
    if isinstance(told, BaseException):  # a hard time limit, a lost worker
        message = f"The task ended with {type(told).__name__}, before it could say what became of the module."
        return Failure(error=JackfieldError(message, hint="See the log of the worker."))
    return read_outcome(told)
