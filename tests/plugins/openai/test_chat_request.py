"""What a chat sends: each field that is set under its own name, and nothing else."""

import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from jackfield import Host, InvalidInputError
from jackfield.testing import Replay
from jackfield_openai.chat_completion import create_chat_completion
from jackfield_openai.chat_form import Chat
from jackfield_openai.messages import AssistantMessage, UserMessage

MODULE = "openai.create_chat_completion"
CONNECTION = {"api_key": "k"}
LEAST: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}

FUNCTION = {"name": "get_weather", "description": "Weather", "parameters": {"type": "object"}, "strict": True}
GRAMMAR = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: WORD"}}

VALUES: dict[str, Any] = {
    "temperature": 0.2,
    "max_completion_tokens": 100,
    "max_tokens": 100,
    "top_p": 0.9,
    "n": 2,
    "stop": ["END", "\n"],
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "n", "description": "d", "schema": {"type": "object"}, "strict": True},
    },
    "tools": [
        {"type": "function", "function": FUNCTION},
        {"type": "custom", "custom": {"name": "note", "description": "d", "format": GRAMMAR}},
    ],
    "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
    "parallel_tool_calls": False,
    "reasoning_effort": "high",
    "verbosity": "low",
    "frequency_penalty": -1.5,
    "presence_penalty": 1.5,
    "logit_bias": {"50256": -100},
    "logprobs": True,
    "top_logprobs": 3,
    "seed": 7,
    "prediction": {"type": "content", "content": "Hello"},
    "modalities": ["text", "audio"],
    "audio": {"voice": {"id": "voice_1"}, "format": "wav"},
    "web_search_options": {
        "search_context_size": "low",
        "user_location": {"type": "approximate", "approximate": {"city": "Oslo", "country": "NO"}},
    },
    "moderation": {"model": "omni", "policy": {"input": {"mode": "score"}, "output": {"mode": "block"}}},
    "service_tier": "flex",
    "store": True,
    "metadata": {"team": "blue"},
    "prompt_cache_key": "k1",
    "prompt_cache_options": {"mode": "explicit", "ttl": "30m"},
    "prompt_cache_retention": "24h",
    "safety_identifier": "u1",
    "user": "u2",
    "functions": [FUNCTION],
    "function_call": {"name": "get_weather"},
}
"""A value for every field that stands in the body as it is."""

NOT_AS_THEY_ARE = {"model", "messages", "stream_options", "model_rules", "extra"}


def _run(host: Host, **fields: object) -> None:
    host.run(MODULE, {**LEAST, **fields}, connection=CONNECTION)


def test_an_empty_form_sends_only_what_is_required(
    host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any]
) -> None:
    """The service's defaults stay the service's."""
    replay.reply(answer())

    _run(host)

    assert sent() == LEAST
    assert replay.requests[0].method == "POST"
    assert replay.requests[0].url == "https://api.openai.com/v1/chat/completions"


def test_every_field_has_a_value_here() -> None:
    """A new field cannot be forgotten in these tests."""
    assert {attribute.name for attribute in attrs.fields(Chat)} == set(VALUES) | NOT_AS_THEY_ARE


@pytest.mark.parametrize("name", VALUES)
def test_a_field_that_is_set_is_sent_under_its_name(
    host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any], name: str
) -> None:
    """No field is dead, and none drags another along."""
    replay.reply(answer({"content": "{}"}))

    _run(host, **{name: VALUES[name]})

    assert sent() == {**LEAST, name: VALUES[name]}


def test_all_fields_are_sent_together(
    host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any]
) -> None:
    """Nothing that is set keeps something else from being sent."""
    replay.reply(answer({"content": "{}"}))

    _run(host, **VALUES)

    assert sent() == {**LEAST, **VALUES}


@pytest.mark.parametrize(("name", "value"), [("temperature", 0), ("n", 1), ("store", False), ("user", ""), ("seed", 0)])
def test_zero_no_and_an_empty_text_are_values(
    *, host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any], name: str, value: object
) -> None:
    """Only what is left out is left out."""
    replay.reply(answer())

    _run(host, **{name: value})

    assert sent()[name] == value


