"""The stand-in over real HTTP, asked as any program would ask it."""

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest

from jackfield_openai.sandbox import Sandbox
from jackfield_openai.sandbox.orders import Orders

Ask = Callable[..., tuple[http.client.HTTPResponse, bytes]]

CHAT = {"model": "any", "messages": [{"role": "user", "content": "Good morning to you"}]}


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    """Send one request; a body is sent as JSON."""

    def send(
        method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=10)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        all_headers = {"Authorization": "Bearer k", "Content-Type": "application/json", **(headers or {})}
        try:
            connection.request(method, path, None if body is None else content, all_headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    return send


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


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"temperature": 2.1}, "decimal_above_max_value", "temperature"),
        ({"top_p": -0.1}, "decimal_below_min_value", "top_p"),
        ({"temperature": "1"}, "invalid_type", "temperature"),
        ({"temperature": True}, "invalid_type", "temperature"),
        ({"n": 129}, "integer_above_max_value", "n"),
        ({"n": 0}, "integer_below_min_value", "n"),
        ({"n": 1.5}, "invalid_type", "n"),
        ({"temprature": 1}, "unknown_parameter", "temprature"),
        ({"messages": []}, "empty_array", "messages"),
        ({"messages": [{"content": "x"}]}, "missing_required_parameter", "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "missing_required_parameter", "messages[0].content"),
        ({"messages": [{"role": "boss", "content": "x"}]}, "invalid_value", "messages[0].role"),
        ({"messages": [{"role": "user", "content": "x", "mood": 1}]}, "unknown_parameter", "messages[0].mood"),
        (
            {"messages": [{"role": "user", "content": [{"type": "film"}]}]},
            "invalid_value",
            "messages[0].content[0].type",
        ),
        ({"stop": ["a", "b", "c", "d", "e"]}, "array_above_max_length", "stop"),
        ({"logit_bias": {"50256": 101}}, "integer_above_max_value", "logit_bias.50256"),
        ({"metadata": {"k": "v" * 513}}, "string_above_max_length", "metadata.k"),
        ({"service_tier": "gold"}, "invalid_value", "service_tier"),
        ({"stream_options": {"include_usage": True}}, "invalid_value", "stream_options"),
        ({"top_logprobs": 1}, "invalid_value", "top_logprobs"),
        ({"tool_choice": "auto"}, "invalid_value", "tool_choice"),
        ({"modalities": ["audio"]}, "invalid_value", "audio"),
        ({"response_format": {"type": "json_object"}}, "invalid_value", "messages"),
        ({"max_tokens": 1, "max_completion_tokens": 1}, "invalid_value", "max_tokens"),
    ],
)
def test_it_refuses_what_openai_refuses(ask: Ask, change: dict[str, object], code: str, param: str) -> None:
    """The error names the parameter, in the official shape."""
    response, body = ask("POST", "/v1/chat/completions", {**CHAT, **change})

    assert response.status == 400
    error = json.loads(body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", code, param)


@pytest.mark.parametrize("missing", ["model", "messages"])
def test_model_and_messages_are_required(ask: Ask, missing: str) -> None:
    """The error names what is missing."""
    response, body = ask("POST", "/v1/chat/completions", {key: CHAT[key] for key in CHAT if key != missing})

    assert response.status == 400
    assert json.loads(body)["error"]["param"] == missing


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"),
    [
        ("POST", "/v1/chat/completions", CHAT, {"Content-Type": "text/plain"}, 415, "unsupported_content_type"),
        ("POST", "/v1/chat/completions", b"{", {}, 400, "invalid_json"),
        ("POST", "/v1/chat/completions", b"[" * 100_000, {}, 400, "invalid_json"),
        ("POST", "/v1/chat/completions", [1], {}, 400, "invalid_json"),
        ("POST", "/v1/chat/completions", None, {}, 400, "invalid_json"),
        ("GET", "/v1/models", None, {"Authorization": "Bearer sk-wrong"}, 401, "invalid_api_key"),
        ("GET", "/v1/models", None, {"Authorization": "Bearer "}, 401, None),
        ("GET", "/v1/models", None, {"Authorization": "Basic k"}, 401, None),
        ("GET", "/v1/models/nothing", None, {}, 404, "model_not_found"),
        ("GET", "/v1/nothing", None, {}, 404, "unknown_url"),
        ("GET", "/models", None, {}, 404, "unknown_url"),
        ("GET", "/v1/v1/models", None, {}, 404, "unknown_url"),
        ("GET", "/v1/chat/completions", None, {}, 405, "method_not_supported"),
        ("GET", "/v1/files/nothing", None, {}, 404, None),
        ("GET", "/v1/files?limit=0", None, {}, 400, "invalid_value"),
        ("GET", "/v1/files?after=nothing", None, {}, 400, "invalid_value"),
        ("GET", "/v1/models", None, {"x-sandbox": "explode"}, 400, None),
        ("GET", "/v1/models", None, {"x-sandbox": "status=soon"}, 400, None),
    ],
)
def test_it_answers_wrong_requests_in_the_official_shape(
    *, ask: Ask, method: str, path: str, body: object, headers: dict[str, str], status: int, code: str | None
) -> None:
    """Status and code are OpenAI's."""
    response, content = ask(method, path, body, headers)

    assert response.status == status
    assert json.loads(content)["error"]["code"] == code


