"""A form as data: what an attrs class declares, read once, for everything that walks over forms.

``form_of(cls)`` gives the slots of a class; each slot has its name in JSON, its word, its shape and whether it may be
left out. Conversion, JSON Schema, command lines and pages read these, and never the annotations themselves.
"""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import attrs
from attrs import frozen

from jackfield._annotations import hints_of, misuse, shape_of, slot_of, unresolved
from jackfield._cards import Card
from jackfield._conditions import condition_flaws, holds
from jackfield._form_cards import field_table
from jackfield._words import flaws
from jackfield.errors import PluginError
from jackfield.fields import Dynamic, Rest, Select, When
from jackfield.shapes import (
    AFile,
    Anything,
    Either,
    Fields,
    Fixed,
    ListOf,
    MapOf,
    Record,
    Scalar,
    ScalarKind,
    Shape,
    Slot,
    json_kind,
)
from jackfield.showing import Shown

__all__ = [
    "AFile",
    "Anything",
    "Either",
    "Fields",
    "Fixed",
    "Form",
    "ListOf",
    "MapOf",
    "Record",
    "Scalar",
    "ScalarKind",
    "Shape",
    "Slot",
    "form_of",
    "holds_files",
    "is_recursive",
    "json_kind",
    "named_field",
    "records_in",
    "shape_of",
    "slot_of",
    "slots_to_files",
    "slots_to_secrets",
]


@frozen(kw_only=True)
class Form(Shown):
    """What an attrs class declares.

    Attributes:
        cls: The class.
        slots: Its places, in the order of the class; without the one for the rest.
        rest: The name of the attribute that takes undeclared keys; empty if there is none.
        description: The docstring of the class.
    """

    cls: type
    slots: tuple[Slot, ...]
    rest: str
    description: str

    def _card(self) -> Card:
        return Card(title=self.cls.__name__, about=self.description, tables=[field_table(self.slots)])

    def slot(self, key: str) -> Slot | None:
        """Give the slot with a name in JSON, if there is one."""
        return next((slot for slot in self.slots if slot.key == key), None)

    def is_required(self, slot: Slot, values: Mapping[str, object]) -> bool:
        """Tell whether a slot must be given beside some values; by name in JSON, those that are given."""
        when = slot.word.required_when
        return slot.required or (when is not None and self._holds(when, values) and self.is_shown(slot, values))

    def is_shown(self, slot: Slot, values: Mapping[str, object]) -> bool:
        """Tell whether a slot may be given beside some values; by name in JSON, those that are given."""
        when = slot.word.shown_when
        return when is None or self._holds(when, values)

    def _holds(self, when: When, values: Mapping[str, object]) -> bool:
        # Of the class: a plugin may have hidden the other field, whose default still counts.
        return holds(when, form_of(self.cls).slot(when.field), values.get(when.field))

    def without(self, *keys: str) -> "Form":
        """Give the form without some of its slots, by their names in JSON.

        Raises:
            PluginError: There is no such slot, or it is required, so that nobody could fill the form.
        """
        for key in keys:
            if self._existing(key).required:
                raise self._misuse(
                    key, "it is required, so it cannot be hidden", "Limit its choices or bounds instead."
                )
        return attrs.evolve(self, slots=tuple(slot for slot in self.slots if slot.key not in keys))

    def narrowed(self, key: str, /, *, required: bool | None = None, **changes: Any) -> "Form":
        """Give the form with one of its slots narrowed.

        Bounds may only get tighter and choices fewer, since the class of the form is checked as well. What people see
        (label, help, advanced, unit, example...) may change as you like.

        Args:
            key: The slot's name in JSON.
            required: Whether it must be given; what is required stays so.
            changes: New values of attributes of its word: ``maximum=1``, ``choices=["a", "b"]``, ``help="..."``.

        Raises:
            PluginError: There is no such slot, its word has no such attribute, or the change would widen it.
        """
        slot = self._existing(key)
        if slot.required and required is False:
            raise self._misuse(key, "it is required, and cannot become optional", "Leave required as it is.")
        unknown = set(changes) - {attribute.name for attribute in attrs.fields(type(slot.word))}
        unknown |= changes.keys() & {"key", "required_when", "shown_when"}
        if unknown:
            name = type(slot.word).__name__
            raise self._misuse(key, f"{' and '.join(sorted(unknown))} cannot be changed", f"Its word is {name}.")
        word = attrs.evolve(slot.word, **changes)
        for what, remedy in (*flaws(word, slot.shape), *_widened(slot, attrs.evolve(slot, word=word))):
            raise self._misuse(key, what, remedy)
        changed = attrs.evolve(slot, word=word, required=slot.required or bool(required))
        return attrs.evolve(self, slots=tuple(changed if each is slot else each for each in self.slots))

    def known(self, key: str, slots: Sequence[Slot]) -> "Form":
        """Give the form with the fields that one of its Dynamic slots has.

        Raises:
            PluginError: There is no such slot, or it is not Dynamic.
        """
        slot = self._existing(key)
        if not isinstance(slot.word, Dynamic):
            raise self._misuse(key, "only a Dynamic field may gain fields", "Say Dynamic(...) in its annotation.")
        found = attrs.evolve(slot, shape=Fields(tuple(slots)))
        return attrs.evolve(self, slots=tuple(found if each is slot else each for each in self.slots))

    def _existing(self, key: str) -> Slot:
        slot = self.slot(key)
        if slot is None:
            known = ", ".join(slot.key for slot in self.slots)
            raise self._misuse(key, "there is no such field", f"There are: {known}.")
        return slot

    def _misuse(self, key: str, what: str, hint: str) -> PluginError:
        return misuse(f"{self.cls.__qualname__}.{key}", what, hint)


