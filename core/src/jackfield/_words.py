"""Whether a word fits the type that it stands on, and which word fits a type that has none."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from math import inf

from jackfield._filenames import type_flaw
from jackfield.fields import (
    AnyValue,
    Array,
    Boolean,
    Collection,
    Date,
    DateTime,
    Dynamic,
    Field,
    Integer,
    Json,
    KeyValue,
    Number,
    OneOf,
    Password,
    Rest,
    Select,
    Text,
    Time,
    Upload,
    Url,
    parameters_of,
)
from jackfield.shapes import AFile, Anything, Either, Fixed, ListOf, MapOf, Record, Scalar, ScalarKind, Shape

_OF_SCALARS: Mapping[ScalarKind, type[Field]] = {
    ScalarKind.TEXT: Text,
    ScalarKind.SECRET: Password,
    ScalarKind.NUMBER: Number,
    ScalarKind.INTEGER: Integer,
    ScalarKind.BOOLEAN: Boolean,
    ScalarKind.DATETIME: DateTime,
    ScalarKind.DATE: Date,
    ScalarKind.TIME: Time,
}

_OF_SHAPES: Mapping[type, type[Field]] = {
    Fixed: Select,
    ListOf: Array,
    MapOf: KeyValue,
    Record: Collection,
    Either: OneOf,
    AFile: Upload,
    Anything: Json,
}


def fitting(shape: Shape) -> Field:
    """Give the word of a place that says none."""
    return (_OF_SCALARS[shape.kind] if isinstance(shape, Scalar) else _OF_SHAPES[type(shape)])()


_TYPES: Mapping[type[Field], str] = {
    Text: "str",
    Password: "Secret",
    Url: "str",
    Number: "float",
    Integer: "int",
    Boolean: "bool",
    DateTime: "datetime",
    Date: "date",
    Time: "time",
    Select: "str, int, float or a Literal",
    Array: "list[T], tuple[T, ...] or Sequence[T]",
    Collection: "an attrs class",
    OneOf: "a union",
    Upload: "File",
    KeyValue: "Mapping[str, T]",
    Json: "object or Mapping[str, object]",
    AnyValue: "object",
    Rest: "Mapping[str, object]",
    Dynamic: "Mapping[str, object]",
}
"""For each word, the types that it may stand on. Words that are not here, and plain Field, stand on any type."""


def flaws(word: Field, shape: Shape) -> Iterator[tuple[str, str]]:
    """Find what is wrong with a word on a shape: what, and what to do about it."""
    kind = next((kind for kind in type(word).__mro__ if kind in _TYPES), None)
    if kind is not None and not _fits(kind, shape):
        yield f"{kind.__name__} does not fit the type", f"{kind.__name__} goes with {_TYPES[kind]}; the type decides."
        return
    if odd := [*_odd_bounds(word)]:
        yield from odd  # before they are compared, which Python may refuse
        return
    yield from _crossed_bounds(word)
    if isinstance(word, Text | Url):
        yield from _odd_text(word)
    if isinstance(word, Dynamic):
        yield from _odd_dynamic(word)
    if isinstance(word, Array) and isinstance(shape, ListOf):
        yield from _odd_items(word, shape)
    if isinstance(word, Upload):
        yield from _odd_files(word)
    if isinstance(word, Select):
        yield from _odd_choices(word, shape)


def _odd_text(word: Text | Url) -> Iterator[tuple[str, str]]:
    if isinstance(word, Url):
        if not word.schemes:
            yield "there are no schemes, so no value fits", 'For example schemes=("https",).'
        return
    try:
        re.compile(word.pattern)
    except re.error as error:
        yield f"the pattern is no regular expression: {error}", "Mind that the whole text must match it."


def _odd_dynamic(word: Dynamic) -> Iterator[tuple[str, str]]:
    yield from _odd_keeping(word.keep_s)
    if word.fields is not None:
        yield from odd_parameters(word.fields, word.depends_on, ("values",))


def _odd_items(word: Array, shape: ListOf) -> Iterator[tuple[str, str]]:
    single = isinstance(shape.item.shape, Fixed | Scalar) and shape.item.shape != Scalar(ScalarKind.SECRET)
    if word.unique and not single:
        yield "unique compares single values, and the items are none", "Leave unique out."


def _fits(kind: type[Field], shape: Shape) -> bool:
    if kind is Select:
        chosen = (ScalarKind.TEXT, ScalarKind.INTEGER, ScalarKind.NUMBER)
        return isinstance(shape, Fixed) or (isinstance(shape, Scalar) and shape.kind in chosen)
    if kind is Url:
        return shape == Scalar(ScalarKind.TEXT)
    if kind is AnyValue:
        return isinstance(shape, Anything)
    if kind in (Json, Rest, Dynamic):
        of_anything = isinstance(shape, MapOf) and isinstance(shape.value.shape, Anything)
        return of_anything or (kind is Json and isinstance(shape, Anything))
    return type(fitting(shape)) is kind


_PAIRS = (("minimum", "maximum"), ("min_length", "max_length"), ("min_items", "max_items"), ("earliest", "latest"))
_TIMES: Mapping[type[Field], type] = {DateTime: datetime, Date: date, Time: time}


_COUNTS = ("min_length", "max_length", "min_items", "max_items", "max_bytes")


def _odd_bounds(word: Field) -> Iterator[tuple[str, str]]:
    if isinstance(word, DateTime | Date | Time):
        yield from _odd_times(word)
        return
    for name in ("minimum", "maximum"):
        bound = getattr(word, name, None)
        if bound is not None and (type(bound) not in (int, float) or not -inf < bound < inf):
            yield f"{name} is {bound!r}", "Give a finite number, or leave it out."
    for name in _COUNTS:
        count = getattr(word, name, None)
        if count is not None and (type(count) is not int or count < 0):
            yield f"{name} is {count!r}", "Give a whole number of at least 0, or leave it out."


def _odd_times(word: Field) -> Iterator[tuple[str, str]]:
    kind = _TIMES[next(base for base in type(word).__mro__ if base in _TIMES)]
    for name in ("earliest", "latest"):
        bound = getattr(word, name)
        if bound is None:
            continue
        if not isinstance(bound, kind) or (kind is date and isinstance(bound, datetime)):
            yield f"{name} is no {kind.__name__}", f"Give a {kind.__name__}, as the field holds it."
        elif isinstance(bound, datetime | time) and (bound.tzinfo is None) is (kind is datetime):
            remedy = "For example datetime(2026, 1, 1, tzinfo=UTC)." if kind is datetime else "For example time(9, 30)."
            yield f"{name} has {'no' if kind is datetime else 'a'} time zone", remedy


def _crossed_bounds(word: Field) -> Iterator[tuple[str, str]]:
    for low, high in _PAIRS:
        least, most = getattr(word, low, None), getattr(word, high, None)
        if least is not None and most is not None and least > most:
            yield f"{low} is {least} and {high} is {most}, so no value fits", "Both bounds are inclusive."


def _odd_questions(word: Select, function: Callable[..., object], shape: Shape) -> Iterator[tuple[str, str]]:
    if isinstance(shape, Fixed):
        yield "a Literal's values are the choices; none can be asked for", "Use str as the type."
    yield from _odd_keeping(word.keep_s)
    yield from odd_parameters(function, word.depends_on, ("query", "values"))


def _odd_keeping(seconds: float) -> Iterator[tuple[str, str]]:
    if not seconds >= 0:  # as NaN is not
        yield f"keep_s is {seconds}", "Give seconds; 0 asks each time."


def odd_parameters(
    function: Callable[..., object], depends_on: Sequence[str], known: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Find what is wrong with a function that is asked for what a field offers."""
    named = parameters_of(function)
    for name in named:
        if name not in known:
            yield f"its function has a parameter {name!r}", f"It takes the context, and by name {' and '.join(known)}."
    if ("values" in named) is not bool(depends_on):
        what = (
            "depends_on names fields, and its function takes no values" if depends_on else "its function takes values"
        )
        yield what, "A parameter values of the function, and depends_on, which names them, go together."


