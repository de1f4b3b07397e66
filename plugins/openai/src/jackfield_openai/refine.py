"""The form of a module as it fits the model that was chosen, for whoever shows it.

What a model of OpenAI is known to refuse is not offered; what is given all the same is dealt with as ``model_rules``
says, when the module runs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from jackfield import Choice, ConnectionView, Form, Select
from jackfield_openai.connection import is_openai
from jackfield_openai.model_rules import Claim, claims_about, family_of
from jackfield_openai.rule_limits import NumberLimit

__all__ = ["refined_by"]


Refine = Callable[[Form, Mapping[str, object], ConnectionView | None], Form]


def refined_by(rules: str) -> Refine:
    """Make what gives a form without that which the chosen model refuses; as it is for models that nobody knows.

    Args:
        rules: Which file has the rules.
    """

    def refined(form: Form, values: Mapping[str, object], connection: ConnectionView | None) -> Form:
        model = values.get("model")
        family = family_of(model, rules) if isinstance(model, str) and _may_be_openai(connection) else None
        for parameter, claims in claims_about(family, rules).items() if family else ():
            if form.slot(parameter) is not None:
                for claim in claims:
                    form = _narrowed(form, parameter, claim, values)
        return form

    return refined


def _may_be_openai(connection: ConnectionView | None) -> bool:
    return connection is None or is_openai(connection.base_url)


def _narrowed(form: Form, name: str, claim: Claim, values: Mapping[str, object]) -> Form:
    if form.slot(name) is None or any(values.get(other) in allowed for other, allowed in claim.unless.items()):
        return form
    if isinstance(claim.limit, NumberLimit):
        return form.narrowed(name, maximum=int(claim.limit.most))
    if claim.accepts:
        return form.narrowed(name, choices=[*_offered(form, name, claim.accepts)])
    return form if claim.limit else form.without(name)


def _offered(form: Form, name: str, accepted: Sequence[object]) -> Iterator[Choice]:
    """Give the choices that are left, with the words that they have."""
    slot = form.slot(name)
    if slot is not None and isinstance(slot.word, Select) and not callable(slot.word.choices):
        yield from (choice for choice in slot.word.choices if choice.value in accepted)
