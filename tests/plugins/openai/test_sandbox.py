"""The stand-in over real HTTP, asked as any program would ask it."""

import http.client
import json
from collections.abc import Callable
from typing import Any

import pytest

Ask = Callable[..., tuple[http.client.HTTPResponse, bytes]]

CHAT = {"model": "any", "messages": [{"role": "user", "content": "Good morning to you"}]}


def _chat(ask: Ask, **more: object) -> Any:
    response, body = ask("POST", "/v1/chat/completions", {**CHAT, **more})
    assert response.status == 200, body
    return json.loads(body)


def _events(body: bytes) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in body.decode().splitlines() if line]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


def test_it_answers_a_chat_as_openai_does(ask: Ask) -> None:
    """Every member of the official answer is there, and the usage adds up."""
    whole = _chat(ask)

    assert whole["object"] == "chat.completion"
    assert whole["model"] == "any"
    (choice,) = whole["choices"]
    assert choice["message"] == {
        "role": "assistant",
        "content": "I heard: Good morning to you",
        "refusal": None,
        "annotations": [],
    }
    assert choice["finish_reason"] == "stop"
    usage = whole["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_it_says_the_same_every_time(ask: Ask) -> None:
    """Nothing depends on the hour or on chance."""
    assert _chat(ask, seed=1) == _chat(ask, seed=1)


def test_its_answers_have_the_headers_of_openai(ask: Ask) -> None:
    """Each answer has a request id of its own, its duration and the rate limits."""
    first, _ = ask("GET", "/v1/models")
    second, _ = ask("GET", "/v1/models")

    assert first.headers["x-request-id"].startswith("req_")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["openai-processing-ms"].isdecimal()
    assert first.headers["x-ratelimit-remaining-requests"] == "9999"


def test_a_stream_ends_with_the_usage_that_was_asked_for_and_done(ask: Ask) -> None:
    """The usage comes in a chunk without choices; all others say null."""
    response, body = ask(
        "POST", "/v1/chat/completions", {**CHAT, "stream": True, "stream_options": {"include_usage": True}}
    )
    *chunks, last, done = _events(body)

    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert done == "[DONE]"
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 6
    assert all(chunk["usage"] is None for chunk in chunks)
    said = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    assert said == "I heard: Good morning to you"


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_token_limit_cuts_the_answer(ask: Ask, name: str) -> None:
    """The reason is then ``length``."""
    (choice,) = _chat(ask, **{name: 2})["choices"]

    assert choice["message"]["content"] == "I heard:"
    assert choice["finish_reason"] == "length"


def test_n_choices_stop_sequences_and_log_probabilities_are_obeyed(ask: Ask) -> None:
    """Each choice stops before the sequence, and tells of each of its tokens."""
    first, second = _chat(ask, n=2, stop=["morning"], logprobs=True, top_logprobs=2)["choices"]

    assert first["message"]["content"] == "I heard: Good "
    assert second["message"]["content"] == "I heard, answer 2: Good "
    told = first["logprobs"]["content"]
    assert "".join(item["token"] for item in told) == "I heard: Good "
    assert len(told[0]["top_logprobs"]) == 2


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"enum": ["Oslo"]}}, "required": ["city"]},
    },
}
NOTE = {"type": "custom", "custom": {"name": "note"}}


@pytest.mark.parametrize(
    ("said", "more", "called"),
    [
        ("Good morning", {}, []),
        ("Use a tool", {}, ["get_weather"]),
        ("Use a tool", {"tool_choice": "none"}, []),
        ("Good morning", {"tool_choice": "required"}, ["get_weather"]),
        ("get_weather and note", {}, ["get_weather", "note"]),
        ("get_weather and note", {"parallel_tool_calls": False}, ["get_weather"]),
        ("Hi", {"tool_choice": {"type": "custom", "custom": {"name": "note"}}}, ["note"]),
        (
            "Hi",
            {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [NOTE]}}},
            ["note"],
        ),
    ],
)
def test_it_calls_the_tools_that_are_forced_named_or_asked_for(
    ask: Ask, said: str, more: dict[str, object], called: list[str]
) -> None:
    """A model would choose; the stand-in goes by the request alone."""
    messages = [{"role": "user", "content": said}]
    (choice,) = _chat(ask, messages=messages, tools=[WEATHER, NOTE], **more)["choices"]

    calls = choice["message"].get("tool_calls", [])
    assert [call[call["type"]]["name"] for call in calls] == called
    assert choice["finish_reason"] == ("tool_calls" if called else "stop")
    if "get_weather" in called:
        assert json.loads(calls[0]["function"]["arguments"]) == {"city": "Oslo"}


def test_it_reports_what_a_tool_answered(ask: Ask) -> None:
    """After a tool message comes text, so that a loop over tool calls ends."""
    call = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "get_weather please"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "12 degrees"},
    ]
    (choice,) = _chat(ask, messages=messages, tools=[WEATHER])["choices"]

    assert choice["message"]["content"] == "The tool answered: 12 degrees"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "object", "properties": {"a": {"type": "integer", "minimum": 5}}}, {"a": 5}),
        ({"type": "number", "exclusiveMaximum": 0}, -0.5),
        ({"type": "integer", "minimum": 3, "multipleOf": 4}, 4),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"type": "array", "items": {"type": "boolean"}, "maxItems": 0}, []),
        ({"type": "string", "minLength": 8}, "samplexx"),
        ({"type": "string", "maxLength": 2}, "sa"),
        ({"type": "string", "format": "date"}, "2026-01-01"),
        ({"type": ["string", "null"]}, "sample"),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, None),
        ({"const": 7}, 7),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"enum": ["b", "a"]}}}, "b"),
    ],
)
def test_structured_output_fits_the_schema(ask: Ask, schema: dict[str, object], value: object) -> None:
    """The value is always the same, and as small as the schema lets it be."""
    output = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    (choice,) = _chat(ask, response_format=output)["choices"]

    assert json.loads(choice["message"]["content"]) == value


def test_a_schema_that_holds_itself_ends(ask: Ask) -> None:
    """A tree is cut where only its required members go on."""
    node = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": []}
    output = {"type": "json_schema", "json_schema": {"name": "n", "schema": node}}
    (choice,) = _chat(ask, response_format=output)["choices"]

    assert json.loads(choice["message"]["content"])["next"]


def test_audio_is_a_sound_with_a_transcript(ask: Ask) -> None:
    """The text is then in the transcript alone."""
    (choice,) = _chat(ask, modalities=["text", "audio"], audio={"voice": "alloy", "format": "wav"})["choices"]

    assert choice["message"]["content"] is None
    assert choice["message"]["audio"]["transcript"] == "I heard: Good morning to you"
    assert choice["message"]["audio"]["data"].startswith("UklGR")


def test_a_list_has_pages(ask: Ask) -> None:
    """Each page names its ends, and says whether there is more."""
    seen: list[str] = []
    after, more = "", True
    while more:
        _, body = ask("GET", f"/v1/files?limit=10{after}")
        page = json.loads(body)
        seen += [file["id"] for file in page["data"]]
        after, more = f"&after={page['last_id']}", page["has_more"]

    assert len(seen) == len(set(seen)) == 25


def test_a_deleted_file_is_gone(ask: Ask) -> None:
    """Until the stand-in starts again."""
    path = "/v1/files/file-0001"
    _, deleted = ask("DELETE", path)
    response, _ = ask("GET", f"{path}/content")

    assert json.loads(deleted)["deleted"] is True
    assert response.status == 404
