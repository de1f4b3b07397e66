"""Whether an input keeps to the conditions of its form: fields that others require, or let be there."""

from collections.abc import Collection, Mapping

from jackfield._conditions import spell_when
from jackfield._engine.coercion import Read
from jackfield._engine.problems import WrongValueError, step
from jackfield.errors import Problem
from jackfield.forms import Form, Slot


class Conditions:
    """The conditions of one form.

    Attributes:
        none: Whether there are none.
    """

    def __init__(self, form: Form) -> None:
        self._form = form
        self._slots = [slot for slot in form.slots if slot.word.required_when or slot.word.shown_when]
        conditions = [when for slot in self._slots for when in (slot.word.required_when, slot.word.shown_when) if when]
        self._others = {when.field for when in conditions}
        self.none = not self._slots

    def of_json(self, given: Mapping[str, object], readers: Mapping[str, Read]) -> list[Problem]:
        """Find what an input in JSON breaks, null taken out of it."""
        values, wrong = {}, set()
        for key in self._others & given.keys():
            try:
                values[key] = readers[key](given[key])
            except WrongValueError:  # told elsewhere; it is given, and nobody knows what was meant
                values[key] = given[key]
                wrong.add(key)
        return self._problems(values, {slot.key for slot in self._slots if given.get(slot.key) is not None}, wrong)

    def of_instance(self, value: object) -> list[Problem]:
        """Find what an instance of the form's class breaks."""
        held = {slot.key: getattr(value, slot.name) for slot in self._form.slots}
        return self._problems(held, {slot.key for slot in self._slots if _was_given(slot, held[slot.key])})

    def in_order(self, problems: list[Problem]) -> list[Problem]:
        """Put problems in the order of the form."""
        steps = [step(slot.key) for slot in self._form.slots]

        def place(problem: Problem) -> int:
            found = [number for number, text in enumerate(steps) if _is_below(problem.path, text)]
            return found[0] if found else len(steps)

        return sorted(problems, key=place)

    def _problems(
        self, values: Mapping[str, object], given: Collection[str], wrong: Collection[str] = ()
    ) -> list[Problem]:
        found = []
        for slot in self._slots:
            required, shown = slot.word.required_when, slot.word.shown_when
            if any(when and when.values and when.field in wrong for when in (required, shown)):
                continue
            if slot.key in given:
                if shown and not self._form.is_shown(slot, values):
                    message = f"is only there if {spell_when(shown)}; leave it out, or change {shown.field}"
                    found.append(Problem(path=step(slot.key), rule="hidden", message=message))
            elif required and self._form.is_required(slot, values):
                message = f"is required if {spell_when(required)}"
                found.append(Problem(path=step(slot.key), rule="required", message=message))
        return found


def _was_given(slot: Slot, value: object) -> bool:
    # What a factory makes is not in the slot; it is empty.
    return value is not None and value != slot.default and value not in ([], {}, ())


def _is_below(path: str, start: str) -> bool:
    return path.startswith(start) and path[len(start) : len(start) + 1] in ("", ".", "[")
