"""Lists, maps and everything that is made of other places: a reader for each slot of a form."""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import isfinite
from typing import Any

from attrs import frozen

from jackfield._engine.anyjson import NotJsonError, json_reader, parse_typed, plain_key, typed_json_reader
from jackfield._engine.bounds import Check, checks_of, unique_items
from jackfield._engine.coercion import Read, fixed_reader, plain_types, scalar_reader
from jackfield._engine.naming import file_reader
from jackfield._engine.problems import WrongValueError, refuse, refuse_type, step, under, unknown_field
from jackfield._engine.unions import either_reader
from jackfield.errors import Problem
from jackfield.fields import AnyValue, Array, Dynamic, Field, FromText, Rest, Select
from jackfield.files import File
from jackfield.forms import AFile, Either, Fields, Fixed, ListOf, MapOf, Record, Scalar, Slot


class Records:
    """The readers of attrs classes, each made when the first value for it comes: many classes never meet one.

    Two threads may both make a reader: either will do.
    """

    def __init__(self, make: Callable[[type], Read]) -> None:
        self._make = make
        self._made: dict[type, Read] = {}

    def read(self, cls: type, value: object) -> Any:
        """Read a value as a class."""
        return (self._made.get(cls) or self._make_for(cls))(value)

    def reader(self, cls: type) -> Read:
        """Give the reader of a class, which may hold itself."""
        made = self._made

        def read(value: object, _: object = None) -> Any:
            return (made.get(cls) or self._make_for(cls))(value)

        return read

    def _make_for(self, cls: type) -> Read:
        made = self._made[cls] = self._make(cls)
        return made


@frozen(kw_only=True)
class Readers:
    """Makes readers for slots.

    Attributes:
        records: The readers of attrs classes.
        json: The reader of places that take any JSON value.
        lenient: Whether FromText is read as a person means it.
        named_files: Whether a file may be named in JSON; else only a File is one.
    """

    records: Records
    json: Read
    lenient: bool
    named_files: bool = False

    def of(self, slot: Slot) -> Read:  # noqa: PLR0911  one return per kind of shape reads best
        """Make the reader of a place; it does not know null."""
        shape, word = slot.shape, slot.word
        if isinstance(shape, Scalar):
            return scalar_reader(shape.kind, word, lenient=self.lenient)
        if isinstance(shape, Fixed):
            return fixed_reader(_offered(shape, word), lenient=self.lenient)
        if isinstance(shape, Record):
            return self.records.reader(shape.cls)
        if isinstance(shape, Either):
            return either_reader(shape, self.of, self.records.reader, lenient=self.lenient)
        if isinstance(shape, ListOf):
            return _list_reader(shape, word, self.nullable(shape.item), lenient=self.lenient)
        if isinstance(shape, Fields):
            return _fields_reader(shape, {slot.key: self.of(slot) for slot in shape.slots}, lenient=self.lenient)
        if isinstance(word, Dynamic):
            return _map_reader(word, _AS_TYPED, lenient=self.lenient)
        if isinstance(shape, MapOf):
            return _map_reader(word, self.nullable(shape.value), lenient=self.lenient)
        if isinstance(shape, AFile):
            return file_reader(word, from_json=self.named_files)
        return _AS_IT_IS if self.lenient and isinstance(word, AnyValue) else self.json

    def of_rest(self) -> Read:
        """Make the reader of undeclared keys."""
        return _map_reader(Rest(), self.json, lenient=False)

    def nullable(self, slot: Slot) -> Read:
        """Make the reader of a place that knows null if the slot is nullable."""
        read_value = self.of(slot)
        if not slot.nullable:
            return read_value

        def read(value: object, _: object = None) -> object:
            return None if value is None else read_value(value)

        return read


_AS_TYPED = typed_json_reader()
_AS_IT_IS = json_reader(lenient=False)
"""Reads any JSON value; text that a person typed stays text."""


def _offered(shape: Fixed, word: Field) -> Sequence[str | int | bool]:
    # A Literal may be of a library, and offer more than the field wants.
    if isinstance(word, Select) and not callable(word.choices) and word.choices:
        offered = [choice.value for choice in word.choices]
        return sorted((value for value in shape.values if value in offered), key=offered.index)
    return shape.values


