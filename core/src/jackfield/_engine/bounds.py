"""Bounds: what a word asks of a value that already has the right type."""

import re
from collections.abc import Callable, Sequence, Sized
from fnmatch import fnmatchcase
from typing import Any, NoReturn
from urllib.parse import urlsplit

from jackfield._engine.problems import counted, describe, near_miss, refuse, spell_choices, spell_moment, spell_number
from jackfield.fields import Array, Date, DateTime, Field, Integer, KeyValue, Number, Select, Text, Time, Upload, Url
from jackfield.files import File

Check = Callable[[Any], None]
"""Raises WrongValueError if a value breaks a bound."""


def checks_of(word: Field) -> tuple[Check, ...]:
    """Make the checks that a word asks for; none if every value of its type is right."""
    found: list[Check | None] = []
    if isinstance(word, Number | Integer):
        found = [_at_least(word.minimum), _at_most(word.maximum)]
    elif isinstance(word, DateTime | Date | Time):
        found = [_not_before(word.earliest), _not_after(word.latest)]
    elif isinstance(word, Text):
        found = [_length(word.min_length, word.max_length), _matching(word.pattern, word.pattern_help)]
    elif isinstance(word, Url):
        found = [_url(word.schemes)]
    elif isinstance(word, Select):
        found = [_chosen(word)]
    elif isinstance(word, Array):
        found = [_count(word.min_items, word.max_items, "item"), unique_items if word.unique else None]
    elif isinstance(word, KeyValue):
        found = [_count(word.min_items, word.max_items, "entry")]
    elif isinstance(word, Upload):
        found = [_file_of(word)]
    return tuple(check for check in found if check is not None)


def _at_least(minimum: float | None) -> Check | None:
    if minimum is None:
        return None

    def check(value: float) -> None:
        if value < minimum:
            refuse("minimum", f"must be at least {spell_number(minimum)}, was {spell_number(value)}")

    return check


def _at_most(maximum: float | None) -> Check | None:
    if maximum is None:
        return None

    def check(value: float) -> None:
        if value > maximum:
            refuse("maximum", f"must be at most {spell_number(maximum)}, was {spell_number(value)}")

    return check


def _not_before(earliest: Any) -> Check | None:
    if earliest is None:
        return None

    def check(value: Any) -> None:
        if value < earliest:
            refuse("earliest", f"must not be before {spell_moment(earliest)}, was {spell_moment(value)}")

    return check


def _not_after(latest: Any) -> Check | None:
    if latest is None:
        return None

    def check(value: Any) -> None:
        if value > latest:
            refuse("latest", f"must not be after {spell_moment(latest)}, was {spell_moment(value)}")

    return check


def _length(shortest: int | None, longest: int | None) -> Check | None:
    if shortest is None and longest is None:
        return None

    def check(value: str) -> None:
        if shortest is not None and len(value) < shortest:
            refuse("min_length", f"must have at least {counted(shortest, 'character')}, has {len(value)}")
        if longest is not None and len(value) > longest:
            refuse("max_length", f"must have at most {counted(longest, 'character')}, has {len(value)}")

    return check


def _count(fewest: int | None, most: int | None, noun: str) -> Check | None:
    if fewest is None and most is None:
        return None

    def check(value: Sized) -> None:
        if fewest is not None and len(value) < fewest:
            refuse("min_items", f"must have at least {counted(fewest, noun)}, has {len(value)}")
        if most is not None and len(value) > most:
            refuse("max_items", f"must have at most {counted(most, noun)}, has {len(value)}")

    return check


def unique_items(value: Sequence[Any]) -> None:
    """Check that no single value comes twice."""
    seen: dict[tuple[bool, object], int] = {}
    for index, item in enumerate(value):
        first = seen.setdefault((isinstance(item, bool), item), index)  # in Python, True is equal to 1
        if first != index:
            refuse("unique_items", f"must not hold the same twice: [{index}] repeats [{first}]")


def _matching(pattern: str, in_words: str) -> Check | None:
    if not pattern:
        return None
    matches = re.compile(pattern).fullmatch
    wanted = f"be {in_words}" if in_words else f"match {pattern} as a whole"

    def check(value: str) -> None:
        if not matches(value):
            refuse("pattern", f"must {wanted}, was {describe(value)}")

    return check


_NOT_IN_A_URL = r"[\s\x00-\x20\x7f-\x9f\\]"


def _url(schemes: tuple[str, ...]) -> Check:
    def check(value: str) -> None:
        flaw = _url_flaw(value, schemes)
        if flaw:
            refuse("url", flaw)

    return check


def _url_flaw(value: str, schemes: tuple[str, ...]) -> str:
    if re.search(_NOT_IN_A_URL, value):
        return "must be a URL without blanks, control characters and backslashes"
    try:
        parts = urlsplit(value)
        _ = parts.port  # reading it checks it
    except ValueError:
        return "must be a URL, with a port from 0 to 65535 if any, and an IPv6 address in brackets"
    if parts.scheme not in schemes:
        return f"must be a URL that starts with {' or '.join(f'{scheme}://' for scheme in schemes)}"
    if "@" in parts.netloc:
        return "must be a URL without user name and password; they would be shown in logs"
    if not parts.hostname:
        return "must be a URL with a host"
    return ""


def _file_of(word: Upload) -> Check | None:
    if not (word.media_types or word.extensions or word.max_bytes is not None):
        return None

    def check(file: File) -> None:
        if file.pending:  # what it is will be known when it is fetched or accepted, and checked then
            return
        if word.media_types and not any(fnmatchcase(file.media_type, kind) for kind in word.media_types):
            refuse("media_type", f"must be {spell_choices(word.media_types)}, was {file.media_type}")
        if word.extensions and not file.name.lower().endswith(tuple(map(str.lower, word.extensions))):
            refuse("extension", f"must have a name that ends with {' or '.join(word.extensions)}")
        if word.max_bytes is not None and file.size is not None and file.size > word.max_bytes:
            refuse("max_bytes", f"must have at most {counted(word.max_bytes, 'byte')}, has {file.size}")

    return check


def _chosen(word: Select) -> Check | None:
    if callable(word.choices) or word.accepts_others or not word.choices:
        return None
    values = [choice.value for choice in word.choices]
    allowed = frozenset(values)

    def check(value: object) -> None:
        if value not in allowed:
            refuse_choice(value, values)

    return check


def refuse_choice(value: object, values: Sequence[str | float], rule: str = "choice") -> NoReturn:
    """Raise the error for a value that is none of a few."""
    if not values:
        refuse(rule, f"must be one of what is offered, which is nothing now, was {describe(value)}")
    meant = near_miss(value, values)
    refuse(rule, f"must be {spell_choices(values)}, was {describe(value)}{meant}")