_LOWER_BOUNDS = ("minimum", "min_length", "min_items", "earliest")
_UPPER_BOUNDS = ("maximum", "max_length", "max_items", "max_bytes", "latest")

_ALLOWED = ("media_types", "extensions")


def _widened(old: Slot, new: Slot) -> "list[tuple[str, str]]":
    found = []
    for name in _LOWER_BOUNDS + _UPPER_BOUNDS:
        before, after = getattr(old.word, name, None), getattr(new.word, name, None)
        if before is not None and (after is None or (after < before if name in _LOWER_BOUNDS else after > before)):
            found.append((f"{name} would widen from {before} to {after}", "Bounds may only get tighter."))
    if getattr(old.word, "unique", False) and not getattr(new.word, "unique", False):
        found.append(("unique would widen", "What must not come twice still must not."))
    for name in _ALLOWED:
        before, after = set(getattr(old.word, name, ())), set(getattr(new.word, name, ()))
        if before and not (after and after <= before):
            found.append((f"{name} would widen", "Allow some of those that were allowed before."))
    allowed, offered = _closed_choices(old), _closed_choices(new)
    if allowed is not None and (offered is None or not offered <= allowed):
        found.append(("choices would widen", "Offer some of the values that were offered before."))
    return found


def _closed_choices(slot: Slot) -> set[object] | None:
    """Give the only values that a slot accepts; none if others are accepted too."""
    word = slot.word
    if isinstance(word, Select) and not callable(word.choices) and not word.accepts_others and word.choices:
        return {choice.value for choice in word.choices}
    return set(slot.shape.values) if isinstance(slot.shape, Fixed) else None


@cache
def form_of(cls: type) -> Form:
    """Read a class.

    Raises:
        PluginError: It is no attrs class, or an annotation cannot be resolved or has no place in a form.
    """
    if not (inspect.isclass(cls) and attrs.has(cls)):
        raise misuse(
            repr(cls), "this is no attrs class, so it cannot be a form", "Put @attrs.frozen(kw_only=True) on it."
        )
    hints = hints_of(cls)
    try:
        slots = [_slot(cls, attribute, hints[attribute.name]) for attribute in attrs.fields(cls) if attribute.init]
    except NameError as error:  # inside a ``type X = ...`` statement, which is resolved late
        raise unresolved(cls.__qualname__, error) from error
    except RecursionError as error:
        remedy = "A type alias cannot hold itself; an attrs class can."
        raise misuse(cls.__qualname__, "an annotation never ends", remedy) from error
    rest = [slot.name for slot in slots if isinstance(slot.word, Rest)]
    places = tuple(slot for slot in slots if slot.name not in rest)
    _refuse_odd_names(cls, [slot.key for slot in places], rest)
    for slot, what, remedy in condition_flaws(places):
        where = f"{cls.__qualname__}.{slot.name}"
        raise misuse(where, what, remedy)
    return Form(cls=cls, slots=places, rest=rest[0] if rest else "", description=_own_doc(cls))


def _own_doc(cls: type) -> str:
    # Not inspect.getdoc: a class without a docstring would inherit one that is not about it.
    return inspect.cleandoc(cls.__dict__.get("__doc__") or "")


