"""What an input uses that should not be used any more."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import attrs

from jackfield.files import File
from jackfield.forms import form_of, records_in


def deprecations(form: Any) -> list[str]:
    """Say which deprecated fields an input gives, each once, with what their authors say about them."""
    cls: type = type(form)
    if not _has_deprecated(cls):
        return []
    return [*dict.fromkeys(_used(form, "$"))]


@cache
def _has_deprecated(cls: type) -> bool:
    waiting, seen = [cls], {cls}
    while waiting:
        for slot in form_of(waiting.pop()).slots:
            if slot.word.deprecated:
                return True
            found = {*records_in(slot.shape)} - seen
            waiting += found
            seen |= found
    return False


def _used(value: Any, path: str) -> Iterator[str]:
    cls: type = type(value)
    if attrs.has(cls) and cls is not File:  # a file is one value, whatever it is made of
        for slot in form_of(cls).slots:
            held = getattr(value, slot.name)
            if held is None or held == slot.default:
                continue
            place = f"{path}.{slot.key}"
            if slot.word.deprecated:
                yield f"{place} is deprecated. {slot.word.deprecated}"
            yield from _used(held, place)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _used(item, f"{path}[]")
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _used(item, f"{path}{{}}")
