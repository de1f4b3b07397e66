"""Random input for any form, made from what its fields declare: right everywhere, or wrong in one known place."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import evolve, frozen
from hypothesis import strategies as st

from jackfield import Array, Field, FromText, KeyValue, Select, Slot
from jackfield.forms import AFile, Either, Fixed, Form, ListOf, MapOf, Record, Scalar, ScalarKind, form_of

__all__ = ["WrongPlace", "as_typed", "right", "spoilt"]

LETTERS = st.text("abé", min_size=1, max_size=4)
"""Texts that mean the same whether a person typed them or a program gave them: no number, no switch, no JSON."""
JSON = st.recursive(
    st.integers(-9, 9) | LETTERS, lambda inner: st.dictionaries(LETTERS, inner, max_size=2), max_leaves=3
)
_MOST = 2**40

Special = Mapping[str, st.SearchStrategy[Any]]
"""What to make for a key, where its field says less than is meant."""


def right(form: Form, special: Special) -> st.SearchStrategy[dict[str, Any]]:
    """Make values for a form that it accepts, field by field."""
    made = {slot.key: _value(slot, special) for slot in form.slots}
    needed = {slot.key for slot in form.slots if slot.required}
    optional = {key: value for key, value in made.items() if key not in needed}
    return st.fixed_dictionaries({key: made[key] for key in needed}, optional=optional).map(
        lambda values: _conditioned(form, values)
    )


def _conditioned(form: Form, values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has no place beside the others."""
    return {
        slot.key: values[slot.key]
        for slot in form.slots
        if slot.key in values and (not slot.word.shown_when or form.is_shown(slot, values))
    }


def _value(slot: Slot, special: Special) -> st.SearchStrategy[Any]:  # noqa: PLR0911  one return per kind of shape
    shape, word = slot.shape, slot.word
    if slot.key in special:
        return special[slot.key]
    if isinstance(word, Select) and isinstance(word.choices, tuple) and not isinstance(shape, Fixed):
        return st.sampled_from([choice.value for choice in word.choices])
    if isinstance(shape, Scalar):
        return _scalar(shape.kind, word)
    if isinstance(shape, Fixed):
        return st.sampled_from(shape.values)
    if isinstance(shape, ListOf):
        fewest, most = _counts(word)
        return st.lists(_value(shape.item, special), min_size=max(fewest, 1), max_size=min(most, 2))
    if isinstance(shape, MapOf):
        fewest, most = _counts(word)
        return st.dictionaries(LETTERS, _value(shape.value, special), min_size=fewest, max_size=min(most, 2))
    if isinstance(shape, Record):
        return st.deferred(lambda: right(form_of(shape.cls), special))
    if isinstance(shape, Either):
        tags = {record.cls: value for value, record in reversed([*shape.tagged.items()])}
        return st.one_of([_option(shape.tag, tags, option, special) for option in shape.options])
    if isinstance(shape, AFile):
        return st.just({"data": "aGk=", "name": "a.txt"})
    return JSON


def _option(tag: str, tags: Mapping[type, Any], slot: Slot, special: Special) -> st.SearchStrategy[Any]:
    made = _value(slot, special)
    if not isinstance(slot.shape, Record) or slot.shape.cls not in tags:
        return made
    said = {tag: tags[slot.shape.cls]}
    return made.map(lambda value: {**value, **said})


def _counts(word: Field) -> tuple[int, int]:
    if not isinstance(word, Array | KeyValue):
        return 0, 2
    return word.min_items or 0, word.max_items or 2


def _scalar(kind: ScalarKind, word: Any) -> st.SearchStrategy[Any]:
    if kind is ScalarKind.BOOLEAN:
        return st.booleans()
    if kind in (ScalarKind.INTEGER, ScalarKind.NUMBER):
        low, high = getattr(word, "minimum", None), getattr(word, "maximum", None)
        whole = st.integers(1 if low is None else int(low), _MOST if high is None else int(high))
        return whole if kind is ScalarKind.INTEGER or high is None else whole | st.floats(low, high)
    if getattr(word, "pattern", None):
        return st.from_regex(word.pattern, fullmatch=True).filter(lambda text: text.isascii() and len(text) <= 64)
    return LETTERS


