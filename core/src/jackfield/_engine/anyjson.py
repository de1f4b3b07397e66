"""Places that take any JSON value, and JSON in text that a person typed."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import NoReturn

from jackfield import _json
from jackfield._engine.coercion import Read
from jackfield._engine.problems import WrongValueError, describe, refuse, step, under
from jackfield.errors import LimitError, Problem
from jackfield.fields import FromText


class NotJsonError(Exception):
    """A text that a person typed is no JSON; says why."""


def parse_typed(text: FromText) -> object:
    """Read JSON from a text that a person typed.

    Raises:
        NotJsonError: It is none.
        WrongValueError: It is, and is nested too deep.
    """
    try:
        return _json.parse(text)
    except _json.JsonError as error:
        raise NotJsonError(str(error)) from None
    except LimitError:
        refuse_depth()


def refuse_depth() -> NoReturn:
    """Raise the error for a value that is nested too deep."""
    refuse("depth", f"is nested deeper than {_json.MAX_DEPTH} levels")


def json_reader(*, lenient: bool) -> Read:
    """Make the reader of a place that takes any JSON value; it gives a copy, without FromText in it."""
    read_text = _as_meant if lenient else str.__str__

    def read(value: object, _: object = None) -> object:
        return _copy(value, 1, read_text)

    return read


def typed_json_reader() -> Read:
    """Make the reader of a place that takes any JSON value, and leaves FromText for whoever will know its type."""

    def read(value: object, _: object = None) -> object:
        return _copy(value, 1, lambda text: text)

    return read


def _as_meant(text: str) -> object:
    if not isinstance(text, FromText):
        return str.__str__(text)
    try:
        return parse_typed(text)
    except NotJsonError as error:
        if text.lstrip().startswith(_OPENINGS):
            refuse("json", f"must be JSON: {error}")
        return str.__str__(text)


_OPENINGS = ("{", "[", '"')
"""How JSON begins that a person broke; text that begins otherwise was never meant to be JSON."""


def _copy(value: object, depth: int, read_text: Callable[[str], object]) -> object:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, str):
        return read_text(value)
    if not isinstance(value, Mapping | list | tuple):
        return _number(value)
    if depth > _json.MAX_DEPTH:
        refuse_depth()
    # Item by item, and never twice: else a mistake n levels deep would cost 2 ** n copies.
    keyed = isinstance(value, Mapping)
    found: dict[object, object] = {}
    problems: list[Problem] = []
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
        try:
            found[plain_key(key) if keyed else key] = _copy(item, depth + 1, read_text)
        except WrongValueError as error:
            problems += under(step(key), error.problems)
    if problems:
        raise WrongValueError(problems)
    return found if keyed else list(found.values())


_PLAIN = frozenset({str, int, bool, type(None)})


def _number(value: object) -> float:
    if isinstance(value, int):
        return int(value)
    if not isinstance(value, float):
        refuse("json", f"must be a JSON value, was {describe(value)}")
    if not isfinite(value):
        refuse("json", f"must be a finite number, was {describe(value)}")
    return float(value)


def plain_key(key: object) -> str:
    """Check that a name in an object is text; give it as exactly that."""
    if not isinstance(key, str):
        refuse("type", f"a name must be text, was {describe(key)}")
    return key if type(key) is str else str.__str__(key)
