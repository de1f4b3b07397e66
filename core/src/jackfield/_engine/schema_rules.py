"""The conditions of a form as JSON Schema: ``dependentRequired``, and ``if`` with ``then`` or ``else``."""

from typing import Any

from jackfield._conditions import ABSENT, holds
from jackfield.fields import When
from jackfield.forms import Form, form_of


def condition_rules(form: Form) -> dict[str, Any]:
    """Write the keywords that say which fields are required, or there, for values of others only."""
    dependent: dict[str, list[str]] = {}
    rules: list[dict[str, Any]] = []
    for slot in form.slots:
        required, shown = slot.word.required_when, slot.word.shown_when
        if required and not required.values and not shown:
            dependent.setdefault(required.field, []).append(slot.key)
        elif required:
            conditions = [_condition(form, when) for when in (required, shown) if when]
            both = {"allOf": conditions} if len(conditions) > 1 and conditions[0] != conditions[1] else conditions[0]
            rules.append({"if": both, "then": {"required": [slot.key]}})
        if shown:
            rules.append({"if": _condition(form, shown), "else": {"properties": {slot.key: False}}})
    return {
        **({"dependentRequired": dependent} if dependent else {}),
        **({"allOf": rules} if rules else {}),
    }


def _condition(form: Form, when: When) -> dict[str, Any]:
    if not when.values:
        return {"required": [when.field]}
    if when.values == ABSENT:
        return {"not": {"required": [when.field]}}
    values = [*when.values]
    wanted: dict[str, Any] = {
        "properties": {when.field: {"const": values[0]} if len(values) == 1 else {"enum": values}}
    }
    # A plugin may have hidden the other field, whose default still counts.
    by_default = holds(when, form_of(form.cls).slot(when.field), None)
    return wanted if by_default else {**wanted, "required": [when.field]}