MESSAGES: dict[str, dict[str, Any]] = {
    "system": {"role": "system", "content": "Be brief", "name": "boss"},
    "developer": {"role": "developer", "content": [{"type": "text", "text": "Be brief"}]},
    "user": {"role": "user", "content": "Hi", "name": "Ann_1-x"},
    "user with parts": {
        "role": "user",
        "content": [
            {"type": "text", "text": "See", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}},
            {"type": "image_url", "image_url": {"url": "https://x.example/a.png", "detail": "original"}},
            {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
            {"type": "file", "file": {"file_id": "file-1"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERg=="}},
        ],
    },
    "assistant": {"role": "assistant", "content": "Hello", "name": "bot"},
    "assistant with tool calls": {
        "role": "assistant",
        "tool_calls": [
            {"type": "function", "id": "c1", "function": {"name": "f", "arguments": "{}"}},
            {"type": "custom", "id": "c2", "custom": {"name": "g", "input": "x"}},
        ],
    },
    "assistant who refused": {"role": "assistant", "content": [{"type": "refusal", "refusal": "No"}], "refusal": "No"},
    "assistant who spoke": {"role": "assistant", "audio": {"id": "audio_1"}},
    "assistant of the past": {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}},
    "tool": {"role": "tool", "content": "12 degrees", "tool_call_id": "c1"},
    "function": {"role": "function", "content": "12 degrees", "name": "f"},
}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_each_role_has_its_own_fields(
    host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any], message: dict[str, Any]
) -> None:
    """A message goes out as it was given."""
    replay.reply(answer())

    _run(host, messages=[message])

    assert sent()["messages"] == [message]


def test_typed_forms_are_sent_as_plain_ones(
    host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any]
) -> None:
    """In Python the tags need not be written."""
    replay.reply(answer())
    form = Chat(model="m", messages=[UserMessage(content="Hi"), AssistantMessage(content="Hello")])

    host.run(create_chat_completion, form, connection=CONNECTION)

    assert sent()["messages"] == [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]


def test_an_answer_can_be_sent_back_as_it_came(host: Host, replay: Replay, answer: Callable[..., Any]) -> None:
    """Also what a server adds to its messages (``reasoning_content``), and what was said with it."""
    call = {"id": "c1", "type": "function", "index": 0, "function": {"name": "f", "arguments": "{}"}}
    replay.reply(answer({"content": None, "tool_calls": [call], "reasoning_content": "Hm"}, finish_reason="tool_calls"))
    replay.reply(answer())
    first: Any = host.run(MODULE, LEAST, connection=CONNECTION).bundle

    _run(host, messages=[*LEAST["messages"], first["choices"][0]["message"]])

    message = json.loads(replay.requests[1].body or b"")["messages"][1]
    assert message["tool_calls"] == [call]
    assert message["reasoning_content"] == "Hm"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"temperature": 2.1}, "$.temperature"),
        ({"temperature": -0.1}, "$.temperature"),
        ({"temperature": "warm"}, "$.temperature"),
        ({"top_p": 1.1}, "$.top_p"),
        ({"n": 0}, "$.n"),
        ({"n": 129}, "$.n"),
        ({"frequency_penalty": 2.5}, "$.frequency_penalty"),
        ({"presence_penalty": -2.5}, "$.presence_penalty"),
        ({"top_logprobs": 21}, "$.top_logprobs"),
        ({"stop": ["a"] * 5}, "$.stop"),
        ({"stop": []}, "$.stop"),
        ({"seed": 2**63}, "$.seed"),
        ({"logit_bias": {"1": 101}}, '$.logit_bias["1"]'),
        ({"metadata": {f"k{number}": "v" for number in range(17)}}, "$.metadata"),
        ({"metadata": {"k": "v" * 513}}, "$.metadata.k"),
        ({"safety_identifier": "x" * 129}, "$.safety_identifier"),
        ({"functions": []}, "$.functions"),
        ({"messages": []}, "$.messages"),
        ({"messages": [{"role": "boss", "content": "x"}]}, "$.messages[0].role"),
        ({"messages": [{"content": "x"}]}, "$.messages[0].role"),
        ({"messages": [{"role": "user"}]}, "$.messages[0].content"),
        ({"messages": [{"role": "user", "content": "x", "name": "a b"}]}, "$.messages[0].name"),
        ({"messages": [{"role": "user", "content": "x", "name": "a" * 65}]}, "$.messages[0].name"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "$.messages[0].tool_call_id"),
        ({"messages": [{"role": "user", "content": [{"type": "film"}]}]}, "$.messages[0].content[0].type"),
        ({"messages": [{"role": "user", "content": 7}]}, "$.messages[0].content"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "$.tools[0].function.name"),
        ({"tool_choice": "sometimes"}, "$.tool_choice"),
        ({"response_format": {"type": "yaml"}}, "$.response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "$.response_format.json_schema"),
        ({"temprature": 1}, "$.temprature"),
        ({"stream": True}, "$.stream"),
        ({"extra": {"temperature": 1}}, "$.extra.temperature"),
        ({"extra": {"messages": []}}, "$.extra.messages"),
        ({"extra": {"stream": True}}, "$.extra.stream"),
        ({"extra": {"stream_options": {}}}, "$.extra.stream_options"),
    ],
)
def test_what_breaks_the_form_is_named_before_anything_is_sent(
    host: Host, replay: Replay, fields: dict[str, object], path: str
) -> None:
    """The bounds are the API's, so nobody pays a round trip to learn them."""
    with pytest.raises(InvalidInputError) as caught:
        _run(host, **fields)

    assert path in [problem.path for problem in caught.value.problems]
    assert not replay.requests


