"""What is known of a response beforehand: what a repeat leaves behind, what it can use, what models refuse."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from jackfield import Effect, Host, InvalidInputError, Operation, PluginError, hookimpl
from jackfield.testing import Replay
from jackfield_openai.model_rules import RESPONSES, model_rules
from jackfield_openai.responses.create import create_response

RESPONSE = "openai.create_response"
HELLO: dict[str, Any] = {"model": "m", "input": "Good morning to you"}
SAID = {"id": "resp_1", "status": "completed", "output": []}


class Seen:
    """Runs nothing, and keeps what would run."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    @hookimpl
    def execute(self, operation: Operation) -> Any:
        """Keep it."""
        self.operations.append(operation)
        return iter(())


def _operation(form: Mapping[str, Any]) -> Operation:
    """Give what would run with a form."""
    seen = Seen()
    with (
        Host(plugins=[seen], modules={RESPONSE: create_response}, discover=False, environ={}) as host,
        pytest.raises(PluginError),
    ):
        host.run(RESPONSE, form, connection={"api_key": "k"})
    return seen.operations[0]


@pytest.mark.parametrize(
    ("more", "effect"),
    [
        ({}, Effect.UNSAFE),
        ({"store": True}, Effect.UNSAFE),
        ({"store": False}, Effect.READ),
        ({"store": False, "tools": [{"type": "web_search"}]}, Effect.READ),
        ({"store": False, "conversation": "conv_1"}, Effect.UNSAFE),
        ({"store": False, "background": True}, Effect.UNSAFE),
        ({"store": False, "prompt": {"id": "p"}}, Effect.UNSAFE),
        ({"store": False, "tools": [{"type": "mcp", "server_label": "x"}]}, Effect.UNSAFE),
        ({"store": False, "other_tools": [{"type": "shell"}]}, Effect.UNSAFE),
    ],
)
def test_only_what_is_kept_nowhere_may_be_repeated(more: dict[str, Any], effect: Effect) -> None:
    """The service keeps a response unless it is told not to, and tools of others may do anything."""
    assert _operation({**HELLO, **more}).effect is effect


CLAIMS = [
    (family, parameter, claim)
    for claim in model_rules(RESPONSES).claims
    for family in claim.families
    for parameter in claim.parameters
]


@pytest.mark.parametrize(
    ("family", "parameter", "claim"), CLAIMS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_claim_about_a_model_reaches_the_user(
    host: Host, replay: Replay, family: str, parameter: str, claim: Any
) -> None:
    """It is sent with a warning, or not at all; what the model takes is sent without."""
    model = model_rules(RESPONSES).families[family][0]
    effort = {"reasoning": {"effort": "low"}} if claim.unless else {}
    refused: dict[str, Any] = {
        "temperature": {"temperature": 0.5},
        "top_p": {"top_p": 0.5},
        "top_logprobs": {"top_logprobs": 2},
        "reasoning.effort": {"reasoning": {"effort": "minimal"}},
        "text.verbosity": {"text": {"verbosity": "low"}},
    }
    form = {"model": model, "input": "Hi", **effort, **refused[parameter]}

    replay.reply(SAID)
    replay.reply(SAID)
    warned = host.run(RESPONSE, form, connection={"api_key": "k"})
    plain = host.run(RESPONSE, {"model": model, "input": "Hi"}, connection={"api_key": "k"})
    with pytest.raises(InvalidInputError) as strict:
        host.run(RESPONSE, {**form, "model_rules": "strict"}, connection={"api_key": "k"})

    assert any(warning.startswith(f"$.{parameter}: ") for warning in warned.warnings)
    assert plain.warnings == ()
    assert f"$.{parameter}" in [problem.path for problem in strict.value.problems]
    assert "adapt" not in strict.value.hint
    body = json.loads(replay.requests[-2].body or b"")
    assert {key: body[key] for key in refused[parameter]} == refused[parameter]


def _foreseen(**more: Any) -> tuple[int | None, int | None]:
    operation = _operation({**HELLO, **more})
    assert operation.module is not None
    assert operation.module.foresee is not None
    usage = operation.module.foresee(operation.form)
    return usage.input_tokens, usage.output_tokens


def test_a_budget_foresees_what_the_form_tells() -> None:
    """Where something else is read, nobody knows how much."""
    most, made = _foreseen(max_output_tokens=20)

    assert made == 20
    assert most is not None
    assert most >= len(HELLO["input"])
    unknown: list[dict[str, Any]] = [
        {"previous_response_id": "resp_1"},
        {"conversation": "conv_1"},
        {"tools": [{"type": "web_search"}]},
        {"other_tools": [{"type": "shell"}]},
        {"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]},
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
    ]
    assert [_foreseen(**more) for more in unknown] == [(None, None)] * len(unknown)
