"""Rules about what is sent."""

from collections.abc import Callable, Iterator

from jackfield.errors import InputError, InvalidInputError
from jackfield.host import Host
from jackfield.testing._conformance.subject import Subject, not_checked
from jackfield.testing.cases import Case
from jackfield.testing.fields import dead_fields, unasked


def unset(subject: Subject) -> Iterator[str]:
    """What is left empty is not sent."""
    yield from _found(unasked, subject)


def dead(subject: Subject) -> Iterator[str]:
    """Every field makes a difference to what is sent."""
    yield from _found(dead_fields, subject)


def _found(search: Callable[[Host, str, Case], list[str]], subject: Subject) -> list[str]:
    try:
        return search(subject.host, subject.handle.id, subject.case)
    except InputError as error:
        not_checked(f"no input can be made up: {error.message.splitlines()[-1]}; give Case(least=...)")


def required(subject: Subject) -> Iterator[str]:
    """What must be given is missed before a byte is sent."""
    least, needed = subject.least, [slot.key for slot in subject.form.slots if slot.required]
    without = [{name: value for name, value in least.items() if name != key} for key in needed]
    answers = subject.answers_of(subject.tries[0])
    for values in ({}, *without, least):
        ran = subject.run(values, answers)
        if isinstance(ran.error, InvalidInputError) and ran.requests:
            yield f"{ran.error.problems[0]}; this is only told after a request was sent"
