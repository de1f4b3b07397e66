"""Create an Edit, over a chat and over the endpoint that it once had."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from jackfield import AnswerError, Effect, Host, InvalidInputError, RefusedError
from jackfield.testing import Replay
from jackfield_openai.edit import Edit, create_edit

MODULE = "openai.create_edit"
CONNECTION = {"api_key": "k"}
LEAST: dict[str, Any] = {"model": "m", "input": "Helo", "instruction": "Fix the spelling"}
OLD: dict[str, Any] = {**LEAST, "endpoint": "edits"}
EDIT = {
    "object": "edit",
    "created": 1767225600,
    "choices": [{"text": "Hello", "index": 0}, {"text": "Hallo", "index": 1}],
    "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
}
"""As /v1/edits answered until 2024: without id and model."""

FIELDS = {"limit": ("n", 3), "temperature": ("temperature", 0), "top_p": ("top_p", 0.5)}
"""Each optional field with the name under which it is sent, and a value."""


@pytest.fixture
def body_of(
    host: Host, replay: Replay, answer: Callable[..., Any], sent: Callable[[], Any]
) -> Callable[..., dict[str, Any]]:
    """Run an edit; give the body that it sent."""

    def run(form: dict[str, Any], **fields: object) -> dict[str, Any]:
        replay.reply(EDIT if form is OLD else answer())
        host.run(MODULE, {**form, **fields}, connection=CONNECTION)
        body: dict[str, Any] = sent()
        return body

    return run


def test_it_asks_a_chat_to_edit_and_to_say_nothing_else(replay: Replay, body_of: Callable[..., Any]) -> None:
    """The instruction comes first, so that the text cannot be taken for it; nothing else is sent."""
    body = body_of(LEAST)

    instruction, said = body.pop("messages")
    assert body == {"model": "m"}
    assert instruction["role"] == "system"
    assert instruction["content"].startswith("Fix the spelling\n")
    assert "only the edited text" in instruction["content"]
    assert said == {"role": "user", "content": "Helo"}
    assert replay.requests[0].url == "https://api.openai.com/v1/chat/completions"


def test_a_server_that_still_has_the_old_endpoint_gets_the_old_body(
    replay: Replay, body_of: Callable[..., Any]
) -> None:
    """Input and instruction under their own names."""
    assert body_of(OLD) == LEAST
    assert replay.requests[0].url == "https://api.openai.com/v1/edits"


def test_every_field_has_a_value_here() -> None:
    """A new field cannot be forgotten in these tests."""
    assert {name.name for name in attrs.fields(Edit)} == {*LEAST, *FIELDS, "endpoint", "model_rules", "extra"}


@pytest.mark.parametrize("form", [LEAST, OLD], ids=["chat", "edits"])
@pytest.mark.parametrize("name", FIELDS)
def test_each_field_that_is_set_is_sent(body_of: Callable[..., Any], form: dict[str, Any], name: str) -> None:
    """And drags no other along."""
    sent_as, value = FIELDS[name]
    body = body_of(form, **{name: value})

    assert body.pop(sent_as) == value
    assert not {"n", "temperature", "top_p", "limit", "endpoint"} & body.keys()


@pytest.mark.parametrize("form", [LEAST, OLD], ids=["chat", "edits"])
def test_extra_is_merged_last_as_it_is(body_of: Callable[..., Any], form: dict[str, Any]) -> None:
    """A parameter that has no field here works all the same."""
    assert body_of(form, extra={"reasoning_effort": "low"})["reasoning_effort"] == "low"


def test_the_old_answer_has_the_shape_of_all(host: Host, replay: Replay) -> None:
    """The model is the one that was asked for, since that answer names none."""
    replay.reply(EDIT)

    result: Any = host.run(MODULE, OLD, connection=CONNECTION)

    assert result.bundle == {
        **EDIT,
        "result": "Hello",
        "endpoint": "edits",
        "model": "m",
        "choices": [
            {"text": "Hello", "index": 0, "message": {"role": "assistant", "content": "Hello"}},
            {"text": "Hallo", "index": 1, "message": {"role": "assistant", "content": "Hallo"}},
        ],
    }
    assert result.usage.total_tokens == 7


def test_a_chats_answer_has_the_same_shape(host: Host, replay: Replay, answer: Callable[..., Any]) -> None:
    """With the model that answered."""
    replay.reply(answer(finish_reason="length"))

    result: Any = host.run(MODULE, LEAST, connection=CONNECTION)

    bundle = result.bundle
    assert (bundle["result"], bundle["choices"][0]["text"], bundle["model"]) == ("Hello!", "Hello!", "m-2026")
    assert bundle["endpoint"] == "chat"
    assert "cut" in result.warnings[0]


@pytest.mark.parametrize("endpoint", ["chat", "edits"])
def test_the_stand_in_edits(net_host: Host, account: Callable[..., Any], endpoint: str) -> None:
    """As often as the limit says."""
    form = {**LEAST, "endpoint": endpoint, "limit": 2, "temperature": 0, "top_p": 1}

    result: Any = net_host.run(MODULE, form, connection=account())

    assert "Helo" in result.bundle["result"]
    assert [choice["index"] for choice in result.bundle["choices"]] == [0, 1]


@pytest.mark.parametrize("form", [LEAST, OLD], ids=["chat", "edits"])
def test_an_answer_of_another_shape_is_an_error(host: Host, replay: Replay, form: dict[str, Any]) -> None:
    """Not an empty edit."""
    replay.reply({"choices": [{"index": 0}]})

    with pytest.raises(AnswerError):
        host.run(MODULE, form, connection=CONNECTION)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"limit": 0}, "$.limit"),
        ({"limit": 21}, "$.limit"),
        ({"temperature": 2.1}, "$.temperature"),
        ({"top_p": 1.1}, "$.top_p"),
        ({"endpoint": "completions"}, "$.endpoint"),
        ({"n": 2}, "$.n"),
        ({"extra": {"n": 2}}, "$.extra.n"),
        ({"extra": {"messages": []}}, "$.extra.messages"),
        ({"extra": {"input": ""}}, "$.extra.input"),
        ({"extra": {"stream": True}}, "$.extra.stream"),
    ],
)
def test_what_breaks_the_form_is_named_before_anything_is_sent(
    host: Host, replay: Replay, fields: dict[str, object], path: str
) -> None:
    """The bounds are those that the endpoint had."""
    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, {**LEAST, **fields}, connection=CONNECTION)

    assert [problem.path for problem in caught.value.problems] == [path]
    assert not replay.requests


@pytest.mark.parametrize("name", LEAST)
def test_model_input_and_instruction_are_required(host: Host, name: str) -> None:
    """There is no edit without them."""
    form = {key: value for key, value in LEAST.items() if key != name}

    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, form, connection=CONNECTION)

    assert [problem.path for problem in caught.value.problems] == [f"$.{name}"]


def test_a_refusal_of_the_service_names_the_field(net_host: Host, account: Callable[..., Any]) -> None:
    """Limit is sent as n, and nobody who reads the form knows that."""
    with pytest.raises(RefusedError) as caught:
        net_host.run(MODULE, {**LEAST, "limit": 2}, connection=account("code=unsupported_value; param=n"))

    assert caught.value.message.startswith("$.limit (sent as n): ")
    assert "Leave limit empty" in caught.value.hint


def test_what_is_stored_is_not_repeated() -> None:
    """And everything else is."""
    form = Edit(model="m", input="Helo", instruction="Fix")

    assert create_edit.effect_of(form) is Effect.READ
    assert create_edit.effect_of(attrs.evolve(form, extra={"store": True})) is Effect.UNSAFE


def test_it_is_shown_as_closed_with_what_replaces_it(tmp_path: Path) -> None:
    """In data, and to whoever looks at the module."""
    shown = subprocess.run(
        [sys.executable, "-m", "jackfield", "module", "show", MODULE],
        env={**os.environ, "JACKFIELD_HOME": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        check=True,
        timeout=60,
    )

    assert create_edit.sunset is not None
    assert (create_edit.sunset.date, create_edit.sunset.replacement) == ("2024-01-04", "openai.create_chat_completion")
    (line,) = [line for line in shown.stdout.decode().splitlines() if line.startswith("sunset")]
    assert "2024-01-04: OpenAI closed" in line
    assert "Use openai.create_chat_completion." in line
