"""Errors of a run, as Airflow acts on them: fail, or try again."""

from datetime import timedelta
from typing import Any

from airflow.sdk import RetryDecision, RetryPolicy
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from jackfield import (
    BusyError,
    DeadlineError,
    Effect,
    FileError,
    JackfieldError,
    OperationCancelledError,
    RemoteError,
    TransportError,
    error_from_json,
    error_to_json,
)

MAX_RETRY_AFTER = timedelta(days=1)
"""A service may name a year; nobody waits for that."""
_TOO_MANY_REQUESTS = 429


class ModuleFailedError(AirflowFailException):
    """The module failed, and a repeat would not help: Airflow does not try again.

    Attributes:
        error: What the host said.
    """

    def __init__(self, error: JackfieldError, message: str = "") -> None:
        super().__init__(message or f"{type(error).__name__}: {error}")
        self.error = error


class ModuleUncertainError(ModuleFailedError):
    """The service may have acted on the request, and a repeat would do it twice: a person has to look."""

    def __init__(self, error: JackfieldError) -> None:
        remedy = "The service may have acted on it, so it is not tried again. Look there, then clear the task or go on."
        super().__init__(error, f"{type(error).__name__}: {error}\n{remedy}")


class ModuleRetryError(AirflowException):
    """The module failed, and the same may succeed later: Airflow tries again, as often as the task's ``retries``.

    Attributes:
        error: What the host said.
    """

    def __init__(self, error: JackfieldError) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.error = error


AirflowError = ModuleFailedError | ModuleRetryError


def as_airflow(error: JackfieldError, effect: Effect | None, attempts: int) -> AirflowError:
    """Give the exception with which a task ends.

    Args:
        error: What the host said.
        effect: What a repeat leaves behind; ``None`` if nothing was sent.
        attempts: How many requests had begun.
    """
    if isinstance(error, DeadlineError):
        error.hint = "Give the task more time: execution_timeout, or deadline_s of the operator."
    passing = error.retryable or isinstance(error, DeadlineError | OperationCancelledError | FileError)
    if not passing:
        return ModuleFailedError(error)
    if effect is Effect.UNSAFE and _may_have_acted(error, attempts):
        return ModuleUncertainError(error)
    return ModuleRetryError(error)


def _may_have_acted(error: JackfieldError, attempts: int) -> bool:
    """Tell whether the service may have done what it was asked for; of a 429 it says itself that it has not."""
    if isinstance(error, BusyError):
        return error.status != _TOO_MANY_REQUESTS
    if isinstance(error, TransportError | DeadlineError):
        return error.sent
    return attempts > 0


def to_event(error: AirflowError) -> dict[str, Any]:
    """Write it for the event of a trigger."""
    return {"ends_as": type(error).__name__, "error": error_to_json(error.error)}


def from_event(event: dict[str, Any]) -> AirflowError:
    """Read what ``to_event`` wrote."""
    kinds = {kind.__name__: kind for kind in (ModuleFailedError, ModuleUncertainError, ModuleRetryError)}
    made: AirflowError = kinds[event["ends_as"]](error_from_json(event["error"]))
    return made


class RetryAfterPolicy(RetryPolicy):
    """Tries again when the service said that it will be ready, and not before the task's own ``retry_delay``."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002  Airflow counts
        max_tries: int,  # noqa: ARG002  the same
        context: Any = None,
    ) -> RetryDecision:
        """Wait as long as the service asks, but no longer than a day."""
        error = getattr(exception, "error", None)
        asked_s = error.retry_after_s if isinstance(error, RemoteError) else None
        if not isinstance(exception, ModuleRetryError) or not asked_s:
            return RetryDecision.default()
        usual: timedelta = context["task"].retry_delay if context else timedelta()
        asked = min(timedelta(seconds=asked_s), MAX_RETRY_AFTER)
        if asked <= usual:
            return RetryDecision.default()
        return RetryDecision.retry(delay=asked, reason=f"The service asks to wait {asked_s:g} s.")

    def serialize(self) -> dict[str, Any]:
        """It has no settings."""
        return {}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> "RetryAfterPolicy":  # noqa: ARG003  there is nothing in it
        """It has no settings."""
        return cls()
