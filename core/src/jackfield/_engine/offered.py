"""Fields that take nothing but what a service offers: checked when a module runs, where that can be known."""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from attrs import frozen

from jackfield._engine.bounds import refuse_choice
from jackfield._engine.dynamic import named_values
from jackfield._engine.offers import AWAY, told_choices
from jackfield._engine.plugins import Hooks
from jackfield._engine.problems import WrongValueError, under
from jackfield.errors import InvalidInputError, Problem
from jackfield.fields import Select
from jackfield.forms import ListOf, Slot, form_of
from jackfield.modules import Context
from jackfield.operations import Operation


def check_offered(operation: Operation, hooks: Hooks, context: Context) -> None:
    """See that a service offers what was given for fields that take nothing else.

    A list that was kept may be old: nothing is refused before the service was asked again, and nothing if it is away.

    Raises:
        InvalidInputError: It offers other values.
    """
    problems: list[Problem] = []
    cls: type = type(operation.form)
    for slot in closed_slots(cls):
        asking = _Asking(operation, slot, hooks, context)
        for path, value in _given(slot, getattr(operation.form, slot.name)):
            problems += asking.problems(path, value)
    if problems:
        raise InvalidInputError(problems, subject=operation.module_id)


@cache
def closed_slots(cls: type) -> tuple[Slot, ...]:
    """Give the slots of a form that take nothing but what a service offers."""
    return tuple(slot for slot in form_of(cls).slots if _is_closed(_chosen(slot).word))


def _is_closed(word: object) -> bool:
    return isinstance(word, Select) and callable(word.choices) and not word.accepts_others


def _chosen(slot: Slot) -> Slot:
    return slot.shape.item if isinstance(slot.shape, ListOf) else slot


def _given(slot: Slot, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(slot.shape, ListOf):
        for at, item in enumerate(value or ()):
            yield f"$.{slot.key}[{at}]", item
    elif value is not None:
        yield f"$.{slot.key}", value


@frozen
class _Asking:
    """Asks what one field offers."""

    operation: Operation
    slot: Slot
    hooks: Hooks
    context: Context

    def problems(self, path: str, value: Any) -> list[Problem]:
        """Find out whether a value is offered."""
        offered = self._offered(value, None)
        if offered is not None and value not in offered and self.context.age_s:
            offered = self._offered(value, 0)
        if offered is None or value in offered:
            return []
        try:
            refuse_choice(value, [*offered])
        except WrongValueError as error:
            return under(path, error.problems)

    def _offered(self, value: Any, max_age_s: float | None) -> Collection[str | float] | None:
        """Give the values; ``None`` if nobody knows them now."""
        word: Any = _chosen(self.slot).word
        self.context.max_age_s = max_age_s  # nothing else in a run goes by it
        self.context.record_age(0)
        try:
            found = self.hooks.field_choices(
                module=self.operation.module,
                module_id=self.operation.module_id,
                field=self.slot.key,
                query=str(value) if word.searches else "",
                values=named_values(self.operation.form, word.depends_on),
                context=self.context,
            )
        except AWAY:
            return None
        choices = told_choices(found, self.operation, self.context)
        return None if choices.stale else [choice.value for choice in choices]
