"""Every field of a form, those inside others too."""

from collections.abc import Iterator

from jackfield.forms import Form, Slot, form_of, records_in


def places_in(form: Form) -> Iterator[tuple[str, Slot]]:
    """Give each field with its path, once for each class that it stands in: a form may hold itself."""
    seen = {form.cls}
    waiting = [("$", form)]
    while waiting:
        path, current = waiting.pop(0)
        for slot in current.slots:
            yield f"{path}.{slot.key}", slot
            for cls in records_in(slot.shape):
                if cls not in seen:
                    seen.add(cls)
                    waiting.append((f"{path}.{slot.key}", form_of(cls)))
