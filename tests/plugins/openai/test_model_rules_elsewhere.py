"""Completions and edits that are made in a chat keep the rules of the models too, at their own fields."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from jackfield import Host, InvalidInputError
from jackfield.testing import Replay

MODULE = "openai.create_chat_completion"
CONNECTION = {"api_key": "k"}
MESSAGES = [{"role": "user", "content": "Hi"}]
COMPLETION = "openai.create_completion"


def test_a_completion_in_a_chat_keeps_the_rules(run: Callable[..., Any]) -> None:
    """With its own names: one field is sent as two parameters there."""
    form = {"model": "gpt-5", "prompt": "Hi", "max_tokens": 5, "logprobs": 2}

    body, warnings = run(form, COMPLETION)

    sent = {"max_completion_tokens": 5, "logprobs": True, "top_logprobs": 2}
    assert body == {"model": "gpt-5", "messages": MESSAGES, **sent}
    assert [warning.partition(":")[0] for warning in warnings] == ["$.max_tokens", "$.logprobs"]
    assert run({**form, "model_rules": "warn"}, COMPLETION)[0] == {
        "model": "gpt-5",
        "messages": MESSAGES,
        "max_tokens": 5,
        "logprobs": True,
        "top_logprobs": 2,
    }


def test_a_strict_completion_is_refused_at_its_own_fields(host: Host, replay: Replay) -> None:
    """Each once, however many parameters it is sent as."""
    fields = {"max_tokens": 5, "logprobs": 2, "stop": ["x"], "extra": {"verbosity": "low"}, "model_rules": "strict"}

    with pytest.raises(InvalidInputError) as caught:
        host.run(COMPLETION, {"model": "o3", "prompt": "Hi", **fields}, connection=CONNECTION)

    paths = {problem.path for problem in caught.value.problems}
    assert paths == {"$.max_tokens", "$.logprobs", "$.stop", "$.extra.verbosity"}
    assert len(caught.value.problems) == len(paths)
    assert not replay.requests


@pytest.mark.parametrize("policy", ["adapt", "warn", "strict"])
def test_the_old_endpoints_have_no_rules(host: Host, replay: Replay, policy: str) -> None:
    """The rules are about chats."""
    replay.reply({"choices": [{"text": "Hello!", "index": 0, "finish_reason": "stop"}]})
    replay.reply({"object": "edit", "choices": [{"text": "Hello!", "index": 0}]})
    common = {"model": "gpt-5", "temperature": 0.2, "model_rules": policy}

    done = [
        host.run(COMPLETION, {**common, "prompt": "Hi", "endpoint": "completions"}, connection=CONNECTION),
        host.run(
            "openai.create_edit",
            {**common, "input": "Helo", "instruction": "Fix", "endpoint": "edits"},
            connection=CONNECTION,
        ),
    ]

    assert not any(result.warnings for result in done)
    for request in replay.requests:
        body = json.loads(request.body or b"")
        assert body["temperature"] == 0.2
        assert "model_rules" not in body


EDIT: dict[str, Any] = {"model": "gpt-5.5", "input": "Helo", "instruction": "Fix", "temperature": 0}


def test_an_edit_keeps_the_rules(run: Callable[..., Any]) -> None:
    """What has no field there can be set in extra, says the remedy; extra itself is looked at and not changed."""
    body, (warning,) = run(EDIT, "openai.create_edit")

    assert body["temperature"] == 0
    assert "set extra.reasoning_effort=none" in warning
    assert run({**EDIT, "extra": {"reasoning_effort": "none"}}, "openai.create_edit")[1] == ()
    body, warnings = run({**EDIT, "extra": {"max_tokens": 5, "stop": None}}, "openai.create_edit")
    assert body["max_tokens"] == 5
    assert body["stop"] is None
    assert "set extra.max_completion_tokens in its place" in warnings[1]
    assert len(warnings) == 2


def test_a_strict_edit_is_refused(host: Host, replay: Replay) -> None:
    """At its own fields."""
    with pytest.raises(InvalidInputError) as caught:
        host.run("openai.create_edit", {**EDIT, "top_p": 0.5, "model_rules": "strict"}, connection=CONNECTION)

    assert [problem.path for problem in caught.value.problems] == ["$.temperature", "$.top_p"]
    assert not replay.requests


REQUIRED: dict[str, dict[str, Any]] = {
    MODULE: {"model": "gpt-5", "messages": MESSAGES},
    COMPLETION: {"model": "gpt-5", "prompt": "Hi"},
    "openai.create_edit": {"model": "gpt-5", "input": "Helo", "instruction": "Fix"},
}


@pytest.mark.parametrize("module", REQUIRED)
@pytest.mark.parametrize(
    ("fields", "path"),
    [({"model_rules": "drop"}, "$.model_rules"), ({"extra": {"model_rules": "warn"}}, "$.extra.model_rules")],
)
def test_only_the_three_policies_are_taken(host: Host, module: str, fields: dict[str, Any], path: str) -> None:
    """And extra cannot bring the field in by the back door."""
    with pytest.raises(InvalidInputError) as caught:
        host.run(module, {**REQUIRED[module], **fields}, connection=CONNECTION)

    assert [problem.path for problem in caught.value.problems] == [path]
