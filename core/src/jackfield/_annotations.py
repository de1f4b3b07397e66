"""Reading annotations: which shape a type has, and which word stands on it."""

import types
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import cache
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

import attrs

from jackfield._words import fitting, flaws
from jackfield.errors import PluginError
from jackfield.fields import Field
from jackfield.files import File
from jackfield.secrets import Secret
from jackfield.shapes import (
    AFile,
    Anything,
    Either,
    Fixed,
    ListOf,
    MapOf,
    Record,
    Scalar,
    ScalarKind,
    Shape,
    Slot,
    json_kind,
)


def misuse(where: str, what: str, hint: str) -> PluginError:
    """Make the error for a declaration that cannot be used: the place, what is wrong there, and the remedy."""
    return PluginError(f"{where}: {what}.", stage="object", hint=hint)


def hints_of(cls: type) -> dict[str, Any]:
    """Resolve the annotations of a class.

    Raises:
        PluginError: A name in them cannot be resolved.
    """
    try:
        hints = get_type_hints(cls, include_extras=True)
    except NameError as error:
        where = f"{cls.__module__}.{cls.__qualname__}"
        raise unresolved(where, error) from error
    for attribute in attrs.fields(cls):
        # A class made by a function has its types only there.
        if hints.setdefault(attribute.name, attribute.type) is None:
            where = f"{cls.__qualname__}.{attribute.name}"
            raise misuse(where, "it has no annotation", "Say its type.")
    return hints


def unresolved(where: str, error: NameError) -> PluginError:
    """Make the error for an annotation that names something that is not there."""
    hint = "Import it at the top of the file, not under TYPE_CHECKING and not inside a function."
    return misuse(where, f"the name {error.name!r} in an annotation cannot be resolved", hint)


def slot_of(hint: Any, where: str) -> Slot:
    """Read one annotation, outside of any class.

    Args:
        hint: The annotation.
        where: How an error names the place: ``Place.latitude``.

    Raises:
        PluginError: The annotation has no place in a form, or its word does not fit it.
    """
    word, inner = _word(hint, where)
    members = tuple(_members(inner))
    given = [member for member in members if member is not types.NoneType]
    if len(given) == 1 and get_origin(given[0]) is Annotated:
        slot = slot_of(given[0], where)
        if word is not None:
            raise misuse(where, "two words stand on one type", "Say it all in one word.")
    else:
        shape = shape_of(given[0], where) if len(given) == 1 else _either(given, where)
        slot = Slot(word=word or fitting(shape), shape=shape)
    for what, remedy in flaws(slot.word, slot.shape):
        raise misuse(where, what, remedy)
    hidden = isinstance(slot.shape, Either) and any(option.nullable for option in slot.shape.options)
    return attrs.evolve(slot, nullable=slot.nullable or hidden or len(given) < len(members))


def _plain(hint: Any) -> Any:
    """Look through NewType, and ``type X = ...`` statements of Python 3.12 with and without parameters."""
    while True:
        origin = get_origin(hint) or hint
        if isinstance(origin, NewType):
            hint = origin.__supertype__
        elif type(origin).__name__ == "TypeAliasType":
            hint = origin.__value__[get_args(hint)] if get_args(hint) else origin.__value__
        else:
            return hint


def _word(hint: Any, where: str) -> tuple[Field | None, Any]:
    hint = _plain(hint)
    if get_origin(hint) is not Annotated:
        return None, hint
    inner, *notes = get_args(hint)
    for note in notes:
        if isinstance(note, type) and issubclass(note, Field):
            name = note.__name__
            raise misuse(where, f"{name} stands there as a class, which says nothing", f"Write {name}().")
    words = [note for note in notes if isinstance(note, Field)]
    if len(words) > 1:
        raise misuse(where, "two words stand on one type", "Say it all in one word.")
    return (words[0] if words else None), inner


def _members(hint: Any) -> Iterator[Any]:
    hint = _plain(hint)
    arguments = get_args(hint)
    if get_origin(hint) in (Union, types.UnionType):
        for argument in arguments:
            yield from _members(argument)
    elif get_origin(hint) is Literal and None in arguments:
        yield from (Literal[tuple(value for value in arguments if value is not None)], types.NoneType)
    else:
        yield hint


