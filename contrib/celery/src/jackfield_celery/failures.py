"""What went wrong with a task, as it travels: our error as data in an exception that Celery can carry."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kombu.exceptions import OperationalError
from redis import RedisError

from jackfield import InputError, JackfieldError, UnreachableError, error_from_json, error_to_json

AWAY = (RedisError, OperationalError, OSError)
"""With which Redis, a broker or a result backend says that it does not answer."""


class UncertainError(JackfieldError):
    """The service may have acted on the request, and nobody knows; a repeat could leave a second one behind.

    It was not run again. Look at the service whether it is there, then send the task anew, or do not.

    Attributes:
        module_id: What ran.
        idempotency_key: Of the operation.
    """

    def __init__(self, message: str, *, module_id: str, idempotency_key: str) -> None:
        hint = "Look at the service whether it was done; run it again, with another idempotency key, if it was not."
        super().__init__(message, hint=hint)
        self.module_id = module_id
        self.idempotency_key = idempotency_key


class ModuleFailedError(Exception):
    """A module failed, as Celery tells of it: the state of the task is FAILURE.

    Attributes:
        told: The error as JSON values: ``type``, ``message``, ``hint``, ``retryable``, ``problems``, ``status``...
    """

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(dict(told))  # Celery sends the arguments, as JSON
        self.told = told

    @property
    def error(self) -> JackfieldError:
        """The error that the module's run ended with."""
        return error_of(self.told)

    def __str__(self) -> str:
        """Give the class of the error, its message and its remedy."""
        return f"{self.told.get('type')}: {self.told.get('message')} {self.told.get('hint') or ''}".strip()

    def __repr__(self) -> str:
        """Give the same; Celery logs it."""
        return f"ModuleFailedError({str(self)!r})"


def told_of(error: JackfieldError) -> dict[str, Any]:
    """Give an error as JSON."""
    return error_to_json(error)


def error_of(told: Mapping[str, Any]) -> JackfieldError:
    """Make the error that was told of."""
    try:
        if told.get("type") == UncertainError.__name__:
            names = {name: str(told.get(name, "")) for name in ("module_id", "idempotency_key")}
            return UncertainError(str(told["message"]), **names)
        return error_from_json(told)
    except (InputError, KeyError):
        message = f"A worker told of an error that this version does not know: {told.get('type')}."
        return JackfieldError(message, hint="Install the same version of jackfield-celery for workers and callers.")


def is_away(error: Exception) -> bool:
    """Tell whether an exception says that nobody answers; Celery 5 makes a RuntimeError of its twentieth try."""
    return isinstance(error, AWAY) or (isinstance(error, RuntimeError) and isinstance(error.__context__, AWAY))


@contextmanager
def told_if_away(which: str, hint: str) -> Iterator[None]:
    """Say in our words that a Redis, the broker or the result backend is away, with nothing of its address.

    Raises:
        UnreachableError: It is; nothing was sent to a service.
    """
    try:
        yield
    except (*AWAY, RuntimeError) as error:
        if not is_away(error):
            raise
        message = f"The Redis {which} did not answer: {type(error).__name__}."
        raise UnreachableError(message, hint=hint) from None
