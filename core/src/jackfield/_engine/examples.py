"""Whether the examples that fields show are values that they accept."""

from collections.abc import Callable, Iterator

from jackfield._engine.coercion import Read
from jackfield._engine.problems import WrongValueError
from jackfield.errors import PluginError
from jackfield.forms import Either, Form, ListOf, MapOf, Slot, form_of, records_in


def check_all_examples(form: Form, reader_of: Callable[[Slot], Read]) -> None:
    """Check the examples of a form and of the forms in it.

    Raises:
        PluginError: An example breaks the field that shows it.
    """
    waiting, seen = [form.cls], {form.cls}
    while waiting:
        found = form_of(waiting.pop())
        check_own_examples(found, reader_of)
        inner = {cls for slot in found.slots for cls in records_in(slot.shape)} - seen
        waiting += inner
        seen |= inner


def check_own_examples(form: Form, reader_of: Callable[[Slot], Read]) -> None:
    """Check the examples of one form.

    Raises:
        PluginError: An example breaks the field that shows it.
    """
    for slot in form.slots:
        for place in _places(slot):
            if place.word.example is not None:
                _check(place, f"{form.cls.__qualname__}.{slot.name}", reader_of(place))


def _places(slot: Slot) -> Iterator[Slot]:
    """Give a slot and those inside of it that stand in no class of their own."""
    shape = slot.shape
    yield slot
    if isinstance(shape, ListOf | MapOf):
        yield from _places(shape.item if isinstance(shape, ListOf) else shape.value)
    elif isinstance(shape, Either):
        for option in shape.options:
            yield from _places(option)


def _check(slot: Slot, where: str, read: Read) -> None:
    try:
        read(slot.word.example)
    except WrongValueError as error:
        problem = error.problems[0]
        message = f"{where}: the example is refused: {' '.join(filter(None, (problem.path, problem.message)))}."
    else:
        return
    raise PluginError(message, stage="object", hint="Show an example that the field accepts.")
