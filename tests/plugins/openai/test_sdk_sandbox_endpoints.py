"""The stand-in is honest: the official SDK's client takes every endpoint of it for OpenAI's, in every way it has.

Whole, raw, in pieces, page by page, asynchronous; and each failure is of the SDK's own class for it.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import openai
import pytest

from jackfield_openai.sandbox import Sandbox
from jackfield_openai.sandbox.pictures import as_file, draw
from jackfield_openai.sandbox.sounds import said_aloud

HELLO: Any = [{"role": "user", "content": "Hi"}]
PNG = ("a.png", as_file(draw("x", ["x"], (64, 64)), "png"), "image/png")
WAV = ("a.wav", said_aloud("Hi there", 1, "wav"), "audio/wav")
Sdk = Callable[..., Any]


def _small(**more: Any) -> dict[str, Any]:
    return {"model": "gpt-image-2", "prompt": "Blue", "size": "256x256", **more}


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat.completions.create": ("ChatCompletion", {"model": "m", "messages": HELLO}),
    "completions.create": ("Completion", {"model": "davinci-002", "prompt": "Once"}),
    "responses.create": ("Response", {"model": "m", "input": "Hi", "reasoning": {"effort": "low", "summary": "auto"}}),
    "images.generate": ("ImagesResponse", _small()),
    "images.edit": ("ImagesResponse", _small(image=PNG)),
    "images.create_variation": ("ImagesResponse", {"model": "dall-e-2", "image": PNG, "size": "256x256"}),
    "embeddings.create": ("CreateEmbeddingResponse", {"model": "m", "input": ["a", "b"]}),
    "moderations.create": ("ModerationCreateResponse", {"input": ["a", "b"]}),
    "audio.transcriptions.create": ("Transcription", {"model": "gpt-4o-transcribe", "file": WAV}),
    "audio.translations.create": ("Translation", {"model": "whisper-1", "file": WAV}),
    "audio.speech.create": ("HttpxBinaryResponseContent", {"model": "m", "input": "Hi", "voice": "alloy"}),
    "models.list": ("SyncPage[Model]", {}),
    "models.retrieve": ("Model", {"model": "stand-in-large"}),
    "batches.create": (
        "Batch",
        {"endpoint": "/v1/embeddings", "input_file_id": "file-0001", "completion_window": "24h"},
    ),
    "batches.list": ("SyncCursorPage[Batch]", {}),
    "files.create": ("FileObject", {"file": ("a.jsonl", b"{}\n", ""), "purpose": "batch"}),
    "files.list": ("SyncCursorPage[FileObject]", {"limit": 2}),
    "files.retrieve": ("FileObject", {"file_id": "file-0001"}),
    "files.content": ("HttpxBinaryResponseContent", {"file_id": "file-0001"}),
    "files.delete": ("FileDeleted", {"file_id": "file-0001"}),
}
"""Each method whose endpoint the stand-in serves, the class that the SDK makes of the answer, and the parameters."""
BINARY = ("files.content", "audio.speech.create")
STREAMED = [
    "chat.completions.create",
    "completions.create",
    "responses.create",
    "images.generate",
    "images.edit",
    "audio.transcriptions.create",
]

pytestmark = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # the SDK's word on variations


def _method(client: Any, name: str) -> Any:
    for step in name.split("."):
        client = getattr(client, step)
    return client


def _problems(value: Any) -> list[str]:
    """Have pydantic check strictly what the SDK reads leniently."""
    kind = type(value)
    if not hasattr(kind, "model_validate"):
        return []
    try:
        kind.model_validate(value.to_dict())
    except ValueError as error:
        return [str(error)]
    return []


@pytest.mark.parametrize("name", CALLS)
def test_each_endpoint_answers_in_the_sdks_own_types(sdk: Sdk, name: str) -> None:
    """Checked strictly: whatever the class needs is there, and is of its type."""
    kind, params = CALLS[name]

    answer = _method(sdk(), name)(**params)

    assert type(answer).__name__ == kind
    assert _problems(answer) == []
    for entry in getattr(answer, "data", None) or getattr(answer, "results", None) or ():
        assert _problems(entry) == []


@pytest.mark.parametrize("name", [name for name in CALLS if name not in BINARY])
def test_each_endpoint_answers_raw(sdk: Sdk, name: str) -> None:
    """With the headers that OpenAI sends, and a body that the SDK parses afterwards."""
    kind, params = CALLS[name]
    resource, _, method = name.rpartition(".")

    raw = getattr(_method(sdk(), resource).with_raw_response, method)(**params)

    assert raw.status_code == 200
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.headers["openai-version"] == "2020-10-01"
    assert int(raw.headers["openai-processing-ms"]) >= 0
    assert raw.headers["content-type"].startswith("application/json")
    assert type(raw.parse()).__name__ == kind


@pytest.mark.parametrize("name", STREAMED)
def test_each_stream_is_of_the_sdks_own_types(sdk: Sdk, name: str) -> None:
    """Event by event."""
    _, params = CALLS[name]

    with _method(sdk(), name)(**params, stream=True) as stream:
        events = list(stream)

    assert events
    for event in events if name == "completions.create" else ():
        for choice in event.choices:  # its class has no null here, which OpenAI sends until the last piece
            choice.finish_reason = choice.finish_reason or "stop"
    assert [problem for event in events for problem in _problems(event)] == []


@pytest.mark.parametrize("name", STREAMED)
def test_each_stream_can_fail_on_its_way(sdk: Sdk, name: str) -> None:
    """An error inside of it is an APIError, with its message."""
    _, params = CALLS[name]

    with (
        pytest.raises(openai.APIError) as caught,
        _method(sdk("fail=0; code=server_error"), name)(**params, stream=True) as stream,
    ):
        list(stream)

    assert caught.value.message


def test_a_stream_can_be_read_line_by_line(sdk: Sdk) -> None:
    """As those do who parse it themselves."""
    completions = sdk().chat.completions
    with completions.with_streaming_response.create(model="m", messages=HELLO, stream=True) as answer:
        lines = [line for line in answer.iter_lines() if line]

    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"
    assert json.loads(lines[0].removeprefix("data: "))["object"] == "chat.completion.chunk"


def test_pages_follow_each_other(sdk: Sdk) -> None:
    """The SDK asks for the next one by itself, until there is none."""
    client = sdk()

    page = client.files.list(limit=2)
    ids = [file.id for file in page]

    assert len(page.data) == 2
    assert page.has_next_page()
    assert len(ids) == len(set(ids)) > 4
    assert [file.id for file in client.files.list(limit=2, after=ids[0])] == ids[1:]
    assert [model.id for model in client.models.list()] == [model.id for model in client.models.list().data]


def test_what_was_deleted_is_gone(sdk: Sdk) -> None:
    """As files are at OpenAI."""
    client = sdk()
    first = client.files.list().data[0].id

    assert client.files.delete(first).deleted is True
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(first)


STATUSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    408: "APIStatusError",
    409: "ConflictError",
    413: "APIStatusError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    500: "InternalServerError",
    503: "InternalServerError",
}


@pytest.mark.parametrize("name", ["images.edit", "files.retrieve"])
@pytest.mark.parametrize("status", STATUSES)
def test_each_failure_is_of_the_sdks_own_class(sdk: Sdk, name: str, status: int) -> None:
    """With JSON and with a form (chats have tests of their own), with the type, code and parameter of the body."""
    _, params = CALLS[name]

    with pytest.raises(openai.APIStatusError) as caught:
        _method(sdk(f"status={status}; code=some_code; param=some_parameter"), name)(**params)

    assert type(caught.value).__name__ == STATUSES[status]
    assert caught.value.status_code == status
    assert (caught.value.code, caught.value.param) == ("some_code", "some_parameter")
    assert caught.value.type
    assert str(caught.value.request_id).startswith("req_")


@pytest.mark.parametrize("orders", ["status=502; html", "status=500; plain", "status=400; detail", "status=404; empty"])
def test_what_other_servers_answer_is_taken_for_that(sdk: Sdk, orders: str) -> None:
    """Without a code, but with the status."""
    with pytest.raises(openai.APIStatusError) as caught:
        sdk(orders).models.list()

    assert caught.value.code is None


def test_a_cut_answer_is_a_connection_error(sdk: Sdk) -> None:
    """The SDK cannot read it, and says so."""
    with pytest.raises(openai.APIConnectionError):
        sdk("cut=3").models.list()


def test_a_slow_answer_is_a_timeout(sdk: Sdk) -> None:
    """By the SDK's own setting."""
    with pytest.raises(openai.APITimeoutError):
        sdk("delay=20", timeout=0.2).models.list()


@pytest.mark.parametrize("orders", ["retry-after-ms=1", "retry-after=0.001"])
def test_a_wait_that_is_named_is_kept(sdk: Sdk, orders: str) -> None:
    """In either header; after it the SDK comes again."""
    client = sdk(f"status=503; {orders}; times=2; tag=wait{orders}", max_retries=2)

    assert client.models.list().data


def test_the_asynchronous_client_reads_it_too(sandbox: Sandbox) -> None:
    """Whole, in pieces, and page by page."""

    async def ask() -> tuple[Any, list[Any], list[Any]]:
        async with openai.AsyncOpenAI(base_url=sandbox.url, api_key="any", max_retries=0) as client:
            whole = await client.chat.completions.create(model="m", messages=HELLO)
            stream = await client.chat.completions.create(model="m", messages=HELLO, stream=True)
            pieces = [chunk async for chunk in stream]
            files = [file async for file in client.files.list(limit=2)]
        return whole, pieces, files

    whole, pieces, files = asyncio.run(ask())

    said = [chunk.choices[0].delta.content or "" for chunk in pieces if chunk.choices]
    assert "".join(said) == whole.choices[0].message.content
    assert len(files) > 4
