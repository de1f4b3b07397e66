"""What OpenAI's models are known to refuse, and what each policy does about it, down to the wire."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import attrs
import pytest

from jackfield import Host, InvalidInputError, RefusedError
from jackfield.testing import Replay
from jackfield_openai.chat_form import Chat
from jackfield_openai.model_rules import Claim, family_of, model_rules

MODULE = "openai.create_chat_completion"
CONNECTION = {"api_key": "k"}
MESSAGES = [{"role": "user", "content": "Hi"}]
PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "models.md"
RULES = model_rules()

FUNCTION = {"type": "function", "function": {"name": "f"}}
VALUES: dict[str, Any] = {
    "temperature": 0.2,
    "top_p": 0.9,
    "max_tokens": 100,
    "frequency_penalty": 0.5,
    "presence_penalty": 0.5,
    "stop": ["END"],
    "logit_bias": {"50256": -100},
    "logprobs": True,
    "top_logprobs": 2,
    "reasoning_effort": "of-no-model",
    "verbosity": "low",
    "parallel_tool_calls": False,
    "prediction": {"type": "content", "content": "Hello"},
    "modalities": ["text"],
    "audio": {"voice": "alloy", "format": "wav"},
    "web_search_options": {"search_context_size": "low"},
    "tools": [{"type": "custom", "custom": {"name": "note"}}, FUNCTION],
}
"""A value that is refused, for each parameter that some family refuses."""

REFUSED: dict[str, set[str]] = {
    family: {name for claim in RULES.claims if family in claim.families for name in claim.parameters}
    for family in RULES.families
}
"""What each family refuses, as the file says: a claim that is new there is tried here by itself."""

CASES = [(family, name) for family, names in REFUSED.items() for name in sorted(names)]


def claim_of(family: str, parameter: str) -> Claim:
    """Find the only claim about a parameter of a family."""
    (claim,) = [claim for claim in RULES.claims if family in claim.families and parameter in claim.parameters]
    return claim


def broken_by(family: str, parameter: str) -> dict[str, Any]:
    """Make fields of which the family refuses this one and no other."""
    claim, fields = claim_of(family, parameter), {parameter: VALUES[parameter]}
    needed = {name: "low" for name, values in claim.unless.items() if None in values}
    return {**fields, **needed}


def form_for(family: str, **fields: object) -> dict[str, Any]:
    """Fill a form for the first model of a family."""
    return {"model": RULES.families[family][0], "messages": MESSAGES, **fields}


def test_every_parameter_of_a_claim_is_tried() -> None:
    """One that is new to the file needs a value here; each family refuses something."""
    assert {name for _, name in CASES} == set(VALUES)
    assert all(REFUSED.values())
    assert len(CASES) == sum(len(claim.families) * len(claim.parameters) for claim in RULES.claims)


def test_every_claim_has_a_source_with_a_date() -> None:
    """And each source serves a claim."""
    named = [set(claim.sources) for claim in RULES.claims]

    assert all(named)
    assert set(chain.from_iterable(named)) == set(RULES.sources)
    for source in RULES.sources.values():
        assert source["kind"]
        assert source["where"]
        assert date.fromisoformat(source["read"]) >= date.fromisoformat(source.get("dated", "2023-01-01"))


def test_no_two_rules_are_about_the_same() -> None:
    """So none repeats and none contradicts another."""
    pairs = [(family, name) for claim in RULES.claims for family in claim.families for name in claim.parameters]
    models = list(chain.from_iterable(RULES.families.values()))

    assert len(pairs) == len(set(pairs))
    assert len(models) == len(set(models))
    assert {family for family, _ in pairs} == set(RULES.families)


def test_every_rule_is_about_a_field_of_the_chat() -> None:
    """What it is about, what it depends on, and what is sent instead; nothing stands there without effect."""
    fields = set(attrs.fields_dict(Chat))
    for claim in RULES.claims:
        assert {*claim.parameters, *claim.unless, *filter(None, [claim.instead])} <= fields
        assert not set(claim.parameters) & {claim.instead, *claim.unless}
        assert claim.item_type is None or claim.parameters == ["tools"]


@pytest.mark.parametrize(("family", "parameter"), CASES)
def test_warn_sends_what_was_set_and_says_what_is_wrong(run: Callable[..., Any], family: str, parameter: str) -> None:
    """One warning, at the field, that names the family."""
    fields = broken_by(family, parameter)

    body, (warning,) = run(form_for(family, **fields, model_rules="warn"))

    assert body == form_for(family, **fields)
    assert warning.startswith(f"$.{parameter}: models of the family {family} refuse ")
    assert warning.endswith("It is sent as it is.")


@pytest.mark.parametrize("policy", [{}, {"model_rules": "adapt"}], ids=["unset", "adapt"])
@pytest.mark.parametrize(("family", "parameter"), CASES)
def test_adapt_renames_what_has_another_name_and_sends_the_rest(
    run: Callable[..., Any], family: str, parameter: str, policy: dict[str, str]
) -> None:
    """Nothing is dropped, and nothing is changed without a word. It is what an empty field means."""
    fields = broken_by(family, parameter)

    body, (warning,) = run(form_for(family, **fields, **policy))

    if parameter == "max_tokens":
        assert body == form_for(family, max_completion_tokens=100)
        assert warning.startswith(f"$.max_tokens: sent as max_completion_tokens, since models of the family {family} ")
    else:
        assert body == form_for(family, **fields)
        assert warning.startswith(f"$.{parameter}: models of the family {family} refuse ")


@pytest.mark.parametrize(("family", "parameter"), CASES)
def test_strict_sends_nothing(host: Host, replay: Replay, family: str, parameter: str) -> None:
    """The problem stands at the field, names the family, and says what to do."""
    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, form_for(family, **broken_by(family, parameter), model_rules="strict"), connection=CONNECTION)

    (problem,) = caught.value.problems
    assert (problem.path, problem.rule) == (f"$.{parameter}", "model")
    assert problem.message.startswith(f"models of the family {family} refuse ")
    assert ("set max_completion_tokens in its place" if parameter == "max_tokens" else "empty") in problem.message
    assert "model_rules=warn" in caught.value.hint
    assert not replay.requests


def test_strict_names_all_at_once(host: Host, replay: Replay) -> None:
    """Nobody mends a form field by field."""
    fields = {name: VALUES[name] for name in REFUSED["gpt-5"]}

    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, form_for("gpt-5", **fields, model_rules="strict"), connection=CONNECTION)

    assert {problem.path for problem in caught.value.problems} == {f"$.{name}" for name in fields}
    assert len(caught.value.problems) == len(fields)
    assert not replay.requests


def test_a_stream_is_checked_too(host: Host, replay: Replay) -> None:
    """Before its first piece."""
    form = form_for("gpt-5", temperature=0.2, model_rules="strict")

    with pytest.raises(InvalidInputError), host.stream(MODULE, form, connection=CONNECTION) as stream:
        list(stream)

    assert not replay.requests


def accepted() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every exception that a claim makes, in every family, as fields."""
    for family, parameter in CASES:
        claim = claim_of(family, parameter)
        yield from ((family, {parameter: value}) for value in claim.accepts)
        for other, values in claim.unless.items():
            for value in values:
                yield family, {parameter: VALUES[parameter], **({} if value is None else {other: value})}
        if claim.item_type:
            yield family, {parameter: VALUES[parameter][:1]}


