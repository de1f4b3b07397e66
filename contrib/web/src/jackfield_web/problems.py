"""Errors as RFC 9457 has them: a status by what the caller should do, the places at fault, the rule, the remedy."""

import logging
import re
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from pathlib import Path
from typing import Any

from jackfield import (
    AnswerError,
    BusyError,
    DeadlineError,
    FileError,
    InputError,
    InvalidInputError,
    JackfieldError,
    LimitError,
    NoConnectionError,
    OperationCancelledError,
    PluginError,
    Problem,
    RefusedByPolicyError,
    RemoteError,
    StoreError,
    TransportError,
    UnknownModuleError,
    UnsafeRequestError,
    error_to_json,
)
from jackfield_web.rendering import Json

MEDIA_TYPE = "application/problem+json"
_logger = logging.getLogger("jackfield_web")
_MOST_PROBLEMS = 100
_RETRY_S = 1


class WebError(InputError):
    """What only callers over HTTP can do wrong.

    Attributes:
        status: Of the answer.
        headers: Of the answer.
    """

    def __init__(self, message: str, *, status: int, hint: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.headers = dict(headers or {})


class OverLimitError(LimitError):
    """A limit of the API was hit.

    Attributes:
        status: Of the answer.
    """

    def __init__(self, message: str, *, limit: str, maximum: float, status: int) -> None:
        super().__init__(message, limit=limit, maximum=maximum, hint=_remedy(status, limit, maximum))
        self.status = status


def _remedy(status: int, limit: str, maximum: float) -> str:
    later = status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    first = "Wait until others have ended, and ask again." if later else "Ask for less."
    now = f"{maximum:.0f}" if float(maximum).is_integer() else f"{maximum:g}"
    return f"{first} Whoever runs the application can raise WebSettings({limit}=...), now {now}."


def not_logged_in() -> WebError:
    """Make the error for somebody whom the application does not know."""
    headers = {"WWW-Authenticate": 'Jackfield realm="jackfield"'}
    return WebError("Nobody has logged in.", status=401, hint="Log in to the application first.", headers=headers)


def nothing_there(what: str, hint: str = "") -> WebError:
    """Make the error for something that is not there, or somebody else's: which of the two is nobody's business."""
    return WebError(f"There is no such {what}.", status=404, hint=hint)


def defect(error: Exception) -> PluginError:
    """Make the error for a defect of ours, or of the application; what it says may hold anything, so only a log has it.

    Args:
        error: What was raised.
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
    _logger.error("A request failed with %s at %s.", type(error).__name__, place)
    message = "The server has a defect."
    return PluginError(message, hint="Whoever runs the application finds in its log where.")


def invalid(path: str, rule: str, message: str) -> InvalidInputError:
    """Make the error for one place at fault."""
    return InvalidInputError([Problem(path=path, rule=rule, message=message)])


_STATUSES: Mapping[type[JackfieldError], int] = {
    InvalidInputError: 422,
    UnknownModuleError: 404,
    UnsafeRequestError: 422,
    InputError: 400,
    NoConnectionError: 409,
    StoreError: 503,
    RefusedByPolicyError: 403,
    BusyError: 503,
    RemoteError: 502,
    TransportError: 502,
    AnswerError: 502,
    LimitError: 502,
    FileError: 409,
    DeadlineError: 504,
    OperationCancelledError: 409,
    PluginError: 500,
    JackfieldError: 500,
}
"""What a service refuses is 502, a wrong key too: 401 would tell the browser that its own login has ended."""


def status_of(error: JackfieldError) -> int:
    """Give the status of the answer that tells of an error."""
    if isinstance(error, WebError | OverLimitError):
        return error.status
    return next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)


def problem(error: JackfieldError, status: int | None = None, **more: Any) -> dict[str, Any]:
    """Give an error as a problem document."""
    told = error_to_json(error)
    kind, detail, remedy = told.pop("kind"), told.pop("message"), _here(told.pop("hint"))
    found = told.pop("problems", [])
    own = {"status", "headers"} if isinstance(error, WebError | OverLimitError) else set()
    renamed = {("service_status" if name == "status" else name): value for name, value in told.items()}
    rest = {
        name: value for name, value in renamed.items() if name not in own and not (own and name == "service_status")
    }
    document: dict[str, Any] = {
        **_named(error, kind),
        "status": status or status_of(error),
        "detail": detail,
        "error": rest.pop("type"),
        "retryable": rest.pop("retryable"),
    }
    document |= {"remedy": remedy} if remedy else {}
    if found:
        document |= {"problems": found[:_MOST_PROBLEMS], "problem_count": len(found)}
    return {**document, **{name: value for name, value in rest.items() if value not in (None, "", [])}, **more}


_ELSEWHERE = (
    (re.compile(r"jackfield connection login (\S+)"), r"Log in again: POST connections/\1/login."),
    (re.compile(r"jackfield connection list"), "GET connections lists those that there are."),
    (re.compile(r"`?jackfield module list.*"), "GET modules lists those that there are."),
)
"""Commands that errors of the host name as the remedy, and what helps here."""


def _here(remedy: str) -> str:
    for pattern, ours in _ELSEWHERE:
        if (found := pattern.fullmatch(remedy)) is not None:
            return found.expand(ours)
    return remedy


def _named(error: JackfieldError, kind: str) -> dict[str, str]:
    if isinstance(error, WebError):  # its status says it all, which RFC 9457 spells so
        known = error.status in {*HTTPStatus}
        return {"type": "about:blank", "title": HTTPStatus(error.status).phrase if known else "Refused"}
    title = (type(error).__doc__ or kind).partition("\n")[0].rstrip(".")
    return {"type": f"urn:jackfield:error:{kind}", "title": title}


def problem_response(error: JackfieldError, status: int | None = None, **more: Any) -> Json:
    """Answer with a problem document."""
    document = problem(error, status, **more)
    headers = dict(error.headers) if isinstance(error, WebError) else {}
    wait_s = getattr(error, "retry_after_s", None)
    if wait_s is None and isinstance(error, OverLimitError) and error.status in {429, 503}:
        wait_s = _RETRY_S
    if wait_s is not None:
        headers["Retry-After"] = str(ceil(wait_s))
    return Json(document, document["status"], headers=headers, media_type=MEDIA_TYPE)


SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457), where, and what to do.",
    "properties": {
        "type": {"type": "string", "description": "urn:jackfield:error: and a class; about:blank."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, with the place at fault."},
        "error": {"type": "string", "description": "The exact class of the error."},
        "retryable": {"type": "boolean", "description": "Whether the same may succeed a while later."},
        "remedy": {"type": "string", "description": "What to do next."},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": "Where: $.messages[1].role"},
                    "rule": {"type": "string", "description": "Which rule was broken, as one word."},
                    "message": {"type": "string"},
                },
                "required": ["path", "rule", "message"],
            },
        },
        "problem_count": {"type": "integer", "description": "How many there are; a hundred are shown."},
        "limit": {"type": "string", "description": "The name of the limit that was hit, which is also its setting."},
        "maximum": {"type": "number"},
        "service_status": {"type": "integer", "description": "What the service answered, if it was the service."},
        "retry_after_s": {"type": "number"},
        "request_id": {"type": "string", "description": "The service's own name for the request."},
        "operation": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail", "error", "retryable"],
}