def _odd_files(word: Upload) -> Iterator[tuple[str, str]]:
    for pattern in word.media_types:
        if type_flaw(pattern.removesuffix("*") + "x" * pattern.endswith("/*")):
            yield f"{pattern!r} is no media type", "For example image/png, or image/* for every kind of image."
    for extension in word.extensions:
        if not re.fullmatch(r"\.[^./\\]+", extension):
            yield f"{extension!r} is no extension", "It begins with its only dot: .png."


_CHOSEN_TYPES: Mapping[ScalarKind, tuple[type, ...]] = {
    ScalarKind.TEXT: (str,),
    ScalarKind.INTEGER: (int,),
    ScalarKind.NUMBER: (int, float),
}


def _odd_choices(word: Select, shape: Shape) -> Iterator[tuple[str, str]]:
    if callable(word.choices):
        yield from _odd_questions(word, word.choices, shape)
        return
    if word.depends_on:
        yield "depends_on is for choices that are asked for", "Give choices=function, or leave depends_on out."
    values = [choice.value for choice in word.choices]
    if len(set(values)) < len(values):
        yield "a choice stands there twice", "Each value may be offered once."
    if isinstance(shape, Fixed):
        if word.free_text:
            yield "free_text contradicts a Literal", "Use str as the type, and list the values as choices."
        if not set(values) <= set(shape.values):
            yield "a choice is none of the Literal's values", "List no choices at all, or only some of the values."
    elif not values:
        yield "there are no choices", "Give choices=[...] or a function that asks for them; or use a Literal."
    elif isinstance(shape, Scalar) and any(type(value) not in _CHOSEN_TYPES[shape.kind] for value in values):
        yield "a choice is not of the field's type", "Make all choices values of the type in the annotation."
