"""Values as Fusion and Make hand them over, read as our forms have them.

Numbers and switches are texts, one item stands where a list is wanted, a list of ``{key, value}`` where names and
values are; what is empty was not given (Fusion's page on type coercion, read 2026-08).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jackfield._engine.coercion import number_from_text
from jackfield._engine.problems import step
from jackfield._json import JsonError, parse
from jackfield.errors import LimitError
from jackfield.forms import AFile, Either, Fields, ListOf, MapOf, Record, Scalar, ScalarKind, Shape, Slot, form_of
from jackfield.secrets import MASK
from jackfield.translations import is_expression

_SWITCHES = {"true": True, "false": False}
_NUMBERS = (ScalarKind.NUMBER, ScalarKind.INTEGER)


class ForeignReader:
    """Reads values by the shape of our fields, and keeps the expressions that it meets by their path.

    A secret is masked, and its path kept: what was translated is written down and passed on.

    What it cannot read stays as it is: the form refuses it then, by its place.
    """

    def __init__(self) -> None:
        self.expressions: dict[str, str] = {}
        self.secrets: list[str] = []

    def fields(self, slots: Sequence[Slot], value: Mapping[str, Any], path: str) -> dict[str, object]:
        """Read an object; what is empty in it was not given, unless it must be."""
        known = {slot.key: slot for slot in slots}
        found = {}
        for key, item in value.items():
            slot = known.get(key)
            if slot is None:
                found[key] = self._any(item, path + step(key))  # the form refuses it, by its place
            elif slot.required or not is_empty(item):
                found[key] = self._read(slot.shape, item, path + step(key))
        return found

    def _read(self, shape: Shape, value: Any, path: str) -> object:
        if is_expression(value):
            self.expressions[path] = value
            return value
        if isinstance(shape, Scalar):
            if shape.kind is ScalarKind.SECRET:
                self.secrets.append(path)
                return MASK
            return _scalar(shape.kind, value)
        if isinstance(shape, ListOf):
            return [self._read(shape.item.shape, item, f"{path}[{n}]") for n, item in enumerate(as_list(value))]
        if isinstance(shape, Either):
            return self._one_of(shape, value, path)
        value = _as_mapping(value) if isinstance(shape, MapOf) else value
        return self._object(shape, value, path) if isinstance(value, Mapping) else self._any(value, path)

    def _object(self, shape: Shape, value: Mapping[str, Any], path: str) -> object:
        if isinstance(shape, MapOf):
            return {key: self._read(shape.value.shape, item, path + step(key)) for key, item in value.items()}
        if isinstance(shape, Record):
            return self.fields(form_of(shape.cls).slots, value, path)
        return self.fields(shape.slots, value, path) if isinstance(shape, Fields) else self._any(value, path)

    def _one_of(self, shape: Either, value: Any, path: str) -> object:
        if isinstance(value, Mapping) and shape.tag:
            record = shape.tagged.get(value.get(shape.tag, ""))
            return self._read(record, value, path) if record else self._any(value, path)
        member = next((member for member in shape.members if _suits(member, value)), None)
        return self._any(value, path) if member is None else self._read(member, value, path)

    def _any(self, value: Any, path: str) -> object:
        """Keep a value as it is, and find the expressions in it."""
        if is_expression(value):
            self.expressions[path] = value
        elif isinstance(value, Mapping):
            return {key: self._any(item, path + step(key)) for key, item in value.items()}
        elif isinstance(value, list):
            return [self._any(item, f"{path}[{index}]") for index, item in enumerate(value)]
        return value


def is_empty(value: object) -> bool:
    """Tell whether nothing was given."""
    return value is None or value in ("", [], {})


def as_list(value: object) -> list[Any]:
    """Take one item for a list of it."""
    return value if isinstance(value, list) else [value]


def _as_mapping(value: object) -> object:
    """Read names and values however they are given: an object, a list of pairs, an object in a text."""
    if isinstance(value, str):
        try:
            found = parse(value)
        except (JsonError, LimitError):
            return value
        return found if isinstance(found, dict) else value
    if isinstance(value, list) and all(isinstance(item, Mapping) and "key" in item for item in value):
        keys = [str(item["key"]) for item in value]
        if len(set(keys)) == len(keys):
            return {str(item["key"]): item.get("value") for item in value}
    return value


def _scalar(kind: ScalarKind, value: object) -> object:
    if isinstance(value, str):
        if kind in _NUMBERS:
            return number_from_text(value)
        return _SWITCHES.get(value.strip().lower(), value) if kind is ScalarKind.BOOLEAN else value
    if kind is ScalarKind.TEXT and isinstance(value, bool):
        return str(value).lower()
    return str(value) if kind is ScalarKind.TEXT and isinstance(value, int | float) else value


def _suits(member: Shape, value: object) -> bool:
    if isinstance(value, list):
        return isinstance(member, ListOf)
    if isinstance(value, Mapping):
        return isinstance(member, Record | MapOf | AFile)
    return not isinstance(member, Record | MapOf | ListOf)


def typed_value(value: object, kind: object) -> object:
    """Read a value of which they say the type: text, number, boolean, date or any."""
    if not isinstance(value, str) or is_expression(value):
        return value
    if kind == "number":
        return number_from_text(value)
    if kind == "boolean":
        return _SWITCHES.get(value.strip().lower(), value)
    if kind == "any" and value.lstrip()[:1] in ("{", "["):
        try:
            return parse(value)
        except (JsonError, LimitError):
            return value
    return value
