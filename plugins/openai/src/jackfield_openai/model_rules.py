"""What OpenAI's models refuse, and what is done about a chat that asks them for it.

The rules are data: ``model_rules.json`` has each claim with its sources and the day they were read. A model that it
does not name, and any model of another server, gets what the user set.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import attrs

from jackfield import Context, InvalidInputError, Problem
from jackfield_openai.connection import is_openai
from jackfield_openai.model_choices import base_model

__all__ = ["Claim", "ModelRules", "apply_model_rules", "family_of", "model_rules"]

_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{4})$")
"""The end of a dated model: ``-2026-04-23``, or ``-0125`` as they were named until 2024."""

_HINT = "To have it sent all the same, set model_rules=warn, or adapt, which renames what only has another name."


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
    """

    families: Sequence[str]
    parameters: Sequence[str]
    sources: Sequence[str]
    accepts: Sequence[object] = ()
    item_type: str | None = None
    unless: Mapping[str, Sequence[object]] = attrs.field(factory=dict)
    instead: str | None = None

    def refuses(self, parameter: str, body: Mapping[str, Any]) -> bool:
        """Tell whether a request breaks this rule by a parameter."""
        value = body.get(parameter)
        if value is None or any(body.get(other) in values for other, values in self.unless.items()):
            return False
        if self.item_type is not None:
            return isinstance(value, Sequence) and any(_type_of(item) == self.item_type for item in value)
        return value not in self.accepts


@attrs.frozen(kw_only=True)
class ModelRules:
    """The file as a whole: sources and models by name, and the claims."""

    about: str
    sources: Mapping[str, Mapping[str, str]]
    families: Mapping[str, Sequence[str]]
    claims: Sequence[Claim]


@cache
def model_rules() -> ModelRules:
    """Read the file."""
    text = (files("jackfield_openai") / "model_rules.json").read_text(encoding="utf-8")
    said = json.loads(text)
    return ModelRules(**{**said, "claims": [Claim(**claim) for claim in said["claims"]]})


def family_of(model_id: str) -> str | None:
    """Name the family of a model, of its dated snapshots and of what was fine-tuned from it; ``None`` if unknown."""
    name = _SNAPSHOT.sub("", base_model(model_id))
    return next((family for family, models in model_rules().families.items() if name in models), None)


def apply_model_rules(
    context: Context, form: Any, body: dict[str, Any], sent_for: Mapping[str, str]
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """Do what the form's ``model_rules`` says about what its model refuses.

    Nothing is left out of the body. What has another name for this model gets it under ``adapt``, unless it comes from
    ``extra``, which is sent as it is, or the other name is taken. The user is warned of everything.

    Args:
        context: Says whose server it is, and takes the warnings.
        form: Has ``model``, ``model_rules`` and ``extra``.
        body: What would be sent to /chat/completions.
        sent_for: Fields by the parameter that they are sent as, where that has another name.

    Returns:
        The body to send, and the fields by what they are now sent as.

    Raises:
        InvalidInputError: The form says ``strict``, and the model refuses something of this.
    """
    family = family_of(form.model) if is_openai(context.client.base_url) else None
    if family is None:
        return body, sent_for
    words, broken = _Words(family=family, form=form, sent_for=sent_for), _broken(family, body)
    if broken and form.model_rules == "strict":
        # One field may be sent as two parameters.
        problems = {words.field(name): words.problem(name, claim) for name, claim in broken.items()}
        raise InvalidInputError(list(problems.values()), hint=_HINT)
    renamed = {
        name: claim.instead
        for name, claim in broken.items()
        if form.model_rules == "adapt" and claim.instead and claim.instead not in body and words.is_field(name)
    }
    warnings = {words.field(name): words.warning(name, claim, renamed.get(name)) for name, claim in broken.items()}
    for warning in warnings.values():
        context.warn(warning)
    now_for = {new: words.field(name) for name, new in renamed.items()}
    return {renamed.get(name, name): value for name, value in body.items()}, {**sent_for, **now_for}


@cache
def _claims_about(family: str) -> dict[str, Claim]:
    return {name: claim for claim in model_rules().claims if family in claim.families for name in claim.parameters}


def _broken(family: str, body: Mapping[str, Any]) -> dict[str, Claim]:
    """Find what a family refuses in a body, in the body's order."""
    claims = _claims_about(family)
    return {name: claims[name] for name in body if name in claims and claims[name].refuses(name, body)}


def _type_of(item: object) -> object:
    return item.get("type") if isinstance(item, Mapping) else getattr(item, "type", None)


@attrs.frozen(kw_only=True)
class _Words:
    """Says to the user what a model refuses, with the names of the form."""

    family: str
    form: Any
    sent_for: Mapping[str, str]

    def is_field(self, parameter: str) -> bool:
        return self.sent_for.get(parameter, parameter) in attrs.fields_dict(type(self.form))

    def field(self, parameter: str) -> str:
        """Name the field that a parameter comes from; one without a field of its own comes from ``extra``."""
        return self.sent_for.get(parameter, parameter) if self.is_field(parameter) else f"extra.{parameter}"

    def problem(self, parameter: str, claim: Claim) -> Problem:
        message = f"{self._rule(claim)}; {self._remedy(claim)}"
        return Problem(path=f"$.{self.field(parameter)}", rule="model", message=message)

    def warning(self, parameter: str, claim: Claim, renamed: str | None) -> str:
        if renamed:
            return f"$.{self.field(parameter)}: sent as {renamed}, since {self._rule(claim)}."
        return f"{self.problem(parameter, claim)}. It is sent as it is."

    def _rule(self, claim: Claim) -> str:
        what = f"{claim.item_type} tools" if claim.item_type else "it"
        what = f"all but {_listed(claim.accepts)}" if claim.accepts else what
        others = [f"{self.field(other)} is {_listed(values)}" for other, values in claim.unless.items()]
        unless = f", unless {' and '.join(others)}" if others else ""
        return f"models of the family {self.family} refuse {what}{unless}"

    def _remedy(self, claim: Claim) -> str:
        if claim.instead:
            return f"set {self.field(claim.instead)} in its place"
        ways = [f"set {self.field(other)}={values[0]}" for other, values in claim.unless.items()]
        return " or ".join(["leave it empty", *ways, "take another model"])


def _listed(values: Sequence[object]) -> str:
    return " or ".join("left empty" if value is None else str(value) for value in values)
