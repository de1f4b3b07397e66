"""From typed objects to JSON values."""

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import date, datetime, time
from enum import Enum
from math import isfinite
from typing import Any

import attrs

from jackfield._engine.problems import WrongValueError, refuse, spell_moment, step, under
from jackfield.errors import InvalidInputError, Problem
from jackfield.files import File
from jackfield.forms import form_of
from jackfield.secrets import MASK, Secret

Dump = Callable[[Any], object]

_MASKING = ContextVar("jackfield-masking", default=False)

_PLAIN = frozenset({str, int, bool, type(None)})
"""The types of which every value is JSON as it is."""


def dump(value: object) -> object:
    """Turn a value into JSON values: dicts, lists, texts, numbers, switches, null.

    Attributes of attrs objects that are ``None`` are left out; the undeclared keys that a class keeps are merged in,
    and never take the place of declared ones. Members of an Enum become their values.

    Raises:
        TypeError: Something in it has no place in JSON; a Secret has none on purpose. Names the path and the type.
        InvalidInputError: A number is not finite, or it is nested too deep.
    """
    try:
        return _dump(value)
    except WrongValueError as error:
        (problem,) = under("$", error.problems)
    except RecursionError:
        problem = Problem(path="$", rule="depth", message="is nested too deep")
    if problem.rule == "type":
        raise TypeError(str(problem))
    raise InvalidInputError([problem])


def dump_masked(value: object) -> object:
    """Turn a value into JSON values for whoever may see all of it but its secrets: ``***`` stands for each that is set.

    Raises:
        TypeError: As ``dump``.
        InvalidInputError: As ``dump``.
    """
    token = _MASKING.set(True)
    try:
        return dump(value)
    finally:
        _MASKING.reset(token)


def to_json(value: object) -> object:
    """Turn a form, an output or a piece of a stream into JSON values; what is ``None`` in it is left out.

    Raises:
        TypeError: It holds a secret, or something that has no place in JSON.
    """
    return dump(value)


def _dump(value: object) -> object:
    kind = type(value)
    return value if kind in _PLAIN else (_DUMPS.get(kind) or _dump_of(kind))(value)


def _dump_float(value: float) -> float:
    if not isfinite(value):
        refuse("json", "must be a finite number")
    return value


def _dump_mapping(value: Mapping[object, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            refuse("type", f"a name in JSON is text, not {type(key).__name__}")
        try:
            found[str.__str__(key)] = _dump(item)
        except WrongValueError as error:
            raise WrongValueError(under(step(key), error.problems)) from None
    return found


def _dump_sequence(value: Sequence[Any]) -> list[object]:
    kinds = set(map(type, value))
    if kinds <= _PLAIN or (kinds == {float} and all(map(isfinite, value))):
        return list(value)
    found = []
    for index, item in enumerate(value):
        try:
            found.append(_dump(item))
        except WrongValueError as error:
            raise WrongValueError(under(step(index), error.problems)) from None
    return found


_DUMPS: dict[type, Dump] = {float: _dump_float, dict: _dump_mapping, list: _dump_sequence, tuple: _dump_sequence}
"""Made for each type when it is first met. Two threads may both make one: either will do."""


def _dump_of(kind: type) -> Dump:
    made = _DUMPS[kind] = _make(kind)
    return made


def _make(kind: type) -> Dump:
    if issubclass(kind, File):
        return _dump_file
    if attrs.has(kind):
        return _make_record(kind)
    if issubclass(kind, Enum):
        return lambda value: _dump(value.value)
    for base, made in _BASES.items():
        if issubclass(kind, base):
            return made
    return _dump_secret if issubclass(kind, Secret) else _refuse_type


def _dump_moment(value: datetime) -> str:
    if value.tzinfo is None:
        refuse("type", "a datetime without a time zone has no place in JSON; make it with tzinfo")
    return spell_moment(value)


_BASES: Mapping[type, Dump] = {
    str: str.__str__,
    int: int,
    float: lambda value: _dump_float(float(value)),
    datetime: _dump_moment,
    date: spell_moment,
    time: spell_moment,
    Mapping: _dump_mapping,
    list: _dump_sequence,
    tuple: _dump_sequence,
}


def _dump_file(file: File) -> dict[str, object]:
    """Give a reference: what a caller may say to mean this file, and what people want to know of it."""
    found: dict[str, object] = {"file": file.id} if file.id else {}
    found |= {"url": file.url} if file.url else {}
    found |= {"name": file.name, "media_type": file.media_type}
    found |= {} if file.size is None else {"size": file.size}
    return found if file.path is None else {**found, "path": str(file.path)}


def _dump_secret(secret: Secret) -> object:
    if not _MASKING.get():
        refuse("type", "a Secret never becomes JSON; only the connection type's authorize may reveal it")
    return MASK if secret else ""


def _refuse_type(value: object) -> object:
    refuse("type", f"{type(value).__name__} has no place in JSON")


def _make_record(cls: type) -> Dump:
    form = form_of(cls)
    parts = tuple((slot.key, slot.name) for slot in form.slots)
    declared = frozenset(slot.key for slot in form.slots)

    def dump_record(value: object) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, name in parts:
            item = getattr(value, name)
            if item is None:
                continue
            try:
                found[key] = item if type(item) in _PLAIN else _dump(item)
            except WrongValueError as error:
                raise WrongValueError(under(step(key), error.problems)) from None
        if form.rest:
            rest = _dump_mapping(getattr(value, form.rest) or {})
            found.update({key: item for key, item in rest.items() if key not in declared})
        return found

    return dump_record
