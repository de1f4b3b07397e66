"""Whether an input keeps to a form that a plugin has narrowed.

A plugin may hide, require or bound the slots of a form for one host. The input was read with the form as declared;
here only the difference is checked, so a host without such plugins pays nothing.
"""

from jackfield._engine.bounds import checks_of
from jackfield._engine.problems import WrongValueError, under
from jackfield.errors import Problem
from jackfield.forms import Form, Slot


def narrowed_problems(declared: Form, narrowed: Form, form: object) -> list[Problem]:
    """Find what breaks the narrowed form, in the order of the declared one."""
    if narrowed is declared:
        return []
    return [
        problem
        for slot in declared.slots
        for problem in under(f"$.{slot.key}", _problems(slot, narrowed.slot(slot.key), getattr(form, slot.name)))
    ]


def _problems(declared: Slot, narrowed: Slot | None, value: object) -> list[Problem]:
    if narrowed is None:
        # A hidden slot that holds what it holds by itself was not filled in.
        hidden = value is not None and value != declared.default
        return [Problem(path="", rule="hidden", message="is not available here; leave it out")] if hidden else []
    if value is None:
        return [Problem(path="", rule="required", message="is required")] if narrowed.required else []
    if narrowed.word == declared.word:
        return []
    try:
        for check in checks_of(narrowed.word):
            check(value)
    except WrongValueError as error:
        return list(error.problems)
    return []
