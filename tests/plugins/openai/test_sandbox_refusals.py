"""What the stand-in refuses, as OpenAI does."""

import http.client
import json
from collections.abc import Callable

import pytest

Ask = Callable[..., tuple[http.client.HTTPResponse, bytes]]

NOTE = {"type": "custom", "custom": {"name": "note"}}
CHAT = {"model": "any", "messages": [{"role": "user", "content": "Good morning to you"}]}


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
        ({"tool_choice": {"type": "function", "function": {"name": "x"}}}, "invalid_value", "tool_choice"),
        ({"tools": [NOTE], "tool_choice": {"type": "custom", "custom": {"name": "x"}}}, "invalid_value", "tool_choice"),
        ({"tools": [NOTE], "tool_choice": 7}, "invalid_type", "tool_choice"),
        ({"tools": [{"custom": {"name": "x"}}]}, "missing_required_parameter", "tools[0].type"),
        ({"tools": NOTE}, "invalid_type", "tools"),
        ({"function_call": {"name": "x"}}, "invalid_value", "function_call"),
        ({"parallel_tool_calls": True}, "invalid_value", "parallel_tool_calls"),
        ({"logprobs": "yes"}, "invalid_type", "logprobs"),
        ({"metadata": ["k"]}, "invalid_type", "metadata"),
        ({"metadata": dict.fromkeys(map(str, range(17)), "v")}, "object_above_max_properties", "metadata"),
        ({"verbosity": 7}, "invalid_type", "verbosity"),
        ({"user": None}, "invalid_type", "user"),
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


@pytest.mark.parametrize(
    ("headers", "status"), [({"Transfer-Encoding": "chunked"}, 411), ({"Content-Length": "many"}, 400)]
)
def test_a_body_whose_length_is_not_known_is_refused(ask: Ask, headers: dict[str, str], status: int) -> None:
    """The stand-in reads as much as it was told, and no more."""
    response, _ = ask("POST", "/v1/chat/completions", b"", headers)

    assert response.status == status
