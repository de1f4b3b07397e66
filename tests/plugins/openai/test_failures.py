"""What OpenAI's failures become, as a table; and what is left to core."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from jackfield import (
    BusyError,
    CredentialsError,
    Host,
    JackfieldError,
    NotFoundError,
    PermissionDeniedError,
    QuotaError,
    RefusedError,
    RemoteError,
)
from jackfield.testing import Replay
from jackfield_openai.failures import stream_error

CONNECTION = {"api_key": "sk-canary"}
CHAT = {"model": "m", "messages": [{"role": "user", "content": "a secret wish"}]}


def _body(
    code: str | int | None, message: str = "It says so.", kind: str = "invalid_request_error", param: str = ""
) -> Any:
    return {"error": {"message": message, "type": kind, "param": param or None, "code": code}}


def _failure(host: Host) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        # A short deadline: a repeat that would have to wait longer is not made.
        host.run("openai.create_chat_completion", {**CHAT, "store": True}, connection=CONNECTION, deadline_s=2)
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "kind", "in_message", "in_hint"),
    [
        (
            401,
            _body("invalid_api_key", "Incorrect API key provided: sk-ca...ary"),
            CredentialsError,
            "key",
            "OPENAI_API_KEY",
        ),
        (
            401,
            _body(None, "You must be a member of an organization"),
            CredentialsError,
            "organization",
            "Organization ID",
        ),
        (400, _body("400", "No connected db.", kind="no_db_connection"), CredentialsError, "key", "another server"),
        (401, _body("ip_not_authorized"), CredentialsError, "address", "address"),
        (403, _body("unsupported_country_region_territory"), PermissionDeniedError, "country", "country"),
        (403, _body(None, "Missing scopes: model.read"), PermissionDeniedError, "Missing scopes", "permission"),
        (403, _body("model_not_found"), PermissionDeniedError, "$.model", "module choices"),
        (404, _body("DeploymentNotFound", "The API deployment is not there."), NotFoundError, "$.model", "deployment"),
        (400, _body("content_filter", "Filtered.", param="prompt"), RefusedError, "$.prompt: Filtered.", "forbid"),
        (404, _body("model_not_found", param="model"), NotFoundError, "$.model", "module choices"),
        (400, _body("model_not_found"), NotFoundError, "$.model", "module choices"),
        (429, _body("insufficient_quota", kind="insufficient_quota"), QuotaError, "insufficient_quota", "billing"),
        (429, _body("credit_balance_exhausted"), QuotaError, "credit_balance_exhausted", "billing"),
        (429, _body("organization_spend_limit_exceeded"), QuotaError, "spend_limit", "billing"),
        (429, _body("project_spend_limit_exceeded"), QuotaError, "spend_limit", "billing"),
        (429, _body("organization_usage_limit_exceeded"), QuotaError, "usage_limit", "billing"),
        (400, _body("billing_hard_limit_reached"), QuotaError, "billing_hard_limit_reached", "billing"),
        (400, _body("unsupported_value", param="temperature"), RefusedError, "$.temperature: It says so.", "empty"),
        (400, _body("unsupported_parameter", param="top_p"), RefusedError, "$.top_p", "top_p"),
        (
            400,
            _body("unsupported_parameter", param="max_tokens"),
            RefusedError,
            "$.max_tokens",
            "max_completion_tokens",
        ),
        (400, _body("unknown_parameter", param="verbosity"), RefusedError, "$.verbosity", "does not know"),
        (400, _body("context_length_exceeded", param="messages"), RefusedError, "$.messages", "Shorten"),
        (400, _body(None), RefusedError, "It says so.", ""),
        (422, _body("invalid_value", param="n"), RefusedError, "$.n", ""),
        (400, _body(None, ""), RefusedError, "no reason", ""),
    ],
)
def test_a_failure_tells_its_remedy(
    *, host: Host, replay: Replay, status: int, body: object, kind: type[RemoteError], in_message: str, in_hint: str
) -> None:
    """The class says what the host should do, the message where, the hint what to do next."""
    replay.reply(body, status=status, headers={"x-request-id": "req_7"})

    error = _failure(host)

    assert type(error) is kind
    assert in_message in error.message
    assert in_hint in error.hint
    assert (error.status, error.request_id) == (status, "req_7")


def test_the_place_that_the_service_names_is_kept(host: Host, replay: Replay) -> None:
    """A program reads it from the attributes."""
    replay.reply(_body("unsupported_value", param="messages[0].content"), status=400)

    error = _failure(host)

    assert (error.code, error.parameter) == ("unsupported_value", "messages[0].content")


@pytest.mark.parametrize(
    ("status", "reply", "kind"),
    [
        (429, {"json_body": _body("rate_limit_exceeded"), "headers": {"Retry-After": "7"}}, BusyError),
        (500, {"json_body": _body("server_error", kind="server_error")}, BusyError),
        (503, {"json_body": _body("server_is_overloaded")}, BusyError),
        (400, {"json_body": {"detail": "Not so."}}, RefusedError),
        (422, {"json_body": {"detail": [{"loc": ["body", "n"], "msg": "too large"}]}}, RefusedError),
        (404, {"json_body": {"object": "error", "message": "nothing here", "code": 404}}, NotFoundError),
        (400, {"json_body": {"error": "a plain text"}}, RefusedError),
        (400, {"json_body": [1, 2]}, RefusedError),
        (401, {"content": b"no", "headers": {"Content-Type": "text/plain"}}, CredentialsError),
        (502, {"content": b"<html><title>Bad</title></html>", "headers": {"Content-Type": "text/html"}}, BusyError),
        (400, {"content": b""}, RefusedError),
        (400, {"content": b"\xff\xfe{", "headers": {"Content-Type": "application/json"}}, RefusedError),
    ],
)
def test_other_shapes_are_clear_errors_too(
    host: Host, replay: Replay, status: int, reply: Mapping[str, Any], kind: type[RemoteError]
) -> None:
    """Compatible servers and proxies say it in their own ways."""
    for _ in range(3):
        replay.reply(
            reply.get("json_body"), **{"status": status, **{k: v for k, v in reply.items() if k != "json_body"}}
        )

    error = _failure(host)

    assert type(error) is kind
    assert str(status) in error.message
    assert "<" not in error.message


def test_a_numeric_code_is_read_as_any_other(host: Host, replay: Replay) -> None:
    """As vLLM and others send it."""
    replay.reply(_body(400, "temperature must be positive", kind="BadRequestError", param="temperature"), status=400)

    error = _failure(host)

    assert error.message == "$.temperature: temperature must be positive"
    assert error.code == "400"


def test_no_error_shows_a_key_or_a_whole_prompt(host: Host, replay: Replay) -> None:
    """The service may echo both; the key is masked, and a long text is cut."""
    replay.reply(_body("invalid_value", f"sk-canary said {'a secret wish ' * 1000}"), status=400)

    error = _failure(host)

    assert "sk-canary" not in str(error)
    assert len(error.message) < 600


def test_the_words_about_a_wrong_key_are_ours(host: Host, replay: Replay) -> None:
    """OpenAI's show both ends of the key."""
    replay.reply(_body("invalid_api_key", "Incorrect API key provided: sk-c***nary."), status=401)

    assert "sk-c" not in str(_failure(host))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"message": "Overloaded", "type": "server_error", "code": None}, BusyError),
        ({"message": "Slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"}, BusyError),
        ({"message": "No money", "type": "insufficient_quota", "code": "insufficient_quota"}, QuotaError),
        ({"message": "Wrong", "type": "invalid_request_error", "code": None}, RefusedError),
        ({"message": "Key", "type": "invalid_request_error", "code": "invalid_api_key"}, CredentialsError),
        ({"message": "None such", "code": "model_not_found"}, NotFoundError),
        ({"message": "vLLM says", "type": "BadRequestError", "code": 400}, RefusedError),
        ({"message": "vLLM says", "code": 503}, BusyError),
        ("a plain text", BusyError),
        ({}, BusyError),
    ],
)
def test_an_error_inside_a_stream_has_the_class_it_would_have_had_before_it(
    said: object, kind: type[JackfieldError]
) -> None:
    """The status was 200 when it came, so code and type decide."""
    assert type(stream_error(said)) is kind


def test_a_busy_service_is_asked_again_and_a_used_up_quota_is_not(
    host: Host, replay: Replay, answer: Callable[..., Any]
) -> None:
    """Waiting helps the one and not the other."""
    replay.reply(_body("rate_limit_exceeded"), status=429, headers={"retry-after-ms": "1"})
    replay.reply(answer())
    result = host.run("openai.create_chat_completion", CHAT, connection=CONNECTION)
    assert result.attempts == 2

    replay.reply(_body("insufficient_quota"), status=429, headers={"retry-after-ms": "1"})
    with pytest.raises(QuotaError):
        host.run("openai.create_chat_completion", CHAT, connection=CONNECTION)

    assert len(replay.requests) == 3
    assert json.loads(replay.requests[0].body or b"") == json.loads(replay.requests[1].body or b"")