@pytest.mark.parametrize(("family", "fields"), list(accepted()), ids=str)
def test_what_a_model_takes_all_the_same_goes_without_a_word(
    run: Callable[..., Any], family: str, fields: dict[str, Any]
) -> None:
    """Also under strict: single values, and what depends on the effort."""
    body, warnings = run(form_for(family, **fields, model_rules="strict"))

    assert body == form_for(family, **fields)
    assert warnings == ()


@pytest.mark.parametrize("family", ["gpt-5.5", "gpt-5.6", "gpt-6-sol"])
def test_models_that_think_unless_told_not_to_are_told_apart(run: Callable[..., Any], family: str) -> None:
    """There an empty effort is not none; with any effort they refuse what they take without."""
    _, (unset,) = run(form_for(family, temperature=0.2))
    _, (high,) = run(form_for(family, temperature=0.2, reasoning_effort="high"))

    assert unset == high
    assert "unless reasoning_effort is none; leave it empty or set reasoning_effort=none" in unset


@pytest.mark.parametrize("policy", ["adapt", "warn", "strict"])
@pytest.mark.parametrize("family", REFUSED)
def test_a_chat_without_settings_is_sent_as_it_is(run: Callable[..., Any], family: str, policy: str) -> None:
    """What was left empty is not sent, and the policy is not the service's business."""
    assert run(form_for(family, model_rules=policy)) == (form_for(family), ())


