"""A response that is made in the background: asking for it until it is there, and stopping it if nobody waits.

Source: openai-python 3.57.0, resources/responses/responses.py, retrieve and cancel, read 2026-11-25.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from jackfield import Context, JackfieldError, OperationCancelledError, RemoteError
from jackfield_openai.responses.form import ResponseForm

__all__ = ["PATH", "followed", "stopped_with_us"]

PATH = "/responses"
_EVERY_S = 2.0
_UNFINISHED = ("queued", "in_progress")


def followed(context: Context, form: ResponseForm, said: Any) -> Any:
    """Ask for a response until it is over, whatever its end is; one that is over already is given at once.

    Raises:
        DeadlineError: The time ran out before it was over.
        OperationCancelledError: Somebody cancelled.
    """
    while isinstance(said, Mapping) and said.get("status") in _UNFINISHED and _name(said):
        context.wait(form.poll_interval_s or _EVERY_S, f"the response is {str(said['status']).replace('_', ' ')}")
        params = {"include[]": form.include} if form.include else None
        said = context.client.request("GET", _path(said), params=params, repeatable=True).json()
    return said


@contextmanager
def stopped_with_us(context: Context, said: Callable[[], Any]) -> Iterator[None]:
    """Have the service stop a response in the background if the operation is cancelled.

    Whatever else goes wrong, it goes on: it is paid for, and can still be asked for.

    Args:
        context: Sends the request.
        said: Gives what is known of the response; it may be nothing yet.
    """
    try:
        yield
    except (OperationCancelledError, GeneratorExit) as error:
        if _name(said()):
            _stop(context, said(), error)
        raise
    except JackfieldError as error:
        if _name(said()):
            error.hint = _still_there(error, said())
        raise


def _still_there(error: JackfieldError, said: Any) -> str:
    call = f"The response goes on at the service: ask for it by a custom API call to GET {_path(said)}"
    if isinstance(error, RemoteError):  # its own hint may be to run it again, which would be paid for twice
        return f"{call}, rather than for another one."
    return f"{error.hint} {call}, or give more time (deadline).".lstrip()


def _stop(context: Context, said: Any, error: BaseException) -> None:
    try:
        context.parting_client().request("POST", f"{_path(said)}/cancel", repeatable=True)
    except JackfieldError as failure:
        if isinstance(error, JackfieldError):
            error.hint = f"{error.hint} It could not be stopped at the service: {failure.message}".strip()


def _name(said: Any) -> str:
    name = said.get("id") if isinstance(said, Mapping) else None
    return name if isinstance(name, str) else ""


def _path(said: Any) -> str:
    return f"{PATH}/{quote(_name(said), safe='')}"
