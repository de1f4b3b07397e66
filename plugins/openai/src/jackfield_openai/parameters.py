"""Parameters that chats and completions have in common, and how a form's values become a body.

Names, bounds and deprecations: openai-python 3.54.0 and OpenAI's specification of 2026-08-21.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import attrs

from jackfield import (
    Array,
    Boolean,
    Choice,
    Effect,
    Integer,
    Json,
    KeyValue,
    Number,
    Problem,
    RefusedError,
    Select,
    Text,
)

__all__ = [
    "DeprecatedUser",
    "Extra",
    "FrequencyPenalty",
    "HowMany",
    "IncludeObfuscation",
    "LogitBias",
    "MaxOutputTokens",
    "ModelRulesPolicy",
    "ParallelToolCalls",
    "PresencePenalty",
    "PromptCacheRetention",
    "RulesPolicy",
    "SafetyIdentifier",
    "Seed",
    "Stop",
    "Temperature",
    "TopP",
    "User",
    "effect_by_extra",
    "extra_problems",
    "form_fields",
    "parameters_of",
    "refusals_named",
]

Temperature = Annotated[
    float | None,
    Number(label="Temperature", help="Higher is more varied. Many reasoning models refuse it.", minimum=0, maximum=2),
]
MaxOutputTokens = Annotated[
    int | None,
    Integer(
        label="Max Output Tokens",
        help="Most tokens for the answer, reasoning included.",
        unit="tokens",
        advanced=True,
    ),
]
TopP = Annotated[
    float | None,
    Number(
        label="Top P",
        help="Only the likeliest tokens up to this share are considered. Set this or Temperature, not both.",
        minimum=0,
        maximum=1,
        advanced=True,
    ),
]
HowMany = Annotated[
    int | None,
    Integer(label="Number", help="How many answers to give; each is paid for.", minimum=1, maximum=128, advanced=True),
]
Stop = Annotated[
    Sequence[str] | None,
    Array(label="Stop Sequences", help="The answer ends before any of these.", min_items=1, max_items=4, advanced=True),
]
FrequencyPenalty = Annotated[
    float | None,
    Number(
        label="Frequency Penalty",
        help="Above 0: repeats the same words less.",
        minimum=-2,
        maximum=2,
        advanced=True,
    ),
]
PresencePenalty = Annotated[
    float | None,
    Number(
        label="Presence Penalty",
        help="Above 0: comes to new subjects sooner.",
        minimum=-2,
        maximum=2,
        advanced=True,
    ),
]
LogitBias = Annotated[
    Mapping[str, Annotated[int, Integer(minimum=-100, maximum=100)]] | None,
    KeyValue(
        label="Token Probability",
        help="Makes tokens likelier or rarer: the token's number, and -100 (never) to 100 (always).",
        advanced=True,
    ),
]
Seed = Annotated[
    int | None,
    Integer(
        label="Seed",
        help="Deprecated by OpenAI. The same seed mostly gives the same answer.",
        minimum=-(2**63),
        maximum=2**63 - 1,
        advanced=True,
    ),
]
Extra = Annotated[
    Mapping[str, object] | None,
    Json(
        label="Other Input Parameters",
        help=(
            "Parameters of the request that have no field here, as a JSON object; they are sent as they are. "
            "A null is taken for any field that is left empty."
        ),
        advanced=True,
    ),
]
ModelRulesPolicy = Annotated[
    Literal["adapt", "warn", "strict"],
    Select(
        label="Model Rules",
        help="What to do about parameters that OpenAI's model is known to refuse in a chat. Is itself not sent.",
        choices=(
            Choice(value="adapt", label="Adapt", help="Sends Max Tokens by its new name, the rest as it is; warns"),
            Choice(value="warn", label="Warn", help="Sends everything as it is, and warns"),
            Choice(value="strict", label="Strict", help="Sends nothing, and names all of them"),
        ),
        advanced=True,
    ),
]
RulesPolicy = Annotated[
    Literal["adapt", "warn", "strict"],
    Select(
        label="Model Rules",
        help="What to do about what OpenAI's model is known to refuse. Is itself not sent.",
        choices=(
            Choice(value="adapt", label="Adapt", help="Leaves out what changes nothing, sends the rest; warns"),
            Choice(value="warn", label="Warn", help="Sends everything that may be sent, and warns"),
            Choice(value="strict", label="Strict", help="Sends nothing, and names all of it"),
        ),
        advanced=True,
    ),
]
ParallelToolCalls = Annotated[
    bool | None,
    Boolean(label="Parallel Tool Calls", help="Whether several tools may be called at once.", advanced=True),
]
PromptCacheRetention = Annotated[
    str | None,
    Select(
        label="Prompt Cache Retention",
        help="Deprecated by OpenAI for Prompt Cache.",
        choices=("in_memory", "24h"),
        free_text=True,
        advanced=True,
    ),
]
SafetyIdentifier = Annotated[
    str | None,
    Text(
        label="Safety Identifier",
        help="Names your user to OpenAI, to find misuse; send a hash, not a name.",
        max_length=128,
        advanced=True,
    ),
]
DeprecatedUser = Annotated[
    str | None,
    Text(label="User", help="Deprecated by OpenAI for Safety Identifier and Prompt Cache Key.", advanced=True),
]
User = Annotated[
    str | None,
    Text(label="User", help="Names your user to OpenAI, to find misuse; send a hash, not a name.", advanced=True),
]
IncludeObfuscation = Annotated[
    bool | None,
    Boolean(label="Include obfuscation", help="No saves the padding that hides the length of each piece."),
]


def extra_problems(
    form: Any, sent_for: Mapping[str, str] | None = None, streaming: Collection[str] = ("stream",)
) -> list[Problem]:
    """Find names in ``extra`` that are set elsewhere.

    A null is the one thing that a field cannot say: it is taken for a field that is left empty.

    Args:
        form: Has ``extra``, and a field for each parameter that is set there.
        sent_for: Fields by the parameter that they are sent as, where that has another name.
        streaming: Parameters by which a stream is asked for.
    """
    fields = {name: name for name in attrs.fields_dict(type(form))} | dict(sent_for or {})
    found = []
    for name, value in (form.extra or {}).items():
        if name in streaming:
            message = "is not set here: ask for a stream where you run the module"
        elif name in fields and not (value is None and _is_empty(form, fields[name])):
            message = (
                "has a field of its own: set that" if fields[name] == name else f"is sent for {fields[name]}: set that"
            )
        else:
            continue
        found.append(Problem(path=f"$.extra.{name}", rule="field", message=message))
    return found


def _is_empty(form: Any, path: str) -> bool:
    """Tell whether a field is left empty; a path leads to one inside: ``method.style``."""
    for name in path.split("."):
        form = getattr(form, name)
    return form is None


@contextmanager
def refusals_named(sent_for: Mapping[str, str]) -> Iterator[None]:
    """Have the service's refusals name the field that a parameter was sent for.

    Args:
        sent_for: Fields by the parameter that they are sent as.
    """
    try:
        yield
    except RefusedError as error:
        sent, ours = error.parameter, sent_for.get(error.parameter)
        if ours is not None:
            error.message = error.message.replace(f"$.{sent}: ", f"$.{ours} (sent as {sent}): ", 1)
            error.hint = error.hint.replace(f"Leave {sent} ", f"Leave {ours} ", 1)
        raise


def effect_by_extra(form: Any) -> Effect:
    """Say what a repeat leaves behind, for a form without a field ``store``: what is stored twice is there twice."""
    return Effect.UNSAFE if (form.extra or {}).get("store") else Effect.READ


def form_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give values as a form has them: what is in an object under ``outer[inner]``, a list under ``name[]``."""
    return dict(_flat(values))


def _flat(values: Mapping[str, Any], outer: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        path = f"{outer}[{name}]" if outer else name
        if attrs.has(type(value)):
            yield from _flat(parameters_of(value, without=()), path)
        elif isinstance(value, Mapping):
            yield from _flat(value, path)
        else:
            yield (f"{path}[]" if isinstance(value, list | tuple) else path), value


def parameters_of(form: Any, without: Collection[str]) -> dict[str, Any]:
    """Give the fields that are set, by name; an explicit null can only come from ``extra``."""
    values = {name: getattr(form, name) for name in attrs.fields_dict(type(form)) if name not in without}
    return {name: value for name, value in values.items() if value is not None}
