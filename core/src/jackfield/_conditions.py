"""Fields that depend on others of their class: whether a condition holds, and whether it can."""

from collections.abc import Iterator, Mapping, Sequence

from jackfield.fields import Dynamic, Select, When
from jackfield.shapes import Fixed, ListOf, Scalar, ScalarKind, Slot

ABSENT = (None,)
"""The values of a condition that holds where the other field is not given."""

_TYPES: Mapping[ScalarKind, tuple[type, ...]] = {
    ScalarKind.TEXT: (str,),
    ScalarKind.NUMBER: (int, float),
    ScalarKind.INTEGER: (int,),
    ScalarKind.BOOLEAN: (bool,),
}


def holds(when: When, other: Slot | None, value: object) -> bool:
    """Tell whether a condition holds.

    Args:
        when: The condition.
        other: The field that it is about; what is not given counts as its default.
        value: What that field has; ``None`` if it is not given.
    """
    found = other.default if value is None and other is not None else value
    if not when.values:
        return found is not None
    if found is None:
        return when.values == ABSENT
    return any(found == wanted and isinstance(found, bool) is isinstance(wanted, bool) for wanted in when.values)


def spell_when(when: When) -> str:
    """Write a condition for people: ``method is edit or variation``."""
    if not when.values:
        return f"{when.field} is given"
    if when.values == ABSENT:
        return f"{when.field} is not given"
    return f"{when.field} is {' or '.join(_spell(value) for value in when.values)}"


def _spell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def condition_flaws(slots: Sequence[Slot]) -> Iterator[tuple[Slot, str, str]]:
    """Find what is wrong with the conditions of a form: whose, what, and what to do about it."""
    for slot in slots:
        word = slot.word
        if word.required_when is not None:
            if slot.required:
                yield slot, "it is required anyway", "Give it the default None, or leave required_when out."
            elif slot.default is not None:
                yield slot, "it has a default, so it never misses", "Give it the default None."
        if word.shown_when is not None and slot.required:
            yield (
                slot,
                "it is required, so it cannot be hidden",
                "Give it the default None and required_when.",
            )
        for name in _depended_on(slot):
            if name not in [other.key for other in slots if other is not slot]:
                yield slot, f"depends_on names {name}, which is no other field of this class", _there_are(slot, slots)
        for name, when in (("required_when", word.required_when), ("shown_when", word.shown_when)):
            for what, remedy in _flaws(when, slot, slots) if when is not None else ():
                yield slot, f"{name} {what}", remedy


def _flaws(when: When, owner: Slot, slots: Sequence[Slot]) -> Iterator[tuple[str, str]]:
    other = next((slot for slot in slots if slot.key == when.field), None)
    if other is None or other is owner:
        what = f"names {when.field}, which is no field of this class" if other is None else "names the field itself"
        yield what, _there_are(owner, slots)
    elif not when.values:
        if other.required or other.default is not None:
            yield f"holds always: {other.key} is always given", "Say which values of it are meant."
    elif None in when.values:
        if other.required or other.default is not None:
            yield f"holds never: {other.key} is always given", "Say which values of it are meant."
        elif when.values != ABSENT:
            yield "names None beside other values", "Leave the others out: None alone means that it is not given."
    else:
        yield from _odd_values(when, other)


def _there_are(owner: Slot, slots: Sequence[Slot]) -> str:
    return f"There are: {', '.join(slot.key for slot in slots if slot is not owner) or 'none'}."


def _depended_on(slot: Slot) -> tuple[str, ...]:
    """Name what the choices of a field depend on; of the items, where it is a list."""
    while isinstance(slot.shape, ListOf):
        slot = slot.shape.item
    return slot.word.depends_on if isinstance(slot.word, Select | Dynamic) else ()


def _odd_values(when: When, other: Slot) -> Iterator[tuple[str, str]]:
    shape, word = other.shape, other.word
    if isinstance(shape, Fixed):
        allowed = [(type(value), value) for value in shape.values]
        odd = [value for value in when.values if (type(value), value) not in allowed]
    elif isinstance(shape, Scalar) and shape.kind in _TYPES:
        odd = [value for value in when.values if type(value) not in _TYPES[shape.kind]]
    else:
        remedy = "Name a text, number, switch or Select; for kinds of objects use a union with a tag."
        yield f"compares {other.key}, which is none of a few single values", remedy
        return
    if isinstance(word, Select) and not callable(word.choices) and word.choices and not word.accepts_others:
        odd += [value for value in when.values if value not in {choice.value for choice in word.choices}]
    for value in dict.fromkeys(odd):
        yield f"waits for {_spell(value)}, which {other.key} never is", f"Name values that {other.key} accepts."
