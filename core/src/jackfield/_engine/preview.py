"""What an operation would send, without sending it."""

from collections.abc import Mapping
from typing import Any, NoReturn

from attrs import frozen
from requests import PreparedRequest

from jackfield import _json
from jackfield._cards import Card, Table
from jackfield._engine.clients import Send, Surroundings
from jackfield._engine.execution import Recorder, context_for, guarded, run_module
from jackfield._engine.masking import masked_copy, redactor_of
from jackfield._engine.plugins import Hooks
from jackfield._http.uploading import StreamBody
from jackfield._http.url import check_inside
from jackfield.errors import LimitError
from jackfield.operations import Operation
from jackfield.showing import Shown

_BINARY = "({} bytes)"


@frozen(kw_only=True)
class PreviewRequest:
    """One request as it would leave, with ``***`` for each secret.

    Attributes:
        method: The HTTP method.
        url: All of it, with the query.
        headers: What is sent, credentials masked.
        body: The JSON value for a JSON body, else the text, or its size in words if it is no text; ``None`` if empty.
            Of a form with files, a list of its fields: ``{"name": ..., "value": ...}`` or ``{"name": ..., "file":
            ...}``; of a file, ``{"file": ...}``. A file is said by name, media type, size, and where it is.
        streamed: Whether the body is read from files while it is sent, so that ``body`` only says what is in it.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: object
    streamed: bool = False


@frozen(kw_only=True)
class Preview(Shown):
    """What an operation would send first; what follows would depend on the answer.

    Attributes:
        requests: One, or none for a module that sends nothing.
    """

    requests: tuple[PreviewRequest, ...]

    def _card(self) -> Card:
        tables = [
            Table(columns=(sent.method, sent.url), rows=[*sent.headers.items(), ("body", sent.body)])
            for sent in self.requests
        ]
        return Card(title="What would be sent" if tables else "Nothing would be sent", tables=tables)


class _Captured(BaseException):
    """Unwinds a module at its first request; no module may catch it as an error of the service."""

    def __init__(self, request: PreparedRequest, operation: Operation) -> None:
        super().__init__()
        self.request = request
        self.operation = operation


def preview(operation: Operation, hooks: Hooks, around: Surroundings) -> Preview:
    """Run a module up to its first request. A file by URL is not fetched, and is shown as that."""
    masked = masked_copy(operation)
    recorder = Recorder(masked, None, around.settings)
    context = context_for(masked, recorder, around, _capturing)
    try:
        for _piece in guarded(masked, run_module(masked, context, recorder, None, None), recorder):
            pass
    except _Captured as captured:
        return Preview(requests=(_shown(captured, operation, hooks),))
    return Preview(requests=())


def _capturing(operation: Operation) -> Send:
    def capture(request: PreparedRequest) -> NoReturn:
        raise _Captured(request, operation)

    return capture


def _shown(captured: _Captured, operation: Operation, hooks: Hooks) -> PreviewRequest:
    request, connection = captured.request, captured.operation.connection
    if connection is not None:  # without one it is a download from anywhere
        check_inside(connection.base_url, request.url or "")
        hooks.authorize(request=request, connection=connection)
    redactor = redactor_of(operation)
    headers: Any = redactor.scrub_json({str(name): _text(value) for name, value in request.headers.items()})
    return PreviewRequest(
        method=request.method or "",
        url=redactor.scrub(request.url or ""),
        headers=headers,
        body=redactor.scrub_json(_body(request)),
        streamed=isinstance(request.body, StreamBody),
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _body(request: PreparedRequest) -> object:
    streamed: object = request.body
    if isinstance(streamed, StreamBody):
        return streamed.described()
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