@pytest.mark.parametrize(
    ("family", "model"), [(family, model) for family in REFUSED for model in RULES.families[family]]
)
def test_dated_and_fine_tuned_models_belong_to_their_family(family: str, model: str) -> None:
    """And neither do their neighbors by name."""
    names = [model, f"{model}-2026-04-23", f"{model}-0125", f"ft:{model}:acme::1", f"ft:{model}-2026-04-23:acme:x:1"]

    assert {family_of(name) for name in names} == {family}
    assert family_of(f"{model}-of-next-year") is None
    assert family_of(f"my-{model}") is None


UNKNOWN = ["gpt-7", "gpt-5-pro", "gpt-4o-audio-preview", "llama-4", "gpt-5.10", "o2", ""]


@pytest.mark.parametrize("policy", ["adapt", "warn", "strict"])
@pytest.mark.parametrize("model", UNKNOWN)
def test_an_unknown_model_gets_what_the_user_set(run: Callable[..., Any], model: str, policy: str) -> None:
    """It may take all of it."""
    form = {"model": model, "messages": MESSAGES, **VALUES}

    assert run({**form, "model_rules": policy}) == (form, ())


@pytest.mark.parametrize("policy", ["adapt", "warn", "strict"])
@pytest.mark.parametrize("url", ["http://localhost:11434", "https://api.openai.com.example/v1", "https://x.example"])
def test_another_server_gets_what_the_user_set(run: Callable[..., Any], url: str, policy: str) -> None:
    """Its model may have the name only."""
    form = form_for("gpt-5", **VALUES)

    assert run({**form, "model_rules": policy}, base_url=url) == (form, ())


def test_the_rules_hold_in_openais_regions(run: Callable[..., Any]) -> None:
    """The same models answer there."""
    body, warnings = run(form_for("gpt-5", max_tokens=5), base_url="https://eu.api.openai.com")

    assert body == form_for("gpt-5", max_completion_tokens=5)
    assert len(warnings) == 1


def test_two_limits_are_both_sent(run: Callable[..., Any]) -> None:
    """Which one was meant is not ours to say."""
    fields = {"max_tokens": 5, "max_completion_tokens": 6}

    body, (warning,) = run(form_for("gpt-5", **fields))

    assert body == form_for("gpt-5", **fields)
    assert warning.endswith("set max_completion_tokens in its place. It is sent as it is.")


def test_a_refusal_after_a_rename_names_the_field(host: Host, replay: Replay) -> None:
    """Nobody who filled in Max Tokens has heard of the other."""
    error = {"message": "Too many.", "type": "invalid_request_error", "param": "max_completion_tokens", "code": "x"}
    replay.reply({"error": error}, status=400)

    with pytest.raises(RefusedError) as caught:
        host.run(MODULE, form_for("gpt-5", max_tokens=5), connection=CONNECTION)

    assert caught.value.message == "$.max_tokens (sent as max_completion_tokens): Too many."


def test_the_page_names_every_family() -> None:
    """The table in docs/explanation/models.md says what the file says."""
    rows = re.findall(r"^\| `(gpt-[\w.-]+|o\d[\w-]*)` \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)

    assert {family: set(re.findall(r"`(\w+)`", cell)) for family, cell in rows} == REFUSED
