"""What is wrong with a value, and where: put into words, collected, and given its path."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from math import isfinite
from typing import NoReturn

import attrs

from jackfield.errors import Problem

_LONGEST_KEY = 80
"""More of a key is not shown in a path; whoever sent a key of ten megabytes knows it."""

_MOST_BITS = 128
"""Longer integers are described, not shown: Python refuses to write those of more than 4300 digits."""

_MOST_CHOICES = 20
"""How many of the values that would have been right a message lists."""


class WrongValueError(Exception):
    """A value breaks rules; the paths of its problems start at the value itself. Never leaves the engine."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


def refuse(rule: str, message: str, *, at: str = "") -> NoReturn:
    """Raise the error for one broken rule, at the value itself or at a path inside of it."""
    raise WrongValueError([Problem(path=at, rule=rule, message=message)])


def refuse_type(expected: str, value: object, *, shown: bool = True) -> NoReturn:
    """Raise the error for a value of another type."""
    refuse("type", f"must be {expected}, was {describe(value, shown=shown)}")


def under(path: str, problems: Iterable[Problem]) -> list[Problem]:
    """Give the problems of a part as problems of the whole."""
    return [attrs.evolve(problem, path=path + problem.path) for problem in problems]


def step(key: object) -> str:
    """Spell one step of a JSON path: ``.role``, ``[1]``, ``["a b"]``."""
    if not isinstance(key, str):
        return f"[{describe(key)}]"
    text = key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}..."
    if text.isidentifier():
        return f".{text}"
    return f"[{json.dumps(text, ensure_ascii=not text.isprintable())}]"


def unknown_field(key: object, known: Collection[str]) -> Problem:
    """Make the problem of a field that there is not."""
    meant = near_miss(key, known) or (f"; known are {', '.join(known)}" if known else "; there are no fields")
    return Problem(path=step(key), rule="unknown_field", message=f"is no field{meant}")


def describe(value: object, *, shown: bool = True) -> str:  # noqa: PLR0911  one return per kind reads best
    """Say what a value is: a number or a switch as it is (unless not to be shown), anything else by type and size."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower() if shown else "true or false"
    if isinstance(value, int | float):
        return spell_number(value) if shown else "a number"
    if isinstance(value, str):
        return f"text of {counted(len(value), 'character')}" if value else "empty text"
    if isinstance(value, date | time):
        return spell_moment(value) if shown else f"a {type(value).__name__}"
    if isinstance(value, list | tuple):
        return f"a list of {counted(len(value), 'item')}"
    return "an object" if isinstance(value, Mapping) else f"a Python {type(value).__name__}"


def counted(number: int, noun: str) -> str:
    """Give a number with its noun, in the plural unless it is one."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def spell_number(value: float) -> str:
    """Write a number as JSON does, whole ones without a fraction."""
    if isinstance(value, int):
        bits = value.bit_length()
        return str(int(value)) if bits <= _MOST_BITS else f"a number of about {int(bits * 0.30103) + 1} digits"
    if not isfinite(value):
        return "NaN" if value != value else "infinite"  # noqa: PLR0124  only NaN differs from itself
    whole = value.is_integer() and abs(value) < 1e16  # noqa: PLR2004  beyond it, floats skip whole numbers
    return str(int(value)) if whole else repr(float(value))


def spell_moment(value: date | time) -> str:
    """Write a date, a time, or both as JSON has them."""
    # Z, as most services write it; both are ISO 8601.
    text = value.isoformat()
    return f"{text.removesuffix('+00:00')}Z" if isinstance(value, datetime) and text.endswith("+00:00") else text


def spell_choices(values: Collection[str | float]) -> str:
    """List the values of which one would have been right."""
    listed = [_spell_choice(value) for value in list(values)[:_MOST_CHOICES]]
    if len(values) > _MOST_CHOICES:
        return f"one of {', '.join(listed)}... ({len(values)} in all)"
    return f"one of {', '.join(listed)}" if len(listed) > 1 else listed[0]


def _spell_choice(value: str | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return spell_number(value)
    return value if value.isprintable() and value and value == value.strip() else json.dumps(value)


def near_miss(given: object, known: Iterable[str | float]) -> str:
    """Ask whether a known name was meant, where one is spelt alike: ``; did you mean model?``; else empty."""
    if not isinstance(given, str) or len(given) > _LONGEST_KEY:
        return ""
    import difflib  # noqa: PLC0415  needed only when something is wrong

    names = {name.lower(): name for name in known if isinstance(name, str)}
    close = difflib.get_close_matches(given.strip().lower(), names, n=1, cutoff=0.7)
    return f"; did you mean {_spell_choice(names[close[0]])}?" if close else ""
