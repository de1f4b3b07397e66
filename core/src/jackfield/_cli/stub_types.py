"""What a place in a form takes, as a type that editors and type checkers read."""

import keyword
import re
import sys
from collections.abc import Collection, Iterator
from itertools import chain, count

from jackfield.fields import Field, Select
from jackfield.forms import (
    AFile,
    Either,
    Fields,
    Fixed,
    Form,
    ListOf,
    MapOf,
    Record,
    Scalar,
    ScalarKind,
    Shape,
    Slot,
    form_of,
)

_SCALARS = {
    ScalarKind.TEXT: "str",
    ScalarKind.SECRET: "str | Secret",
    ScalarKind.NUMBER: "float",
    ScalarKind.INTEGER: "int",
    ScalarKind.BOOLEAN: "bool",
    ScalarKind.DATETIME: "_datetime.datetime | str",
    ScalarKind.DATE: "_datetime.date | str",
    ScalarKind.TIME: "_datetime.time | str",
}
_FILE = "File | Mapping[str, object]"
_SAID = frozenset(re.findall(r"\w+", " ".join([*_SCALARS.values(), _FILE, "None Literal NotRequired Sequence object"])))
"""What types are written with; a field of that name, in the body of a class, would stand for it there."""


class Types:
    """Writes the types of one connector, and keeps what they need."""

    def __init__(self) -> None:
        self._imported: dict[type, str] = {}
        self._names: dict[type, str] = {}
        self._bodies: dict[str, str] = {}
        self._tags: dict[type, str] = {}

    def of(self, slot: Slot) -> str:
        """Give what a slot takes; ``None`` where that leaves it out."""
        found = self._of(slot.shape, slot.word)
        return f"{found} | None" if slot.nullable else found

    def output(self, cls: type) -> str:
        """Give the class of an output, of a piece or of a form; ``Any`` for one that cannot be imported."""
        return self._path(cls) or "Any"

    def taken(self, form: Form) -> str:
        """Give what stands for a whole form: the class, or the same as JSON."""
        return self._record(form.cls)

    def imports(self) -> list[str]:
        """Give the lines that bring the classes of connectors."""
        found = self._imported.items()
        return sorted(f"from {cls.__module__} import {cls.__qualname__} as {name}" for cls, name in found)

    def definitions(self) -> Iterator[str]:
        """Give the classes of what is JSON, in the order of their names."""
        for name in sorted(self._bodies):
            yield self._bodies[name]

    def _of(self, shape: Shape, word: Field) -> str:
        if isinstance(shape, ListOf):
            return f"Sequence[{self.of(shape.item)}]"
        if isinstance(shape, MapOf):
            return f"Mapping[str, {self.of(shape.value)}]"
        if isinstance(shape, Record):
            return self._record(shape.cls)
        if isinstance(shape, Either):
            self._tags |= {record.cls: shape.tag for record in shape.tagged.values()}
            return " | ".join(dict.fromkeys(self._of(option.shape, option.word) for option in shape.options))
        return self._single(shape, word)

    def _single(self, shape: Shape, word: Field) -> str:
        if isinstance(shape, Fixed):
            return _literal(shape.values)
        if isinstance(shape, Scalar):
            return self._choices(word) or _SCALARS[shape.kind]
        return {AFile: _FILE, Fields: "Mapping[str, object]"}.get(type(shape), "object")

    @staticmethod
    def _choices(word: Field) -> str:
        """Give the only values that a text or number can have."""
        if not isinstance(word, Select) or callable(word.choices) or word.accepts_others:
            return ""
        values = tuple(choice.value for choice in word.choices)
        return _literal(values) if values and all(type(value) in {str, int} for value in values) else ""

    def _record(self, cls: type) -> str:
        return " | ".join(filter(None, [self._path(cls), self._as_json(cls)]))

    def _path(self, cls: type) -> str:
        """Give how a class is named by who imports its file; empty for one that was made by a function."""
        place = sys.modules.get(cls.__module__)
        if getattr(place, cls.__qualname__, None) is not cls:
            return ""
        if cls not in self._imported:
            # Not by the path of its module: a package may have a function of the same name.
            self._imported[cls] = _free(f"_{cls.__qualname__}", {"_datetime", *self._imported.values()})
        return self._imported[cls]

    def _as_json(self, cls: type) -> str:
        known = self._names.get(cls)
        if known is not None:
            return known
        name = _free(re.sub(r"\W", "_", cls.__name__) + "Dict", self._bodies)
        self._names[cls], self._bodies[name] = name, ""  # first, since a class may hold itself
        self._bodies[name] = self._body(name, form_of(cls))
        return name

    def _body(self, name: str, form: Form) -> str:
        types = [(slot.key, self.of(slot), slot) for slot in form.slots]
        tag = self._tags.get(form.cls)
        entries = [(key, kind if slot.required or key == tag else f"NotRequired[{kind}]") for key, kind, slot in types]
        if all(key.isidentifier() and not _is_odd(key) for key, _ in entries):
            lines = [f"    {key}: {kind}" for key, kind in entries] or ["    pass"]
            return "\n".join([f"class {name}(TypedDict):", *lines])
        lines = [f"        {key!r}: {kind}," for key, kind in entries]
        return "\n".join([f"{name} = TypedDict(", f"    {name!r},", "    {", *lines, "    },", ")"])


def _free(wanted: str, taken: Collection[str]) -> str:
    """Give a name that is not taken: the one that is wanted, or that with a number."""
    return next(name for name in chain([wanted], (f"{wanted}{number}" for number in count(2))) if name not in taken)


def _is_odd(key: str) -> bool:
    return keyword.iskeyword(key) or key.startswith("__") or key in _SAID


def _literal(values: tuple[object, ...]) -> str:
    return f"Literal[{', '.join(map(repr, values))}]"
