"""What a place in a form holds, as data: a single value, a list, a record, one of several.

``jackfield.forms`` reads these from attrs classes and gives all of these names too.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import attrs
from attrs import frozen

from jackfield.fields import Field, Password

__all__ = [
    "AFile",
    "Anything",
    "Either",
    "Fields",
    "Fixed",
    "ListOf",
    "MapOf",
    "Record",
    "Scalar",
    "ScalarKind",
    "Shape",
    "Slot",
    "json_kind",
]


class ScalarKind(Enum):
    """What a single value is; the value of each member is its JSON Schema type, but for those that JSON has as text."""

    TEXT = "string"
    SECRET = "secret"  # noqa: S105  a kind of value, not a value
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    DATE = "date"
    TIME = "time"


@frozen
class Scalar:
    """A single value."""

    kind: ScalarKind


@frozen
class Fixed:
    """One of the values of a ``Literal``."""

    values: tuple[str | int | bool, ...]


@frozen
class ListOf:
    """Several items; ``container`` makes the Python value from a list."""

    item: "Slot"
    container: Callable[[list[Any]], Any] = list


@frozen
class MapOf:
    """Values by name."""

    value: "Slot"


@frozen
class Record:
    """An attrs class; ``form_of(cls)`` has its slots (asked for late, since a class may hold itself)."""

    cls: type


@frozen
class Either:
    """One of several shapes, told apart by JSON kind; records among them by a tag.

    Attributes:
        options: Every member of the union in its order, each with a word of its own; nested unions are flattened.
        tag: The JSON name of the tag; empty where at most one member is a record.
        tagged: The record for each value of the tag, in order.
    """

    options: "tuple[Slot, ...]"
    tag: str = ""
    tagged: Mapping[str | int | bool, Record] = attrs.field(factory=dict)

    @property
    def members(self) -> "tuple[Shape, ...]":
        """The shapes of the options."""
        return tuple(option.shape for option in self.options)


@frozen
class AFile:
    """A file."""


@frozen
class Anything:
    """Any JSON value."""


@frozen
class Fields:
    """Places by name, without a class: what a Dynamic field holds, once it is known; in Python a ``dict``."""

    slots: "tuple[Slot, ...]"


Shape = Scalar | Fixed | ListOf | MapOf | Record | Either | AFile | Anything | Fields


@frozen(kw_only=True)
class Slot:
    """One place in a form.

    Attributes:
        name: The attribute of the class; empty for the items of a list or map and the options of a union.
        key: The name in JSON.
        word: How people see it and what bounds it has; never ``None``.
        shape: What it holds.
        required: Whether it must be given.
        nullable: Whether Python holds ``None`` when it is not set.
        default: What Python holds when it is not given; ``None`` if it is required or made by a factory.
    """

    name: str = ""
    key: str = ""
    word: Field
    shape: Shape
    required: bool = True
    nullable: bool = False
    default: object = None

    @property
    def is_secret(self) -> bool:
        """Whether it holds a secret."""
        return isinstance(self.word, Password)

    @property
    def label(self) -> str:
        """What a person reads."""
        return self.word.label or self.name.strip("_").replace("_", " ").capitalize()


_JSON_KINDS = {
    ScalarKind.TEXT: "string",
    ScalarKind.SECRET: "string",
    ScalarKind.NUMBER: "number",
    ScalarKind.INTEGER: "number",
    ScalarKind.BOOLEAN: "boolean",
    ScalarKind.DATETIME: "string",
    ScalarKind.DATE: "string",
    ScalarKind.TIME: "string",
}


def json_kind(shape: Shape) -> str:
    """Say what a shape is in JSON: ``string``, ``number``, ``boolean``, ``array``, ``object``, or ``any``."""
    if isinstance(shape, Fixed):
        kinds = {{str: "string", bool: "boolean"}.get(type(value), "number") for value in shape.values}
        return kinds.pop() if len(kinds) == 1 else "any"
    if isinstance(shape, Scalar):
        return _JSON_KINDS[shape.kind]
    named = {ListOf: "array", MapOf: "object", Record: "object", AFile: "object", Fields: "object"}
    return named.get(type(shape), "any")
