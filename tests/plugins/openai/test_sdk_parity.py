"""The same call by the official SDK of OpenAI and by us: the same method, path, query, body and credentials."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from jackfield import Host, PreviewRequest

openai: Any = pytest.importorskip("openai")
httpx: Any = pytest.importorskip("httpx2")

CONNECTION = {"api_key": "sk-parity", "organization_id": "org-1", "project_id": "proj_1"}
CREDENTIALS = ("Authorization", "OpenAI-Organization", "OpenAI-Project")
Sent = Callable[[Callable[[Any], object]], Any]


@pytest.fixture
def sent() -> Iterator[Sent]:
    """Have the SDK make a request, and give it instead of sending it."""
    requests: list[Any] = []

    def keep(request: Any) -> Any:
        requests.append(request)
        return httpx.Response(200, json={})

    client = openai.OpenAI(
        api_key="sk-parity",
        organization="org-1",
        project="proj_1",
        base_url="https://api.openai.com/v1",
        http_client=openai.DefaultHttpxClient(transport=httpx.MockTransport(keep)),
    )

    def call(make: Callable[[Any], object]) -> Any:
        make(client)
        (request,) = requests
        return request

    yield call
    client.close()


def _assert_same(ours: PreviewRequest, theirs: Any) -> None:
    assert ours.method == theirs.method
    assert urlsplit(ours.url)[:2] == urlsplit(str(theirs.url))[:2]
    assert unquote(urlsplit(ours.url).path) == unquote(urlsplit(str(theirs.url)).path)
    assert urlsplit(ours.url).query == urlsplit(str(theirs.url)).query
    assert ours.body == (json.loads(theirs.content) if theirs.content else None)
    if theirs.content:
        assert ours.headers["Content-Type"] == theirs.headers["Content-Type"]
    # Ours are masked in a preview; that the key itself is sent is tested with the connection.
    expected = {name: theirs.headers[name].replace("sk-parity", "***") for name in CREDENTIALS}
    assert {name: ours.headers[name] for name in CREDENTIALS} == expected


CHAT: dict[str, Any] = {
    "model": "gpt-7-anything",
    "messages": [
        {"role": "developer", "content": "Be brief.", "name": "boss"},
        {"role": "system", "content": [{"type": "text", "text": "Be kind."}]},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this? é ✓ \u2028", "prompt_cache_breakpoint": {"mode": "explicit"}},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
                {"type": "file", "file": {"file_id": "file-1"}},
            ],
        },
        {
            "role": "assistant",
            "content": "A picture",
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"closely": true}'}},
                {"id": "call_2", "type": "custom", "custom": {"name": "note", "input": "seen"}},
            ],
        },
        {"role": "tool", "content": "It is a cat.", "tool_call_id": "call_1"},
        {"role": "user", "content": ""},
    ],
    "audio": {"voice": "alloy", "format": "wav"},
    "frequency_penalty": -1.5,
    "logit_bias": {"50256": -100},
    "logprobs": True,
    "max_completion_tokens": 100,
    "metadata": {"team": "blue"},
    "modalities": ["text", "audio"],
    "n": 2,
    "parallel_tool_calls": False,
    "prediction": {"type": "content", "content": "A cat"},
    "presence_penalty": 0,
    "prompt_cache_key": "k",
    "reasoning_effort": "low",
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "animal", "schema": {"type": "object"}, "strict": True},
    },
    "safety_identifier": "u",
    "seed": 7,
    "service_tier": "flex",
    "stop": ["END"],
    "store": False,
    "temperature": 0.5,
    "tool_choice": {"type": "function", "function": {"name": "look"}},
    "tools": [
        {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}, "strict": True}},
        {"type": "custom", "custom": {"name": "note", "format": {"type": "text"}}},
    ],
    "top_logprobs": 3,
    "top_p": 0.9,
    "verbosity": "high",
    "web_search_options": {"search_context_size": "low"},
}


@pytest.mark.parametrize("names", [["model", "messages"], [*CHAT]], ids=["the least", "everything"])
def test_a_chat(host: Host, sent: Sent, names: list[str]) -> None:
    """Every parameter is spelled as the SDK spells it."""
    form = {name: CHAT[name] for name in names}

    (ours,) = host.preview("openai.create_chat_completion", form, connection=CONNECTION).requests

    _assert_same(ours, sent(lambda client: client.chat.completions.create(**form)))


def test_a_streamed_chat(host: Host, sent: Sent) -> None:
    """A stream of the SDK with its usage is what a stream of ours is without being asked."""
    form = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}

    (ours,) = host.preview("openai.create_chat_completion", form, streaming=True, connection=CONNECTION).requests

    theirs = sent(
        lambda client: client.chat.completions.create(**form, stream=True, stream_options={"include_usage": True})
    )
    _assert_same(ours, theirs)


COMPLETION: dict[str, Any] = {
    "model": "davinci-002",
    "prompt": "Once",
    "best_of": 3,
    "echo": True,
    "frequency_penalty": 1,
    "logit_bias": {"1": 2},
    "logprobs": 2,
    "max_tokens": 5,
    "n": 2,
    "presence_penalty": -1,
    "seed": 1,
    "stop": ["."],
    "suffix": "end",
    "temperature": 0,
    "top_p": 1,
    "user": "u",
}


@pytest.mark.parametrize("names", [["model", "prompt"], [*COMPLETION]], ids=["the least", "everything"])
def test_a_completion(host: Host, sent: Sent, names: list[str]) -> None:
    """At the old endpoint."""
    form = {name: COMPLETION[name] for name in names}

    (ours,) = host.preview("openai.create_completion", form, connection=CONNECTION).requests

    _assert_same(ours, sent(lambda client: client.completions.create(**form)))


def test_the_list_of_models(host: Host, sent: Sent) -> None:
    """Nothing is asked but the list."""
    (ours,) = host.preview("openai.get_models", {}, connection=CONNECTION).requests

    _assert_same(ours, sent(lambda client: client.models.list()))


@pytest.mark.parametrize("model", ["gpt-4o", "ft:gpt-4o:acme::abc", "org/model:free", "a b é", "100%", "a?b#c"])
def test_one_model(host: Host, sent: Sent, model: str) -> None:
    """Whatever letters its id has, it stays one step of the path."""
    form = {"action": "retrieve", "model": model}

    (ours,) = host.preview("openai.get_models", form, connection=CONNECTION).requests
    theirs = sent(lambda client: client.models.retrieve(model))

    _assert_same(ours, theirs)
    assert ours.url.count("/") == str(theirs.url).count("/")


def test_a_custom_api_call(host: Host, sent: Sent) -> None:
    """The SDK's own way to call what it has no method for."""
    form = {"url": "/embeddings", "method": "POST", "query": {"a": "1", "b": "2"}, "body": {"input": "x", "n": None}}

    (ours,) = host.preview("openai.create_custom_api_call", form, connection=CONNECTION).requests

    theirs = sent(
        lambda client: client.post(
            "/embeddings", cast_to=object, body={"input": "x", "n": None}, options={"params": {"a": "1", "b": "2"}}
        )
    )
    _assert_same(ours, theirs)
