"""Where a field stands in a form: ``model``, ``messages.role``."""

import re
from collections.abc import Iterator

from jackfield.errors import InputError
from jackfield.fields import Choice, Select
from jackfield.forms import Either, Fixed, Form, ListOf, MapOf, Record, Shape, Slot, form_of

_ITEM = re.compile(r"(\d+(\.|$))*")


def places_at(form: Form, path: str) -> list[tuple[Form, Slot]]:
    """Give the slots at a path, each with the form that it stands in: several where variants of a union share a name.

    A number, of an item of a list, may be in the path or not.

    Raises:
        InputError: There is none; names the fields that there are.
    """
    first, _, rest = path.partition(".")
    found = [(form, slot) for slot in form.slots if slot.key == first]
    if not found:
        known = ", ".join(slot.key for slot in form.slots)
        message = f"There is no field {first!r}; there are: {known}."
        raise InputError(message)
    if any(isinstance(slot.shape, ListOf) for _, slot in found):
        rest = _ITEM.sub("", rest, count=1)
    if not rest:
        return found
    inner = [part for _, slot in found for part in _forms_in(slot.shape)]
    having = [part for part in inner if part.slot(rest.partition(".")[0])]
    if not having:
        known = ", ".join(dict.fromkeys(slot.key for part in inner for slot in part.slots)) or "none"
        message = f"There is no field {path!r}; below {first!r} there are: {known}."
        raise InputError(message)
    return [place for part in having for place in places_at(part, rest)]


def choosing(slot: Slot) -> list[Slot]:
    """Give the slots whose values are chosen: a field itself, the items of a list, the options of a union."""
    if isinstance(slot.word, Select) or isinstance(slot.shape, Fixed):
        return [slot]
    if isinstance(slot.shape, ListOf | MapOf):
        return choosing(slot.shape.item if isinstance(slot.shape, ListOf) else slot.shape.value)
    if isinstance(slot.shape, Either):
        return [found for option in slot.shape.options for found in choosing(option)]
    return []


def declared_choices(slot: Slot) -> tuple[Choice, ...]:
    """Give what a slot offers by itself; nothing if it asks for its choices."""
    if isinstance(slot.word, Select) and not callable(slot.word.choices) and slot.word.choices:
        return slot.word.choices
    return tuple(Choice(value=value) for value in slot.shape.values) if isinstance(slot.shape, Fixed) else ()


def asks_the_service(form: Form, path: str) -> bool:
    """Tell whether the choices of a field are asked of the service."""
    words = [chosen.word for _, slot in places_at(form, path) for chosen in choosing(slot)]
    return any(isinstance(word, Select) and callable(word.choices) for word in words)


def _forms_in(shape: Shape) -> Iterator[Form]:
    if isinstance(shape, Record):
        yield form_of(shape.cls)
    elif isinstance(shape, ListOf):
        yield from _forms_in(shape.item.shape)
    elif isinstance(shape, MapOf):
        yield from _forms_in(shape.value.shape)
    elif isinstance(shape, Either):
        for member in shape.members:
            yield from _forms_in(member)
