"""From a failure's status and body to the error that says what to do."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import NamedTuple

from jackfield import _json
from jackfield._http.answers import Answer
from jackfield._http.retry import invited_wait_s
from jackfield.errors import (
    BusyError,
    CredentialsError,
    LimitError,
    NotFoundError,
    PermissionDeniedError,
    QuotaError,
    RefusedError,
    RemoteError,
)

_LONGEST_MESSAGE = 300
_LONGEST_CODE = 100
_NO_TEXT = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_NO_WORDS = re.compile(r"<|\ufffd|^\s*[\[{\"]")
"""Markup, bytes that are no text, and the beginning of JSON: none of it is a message."""
_XML_MESSAGE, _XML_CODE = (
    re.compile(rf"(?i)<(?:[\w.-]+:)?(?:{names})(?:\s[^<>]*)?>([^<]+)</")
    for names in ("message|faultstring|error_description|detail|title", "code|faultcode")
)
_XML_SEARCHED = 4096
_TEXT_TYPES = frozenset({"text/plain", "application/json", ""})  # some call their plain words JSON
_USED_UP = "insufficient_quota"
_BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS})
_KINDS: dict[int, type[RemoteError]] = {
    HTTPStatus.UNAUTHORIZED: CredentialsError,
    HTTPStatus.PAYMENT_REQUIRED: QuotaError,
    HTTPStatus.FORBIDDEN: PermissionDeniedError,
    HTTPStatus.NOT_FOUND: NotFoundError,
}
_SAYS: dict[type[RemoteError], str] = {
    CredentialsError: "The service does not accept the credentials",
    QuotaError: "The service says that what was paid for is used up",
    PermissionDeniedError: "The service does not allow this with these credentials",
    NotFoundError: "The service does not find what was asked for",
    RefusedError: "The service refuses the request",
    BusyError: "The service is busy or failing",
}
_HINTS: dict[type[RemoteError], str] = {
    CredentialsError: "Check the key of the connection, and that it belongs to this base URL.",
    QuotaError: "Look at the plan and the billing of the account; a repeat will not help.",
    PermissionDeniedError: "Ask whoever manages the account to allow it, or use other credentials.",
    NotFoundError: "Check names and ids; if every request ends so, check the connection's base URL.",
    BusyError: "Run it again later.",
}
_STATUS_HINTS: dict[int, str] = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Send less at once: shorter texts, smaller or fewer files.",
    HTTPStatus.REQUEST_URI_TOO_LONG: "Send less in the path and the query.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Check method and path; if every request ends so, check the connection's base URL.",
}


class Said(NamedTuple):
    """What a failure's body says, as far as it can be read."""

    message: str = ""
    code: str = ""
    parameter: str = ""

    @classmethod
    def of(cls, message: object, code: object = None, parameter: object = None) -> "Said":
        """Take what a service says, whatever it is, as short texts on one line."""
        return cls(_folded(message), _short(code), _short(parameter))


def error_from(answer: Answer, read_error: Callable[[Answer], RemoteError | None] | None = None) -> RemoteError:
    """Make the error for an answer with a status of 400 or more.

    Args:
        answer: Its body may be cut.
        read_error: A connection type's own reading; what it gives ``None`` for is read as any service's.
    """
    error = read_error(answer) if read_error else None
    if error is None:
        error = error_saying(answer, _said(answer))
    if error.retry_after_s is None:
        error.retry_after_s = invited_wait_s(answer.headers)
    return error


def error_saying(answer: Answer, said: Said, kind: type[RemoteError] | None = None) -> RemoteError:
    """Make the error for a failure whose body was read.

    Args:
        answer: What failed.
        said: What it says.
        kind: What the host should do about it; the status decides without.
    """
    kind = kind or _kind(answer.status, said.code)
    words = said.message or said.code or f"it answered with {answer.described}"
    return kind(
        f"{_SAYS.get(kind, _SAYS[RefusedError])} ({answer.status}): {words}",
        status=answer.status,
        code=said.code,
        parameter=said.parameter,
        request_id=answer.request_id,
        hint=_STATUS_HINTS.get(answer.status) or _HINTS.get(kind, ""),
    )


def _kind(status: int, code: str) -> type[RemoteError]:
    if code == _USED_UP:
        return QuotaError
    if status in _BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return BusyError
    return _KINDS.get(status, RefusedError)


def _said(answer: Answer) -> Said:
    try:
        value = _json.parse(answer.body)
    except (_json.JsonError, LimitError):
        if answer.media_type.endswith("xml") and "html" not in answer.media_type:
            return _said_in_xml(answer)
        text = answer.text() if answer.media_type in _TEXT_TYPES else ""
        return Said(message="" if _NO_WORDS.search(text) else _folded(text))
    return next((found for found in _readings(value) if found.message), Said())


def _said_in_xml(answer: Answer) -> Said:
    """Read what many services call ``Message`` and ``Code``; XML itself is not parsed, so nothing in it can grow."""
    text = answer.text()[:_XML_SEARCHED]
    message, code = (found and html.unescape(found[1]) for found in (_XML_MESSAGE.search(text), _XML_CODE.search(text)))
    return Said.of(message, code)


def _readings(value: object) -> Iterator[Said]:
    """Read the shapes in which services say what is wrong, the usual ones first."""
    if not isinstance(value, Mapping):
        return
    inner, several = value.get("error"), value.get("errors")
    if isinstance(inner, Mapping):
        yield _reading(inner)
    yield _reading(value)
    if isinstance(inner, str):
        yield Said.of(inner, value.get("code"))
    if isinstance(several, list):
        yield from (_reading(item) for item in several if isinstance(item, Mapping))


def _reading(told: Mapping[str, object]) -> Said:
    names = ("message", "detail", "error_description", "title")
    message = next((text for name in names if (text := _folded(told.get(name)))), "")
    code = told.get("code") or told.get("type") or told.get("error")
    return Said(message, _short(code), _short(told.get("param")))


def _folded(value: object) -> str:
    if isinstance(value, list):
        value = "; ".join(_complaint(item) for item in value if isinstance(item, Mapping))
    if not isinstance(value, str):
        return ""
    text = _NO_TEXT.sub(" ", value).strip()
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"


def _complaint(item: Mapping[str, object]) -> str:
    """Read one item of FastAPI's list: ``{"loc": [...], "msg": "...", "input": ...}``; the input stays out."""
    place = item.get("loc")
    where = ".".join(map(str, place)) + ": " if isinstance(place, list) else ""
    return f"{where}{item.get('msg', '')}"


def _short(value: object) -> str:
    return str(value)[:_LONGEST_CODE] if isinstance(value, str | int) and not isinstance(value, bool) else ""
