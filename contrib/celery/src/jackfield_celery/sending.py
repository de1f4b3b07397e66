"""Messages to the broker, also while that is away for a moment."""

import time
from typing import Any

from celery.utils import uuid

from jackfield_celery.failures import AWAY, is_away, told_if_away
from jackfield_celery.settings import BEFORE_NEXT_TRY_S, CelerySettings


def published(task: Any, settings: CelerySettings, **message: Any) -> Any:
    """Send a task, and give Celery's ``AsyncResult``.

    Each try has the same id: if a message was taken and nobody heard so, the second is another delivery of one task.

    Args:
        task: Of Celery.
        settings: For how long it is tried.
        **message: As in Celery's ``apply_async``.

    Raises:
        UnreachableError: The broker or the result backend is away for longer than ``redis_away_s``.
    """
    message.setdefault("task_id", uuid())
    ends_at = time.monotonic() + settings.redis_away_s
    while time.monotonic() < ends_at:
        try:
            return task.apply_async(**message)
        except (*AWAY, RuntimeError) as error:
            if not is_away(error):
                raise
            time.sleep(BEFORE_NEXT_TRY_S)
    with told_if_away(
        "or broker that takes tasks", "See that it runs, then send it again with the same idempotency_key."
    ):
        return task.apply_async(**message)
