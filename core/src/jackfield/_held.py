"""Secrets inside of what a form holds, however deep: found, and replaced."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from jackfield.forms import form_of, slots_to_secrets
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


def named_secrets(form: Any, before: str = "") -> Iterator[tuple[str, Secret | None]]:
    """Give every place for a secret in a filled-in form, and what is there: ``api_key``, ``proxy.password``.

    Args:
        form: As in ``secrets_in``.
        before: What stands before each name.
    """
    kind: type = type(form)
    for slot in slots_to_secrets(kind):
        yield from _named(getattr(form, slot.name), f"{before}{slot.name}", is_secret=slot.is_secret)


def _named(value: Any, name: str, *, is_secret: bool = False) -> Iterator[tuple[str, Secret | None]]:
    if isinstance(value, Secret) or is_secret:
        yield name, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _named(item, f"{name}.{key}")
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            yield from _named(item, f"{name}.{at}")
    elif attrs.has(type(value)):
        yield from named_secrets(value, f"{name}.")


def without_secrets(value: Any) -> Any:
    """Give what may be seen of a value: the same if it has no place for a secret, else JSON with ``***`` for each."""
    if isinstance(value, Secret):
        return MASK if value else None
    if isinstance(value, Mapping):
        return {key: without_secrets(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(item) for item in value]
    cls: type = type(value)
    if attrs.has(cls) and slots_to_secrets(cls):
        return {slot.key: without_secrets(getattr(value, slot.name)) for slot in form_of(cls).slots}
    return value


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