def _refuse_odd_names(cls: type, keys: list[str], rest: list[str]) -> None:
    for key in keys:
        if keys.count(key) > 1:
            raise misuse(cls.__qualname__, f"two attributes are named {key} in JSON", "Give one of them another key.")
        if not key.isprintable() or {"'", '"', "\\"} & set(key):
            # cattrs 24.1 writes keys into code without escaping them.
            remedy = "Use neither quotes nor backslashes nor control characters."
            raise misuse(cls.__qualname__, f"the key {key!r} cannot be used", remedy)
    if len(rest) > 1:
        raise misuse(cls.__qualname__, f"{' and '.join(rest)} would both take the rest", "Keep one of them.")


def named_field(name: str, annotation: Any, *, required: bool = False) -> Slot:
    """Describe one of the fields that a Dynamic field turns out to have.

    Args:
        name: As in JSON.
        annotation: Its type, with its word: ``Annotated[int, Integer(label="Priority", maximum=5)]``.
        required: Whether it must be given.

    Raises:
        PluginError: The annotation has no place in a form, or its word does not fit it.
    """
    return attrs.evolve(slot_of(annotation, name), name=name, key=name, required=required)


def _slot(cls: type, attribute: "attrs.Attribute[Any]", hint: object) -> Slot:
    slot = slot_of(hint, f"{cls.__qualname__}.{attribute.name}")
    required = attribute.default is attrs.NOTHING
    made = required or isinstance(attribute.default, attrs.Factory)  # type: ignore[arg-type]
    return attrs.evolve(
        slot,
        name=attribute.name,
        key=slot.word.key or attribute.name,
        required=required,
        default=None if made else attribute.default,
    )


def records_in(shape: Shape) -> Iterator[type]:
    """Give the classes that a shape names, through lists, maps and unions, in order."""
    if isinstance(shape, Record):
        yield shape.cls
    elif isinstance(shape, ListOf):
        yield from records_in(shape.item.shape)
    elif isinstance(shape, MapOf):
        yield from records_in(shape.value.shape)
    elif isinstance(shape, Either):
        for member in shape.members:
            yield from records_in(member)
    elif isinstance(shape, Fields):
        for slot in shape.slots:
            yield from records_in(slot.shape)


@cache
def holds_files(cls: type) -> bool:
    """Tell whether there is a place for a file anywhere in a class."""
    return _holds(cls, AFile())


def _holds(cls: type, wanted: Shape) -> bool:
    found: dict[type, None] = {cls: None}
    waiting = [cls]
    while waiting:
        for slot in form_of(waiting.pop()).slots:
            if _names(slot.shape, wanted):
                return True
            waiting += [inner for inner in records_in(slot.shape) if inner not in found]
            found.update(dict.fromkeys(records_in(slot.shape)))
    return False


@cache
def slots_to_files(cls: type) -> tuple[Slot, ...]:
    """Give the slots of a class in which there is a place for a file: most have none, and need not be looked into."""
    return _slots_to(cls, AFile())


@cache
def slots_to_secrets(cls: type) -> tuple[Slot, ...]:
    """Give the slots of a class in which there is a place for a secret."""
    return _slots_to(cls, Scalar(ScalarKind.SECRET))


def _slots_to(cls: type, wanted: Shape) -> tuple[Slot, ...]:
    return tuple(
        slot
        for slot in form_of(cls).slots
        if _names(slot.shape, wanted) or any(_holds(inner, wanted) for inner in records_in(slot.shape))
    )


def _names(shape: Shape, wanted: Shape) -> bool:
    if isinstance(shape, ListOf):
        return _names(shape.item.shape, wanted)
    if isinstance(shape, MapOf):
        return _names(shape.value.shape, wanted)
    if isinstance(shape, Either):
        return any(_names(member, wanted) for member in shape.members)
    return shape == wanted


@cache
def is_recursive(cls: type) -> bool:
    """Tell whether values of a class can be nested without end: it, or a class in it, holds itself."""
    return _meets_itself(cls, (), set())


def _meets_itself(cls: type, outer: tuple[type, ...], done: set[type]) -> bool:
    if cls in outer:
        return True
    if cls in done:
        return False
    inner = [found for slot in form_of(cls).slots for found in records_in(slot.shape)]
    meets = any(_meets_itself(found, (*outer, cls), done) for found in inner)
    done.add(cls)
    return meets
