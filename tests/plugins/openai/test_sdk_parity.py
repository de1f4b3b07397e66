"""The same call by the official SDK of OpenAI and by us, written out: what a reader can check by eye.

What the SDK's signatures allow beside it is tried at random in ``test_sdk_parity_generated.py``.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from openai_twins import CALLS, Twins

from jackfield import AnswerError

BY_METHOD = {call.method: call for call in CALLS}


@pytest.fixture
def twins() -> Iterator[Twins]:
    """Open both."""
    with Twins() as opened:
        yield opened


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


def test_a_chat_with_everything(twins: Twins) -> None:
    """Every parameter is spelled as the SDK spells it."""
    theirs, ours = twins.both(BY_METHOD["chat.completions.create"], CHAT)

    assert ours == theirs
    assert ours.json == CHAT
    assert ours.path == "/v1/chat/completions"


def test_a_streamed_chat(twins: Twins) -> None:
    """A stream of the SDK with its usage is what a stream of ours is without being asked."""
    form = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}

    theirs = twins.theirs("chat.completions.create", **form, stream=True, stream_options={"include_usage": True})

    assert twins.ours("openai.create_chat_completion", form, streaming=True) == theirs


def test_who_asks(twins: Twins) -> None:
    """The key, the organization and the project are headers of their own."""
    theirs, ours = twins.both(BY_METHOD["models.list"], {})

    assert ours == theirs
    assert ours.who == ("Bearer sk-twins", "org-1", "proj_1")


def test_who_asks_without_an_organization() -> None:
    """Then there is no such header, not an empty one."""
    with Twins({"api_key": "sk-other"}) as twins:
        theirs, ours = twins.both(BY_METHOD["models.list"], {})

    assert ours == theirs
    assert ours.who == ("Bearer sk-other", None, None)


@pytest.mark.parametrize("model", ["gpt-4o", "ft:gpt-4o:acme::abc", "org/model:free", "a b é", "100%", "a?b#c"])
def test_one_model(twins: Twins, model: str) -> None:
    """Whatever letters its id has, it stays one step of the path."""
    theirs, ours = twins.both(BY_METHOD["models.retrieve"], {"model": model})

    assert ours == theirs
    assert ours.path.count("/") == 3


@pytest.mark.parametrize("module", ["openai.create_chat_completion", "openai.create_completion"])
def test_a_parameter_of_tomorrow(twins: Twins, module: str) -> None:
    """What the SDK takes as ``extra_body`` is our ``extra``."""
    form = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    more = {"of_tomorrow": {"deep": [1, None]}}

    theirs = twins.theirs("chat.completions.create", **form, extra_body=more)

    assert twins.ours(module, {**form, "extra": more}) == theirs


def test_headers_of_ones_own(twins: Twins) -> None:
    """The SDK takes them with the call, we with the connection."""
    theirs = twins.theirs("models.list", extra_headers={"X-Team": "blue"})
    ours = twins.ours("openai.get_models", {}, headers={"X-Team": "blue"})

    assert ours == theirs
    assert ours.more["x-team"] == theirs.more["x-team"] == "blue"


def test_a_custom_api_call(twins: Twins) -> None:
    """The SDK's own way to call what it has no method for."""
    form = {"url": "/embeddings", "method": "POST", "query": {"a": "1", "b": "2"}, "body": {"input": "x", "n": None}}

    theirs = twins.theirs(
        "post",
        "/embeddings",
        cast_to=object,
        body={"input": "x", "n": None},
        options={"params": {"a": "1", "b": "2"}},
    )

    assert twins.ours("openai.create_custom_api_call", form) == theirs


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH"])
def test_a_custom_api_call_of_any_method(twins: Twins, method: str) -> None:
    """With a body where one is given."""
    body = {} if method in ("GET", "DELETE") else {"body": {"a": 1}}

    theirs = twins.theirs(method.lower(), "/models/ft-1", cast_to=object, **body)

    assert twins.ours("openai.create_custom_api_call", {"url": "/models/ft-1", "method": method, **body}) == theirs


def test_what_is_in_a_file(twins: Twins) -> None:
    """The SDK fetches it where we look at the file first, to know its name."""
    expected = [twins.theirs("files.retrieve", "m"), twins.theirs("files.content", "m")]  # m is what the recorder names

    twins.ran("openai.get_file", {"file_id": "m", "content": True})

    assert twins.all_taken() == expected


def test_the_batches_that_are_watched(twins: Twins) -> None:
    """As the SDK lists them, a hundred at a time."""
    expected = twins.theirs("batches.list", limit=100)

    with pytest.raises(AnswerError, match="Batch"):  # the recorder knows none
        twins.ran("openai.watch_batch_completed", {})

    assert twins.taken() == expected
