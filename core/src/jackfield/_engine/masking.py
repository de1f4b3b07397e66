"""Taking the secrets of a connection out of what a run says: a service may echo a key in any part of its answer."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import attrs

from jackfield._held import secrets_in, with_masks
from jackfield.errors import JackfieldError, Problem
from jackfield.operations import Operation
from jackfield.secrets import Redactor


def redactor_of(operation: Operation) -> Redactor:
    """Give what masks the secrets of an operation: those of its connection, and those in its input."""
    known = operation.connection.redactor if operation.connection else Redactor()
    own = [] if operation.form is None else [*secrets_in(operation.form)]
    return known.also(own) if own else known


def masked_copy(operation: Operation) -> Operation:
    """Give the operation with ``***`` for each secret of its connection and input."""
    connection = operation.connection
    return attrs.evolve(
        operation,
        connection=connection.masked() if connection else None,
        form=None if operation.form is None else with_masks(operation.form),
    )


def mask_error(error: JackfieldError, operation: Operation) -> None:
    """Replace the secrets of an operation, and what looks like one, in an error, and in the errors that led to it.

    An error of ours is masked in all its attributes. Any other that shows a secret is taken out of the chain, with all
    that led to it: nobody knows where else it keeps one.
    """
    redactor = redactor_of(operation)
    for one in chain_of(error):
        if isinstance(one, JackfieldError):
            one.__dict__.update({name: _masked(value, redactor) for name, value in one.__dict__.items()})
            one.args = _masked(one.args, redactor)
        _cut(one, redactor)


def _masked(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return redactor.scrub(value)
    if isinstance(value, Problem):
        return attrs.evolve(value, path=redactor.scrub(value.path), message=redactor.scrub(value.message))
    if type(value) in {tuple, list}:
        return type(value)(_masked(item, redactor) for item in value)
    return value


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """Give an error and all that led to it; what was cut off meanwhile is not looked at."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [former for former in (one.__cause__, one.__context__) if former is not None]


def _cut(error: BaseException, redactor: Redactor) -> None:
    if error.__context__ is not None and _shows(error.__context__, redactor):
        error.__context__ = None
    if error.__cause__ is not None and _shows(error.__cause__, redactor):
        error.__cause__ = None


def _shows(error: BaseException, redactor: Redactor) -> bool:
    if isinstance(error, JackfieldError):
        return False  # it will be masked
    with suppress(Exception):  # its __str__ and __repr__ are somebody else's code
        said = [str(error), repr(error), repr(error.args), repr(getattr(error, "__dict__", ""))]
        return any(redactor.scrub(text) != text for text in said)
    return True
