"""Checking objects that somebody made in Python: attributes of declared types, within their bounds."""

from jackfield._engine.anyjson import json_reader
from jackfield._engine.coercion import Read, plain_types
from jackfield._engine.composition import Readers, Records
from jackfield._engine.conditions import Conditions
from jackfield._engine.problems import WrongValueError, refuse_type, step, under
from jackfield.errors import Problem
from jackfield.forms import Scalar, Slot, form_of


def _make(cls: type) -> Read:
    form = form_of(cls)
    parts = [(slot.name, step(slot.key), _right_as_they_are(slot), _READERS.nullable(slot)) for slot in form.slots]
    if form.rest:
        parts.append((form.rest, "", frozenset(), _READERS.of_rest()))
    conditions = Conditions(form)

    def check(value: object, _: object = None) -> object:
        if not isinstance(value, cls):
            refuse_type(cls.__name__, value)
        problems: list[Problem] = []
        for name, path, plain, read in parts:
            item = getattr(value, name)
            if type(item) in plain:
                continue
            try:
                read(item)
            except WrongValueError as error:
                problems += under(path, error.problems)
        if not conditions.none:
            problems = conditions.in_order([*problems, *conditions.of_instance(value)])
        if problems:
            raise WrongValueError(problems)
        return value

    return check


def _right_as_they_are(slot: Slot) -> frozenset[type]:
    """Give the types of which every value is right in a place; a number with a point may not be finite."""
    shape = slot.shape
    plain = plain_types(shape.kind, slot.word) - {float} if isinstance(shape, Scalar) else frozenset()
    return plain | {type(None)} if slot.nullable else plain


TYPED = Records(_make)
"""Reads an instance of an attrs class as itself, or raises WrongValueError."""

_READERS = Readers(records=TYPED, json=json_reader(lenient=False), lenient=False)