def _list_reader(shape: ListOf, word: Field, read_item: Read, *, lenient: bool) -> Read:
    item = shape.item
    single = isinstance(item.shape, Scalar | Fixed | AFile)
    checks = [check for check in checks_of(word) if check is not unique_items]
    unique = isinstance(word, Array) and word.unique
    plain = plain_types(item.shape.kind, item.word) if isinstance(item.shape, Scalar) and not unique else frozenset()

    def read(value: object, _: object = None) -> Any:
        items = value if isinstance(value, list | tuple) else _as_list(value, single=single, lenient=lenient)
        problems = _broken(items, checks)
        if not problems and _all_plain(items, plain):
            return shape.container(list(items))
        found = []
        for index, each in enumerate(items):
            try:
                found.append(read_item(each))
            except WrongValueError as error:
                problems += under(f"[{index}]", error.problems)
        if problems:
            raise WrongValueError(problems)
        if unique:  # by what was read: a person may type 1 and 1.0
            unique_items(found)
        return shape.container(found)

    return read


def _all_plain(items: Collection[Any], plain: AbstractSet[type]) -> bool:
    """Tell whether every item is right as it is, at the speed of C: a list of embeddings has millions of numbers."""
    return bool(plain) and set(map(type, items)) <= plain and (float not in plain or all(map(isfinite, items)))


def _as_list(value: object, *, single: bool, lenient: bool) -> Sequence[object]:
    if lenient and isinstance(value, FromText):
        return _typed_list(value, single=single)
    if isinstance(value, File) and single and lenient:
        return [value]
    if not isinstance(value, Sequence) or isinstance(value, str | bytes | bytearray):
        refuse_type("a list", value)
    return value


def _typed_list(value: FromText, *, single: bool) -> Sequence[object]:
    try:
        parsed = parse_typed(value)
    except NotJsonError as error:
        if not single:
            refuse("json", f"must be a list in JSON: {error}")
        return [value]
    if isinstance(parsed, list):
        return parsed
    if not single:
        refuse_type("a list", parsed)
    return [value]


def _map_reader(word: Field, read_value: Read, *, lenient: bool) -> Read:
    checks = checks_of(word)

    def read(value: object, _: object = None) -> dict[str, Any]:
        items = _as_map(value, lenient=lenient)
        problems = _broken(items, checks)
        found = {}
        for key, each in items.items():
            try:
                found[plain_key(key)] = read_value(each)
            except WrongValueError as error:
                problems += under(step(key), error.problems)
        if problems:
            raise WrongValueError(problems)
        return found

    return read


def _fields_reader(shape: Fields, readers: Mapping[str, Read], *, lenient: bool) -> Read:
    """Make the reader of places by name that stand in no class."""

    def read(value: object, _: object = None) -> dict[str, Any]:
        items = {plain_key(key): item for key, item in _as_map(value, lenient=lenient).items() if item is not None}
        problems: list[Problem] = []
        found = {}
        for slot in shape.slots:
            try:
                if slot.key in items:
                    found[slot.key] = readers[slot.key](items[slot.key])
                elif slot.required:
                    refuse("required", "is required")
            except WrongValueError as error:
                problems += under(step(slot.key), error.problems)
        problems += [unknown_field(key, readers) for key in items if key not in readers]
        if problems:
            raise WrongValueError(problems)
        return found

    return read


def _as_map(value: object, *, lenient: bool) -> Mapping[object, object]:
    found = typed_object(value) if lenient and isinstance(value, FromText) else value
    if not isinstance(found, Mapping):
        refuse_type("an object", found)
    return found


def typed_object(value: FromText) -> object:
    """Read an object in JSON from a text that a person typed."""
    try:
        return parse_typed(value)
    except NotJsonError as error:
        refuse("json", f"must be an object in JSON: {error}")


def _broken(value: Any, checks: Sequence[Check]) -> list[Problem]:
    found: list[Problem] = []
    for check in checks:
        try:
            check(value)
        except WrongValueError as error:
            found += error.problems
    return found