def test_extra_is_merged_last_as_it_is(
    host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any]
) -> None:
    """A parameter newer than this connector works today; null is sent where somebody wants it."""
    replay.reply(answer())

    _run(host, extra={"new_parameter": {"deep": [1, None]}, "other": None})

    assert sent() == {**LEAST, "new_parameter": {"deep": [1, None]}, "other": None}


@pytest.mark.parametrize("name", ["reasoning_effort", "verbosity", "service_tier", "prompt_cache_retention"])
def test_values_that_the_service_will_add_are_accepted(
    host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any], name: str
) -> None:
    """Its lists grow every year, and ``extra`` may not hold a field's name."""
    replay.reply(answer())

    _run(host, **{name: "of-next-year"})

    assert sent()[name] == "of-next-year"


def test_a_stored_chat_is_not_repeated_and_any_other_is(host: Host) -> None:
    """What is stored twice is there twice."""
    effect_of = create_chat_completion.effect_of
    messages = [UserMessage(content="Hi")]

    assert effect_of(Chat(model="m", messages=messages)).repeatable
    assert effect_of(Chat(model="m", messages=messages, store=False)).repeatable
    assert not effect_of(Chat(model="m", messages=messages, store=True)).repeatable


def test_a_stream_asks_for_usage_unless_told_not_to(host: Host, replay: Replay, sent: Callable[[], Any]) -> None:
    """A streamed result tells as much as any other; stream options are sent with a stream only."""
    replay.reply(events=[{"choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": "stop"}]}, "[DONE]"])
    with host.stream(MODULE, LEAST, connection=CONNECTION) as stream:
        assert stream.result.bundle["result"] == "x"

    assert sent() == {**LEAST, "stream": True, "stream_options": {"include_usage": True}}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"include_usage": False}, {"include_usage": False}),
        ({"include_obfuscation": False}, {"include_usage": True, "include_obfuscation": False}),
    ],
)
def test_stream_options_change_what_a_stream_asks_for(
    host: Host, replay: Replay, sent: Callable[[], Any], options: dict[str, bool], expected: dict[str, bool]
) -> None:
    """And a run that is not streamed does not send them, since the service would refuse it."""
    replay.reply(events=[{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, "[DONE]"])
    with host.stream(MODULE, {**LEAST, "stream_options": options}, connection=CONNECTION) as stream:
        list(stream)

    assert sent()["stream_options"] == expected


def test_stream_options_are_not_sent_without_a_stream(
    host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any]
) -> None:
    """So that one form serves both."""
    replay.reply(answer())

    _run(host, stream_options={"include_usage": True})

    assert sent() == LEAST


COMPANIONS: dict[str, dict[str, Any]] = {
    "tool_choice": {"tools": VALUES["tools"]},
    "parallel_tool_calls": {"tools": VALUES["tools"]},
    "top_logprobs": {"logprobs": True},
    "modalities": {"audio": VALUES["audio"]},
    "function_call": {"functions": VALUES["functions"]},
}
"""What a field needs beside it to have a meaning."""


@pytest.mark.parametrize("name", VALUES)
def test_the_service_takes_each_field_as_it_is_sent(
    net_host: Host, account: Callable[..., dict[str, object]], name: str
) -> None:
    """The stand-in has its own list of names, types and bounds, and refuses what is not on it."""
    fields = {**COMPANIONS.get(name, {}), name: VALUES[name]}

    result = net_host.run(MODULE, {**LEAST, **fields}, connection=account())

    assert result.bundle["choices"]


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_the_service_takes_each_message_as_it_is_sent(
    net_host: Host, account: Callable[..., dict[str, object]], message: dict[str, Any]
) -> None:
    """Of every role, with every part."""
    result = net_host.run(MODULE, {**LEAST, "messages": [message]}, connection=account())

    assert result.bundle["choices"]