def test_a_body_that_is_too_long_is_refused_before_it_is_read(ask: Ask) -> None:
    """The stand-in takes 16 MiB at most."""
    response, _ = ask("POST", "/v1/chat/completions", b"", {"Content-Length": str(2**40)})

    assert response.status == 413


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


@pytest.mark.parametrize(
    ("orders", "status", "kind", "start"),
    [
        ("status=500", 500, "application/json", b'{"error"'),
        ("code=insufficient_quota", 429, "application/json", b'{"error"'),
        ("code=unsupported_parameter; param=temperature", 400, "application/json", b'{"error"'),
        ("status=502; html", 502, "text/html", b"<!doctype"),
        ("html", 200, "text/html", b"<!doctype"),
        ("empty", 200, "application/json", b""),
        ("status=503; plain", 503, "text/plain", b"upstream"),
        ("status=422; detail", 422, "application/json", b'{"detail"'),
        ("status=400; numeric", 400, "application/json", b'{"error"'),
    ],
)
def test_it_fails_as_it_is_told(ask: Ask, orders: str, status: int, kind: str, start: bytes) -> None:
    """The header x-sandbox asks for the failure."""
    response, body = ask("GET", "/v1/models", None, {"x-sandbox": orders})

    assert (response.status, response.headers["Content-Type"]) == (status, kind)
    assert body.startswith(start)


def test_it_fails_as_often_as_it_is_told(ask: Ask) -> None:
    """A tag makes equal orders different ones."""
    first = {"x-sandbox": "status=429; retry-after=1; times=2; tag=a"}
    statuses = [ask("GET", "/v1/models", None, first)[0].status for _ in range(3)]
    other = ask("GET", "/v1/models", None, {"x-sandbox": first["x-sandbox"].replace("tag=a", "tag=b")})[0]

    assert statuses == [429, 429, 200]
    assert (other.status, other.headers["retry-after"]) == (429, "1")


def test_a_cut_body_is_shorter_than_it_says(ask: Ask) -> None:
    """As when a connection breaks."""
    with pytest.raises(http.client.IncompleteRead):
        ask("GET", "/v1/models", None, {"x-sandbox": "cut=3"})


def test_a_program_starts_it_and_reads_where_it_is() -> None:
    """It prints one line with its URL, and says that it is no model."""
    command = [sys.executable, "-m", "jackfield_openai.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        connection.request("GET", f"{urlsplit(url).path}/models", headers={"Authorization": "Bearer k"})
        status = connection.getresponse().status
        connection.close()
        process.terminate()

    assert "no model" in line
    assert status == 200


def test_a_port_that_is_taken_is_said_in_words(sandbox: Sandbox) -> None:
    """And no traceback."""
    port = str(urlsplit(sandbox.url).port)
    command = [sys.executable, "-m", "jackfield_openai.sandbox", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 1
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_writes_nothing_about_requests(ask: Ask, capfd: pytest.CaptureFixture[str]) -> None:
    """Keys and prompts stay out of its output."""
    ask("POST", "/v1/chat/completions", CHAT, {"Authorization": "Bearer sk-canary"})
    ask("GET", "/v1/nothing", None, {"Authorization": "Bearer sk-canary"})

    assert capfd.readouterr() == ("", "")


def test_its_help_names_every_order() -> None:
    """What can be asked for in x-sandbox is told there."""
    command = [sys.executable, "-m", "jackfield_openai.sandbox", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout

    orders = {attribute.name.replace("_", "-") for attribute in attrs.fields(Orders)}
    assert {name for name in orders if not re.search(rf"\b{name}\b", told)} == set()
