"""Where a field stands in a form: ``model``, ``messages.role``."""

from collections.abc import Iterator

from jackfield.errors import InputError
from jackfield.fields import Select
from jackfield.forms import Either, Form, ListOf, MapOf, Record, Shape, Slot, form_of


def slots_at(form: Form, path: str) -> list[Slot]:
    """Give the slots at a path: several where variants of a union share a name.

    Raises:
        InputError: There is none; names the fields that there are.
    """
    first, _, rest = path.partition(".")
    found = [slot for slot in form.slots if slot.key == first]
    if not found:
        known = ", ".join(slot.key for slot in form.slots)
        message = f"There is no field {first!r}; there are: {known}."
        raise InputError(message)
    if not rest:
        return found
    inner = [part for slot in found for part in _forms_in(slot.shape)]
    having = [part for part in inner if part.slot(rest.partition(".")[0])]
    if not having:
        known = ", ".join(dict.fromkeys(slot.key for part in inner for slot in part.slots)) or "none"
        message = f"There is no field {path!r}; below {first!r} there are: {known}."
        raise InputError(message)
    return [slot for part in having for slot in slots_at(part, rest)]


def asks_the_service(form: Form, path: str) -> bool:
    """Tell whether the choices of a field are asked of the service."""
    words = [slot.word for slot in slots_at(form, path)]
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
