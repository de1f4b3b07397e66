"""Texts and objects with places for the values of fields: ``{owner}/{repo}``."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from attrs import frozen

__all__ = ["ABSENT", "Filled", "compiled", "compiled_body", "names_in", "stray_brace", "text_of"]

_PLACE = re.compile(r"\{([^{}:]+)(?::([^{}]+))?\}")

Values = Mapping[str, object]
"""What is given, by the fields' names in JSON."""

Filled = Callable[[Values], object]
"""Gives what a template becomes; ABSENT if a value that it needs is not given."""

ABSENT = object()


@frozen
class _Text:
    """A text with places in it.

    Attributes:
        pieces: Texts, and between each two the name of a field and what joins the items of a list.
    """

    pieces: Sequence[str]

    def __call__(self, values: Values) -> object:
        found = [self.pieces[0]]
        for name, joint, text in zip(self.pieces[1::3], self.pieces[2::3], self.pieces[3::3], strict=True):
            if name not in values:
                return ABSENT
            found += (_spelled(values[name], joint), text)
        return "".join(found)


def _spelled(value: object, joint: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return joint.join(_spelled(item, joint) for item in value)
    return str(value)


def text_of(value: object) -> str:
    """Write a value as a text stands in a path or a header."""
    return _spelled(value, ",")


def names_in(template: object) -> Iterator[str]:
    """Give the names of the fields that a template has places for, in order."""
    if isinstance(template, str):
        yield from (match[1] for match in _PLACE.finditer(template))
    elif isinstance(template, Mapping):
        for inner in template.values():
            yield from names_in(inner)
    elif isinstance(template, list | tuple):
        for inner in template:
            yield from names_in(inner)


def stray_brace(template: object) -> bool:
    """Tell whether there is a brace in it that belongs to no place."""
    if isinstance(template, str):
        return bool({"{", "}"} & set(_PLACE.sub("", template)))
    inner = (
        template.values() if isinstance(template, Mapping) else template if isinstance(template, list | tuple) else ()
    )
    return any(map(stray_brace, inner))


def compiled(template: object) -> Filled:
    """Make what fills a template.

    A text that is one place alone, ``{tags}``, becomes the value as it is; in a longer one it becomes text, a list with
    commas or what stands behind the colon between its items (``{tags:;}``), which makes text of a lone one too. An
    object or list loses what is absent in it, and is absent if nothing is left of what it had.
    """
    if isinstance(template, str):
        return _compiled_text(template)
    if isinstance(template, Mapping):
        return partial(_filled_object, {name: compiled(inner) for name, inner in template.items()})
    if isinstance(template, list | tuple):
        return partial(_filled_list, [compiled(inner) for inner in template])
    return lambda _: template


def compiled_body(template: object) -> Filled:
    """Make what fills the template of a body: as any other, but an object that lost all that was in it is empty."""
    fill = compiled(template)
    if not isinstance(template, Mapping):
        return fill
    return lambda values: {} if (found := fill(values)) is ABSENT else found


def _compiled_text(template: str) -> Filled:
    alone = _PLACE.fullmatch(template)
    if alone and not alone[2]:
        name = alone[1]
        return lambda values: values.get(name, ABSENT)
    return _Text([piece if piece is not None else "," for piece in _PLACE.split(template)])


def _filled_object(parts: Mapping[str, Filled], values: Values) -> object:
    found = {name: value for name, part in parts.items() if (value := part(values)) is not ABSENT}
    return found if found or not parts else ABSENT


def _filled_list(parts: Sequence[Filled], values: Values) -> object:
    found = [value for part in parts if (value := part(values)) is not ABSENT]
    return found if found or not parts else ABSENT
