"""Unions: which member a value is for, by what it is in JSON, and records by their tag."""

from collections.abc import Callable, Mapping, Sequence

import attrs

from jackfield._engine.anyjson import NotJsonError, parse_typed
from jackfield._engine.coercion import Read, fixed_reader
from jackfield._engine.problems import WrongValueError, refuse, refuse_type, spell_choices, step, under
from jackfield.fields import FromText
from jackfield.forms import Either, Fixed, Slot, json_kind
from jackfield.secrets import Secret

_NAMES = {"string": "text", "number": "a number", "boolean": "true or false", "array": "a list", "object": "an object"}

_BY_TYPE: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    list: "array",
    tuple: "array",
    dict: "object",
}


def _kind_of(value: object) -> str:
    """Say what a value is in JSON; empty if it is nothing there."""
    kind = _BY_TYPE.get(type(value))
    if kind is not None:
        return kind
    if isinstance(value, Secret):
        return "string"
    if isinstance(value, Mapping) or attrs.has(type(value)):
        return "object"
    return next((kind for base, kind in _BY_TYPE.items() if isinstance(value, base)), "")


def either_reader(
    shape: Either, reader_of: Callable[[Slot], Read], record: Callable[[type], Read], *, lenient: bool
) -> Read:
    """Make the reader of a union.

    Args:
        shape: The union.
        reader_of: Makes the reader of one of its options.
        record: Gives the reader of an attrs class.
        lenient: Whether FromText is read as a person means it.
    """
    grouped: dict[str, list[Slot]] = {}
    for option in shape.options:
        grouped.setdefault(json_kind(option.shape), []).append(option)
    by_kind = {kind: _alike_reader(group, reader_of, lenient=lenient) for kind, group in grouped.items()}
    if shape.tag:
        by_kind["object"] = _tagged_reader(shape, record, lenient=lenient)
    expected = _expected(grouped, shape)

    def read(value: object, _: object = None) -> object:
        if lenient and isinstance(value, FromText):
            return _read_typed(value, by_kind, expected)
        read_kind = by_kind.get(_kind_of(value))
        return refuse_type(expected, value) if read_kind is None else read_kind(value)

    return read


def _expected(grouped: Mapping[str, Sequence[Slot]], shape: Either) -> str:
    names = []
    for kind, options in grouped.items():
        fixed = [value for option in options if isinstance(option.shape, Fixed) for value in option.shape.values]
        free = any(not isinstance(option.shape, Fixed) for option in options)
        names.append(_NAMES[kind] if free else spell_choices(fixed))
    if shape.tag and [*grouped] == ["object"]:
        return f"{_NAMES['object']} whose {shape.tag} is {spell_choices(tuple(shape.tagged))}"
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _alike_reader(options: Sequence[Slot], reader_of: Callable[[Slot], Read], *, lenient: bool) -> Read:
    """Make the reader of the members that are the same in JSON: fixed values, then at most one that is free."""
    fixed = [value for option in options if isinstance(option.shape, Fixed) for value in option.shape.values]
    free = next((reader_of(option) for option in options if not isinstance(option.shape, Fixed)), None)
    if free is None:
        return fixed_reader(fixed, lenient=lenient)
    if not fixed:
        return free
    read_fixed = fixed_reader(fixed, lenient=lenient)

    def read(value: object, _: object = None) -> object:
        return read_fixed(value) if value in fixed else free(value)

    return read


def _tagged_reader(shape: Either, record: Callable[[type], Read], *, lenient: bool) -> Read:
    read_tag = fixed_reader(tuple(shape.tagged), lenient=lenient, rule="unknown_tag")
    by_tag = {(type(tag), tag): record(member.cls) for tag, member in shape.tagged.items()}
    classes = {member.cls: record(member.cls) for member in shape.tagged.values()}
    names = " or ".join(cls.__name__ for cls in classes)
    path = step(shape.tag)

    def read(value: object, _: object = None) -> object:
        if not isinstance(value, Mapping):
            read_instance = next((classes[cls] for cls in classes if isinstance(value, cls)), None)
            return refuse_type(names, value) if read_instance is None else read_instance(value)
        given = value.get(shape.tag)
        if given is None:
            refuse("required", f"is required: {spell_choices(tuple(shape.tagged))}", at=path)
        try:
            tag = read_tag(given)
        except WrongValueError as error:
            raise WrongValueError(under(path, error.problems)) from None
        return by_tag[type(tag), tag](value)

    return read


def _read_typed(value: FromText, by_kind: Mapping[str, Read], expected: str) -> object:
    """Read what a person typed: as JSON where that is a member, else as text, else as whatever takes it."""
    try:
        parsed = parse_typed(value)
    except NotJsonError:
        parsed = value
    kind = _kind_of(parsed)
    if kind != "string" and kind in by_kind:
        return by_kind[kind](parsed)
    if "string" in by_kind:
        return by_kind["string"](value)
    for kind in ("number", "boolean", "array"):
        try:
            return by_kind[kind](value)
        except (KeyError, WrongValueError):
            continue
    return refuse_type(expected, value)
