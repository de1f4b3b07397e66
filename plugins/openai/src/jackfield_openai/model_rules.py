"""What OpenAI's models refuse, and what is done about a request that asks them for it.

The rules are data: ``model_rules.json`` for chats, ``response_rules.json`` for responses, ``image_rules.json`` for
images and ``sound_rules.json`` for recordings and speech have each claim with its sources and the day they were read.
A model that they do not name, and any model of another server, gets what the user set.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import attrs

from jackfield import Context, InvalidInputError, Problem
from jackfield_openai.connection import is_openai
from jackfield_openai.model_choices import base_model

__all__ = [
    "CHATS",
    "IMAGES",
    "RESPONSES",
    "SOUND",
    "Claim",
    "ModelRules",
    "apply_model_rules",
    "claims_about",
    "family_of",
    "model_rules",
    "refuses",
]

CHATS, IMAGES, RESPONSES, SOUND = "model_rules", "image_rules", "response_rules", "sound_rules"
"""The names of the files."""

_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{4})$")
"""The end of a dated model: ``-2026-04-23``, or ``-0125`` as they were named until 2024."""

_HINT = "To have it sent all the same, set model_rules=warn"
_ADAPTED = ", or adapt, which renames or leaves out what it can"


class Limit(Protocol):
    """What is refused only beyond some measure."""

    @property
    def remedy(self) -> str:
        """What to do about a value beyond it."""

    def beyond(self, value: Any) -> str:
        """Say what of a value is refused; empty if nothing is."""


@attrs.frozen(kw_only=True)
class Claim:
    """What some families of models refuse.

    Attributes:
        families: Whose models.
        parameters: What they refuse, by the service's names.
        sources: Where that is said.
        accepts: The only values that they take all the same.
        item_type: They refuse only a list that holds something of this type.
        unless: Values of other parameters with which they take it; ``None`` stands for one that is not sent.
        instead: The name under which they take it.
        limit: They refuse only what is beyond it.
        leave_out: ``adapt`` if it may be left out, since it would change nothing; ``always`` if it is never sent.
    """

    families: Sequence[str]
    parameters: Sequence[str]
    sources: Sequence[str]
    accepts: Sequence[object] = ()
    item_type: str | None = None
    unless: Mapping[str, Sequence[object]] = attrs.field(factory=dict)
    instead: str | None = None
    limit: Limit | None = None
    leave_out: str = ""

    def refuses(self, parameter: str, body: Mapping[str, Any]) -> bool:
        """Tell whether a request breaks this rule by a parameter."""
        return bool(self.refused(parameter, body))

    def refused(self, parameter: str, body: Mapping[str, Any]) -> str:
        """Say in words what of a parameter is refused; empty if a request does not break this rule by it."""
        value = body.get(parameter)
        if value is None or any(body.get(other) in values for other, values in self.unless.items()):
            return ""
        if self.item_type is not None:
            found = isinstance(value, Sequence) and any(_type_of(item) == self.item_type for item in value)
            return f"{self.item_type} tools" if found else ""
        if self.limit is not None:
            return "" if value in self.accepts else self.limit.beyond(value)
        if value in self.accepts:
            return ""
        return f"all but {_listed(self.accepts)}" if self.accepts else "it"


@attrs.frozen(kw_only=True)
class ModelRules:
    """A file as a whole: sources, models and groups of families by name, and the claims."""

    about: str
    sources: Mapping[str, Mapping[str, str]]
    families: Mapping[str, Sequence[str]]
    groups: Mapping[str, Sequence[str]] = attrs.field(factory=dict)
    claims: Sequence[Claim]


@cache
def model_rules(name: str = CHATS) -> ModelRules:
    """Read a file."""
    text = (files("jackfield_openai") / f"{name}.json").read_text(encoding="utf-8")
    said = json.loads(text)
    return ModelRules(**{**said, "claims": [_claim(claim, said.get("groups", {})) for claim in said["claims"]]})


def _claim(said: Mapping[str, Any], groups: Mapping[str, Sequence[str]]) -> Claim:
    families = [family for name in said["families"] for family in groups.get(name, (name,))]
    if "limit" not in said:
        return Claim(**{**said, "families": families})
    from jackfield_openai.rule_limits import limit_of  # noqa: PLC0415  chats have none: their start is not to pay for it

    return Claim(**{**said, "families": families, "limit": limit_of(said["limit"])})


def family_of(model_id: str, rules: str = CHATS) -> str | None:
    """Name the family of a model, of its dated snapshots and of what was fine-tuned from it; ``None`` if unknown."""
    name = _SNAPSHOT.sub("", base_model(model_id))
    return next((family for family, models in model_rules(rules).families.items() if name in models), None)


@cache
def claims_about(family: str, rules: str = CHATS) -> Mapping[str, Sequence[Claim]]:
    """Give what a family refuses, by parameter."""
    found: dict[str, list[Claim]] = {}
    for claim in model_rules(rules).claims:
        for name in claim.parameters if family in claim.families else ():
            found.setdefault(name, []).append(claim)
    return found


def apply_model_rules(
    context: Context, form: Any, body: dict[str, Any], sent_for: Mapping[str, str], rules: str = CHATS
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """Do what the form's ``model_rules`` says about what its model refuses.

    What has another name for this model gets it under ``adapt``, unless it comes from ``extra``, which is sent as it
    is, or the other name is taken; what a rule says may be left out is left out. The user is warned of everything.

    Args:
        context: Says whose server it is, and takes the warnings.
        form: Has ``model``, ``model_rules`` and ``extra``.
        body: What would be sent.
        sent_for: Fields by the parameter that they are sent as, where that has another name.
        rules: Which file has the rules.

    Returns:
        The body to send, and the fields by what they are now sent as.

    Raises:
        InvalidInputError: The form says ``strict``, and the model refuses something of this.
    """
    family = family_of(form.model, rules) if is_openai(context.client.base_url) else None
    if family is None:
        return body, sent_for
    words, broken = _Words(family=family, form=form, sent_for=sent_for), _broken(family, body, rules)
    if broken and form.model_rules == "strict":
        # One field may be sent as two parameters.
        problems = {words.field(name): words.problem(name, refusal) for name, refusal in broken.items()}
        hint = f"{_HINT}{'' if rules == RESPONSES else _ADAPTED}."  # nothing has another name there
        raise InvalidInputError(list(problems.values()), hint=hint)
    fields = {name: refusal.claim for name, refusal in broken.items() if words.is_field(name)}
    adapts = form.model_rules == "adapt"
    renamed = {
        name: claim.instead for name, claim in fields.items() if adapts and claim.instead and claim.instead not in body
    }
    left_out = {name for name, claim in fields.items() if claim.leave_out == "always" or (adapts and claim.leave_out)}
    warnings = {
        words.field(name): words.warning(name, refusal, renamed.get(name), left_out=name in left_out)
        for name, refusal in broken.items()
    }
    for warning in warnings.values():
        context.warn(warning)
    now_for = {new: words.field(name) for name, new in renamed.items()}
    sent = {renamed.get(name, name): value for name, value in body.items() if name not in left_out}
    return sent, {**sent_for, **now_for}


def refuses(context: Context, model: str, parameter: str, body: Mapping[str, Any], rules: str = CHATS) -> bool:
    """Tell whether a model of OpenAI is known to refuse a parameter, with the others that a body has."""
    family = family_of(model, rules) if is_openai(context.client.base_url) else None
    claims = claims_about(family, rules).get(parameter, ()) if family else ()
    return any(claim.refuses(parameter, body) for claim in claims)


@attrs.frozen(kw_only=True)
class _Refusal:
    """A claim that a request breaks; ``what`` says in words by what."""

    claim: Claim
    what: str


def _broken(family: str, body: Mapping[str, Any], rules: str) -> dict[str, _Refusal]:
    """Find what a family refuses in a body, in the body's order; of several reasons the first."""
    claims = claims_about(family, rules)
    found: dict[str, _Refusal] = {}
    for name in body:
        refusals = [_Refusal(claim=claim, what=claim.refused(name, body)) for claim in claims.get(name, ())]
        broken = next((refusal for refusal in refusals if refusal.what), None)
        if broken is not None:
            found[name] = broken
    return found


