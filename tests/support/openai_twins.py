"""OpenAI's own SDK and our modules, asked for the same, before one server that keeps what each sends.

A call is one of the SDK's methods. Its parameters are read from its signature, so that a new one is tried by itself.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, Self, get_type_hints
from urllib.parse import parse_qsl, urlencode, urlsplit

import openai
from attrs import field, frozen
from openai import types
from openai.types import audio
from recorder import Answering, Recorded, Recorder

from jackfield import File, Host, Result
from jackfield_openai.sandbox.multipart import read_parts

__all__ = ["CALLS", "TYPED_TOOLS", "Call", "Essence", "Twins", "parameters_of"]

ACCOUNT = {"api_key": "sk-twins", "organization_id": "org-1", "project_id": "proj_1"}
"""Who asks, in the words of our connection."""
WHO = ("Authorization", "OpenAI-Organization", "OpenAI-Project")
ABOUT_THE_CALL = {"extra_headers", "extra_query", "extra_body", "timeout"}
"""What every method of the SDK takes that is no parameter of the service."""

_SAID = "{}"
"""Text, and JSON where that was asked for."""
_CHUNK = {"choices": [{"index": 0, "delta": {"content": _SAID}, "text": _SAID, "finish_reason": "stop"}]}
_IMAGE = "R0lGODlh"
_KEPT = {"has_more": False, "deleted": True, "status": "validating"}
_PART = {"type": "output_text", "text": _SAID, "annotations": []}
_RESPONSE = {"id": "m", "object": "response", "output": [{"type": "message", "role": "assistant", "content": [_PART]}]}


def _for_each_input(request: Recorded) -> dict[str, Any]:
    """Give a vector or a judgment for each of the texts."""
    given = json.loads(request.body)["input"]
    count = len(given) if isinstance(given, list) and not isinstance(given[0], int) else 1
    judged = {"flagged": False, "categories": {}}
    return {"data": [{"embedding": [0.5]}] * count, "results": [judged] * count}


def _spoken(request: Recorded) -> tuple[str, bytes]:
    if b'"sse"' not in request.body:
        return "audio/mpeg", b"ID3"
    events = [{"type": "speech.audio.delta", "audio": "SUQz"}, {"type": "speech.audio.done"}]
    return "text/event-stream", b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)


def _answer(request: Recorded) -> tuple[str, bytes]:
    """Answer with the least that is an answer everywhere."""
    if request.target.endswith(("/embeddings", "/moderations")):
        return "application/json", json.dumps(_for_each_input(request)).encode()
    if request.target.endswith("/audio/speech"):
        return _spoken(request)
    streams = b'"stream": true' in request.body or b'"stream":true' in request.body or b'"stream"\r\n' in request.body
    if not streams:
        choices = [{"index": 0, "text": _SAID, "message": {"role": "assistant", "content": _SAID}}]
        return "application/json", json.dumps(
            {
                **_RESPONSE,
                **_KEPT,
                "created": 1,
                "choices": choices,
                "text": _SAID,
                "data": [{"id": "m", "b64_json": _IMAGE}],
            }
        ).encode()
    done: list[dict[str, Any]] = [_CHUNK]
    if "images" in request.target:
        done = [{"type": "image_generation.completed", "b64_json": _IMAGE}] * 10
    elif "/audio/" in request.target:
        done = [{"type": "transcript.text.done", "text": ""}]
    elif "responses" in request.target:
        done = [{"type": "response.completed", "response": _RESPONSE}]
    return "text/event-stream", b"".join(
        f"data: {json.dumps(event)}\n\n".encode() for event in done
    ) + b"data: [DONE]\n\n"


@frozen(kw_only=True)
class Call:
    """A method of the SDK, and how ours is asked for the same.

    Attributes:
        method: Its name below the client: ``chat.completions.create``.
        module: Ours.
        hints: The class in which the SDK has the types of its parameters; a method without one has none, or plain ones.
        form: Makes a form of parameters.
        streams: Whether it can be asked for a stream.
        asks: How the SDK's method is asked for one.
    """

    method: str
    module: str
    form: Callable[[dict[str, Any]], dict[str, Any]]
    hints: Any = None
    streams: bool = True
    asks: Mapping[str, object] = field(factory=lambda: {"stream": True})


def _chat(params: dict[str, Any]) -> dict[str, Any]:
    """The names are ours too; a null that is meant goes through ``extra``, and stop sequences are always a list."""
    nulls = {name: None for name, value in params.items() if value is None}
    said = {name: value for name, value in params.items() if value is not None}
    if isinstance(said.get("stop"), str):
        said["stop"] = [said["stop"]]
    return {**said, **({"extra": nulls} if nulls else {})}


def _images(method: str, own: set[str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def form(params: dict[str, Any]) -> dict[str, Any]:
        said = {name: value for name, value in _chat(params).items() if name not in own}
        chosen = {name: _files(params[name]) for name in own if params.get(name) is not None}
        if method == "edit":
            images = chosen.pop("image")
            chosen["images"] = images if isinstance(images, list) else [images]
        where = {"endpoint": "variations"} if method == "variation" else {}
        return {**said, "method": {"type": method, **where, **chosen}}

    return form


def _files(value: Any) -> Any:
    if isinstance(value, tuple):
        name, data, media_type = value
        return File.from_bytes(data, name=name, media_type=media_type)
    return [_files(each) for each in value] if isinstance(value, list) else value


def _response(params: dict[str, Any]) -> dict[str, Any]:
    """Tools that have no form of their own go into a field of theirs, and come last."""
    tools = params.get("tools")
    if tools is None:
        return _chat(params)
    typed = [tool for tool in tools if tool["type"] in TYPED_TOOLS]
    others = [tool for tool in tools if tool["type"] not in TYPED_TOOLS]
    said = {**params, "tools": typed or None, **({"other_tools": others} if others or not typed else {})}
    return _chat({name: value for name, value in said.items() if name != "tools" or value is not None})


TYPED_TOOLS = {
    "code_interpreter",
    "custom",
    "file_search",
    "function",
    "image_generation",
    "mcp",
    "web_search",
    "web_search_2025_08_26",
}
"""The tools of responses that have a form of their own here."""


def _hearing(params: dict[str, Any]) -> dict[str, Any]:
    return {**_chat(params), "file": _files(params["file"])}


def _batch(params: dict[str, Any]) -> dict[str, Any]:
    said = _chat(params)
    uploaded = {"type": "uploaded", "input_file_id": said.pop("input_file_id")}
    return {**said, "input": uploaded}


_OWN_OF_EDITS = {"image", "input_fidelity", "markup", "mask", "prompt"}

CALLS = [
    Call(
        method="chat.completions.create",
        module="openai.create_chat_completion",
        hints=types.chat.completion_create_params.CompletionCreateParamsStreaming,
        form=_chat,
    ),
    Call(
        method="completions.create",
        module="openai.create_completion",
        hints=types.completion_create_params.CompletionCreateParamsStreaming,
        form=lambda params: {**_chat(params), "endpoint": "completions"},
    ),
    Call(
        method="responses.create",
        module="openai.create_response",
        hints=types.responses.response_create_params.ResponseCreateParamsStreaming,
        form=_response,
    ),
    Call(
        method="images.generate",
        module="openai.generate_images",
        hints=types.image_generate_params.ImageGenerateParamsStreaming,
        form=_images("generate", {"moderation", "prompt", "style"}),
    ),
    Call(
        method="images.edit",
        module="openai.generate_images",
        hints=types.image_edit_params.ImageEditParamsStreaming,
        form=_images("edit", _OWN_OF_EDITS),
    ),
    Call(
        method="images.create_variation",
        module="openai.generate_images",
        hints=types.ImageCreateVariationParams,
        form=_images("variation", {"image"}),
        streams=False,
    ),
    Call(
        method="embeddings.create",
        module="openai.create_embedding",
        hints=types.EmbeddingCreateParams,
        form=_chat,
        streams=False,
    ),
    Call(
        method="moderations.create",
        module="openai.create_moderation",
        hints=types.ModerationCreateParams,
        form=_chat,
        streams=False,
    ),
    Call(
        method="files.create",
        module="openai.upload_file",
        hints=types.FileCreateParams,
        form=lambda params: {**_chat(params), "file": _files(params["file"])},
        streams=False,
    ),
    Call(method="files.list", module="openai.list_files", hints=types.FileListParams, form=dict, streams=False),
    Call(method="files.retrieve", module="openai.get_file", form=dict, streams=False),
    Call(method="files.delete", module="openai.delete_file", form=dict, streams=False),
    Call(
        method="audio.transcriptions.create",
        module="openai.transcribe_audio",
        hints=audio.transcription_create_params.TranscriptionCreateParamsStreaming,
        form=_hearing,
    ),
    Call(
        method="audio.translations.create",
        module="openai.translate_audio",
        hints=audio.TranslationCreateParams,
        form=_hearing,
        streams=False,
    ),
    Call(
        method="audio.speech.create",
        module="openai.generate_speech",
        hints=audio.SpeechCreateParams,
        form=_chat,
        asks={"stream_format": "sse"},
    ),
    Call(
        method="batches.create",
        module="openai.create_batch",
        hints=types.BatchCreateParams,
        form=_batch,
        streams=False,
    ),
    Call(method="batches.retrieve", module="openai.get_batch", form=dict, streams=False),
    Call(
        method="models.list",
        module="openai.get_models",
        form=lambda params: {"action": "list"},
        streams=False,
    ),
    Call(
        method="models.retrieve",
        module="openai.get_models",
        form=lambda params: {"action": "retrieve", **params},
        streams=False,
    ),
]
"""Everything of the SDK that our modules have a form for."""


@frozen(kw_only=True)
class Essence:
    """What matters of a request: how and where it goes, as whom, of which kind its body is, and what that says.

    ``more`` has every header, for those who look for what is not there.
    The query is in the order of its names, however it was encoded. Of a form with files the parts are in the order of
    theirs, each with its file's name, media type and bytes.
    JSON has one kind of number, so 1.0 is 1.
    """

    method: str
    path: str
    query: str
    who: tuple[str | None, ...]
    kind: str
    body: str | tuple[tuple[object, ...], ...]
    more: Mapping[str, str] = field(eq=False, repr=False)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        assert isinstance(self.body, str)
        return json.loads(self.body)


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _essence(request: Recorded) -> Essence:
    target, declared = urlsplit(request.target), request.headers.get("Content-Type", "")
    kind = declared.partition(";")[0] if request.body else ""
    body: str | tuple[tuple[object, ...], ...] = request.body.decode("latin-1")
    if kind == "application/json":
        body = json.dumps(json.loads(request.body, parse_float=_number), sort_keys=True)
    elif kind == "multipart/form-data":
        parts = read_parts(declared, request.body)
        # Stable: several parts of one name keep their order.
        parts.sort(key=lambda part: part.name)
        body = tuple((part.name, part.file_name, part.media_type, part.data) for part in parts)
    return Essence(
        method=request.method,
        path=target.path,
        query=urlencode(sorted(parse_qsl(target.query, keep_blank_values=True))),
        who=tuple(request.headers.get(name) for name in WHO),
        kind=kind,
        body=body,
        more={name.lower(): value for name, value in request.headers.items()},
    )


class Twins:
    """Both before one server, while it is open.

    Attributes:
        client: The SDK's.
        url: Where both send to.
    """

    def __init__(
        self, account: Mapping[str, str] = ACCOUNT, answering: Answering = _answer, *, path: str = "/v1"
    ) -> None:
        self._account = account
        self._path = path
        self._opened = ExitStack()
        self._server = Recorder(answering)

    def __enter__(self) -> Self:
        """Open both."""
        self._opened.enter_context(self._server)
        self.url = self._server.origin + self._path
        account = {name.removesuffix("_id"): value for name, value in self._account.items()}
        self.client: Any = openai.OpenAI(base_url=self.url, max_retries=0, **account)  # type: ignore[arg-type]  # texts
        self._opened.enter_context(self.client)
        self._host = self._opened.enter_context(Host(environ={}))
        return self

    def __exit__(self, *_: object) -> None:
        """Close both, and the server last."""
        self._opened.close()

    def taken(self) -> Essence:
        """Take the request that came since the last one was taken, whoever sent it."""
        return _essence(self._server.only())

    def all_taken(self) -> list[Essence]:
        """Take every request that came since."""
        came = [_essence(request) for request in self._server.seen]
        self._server.seen.clear()
        return came

    def asked(self, method: str, *given: object, **params: Any) -> Any:
        """Have the SDK make a call, and give what it reads; of a stream every event."""
        answer = _method(self.client, method)(*given, **params)
        return list(answer) if isinstance(answer, openai.Stream) else answer

    def ran(
        self, module: str, form: Mapping[str, Any], *, streaming: bool = False, **connection: object
    ) -> Result[Any]:
        """Run a module of ours; the connection may differ."""
        account = {"base_url": self.url, **self._account, **connection}
        if not streaming:
            return self._host.run(module, form, connection=account)
        with self._host.stream(module, form, connection=account) as stream:
            list(stream)
            return stream.result

    def theirs(self, method: str, *given: object, **params: Any) -> Essence:
        """Have the SDK make a call, and give what it sent."""
        self.asked(method, *given, **params)
        return self.taken()

    def ours(self, module: str, form: Mapping[str, Any], *, streaming: bool = False, **connection: object) -> Essence:
        """Run a module of ours, and give what it sent."""
        self.ran(module, form, streaming=streaming, **connection)
        return self.taken()

    def both(self, call: Call, params: Mapping[str, Any], *, streaming: bool = False) -> tuple[Essence, Essence]:
        """Have both make a call; the SDK's request comes first."""
        streamed = call.asks if streaming else {}
        theirs = self.theirs(call.method, **params, **streamed)
        return theirs, self.ours(call.module, call.form(dict(params)), streaming=streaming)


def _method(client: Any, name: str) -> Any:
    for step in name.split("."):
        client = getattr(client, step)
    return client


def parameters_of(call: Call) -> dict[str, Any]:
    """Give the types of what the SDK's method takes, by name, as its signature and its class have them."""
    with openai.OpenAI(api_key="none") as client:
        named = list(inspect.signature(_method(client, call.method)).parameters)
    hints = get_type_hints(call.hints, include_extras=True) if call.hints else dict.fromkeys(named, str)
    return {name: hints[name] for name in named if name not in ABOUT_THE_CALL}
