"""Secrets inside of what a form holds, however deep: found, and replaced."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from jackfield.forms import slots_to_secrets
from jackfield.secrets import MASK, Secret


def secrets_in(form: Any) -> Iterator[Secret]:
    """Give every secret that is set in a filled-in form; what has no place for one is not looked at."""
    kind: type = type(form)
    for slot in slots_to_secrets(kind):
        yield from _found(getattr(form, slot.name))


def _found(value: Any) -> Iterator[Secret]:
    if isinstance(value, Secret):
        if value:
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _found(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _found(item)
    elif attrs.has(type(value)):
        yield from secrets_in(value)


def with_masks(form: Any) -> Any:
    """Give the same form with ``***`` for each secret that is set."""
    cls: type = type(form)
    slots = slots_to_secrets(cls)
    changed = {getattr(attrs.fields(cls), slot.name).alias: _masked(getattr(form, slot.name)) for slot in slots}
    return attrs.evolve(form, **changed) if changed else form


def _masked(value: Any) -> Any:
    if isinstance(value, Secret):
        return Secret(MASK) if value else value
    if isinstance(value, Mapping):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_masked, value))
    return with_masks(value) if attrs.has(type(value)) else value
