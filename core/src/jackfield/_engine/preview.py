"""What an operation would send, without sending it."""

from collections.abc import Mapping
from typing import NoReturn

from attrs import frozen
from requests import PreparedRequest

from jackfield import _json
from jackfield._engine.execution import Recorder, context_for, guarded, run_module
from jackfield._engine.masking import masked_copy, redactor_of
from jackfield._engine.plugins import Hooks
from jackfield._http.limits import HttpSettings
from jackfield._http.url import check_inside
from jackfield.errors import LimitError
from jackfield.operations import Operation

_BINARY = "({} bytes)"


@frozen(kw_only=True)
class PreviewRequest:
    """One request as it would leave, with ``***`` for each secret.

    Attributes:
        method: The HTTP method.
        url: All of it, with the query.
        headers: What is sent, credentials masked.
        body: The JSON value for a JSON body, else the text, or its size in words if it is no text; ``None`` if empty.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: object


@frozen(kw_only=True)
class Preview:
    """What an operation would send first; what follows would depend on the answer.

    Attributes:
        requests: One, or none for a module that sends nothing.
    """

    requests: tuple[PreviewRequest, ...]


class _Captured(BaseException):
    """Unwinds a module at its first request; no module may catch it as an error of the service."""

    def __init__(self, request: PreparedRequest) -> None:
        super().__init__()
        self.request = request


def preview(operation: Operation, hooks: Hooks, settings: HttpSettings) -> Preview:
    """Run a module up to its first request."""
    masked = masked_copy(operation)
    recorder = Recorder(masked, None, settings)
    context = context_for(masked, recorder, settings, _capture)
    try:
        for _piece in guarded(masked, run_module(masked, context, recorder, None), recorder):
            pass
    except _Captured as captured:
        return Preview(requests=(_shown(captured.request, operation, masked, hooks),))
    return Preview(requests=())


def _capture(request: PreparedRequest) -> NoReturn:
    raise _Captured(request)


def _shown(request: PreparedRequest, operation: Operation, masked: Operation, hooks: Hooks) -> PreviewRequest:
    connection = masked.connection
    assert connection is not None  # noqa: S101  a request was sent, so there is a client
    check_inside(connection.base_url, request.url or "")
    hooks.authorize(request=request, connection=connection)
    redactor = redactor_of(operation)
    headers = {str(name): redactor.mask(_text(value)) for name, value in request.headers.items()}
    return PreviewRequest(
        method=request.method or "",
        url=redactor.mask(request.url or ""),
        headers=headers,
        body=redactor.mask_json(_body(request)),
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _body(request: PreparedRequest) -> object:
    body = request.body
    if not body:
        return None
    try:
        text = body.decode() if isinstance(body, bytes) else str(body)
    except UnicodeDecodeError:
        return _BINARY.format(len(body))
    if "json" not in str(request.headers.get("Content-Type", "")):
        return text
    try:
        return _json.parse(text)
    except (_json.JsonError, LimitError):
        return text
