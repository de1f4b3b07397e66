"""The fields of a form, as a notebook shows them."""

from collections.abc import Sequence

from jackfield._cards import Table
from jackfield.fields import Select
from jackfield.shapes import AFile, Anything, Either, Fields, Fixed, ListOf, MapOf, Record, Scalar, Shape, Slot

_COLUMNS = ("field", "type", "needed", "meaning")
_MOST_CHOICES = 12


def field_table(slots: Sequence[Slot]) -> Table:
    """Give a row for each field, those that must be given first; never a value."""
    ordered = sorted(slots, key=lambda slot: (not slot.required, slot.word.advanced))
    return Table(columns=_COLUMNS, rows=[(slot.key, _type(slot), _needed(slot), _meaning(slot)) for slot in ordered])


def _needed(slot: Slot) -> str:
    return "required" if slot.required else "advanced" if slot.word.advanced else ""


def _meaning(slot: Slot) -> str:
    return " ".join(filter(None, [f"{slot.label}.", slot.word.help]))


def _type(slot: Slot) -> str:
    word = slot.word
    if isinstance(word, Select) and not callable(word.choices) and word.choices:
        return _one_of([str(choice.value) for choice in word.choices])
    return _shape(slot.shape)


def _shape(shape: Shape) -> str:
    if isinstance(shape, Fixed):
        return _one_of([*map(str, shape.values)])
    if isinstance(shape, Scalar):
        return shape.kind.name.lower()
    if isinstance(shape, ListOf):
        return f"list of {_shape(shape.item.shape)}"
    if isinstance(shape, Either):
        return " or ".join(dict.fromkeys(_shape(member) for member in shape.members))
    named = {AFile: "file", Anything: "any JSON", Fields: "fields", MapOf: "values by name"}
    return shape.cls.__name__ if isinstance(shape, Record) else named[type(shape)]


def _one_of(values: Sequence[str]) -> str:
    more = len(values) - _MOST_CHOICES
    return " | ".join([*values[:_MOST_CHOICES], *([f"{more} more"] if more > 0 else [])])