@frozen(kw_only=True)
class WrongPlace:
    """Where one value of a form is wrong.

    Attributes:
        path: As errors spell it: ``$.messages[0].role``.
        values: The whole form.
        what: How it is wrong.
    """

    path: str
    values: Mapping[str, Any]
    what: str


def spoilt(form: Form, values: Mapping[str, Any]) -> list[WrongPlace]:
    """Give every way to spoil one place of a right form."""
    return [WrongPlace(path=path, values=wrong, what=what) for path, wrong, what in _in_record(form, values, "$")]


Spoilt = Iterator[tuple[str, Any, str]]


def _in_record(form: Form, values: Mapping[str, Any], path: str, tag: str = "") -> Spoilt:
    if not form.rest:
        yield f"{path}.no_such_field", {**values, "no_such_field": 1}, "an unknown field"
    for slot in form.slots:
        own = f"{path}.{slot.key}"
        if slot.key not in values:
            continue
        if slot.required and slot.key != tag:
            yield own, {key: value for key, value in values.items() if key != slot.key}, "missing"
        if slot.key == tag:
            continue  # it tells which variant is meant, so another place would be wrong
        for inner, wrong, what in _in_value(slot, values[slot.key], own):
            yield inner, {**values, slot.key: wrong}, what


def _in_value(slot: Slot, value: Any, path: str) -> Spoilt:
    shape, word = slot.shape, slot.word
    if isinstance(shape, Scalar):
        yield from ((path, wrong, "out of bounds or of another type") for wrong in _wrong_scalars(shape.kind, word))
    elif isinstance(shape, Fixed):
        yield path, "no_such_value", "no value that it may have"
    elif isinstance(shape, ListOf) and isinstance(value, list):
        yield path, 7, "no list"
        yield from _in_list(shape, word, value, path)
    elif isinstance(shape, MapOf) and isinstance(value, Mapping):
        yield path, 7, "no object"
        for key, item in value.items():
            for _, wrong, what in _in_value(evolve(shape.value, key=""), item, path):
                yield path, {**value, key: wrong}, what
    elif isinstance(shape, Record) and isinstance(value, Mapping):
        yield path, 7, "no object"
        yield from _in_record(form_of(shape.cls), value, path)
    elif isinstance(shape, Either) and isinstance(value, Mapping) and shape.tag in value:
        yield f"{path}.{shape.tag}", {**value, shape.tag: "no_such_kind"}, "an unknown kind"
        yield from _in_record(form_of(shape.tagged[value[shape.tag]].cls), value, path, shape.tag)


def _in_list(shape: ListOf, word: Field, value: list[Any], path: str) -> Spoilt:
    fewest, most = _counts(word)
    if isinstance(word, Array) and fewest:
        yield path, value[: fewest - 1], "too few"
    if isinstance(word, Array) and word.max_items:
        yield path, [value[0]] * (most + 1), "too many"
    for index, item in enumerate(value):
        for inner, wrong, what in _in_value(shape.item, item, f"{path}[{index}]"):
            yield inner, [*value[:index], wrong, *value[index + 1 :]], what


def _wrong_scalars(kind: ScalarKind, word: Any) -> Iterator[Any]:
    yield {"a": "b"}
    if kind in (ScalarKind.INTEGER, ScalarKind.NUMBER):
        yield from ("many", True)
        if kind is ScalarKind.INTEGER:
            yield 1.5
        yield from () if getattr(word, "minimum", None) is None else [word.minimum - 1]
        yield from () if getattr(word, "maximum", None) is None else [word.maximum + 1]
    elif kind is ScalarKind.BOOLEAN:
        yield from ("perhaps", 1)
    elif kind is ScalarKind.TEXT:
        yield 7
        yield from ["x" * (word.max_length + 1)] if getattr(word, "max_length", None) else []
        yield from ["§ no §"] if getattr(word, "pattern", None) else []


_WRITE: Callable[[Any], str] = json.dumps


def as_typed(values: Mapping[str, Any]) -> dict[str, FromText]:
    """Give the same as a person types it: every field as a text."""
    return {key: FromText(value if isinstance(value, str) else _WRITE(value)) for key, value in values.items()}
