"""What stands where: from a request to what is answered, without any HTTP."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import unquote

from jackfield_openai.sandbox.chat import answer_chat
from jackfield_openai.sandbox.chunks import chunks_of
from jackfield_openai.sandbox.completions import answer_completion, answer_edit
from jackfield_openai.sandbox.embeddings import answer_embedding
from jackfield_openai.sandbox.image_routes import ACTIONS, drawn, picture
from jackfield_openai.sandbox.moderations import answer_moderation
from jackfield_openai.sandbox.orders import Orders
from jackfield_openai.sandbox.replies import RefusalError, Reply, Stream
from jackfield_openai.sandbox.requests import Request
from jackfield_openai.sandbox.response_stock import ResponseStock
from jackfield_openai.sandbox.speech import spoken
from jackfield_openai.sandbox.stock import Stock
from jackfield_openai.sandbox.transcriptions import SOUNDS, written_down

__all__ = ["answer"]

_WRONG_KEY = "sk-wrong"

_Speaker = Callable[[Mapping[str, Any], Orders], dict[str, Any]]
_SPEAKERS: Mapping[tuple[str, ...], _Speaker] = {
    ("chat", "completions"): answer_chat,
    ("completions",): answer_completion,
    ("edits",): answer_edit,
    ("embeddings",): answer_embedding,
    ("moderations",): answer_moderation,
}
"""Who makes the whole answer to a JSON body, by path."""

_SOUNDS: Mapping[str, Callable[[Request], Reply | Stream]] = {
    "speech": spoken,
    **{action: partial(written_down, action=action) for action in SOUNDS},
}
"""Who answers about sound, by the last part of the path."""

_POSTED = {
    *_SPEAKERS,
    *(("images", action) for action in ACTIONS),
    *(("audio", action) for action in _SOUNDS),
}


def answer(  # noqa: PLR0911  one return for each address reads best
    request: Request, stock: Stock, responses: ResponseStock
) -> Reply | Stream:
    """Answer a request as OpenAI would.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    segments = [unquote(segment) for segment in request.path.split("/")[1:]]
    if request.method == "GET" and segments[0] == "pictures":
        return picture(request, "/".join(segments[1:]), stock)
    _check_key(request.headers.get("authorization", ""))
    if segments[:1] != ["v1"]:
        raise _unknown(request)
    match request.method, segments[1:]:
        case "GET", ["models"]:
            return stock.models()
        case "GET", ["models", name]:
            return stock.model(name)
        case "POST", [*words] if tuple(words) in _SPEAKERS:
            return _said(request, _SPEAKERS[tuple(words)])
        case _, ["responses", *words] if reply := responses.answer(request, words):
            return reply
        case "POST", [kind, action] if reply := _made(request, kind, action, stock):
            return reply
        case _, ["files", *words] if reply := _filed(request, words, stock):
            return reply
        case _, ["batches", *words] if reply := _batched(
            request, words, stock, partial(answer, stock=stock, responses=responses)
        ):
            return reply
    raise _wrong_method(request, segments) or _unknown(request)


def _made(request: Request, kind: str, action: str, stock: Stock) -> Reply | Stream | None:
    """Answer with pictures, or about sound; ``None`` if there is no such address."""
    if kind == "images" and action in ACTIONS:
        return drawn(request, action, stock)
    return _SOUNDS[action](request) if kind == "audio" and action in _SOUNDS else None


def _filed(request: Request, words: Sequence[str], stock: Stock) -> Reply | None:
    """Answer about files; ``None`` if there is no such address."""
    match request.method, words:
        case "GET", []:
            return stock.shelf.list(request.query)
        case "POST", []:
            return stock.shelf.upload(request.parts())
        case "GET", [file_id]:
            return Reply.json(stock.shelf.about(file_id))
        case "GET", [file_id, "content"]:
            return stock.shelf.content(file_id)
        case "DELETE", [file_id]:
            return stock.shelf.delete(file_id)
    return None


def _batched(
    request: Request, words: Sequence[str], stock: Stock, again: Callable[[Request], Reply | Stream]
) -> Reply | None:
    """Answer about batches, whose requests are answered as any; ``None`` if there is no such address."""
    match request.method, words:
        case "GET", []:
            return stock.desk.list(request.query, again)
        case "POST", []:
            return stock.desk.create(request)
        case "GET", [batch_id]:
            return stock.desk.look(batch_id, again)
        case "POST", [batch_id, "cancel"]:
            return stock.desk.cancel(batch_id)
    return None


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
    others = {
        "batches": "GET or POST",
        "files": "GET, POST or DELETE",
        "models": "GET",
        "responses": "POST, GET or DELETE",
    }
    allowed = "POST" if tuple(segments[1:]) in _POSTED else others.get("".join(segments[1:2]))
    if allowed is None:
        return None
    message = f"Not allowed to {request.method} on {request.path} (allowed: {allowed})"
    return RefusalError(message, status=405, code="method_not_supported")
