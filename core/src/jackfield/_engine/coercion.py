"""Single values: strict readers made of a scalar and its word, and the lenient reading of text that a person typed.

A reader takes a value and gives what Python shall hold, or raises WrongValueError. Readers that are ``lenient`` also
understand FromText; no other text is ever taken for a number or a switch.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from jackfield._engine.bounds import Check, checks_of, refuse_choice
from jackfield._engine.moments import moment_reader
from jackfield._engine.problems import counted, describe, refuse, refuse_type
from jackfield.fields import Field, FromText, Password
from jackfield.forms import ScalarKind
from jackfield.secrets import Secret

Read = Callable[..., Any]
"""Takes a value (and, since cattrs passes it, a type that is ignored); gives what Python shall hold."""


def scalar_reader(kind: ScalarKind, word: Field, *, lenient: bool) -> Read:
    """Make the reader of a single value."""
    if kind is ScalarKind.SECRET:
        return _secret_reader(word)
    if kind is ScalarKind.BOOLEAN:
        return _boolean_reader(lenient=lenient)
    checks = checks_of(word)
    if kind is ScalarKind.TEXT:
        return _text_reader(checks)
    if kind is ScalarKind.NUMBER:
        return _number_reader(checks, lenient=lenient)
    if kind is ScalarKind.INTEGER:
        return _integer_reader(checks, lenient=lenient)
    return moment_reader(kind, checks, lenient=lenient)


def plain_types(kind: ScalarKind, word: Field) -> frozenset[type]:
    """Give the types of which every value is right as it is; a list of these need not be read item by item."""
    if kind not in _PLAIN or checks_of(word):
        return frozenset()
    return frozenset({_PLAIN[kind]})


_PLAIN = {ScalarKind.TEXT: str, ScalarKind.NUMBER: float, ScalarKind.INTEGER: int, ScalarKind.BOOLEAN: bool}


def _text_reader(checks: Sequence[Check]) -> Read:
    def read(value: object, _: object = None) -> str:
        if type(value) is not str:
            if not isinstance(value, str):
                refuse_type("text", value)
            value = str.__str__(value)
        for check in checks:
            check(value)
        return value

    return read


def _number_reader(checks: Sequence[Check], *, lenient: bool) -> Read:
    def read(value: object, _: object = None) -> float:
        number = value if type(value) is float else _as_number(value, lenient=lenient)
        if not isfinite(number):
            refuse_type("a finite number", number)
        for check in checks:
            check(number)
        return number

    return read


def _integer_reader(checks: Sequence[Check], *, lenient: bool) -> Read:
    def read(value: object, _: object = None) -> int:
        number = value if type(value) is int else _as_integer(value, lenient=lenient)
        for check in checks:
            check(number)
        return number

    return read


def _as_number(value: object, *, lenient: bool) -> float:
    found = number_from_text(value) if lenient and isinstance(value, FromText) else value
    if isinstance(found, bool) or not isinstance(found, int | float):
        refuse_type("a number", value)
    if abs(found) > sys.float_info.max and isinstance(found, int):
        refuse("maximum", f"must be at most {sys.float_info.max:g}, was {describe(found)}")
    return float(found)


def _as_integer(value: object, *, lenient: bool) -> int:
    found = number_from_text(value) if lenient and isinstance(value, FromText) else value
    # As in JSON Schema, 1.0 is whole: JSON does not tell it from 1.
    if isinstance(found, bool) or not isinstance(found, int | float):
        refuse_type("a whole number", value)
    if isinstance(found, float) and not found.is_integer():
        refuse_type("a whole number", found)
    return int(found)


_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_WHOLE = r"[+-]?[0-9]+"
_MOST_DIGITS = 4000
"""Python refuses to read integers of more than 4300 digits, with an error that shows none of our words."""


def number_from_text(value: str) -> object:
    """Read a number as a person writes it; give anything else back as it is.

    Not ``float(value)`` alone: it also takes ``nan``, ``infinity`` and ``1_000``.
    """
    text = value.strip()
    if len(text) > _MOST_DIGITS or not re.fullmatch(_NUMBER, text):
        return value
    return int(text) if re.fullmatch(_WHOLE, text) else float(text)


_SWITCHES = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def _boolean_reader(*, lenient: bool) -> Read:
    def read(value: object, _: object = None) -> bool:
        found = value if type(value) is bool else None
        if lenient and isinstance(value, FromText):
            found = _SWITCHES.get(value.strip().lower())
        if found is None:
            refuse_type("true or false", value)
        return found

    return read


def _secret_reader(word: Field) -> Read:
    shortest = word.min_length if isinstance(word, Password) else None

    def read(value: object, _: object = None) -> Secret:
        if not isinstance(value, str | Secret):
            refuse_type("text", value, shown=False)  # a PIN may be a number
        secret = value if isinstance(value, Secret) else Secret(value)
        if shortest is not None and len(secret.reveal()) < shortest:
            refuse("min_length", f"must have at least {counted(shortest, 'character')}")
        return secret

    return read


def fixed_reader(values: Sequence[str | int | bool], *, lenient: bool, rule: str = "choice") -> Read:
    """Make the reader of a value that is one of a few."""
    # By type too: in Python, True is equal to 1.
    by_type: Mapping[type, dict[object, str | int | bool]] = {
        kind: {value: value for value in values if type(value) is kind} for kind in (str, int, bool)
    }
    texts = by_type[str]

    def read(value: object, _: object = None) -> str | int | bool:
        if type(value) is str and value in texts:
            return value
        kind = next((kind for kind in (bool, int, str) if isinstance(value, kind)), int)
        found = by_type[kind].get(value) if isinstance(value, str | int | float) else None
        if found is None and lenient and isinstance(value, FromText):
            found = _typed(value, by_type)
        if found is None:
            refuse_choice(value, values, rule)
        return found

    return read


def _typed(value: FromText, by_type: Mapping[type, Mapping[object, str | int | bool]]) -> str | int | bool | None:
    switch = _SWITCHES.get(value.strip().lower())
    found = by_type[int].get(number_from_text(value))
    return found if found is not None or switch is None else by_type[bool].get(switch)
