"""Fields that a service knows alone: asked for, kept for a while, and what is given for them read."""

import json
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import attrs

from jackfield._context import Context, connection_of
from jackfield._engine.conversion import read_slot
from jackfield._engine.dumping import dump_masked
from jackfield._engine.plugins import Hooks
from jackfield._http.forking import forget_after_fork
from jackfield.errors import InvalidInputError, PluginError, Problem
from jackfield.fields import Dynamic
from jackfield.forms import Fields, Form, Slot, form_of, records_in
from jackfield.operations import Operation

_KEPT = 64
"""How many lists of fields are kept at most; those that were asked for longest ago go first."""


class _Known(NamedTuple):
    slots: Sequence[Slot]
    asked_at: float


class KnownFields:
    """What the Dynamic fields of one host turned out to have."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(32)  # what is kept cannot be used to guess a key
        self._kept: OrderedDict[tuple[object, bytes, str], _Known] = OrderedDict()
        self.forget()
        forget_after_fork(self)

    def forget(self) -> None:
        """Make a new lock: in a child process a vanished thread may hold it."""
        self._lock = threading.Lock()

    def get(self, word: Dynamic, values: Mapping[str, object], context: Context) -> Sequence[Slot] | None:
        """Give the fields, asked for now or not long ago; ``None`` if nobody can be asked."""
        if word.fields is None:
            return None
        if context.confidential:
            return _slots_of(word, values, context)
        connection = connection_of(context)
        place = (
            word.fields,
            connection.identity(self._salt) if connection else b"",
            json.dumps(values, sort_keys=True),
        )
        with self._lock:
            kept = self._kept.get(place)
        if kept is not None and time.monotonic() - kept.asked_at < word.keep_s:
            return kept.slots
        slots = _slots_of(word, values, context)
        with self._lock:
            self._kept[place] = _Known(slots, time.monotonic())
            self._kept.move_to_end(place)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return slots


def _slots_of(word: Dynamic, values: Mapping[str, object], context: Context) -> Sequence[Slot]:
    assert word.fields is not None  # noqa: S101  whoever asks has looked
    return _slots(word.fields(context, values=values) if word.depends_on else word.fields(context))


def _slots(answer: Any) -> Sequence[Slot]:
    """Take what a function or a plugin gave.

    Raises:
        PluginError: It is no list of fields.
    """
    if isinstance(answer, type):
        return form_of(answer).slots
    found = [*answer] if isinstance(answer, Sequence) else [answer]
    keys = [slot.key for slot in found if isinstance(slot, Slot)]
    hint = "Give an attrs class, or a list of named_field(...)."
    if len(keys) < len(found):
        message = "Whoever was asked for the fields of a Dynamic field gave something else."
        raise PluginError(message, stage="object", hint=hint)
    twice = next((key for key in keys if keys.count(key) > 1), "")
    if twice:
        message = f"Whoever was asked for the fields of a Dynamic field gave {twice} twice."
        raise PluginError(message, stage="object", hint=hint)
    return tuple(found)


@cache
def check_places(cls: type) -> None:
    """Have Dynamic fields in a module's own form only, where they are asked for.

    Raises:
        PluginError: One is deeper.
    """
    waiting, seen = [cls], {cls}
    while waiting:
        for slot in form_of(waiting.pop()).slots:
            found = {*records_in(slot.shape)} - seen
            waiting += found
            seen |= found
    for inner in seen - {cls}:
        for slot in form_of(inner).slots:
            if isinstance(slot.word, Dynamic):
                message = f"{inner.__qualname__}.{slot.name}: a Dynamic field stands deeper than in the module's form."
                raise PluginError(message, stage="object", hint="Put it into the module's own form.")


def known_form(operation: Operation, form: Form, values: Mapping[str, object], hooks: Hooks, context: Context) -> Form:
    """Give a form with the fields that its Dynamic slots have beside some values."""
    for slot in form.slots:
        if isinstance(slot.word, Dynamic):
            slots = _asked(operation, slot, slot.word, values, hooks, context)
            form = form if slots is None else form.known(slot.key, slots)
    return form


def with_known_fields(operation: Operation, hooks: Hooks, context: Context) -> Operation:
    """Read what an input gives for its Dynamic fields.

    Raises:
        InvalidInputError: It is not what those fields take.
    """
    module = operation.module
    assert module is not None  # noqa: S101  only what runs has an input
    changes: dict[str, object] = {}
    problems: list[Problem] = []
    for slot in module.dynamic:
        value = getattr(operation.form, slot.name)
        if value is None or value == slot.default:
            continue
        word: Any = slot.word
        beside = named_values(operation.form, word.depends_on)
        slots = _asked(operation, slot, word, beside, hooks, context)
        if slots is not None:
            try:
                changes[slot.name] = read_slot(attrs.evolve(slot, shape=Fields(tuple(slots))), value)
            except InvalidInputError as error:
                problems += error.problems
    if problems:
        raise InvalidInputError(problems, subject=operation.module_id)
    return attrs.evolve(operation, form=attrs.evolve(operation.form, **changes)) if changes else operation


def named_values(form: Any, names: Collection[str]) -> dict[str, object]:
    """Give some values of an input as JSON, by name; never a secret, and nothing that was not given."""
    cls: type = type(form)
    slots = [slot for slot in form_of(cls).slots if slot.key in names and not slot.is_secret]
    found = {slot.key: dump_masked(getattr(form, slot.name)) for slot in slots}
    return {key: value for key, value in found.items() if value is not None}


def _asked(  # noqa: PLR0917  private, and each is something else
    operation: Operation, slot: Slot, word: Any, values: Mapping[str, object], hooks: Hooks, context: Context
) -> Sequence[Slot] | None:
    module = operation.module
    assert module is not None  # noqa: S101  a form is a module's
    secret = {each.key for each in module.form.slots if each.is_secret}
    decisive = {key: values[key] for key in word.depends_on if key in values and key not in secret}
    answer = hooks.dynamic_fields(
        module=module, module_id=operation.module_id, field=slot.key, values=decisive, context=context
    )
    return None if answer is None else _slots(answer)