_SCALARS: Mapping[object, ScalarKind] = {
    str: ScalarKind.TEXT,
    Secret: ScalarKind.SECRET,
    float: ScalarKind.NUMBER,
    int: ScalarKind.INTEGER,
    bool: ScalarKind.BOOLEAN,
    datetime: ScalarKind.DATETIME,
    date: ScalarKind.DATE,
    time: ScalarKind.TIME,
}


def shape_of(hint: Any, where: str = "") -> Shape:
    """Read a type that has no word.

    Raises:
        PluginError: The type has no place in a form.
    """
    hint = _plain(hint)
    if hint is object or hint is Any:
        return Anything()
    if isinstance(hint, type) and hint in _SCALARS:
        return Scalar(_SCALARS[hint])
    if hint is File:
        return AFile()
    if isinstance(hint, type) and attrs.has(hint):
        return Record(hint)
    members = tuple(_members(hint))
    if len(members) > 1:
        return _either(members, where)
    return _generic(hint, where)


def _generic(hint: Any, where: str) -> Shape:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal and all(type(value) in (str, int, bool) for value in arguments):
        return Fixed(arguments)
    if origin in (list, Sequence):
        return ListOf(slot_of(arguments[0], f"{where}[]"), list if origin is list else tuple)
    if origin is tuple and arguments[1:] == (...,):
        return ListOf(slot_of(arguments[0], f"{where}[]"), tuple)
    if origin in (dict, Mapping) and _plain(arguments[0]) is str:
        return MapOf(slot_of(arguments[1], f"{where}{{}}"))
    raise _no_place(hint, where)


def _no_place(hint: Any, where: str) -> PluginError:
    remedy = (
        "Use str, Secret, float, int, bool, datetime, date, time, File, Literal, list[T], Sequence[T], "
        "Mapping[str, T], an attrs class or a union."
    )
    return misuse(where, f"the type {hint!r} has no place in a form", remedy)


def _either(hints: Sequence[Any], where: str) -> Either:
    if not hints:
        raise _no_place(None, where)
    options: list[Slot] = []
    for hint in hints:
        slot = slot_of(hint, where)
        options.extend(slot.shape.options if isinstance(slot.shape, Either) else (slot,))
    _refuse_alike(options, where)
    records = [option.shape for option in options if isinstance(option.shape, Record)]
    if len(records) <= 1:
        return Either(tuple(options))
    tag = _tag(records, where)
    tagged = {value: record for record in records for value in _literals(record.cls)[tag]}
    return Either(tuple(options), tag, tagged)


def _refuse_alike(options: Sequence[Slot], where: str) -> None:
    """Refuse two members that look the same in JSON. Fixed values beside a free one are fine: it takes the others."""
    free = [json_kind(option.shape) for option in options if not isinstance(option.shape, Fixed | Record)]
    free += ["object"] * any(isinstance(option.shape, Record) for option in options)
    alike = next((kind for kind in free if free.count(kind) > 1), "")
    if alike:
        remedy = "Tell them apart: make them attrs classes that each have a Literal of its own, or keep one of them."
        raise misuse(where, f"two members of the union are both {alike} in JSON", remedy)
    if "any" in [json_kind(option.shape) for option in options]:
        remedy = "Any JSON value takes them all, so object alone says the same; a Literal holds values of one type."
        raise misuse(where, "a member of the union can be anything in JSON", remedy)


def _tag(records: Sequence[Record], where: str) -> str:
    for key in _literals(records[0].cls):
        values = [value for record in records for value in _literals(record.cls).get(key, ())]
        complete = all(key in _literals(record.cls) for record in records)
        if complete and len(values) == len(set(values)):
            return key
    names = " and ".join(record.cls.__name__ for record in records)
    remedy = "Give each an attribute of the same name with a Literal of its own."
    raise misuse(where, f"nothing tells {names} apart", remedy)


@cache
def _literals(cls: type) -> dict[str, tuple[str | int | bool, ...]]:
    """Give the values of each attribute that is a ``Literal``, by its name in JSON.

    The form of the class is not read for it: a class may hold itself in a union.
    """
    hints = hints_of(cls)
    found = {}
    for attribute in attrs.fields(cls):
        word, inner = _word(hints[attribute.name], f"{cls.__qualname__}.{attribute.name}")
        if attribute.init and get_origin(inner) is Literal and None not in get_args(inner):
            found[(word.key if word else "") or attribute.name] = get_args(inner)
    return found