def _type_of(item: object) -> object:
    return item.get("type") if isinstance(item, Mapping) else getattr(item, "type", None)


@attrs.frozen(kw_only=True)
class _Words:
    """Says to the user what a model refuses, with the names of the form."""

    family: str
    form: Any
    sent_for: Mapping[str, str]

    def is_field(self, parameter: str) -> bool:
        name, _, inner = self.sent_for.get(parameter, parameter).partition(".")
        return bool(inner) or name in attrs.fields_dict(type(self.form))

    def field(self, parameter: str) -> str:
        """Name the field that a parameter comes from; one without a field of its own comes from ``extra``."""
        return self.sent_for.get(parameter, parameter) if self.is_field(parameter) else f"extra.{parameter}"

    def problem(self, parameter: str, refusal: _Refusal) -> Problem:
        message = f"{self._rule(refusal)}; {self._remedy(refusal.claim)}"
        return Problem(path=f"$.{self.field(parameter)}", rule="model", message=message)

    def warning(self, parameter: str, refusal: _Refusal, renamed: str | None, *, left_out: bool) -> str:
        if renamed or left_out:
            done = f"sent as {renamed}" if renamed else "left out"
            return f"$.{self.field(parameter)}: {done}, since {self._rule(refusal)}."
        return f"{self.problem(parameter, refusal)}. It is sent as it is."

    def _rule(self, refusal: _Refusal) -> str:
        others = [f"{self.field(other)} is {_listed(values)}" for other, values in refusal.claim.unless.items()]
        unless = f", unless {' and '.join(others)}" if others else ""
        return f"models of the family {self.family} refuse {refusal.what}{unless}"

    def _remedy(self, claim: Claim) -> str:
        if claim.instead:
            return f"set {self.field(claim.instead)} in its place"
        ways = [f"set {self.field(other)}={values[0]}" for other, values in claim.unless.items()]
        first = claim.limit.remedy if claim.limit else "leave it empty"
        return " or ".join([first, *ways, "take another model"])


def _listed(values: Sequence[object]) -> str:
    return " or ".join("left empty" if value is None else str(value) for value in values)
