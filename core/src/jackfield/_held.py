"""Secrets inside of what a form holds, however deep: found, and replaced."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from jackfield.forms import form_of, holds_secrets
from jackfield.secrets import MASK, Secret


def secrets_in(form: Any) -> Iterator[Secret]:
    """Give every secret that is set in a filled-in form; in a form that has no place for one, nothing is looked at."""
    kind: type = type(form)
    if form is not None and holds_secrets(kind):
        yield from _found(form)


def _found(value: Any) -> Iterator[Secret]:
    if isinstance(value, Secret):
        if value:
            yield value
    elif attrs.has(type(value)):
        kind: type = type(value)
        for slot in form_of(kind).slots:
            yield from _found(getattr(value, slot.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _found(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _found(item)


def with_masks(form: Any) -> Any:
    """Give the same form with ``***`` for each secret that is set."""
    kind: type = type(form)
    return _masked(form) if form is not None and holds_secrets(kind) else form


def _masked(value: Any) -> Any:
    if isinstance(value, Secret):
        return Secret(MASK) if value else value
    if attrs.has(type(value)):
        cls: type = type(value)
        slots = form_of(cls).slots
        changed = {getattr(attrs.fields(cls), slot.name).alias: _masked(getattr(value, slot.name)) for slot in slots}
        return attrs.evolve(value, **changed)
    if isinstance(value, Mapping):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_masked, value))
    return value
