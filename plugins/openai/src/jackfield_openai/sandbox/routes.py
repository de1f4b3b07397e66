"""What stands where: from a request to what is answered, without any HTTP."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from attrs import field, frozen

from jackfield_openai.sandbox.chat import answer_chat
from jackfield_openai.sandbox.chunks import chunks_of
from jackfield_openai.sandbox.completions import answer_completion, answer_edit
from jackfield_openai.sandbox.orders import Orders
from jackfield_openai.sandbox.replies import RefusalError, Reply, Stream
from jackfield_openai.sandbox.stock import Stock

__all__ = ["Request", "answer"]

_WRONG_KEY = "sk-wrong"

_Speaker = Callable[[Mapping[str, Any], Orders], dict[str, Any]]
_SPEAKERS: Mapping[tuple[str, ...], _Speaker] = {
    ("chat", "completions"): answer_chat,
    ("completions",): answer_completion,
    ("edits",): answer_edit,
}
"""Who makes the whole answer to a JSON body, by path."""


@frozen(kw_only=True)
class Request:
    """A request that came whole.

    Attributes:
        method: In capitals.
        target: The path and query, as they came.
        headers: By name in lower case.
        body: As it came.
        orders: What the caller wants to go wrong.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    orders: Orders

    @property
    def path(self) -> str:
        """Where it goes, without the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The query; the last of several equal names."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def json(self) -> dict[str, Any]:
        """Read the body.

        Raises:
            RefusalError: It is no JSON object, or does not say that it is one.
        """
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            message = f"Unsupported content type: '{kind}'. This method only accepts 'application/json' requests."
            raise RefusalError(message, status=415, code="unsupported_content_type")
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            message = "We could not parse the JSON body of your request."
            raise RefusalError(message, code="invalid_json") from None
        if not isinstance(value, dict):
            message = "The JSON body of your request must be an object."
            raise RefusalError(message, code="invalid_json")
        return value


def answer(request: Request, stock: Stock) -> Reply | Stream:  # noqa: PLR0911  one return per route
    """Answer a request as OpenAI would.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    _check_key(request.headers.get("authorization", ""))
    segments = [unquote(segment) for segment in request.path.split("/")[1:]]
    if segments[:1] != ["v1"]:
        raise _unknown(request)
    match request.method, segments[1:]:
        case "GET", ["models"]:
            return stock.models()
        case "GET", ["models", name]:
            return stock.model(name)
        case "POST", [*words] if tuple(words) in _SPEAKERS:
            return _said(request, _SPEAKERS[tuple(words)])
        case "GET", ["files"]:
            return stock.files(request.query)
        case "GET", ["files", file_id]:
            return stock.file(file_id)
        case "GET", ["files", file_id, "content"]:
            return stock.content(file_id)
        case "DELETE", ["files", file_id]:
            return stock.delete(file_id)
    raise _wrong_method(request, segments) or _unknown(request)


def _said(request: Request, speaker: _Speaker) -> Reply | Stream:
    """Answer whole, or in pieces if the request wants that."""
    body = request.json()
    whole = speaker(body, request.orders)
    if body.get("stream"):
        return Stream(events=chunks_of(whole, body.get("stream_options") or {}))
    return Reply.json(whole)


def _check_key(authorization: str) -> None:
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        message = "You did not provide an API key. Send it in the header Authorization, as 'Bearer YOUR_KEY'."
        raise RefusalError(message, status=401)
    if key.strip() == _WRONG_KEY:
        message = f"Incorrect API key provided: {_WRONG_KEY}."
        raise RefusalError(message, status=401, code="invalid_api_key")


def _unknown(request: Request) -> RefusalError:
    message = f"Invalid URL ({request.method} {request.path})"
    return RefusalError(message, status=404, code="unknown_url")


def _wrong_method(request: Request, segments: list[str]) -> RefusalError | None:
    """Tell a path that is there from one that is not."""
    others = {"models": "GET", "files": "GET or DELETE"}
    allowed = "POST" if tuple(segments[1:]) in _SPEAKERS else others.get("".join(segments[1:2]))
    if allowed is None:
        return None
    message = f"Not allowed to {request.method} on {request.path} (allowed: {allowed})"
    return RefusalError(message, status=405, code="method_not_supported")
