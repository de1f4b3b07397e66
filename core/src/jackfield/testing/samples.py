"""Values that a form accepts, made up from what it declares; and pairs of them that differ in one place only."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import attrs
from attrs import frozen

from jackfield._engine.bounds import checks_of
from jackfield._engine.problems import WrongValueError
from jackfield._filenames import usual_suffix
from jackfield.errors import InputError
from jackfield.fields import Array, Field, KeyValue, Select, Upload, Url
from jackfield.forms import (
    AFile,
    Either,
    Fixed,
    Form,
    ListOf,
    MapOf,
    Record,
    Scalar,
    ScalarKind,
    Slot,
    form_of,
    json_kind,
)

_DEEPEST = 8
"""How deep records are filled: a form may hold itself."""

_TEXTS = ("a", "b", "ab12", "2026-11-25")
_NUMBERS = (1, 2, 0, 50, 1000, -1)
_MOMENTS: Mapping[ScalarKind, Sequence[datetime | date | time]] = {
    ScalarKind.DATETIME: (datetime(2026, 11, 25, 15, 44, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
    ScalarKind.DATE: (date(2026, 11, 25), date(2027, 1, 1)),
    ScalarKind.TIME: (time(15, 44), time(8, 30)),
}


@frozen
class Change:
    """Two values of one place that differ in one place inside it.

    Attributes:
        path: Where they differ: ``messages[].content``.
        before: The one; ``None`` if nothing is given there.
        after: The other; likewise.
    """

    path: str
    before: object
    after: object


def given(values: Mapping[str, object], key: str, value: object) -> dict[str, object]:
    """Give values with one more, or without it if it is ``None``."""
    others = {name: other for name, other in values.items() if name != key}
    return others if value is None else {**others, key: value}


def least_of(form: Form, deep: int = 0) -> dict[str, object]:
    """Fill what a form requires, and no more."""
    return completed(form, {}, deep)


def completed(form: Form, values: Mapping[str, object], deep: int = 0) -> dict[str, object]:
    """Give values with what the form requires beside them, and without what has no place beside them."""
    found = dict(values)
    for slot in form.slots:
        if slot.key in found:
            if not form.is_shown(slot, found):
                del found[slot.key]
        elif form.is_required(slot, found):
            found[slot.key] = samples(slot, deep)[0]
    return found


def beside(form: Form, slot: Slot) -> dict[str, object]:
    """Give what must be given so that a field has a place: the values of others on which it depends."""
    when = slot.word.shown_when
    other = form.slot(when.field) if when else None
    if when is None or other is None:
        return {}
    value = when.values[0] if when.values else samples(other)[0]
    return {**beside(form, other), **({} if value is None else {when.field: value})}


def samples(slot: Slot, deep: int = 0) -> list[Any]:
    """Make up values that a slot accepts: one, or two that differ where its kind has several; the plainest first.

    Raises:
        InputError: No value that we think of fits; an example in its word would.
    """
    found = [value for value in _candidates(slot, deep) if fits(slot.word, value)]
    if not found:
        message = f"No value could be made up for the field {slot.key or slot.label!r}."
        raise InputError(message, hint="Give its word an example=..., or the test a value for it.")
    return found


def _candidates(slot: Slot, deep: int) -> list[Any]:  # noqa: PLR0911  one return per kind of shape reads best
    shape, word = slot.shape, slot.word
    if isinstance(shape, Fixed):
        return [*shape.values]
    if isinstance(shape, Scalar):
        return _scalars(shape.kind, word)
    if isinstance(shape, ListOf):
        count = _fewest(word)
        return [[first, *_others(shape, word, first, count - 1, deep)] for first in samples(shape.item, deep)[:2]]
    if isinstance(shape, MapOf):
        names = [f"name{number}" for number in range(_fewest(word))]
        return [dict.fromkeys(names, value) for value in samples(shape.value, deep)[:2]]
    if isinstance(shape, Record | Either):
        return _composed(shape, deep)
    if isinstance(shape, AFile):
        return _files(word)
    return [*_example(word), {"name": 1}, {"name": 2}]


def _others(shape: ListOf, word: Field, first: object, count: int, deep: int) -> list[Any]:
    """Give items to stand beside one in a list: the same again, or others where none may come twice."""
    if not (isinstance(word, Array) and word.unique):
        return [first] * count
    return [item for item in samples(shape.item, deep) if item != first][:count]


def _files(word: Field) -> list[Any]:
    suffix = usual_suffix(word.media_types, word.extensions) if isinstance(word, Upload) else ""
    kind = next(iter(word.media_types), "") if isinstance(word, Upload) else ""
    said = {"media_type": kind.replace("*", "x-sample")} if kind.endswith("/*") else {}
    return [
        {"data": data, "name": f"{name}{suffix or '.txt'}", **said} for name, data in (("a", "YQ=="), ("b", "YmI="))
    ]


def _composed(shape: Record | Either, deep: int) -> list[Any]:
    if isinstance(shape, Either):
        return [option.values[0] for option in _options(shape, deep)]
    return [least_of(form_of(shape.cls), deep + 1)] if deep < _DEEPEST else []


def _example(word: Field) -> list[Any]:
    return [] if word.example is None else [word.example]


def _fewest(word: Field) -> int:
    return max(1, (word.min_items if isinstance(word, Array | KeyValue) else None) or 0)


def _scalars(kind: ScalarKind, word: Field) -> list[Any]:
    if isinstance(word, Select) and not callable(word.choices):
        return [choice.value for choice in word.choices]
    if isinstance(word, Url):
        return [*_example(word), *(f"{word.schemes[0]}://{name}.example/a" for name in ("one", "two"))]
    if kind is ScalarKind.BOOLEAN:
        return [True, False]
    if kind in (ScalarKind.NUMBER, ScalarKind.INTEGER):
        bounds = [bound for name in ("minimum", "maximum") if (bound := getattr(word, name, None)) is not None]
        return list(dict.fromkeys([*_example(word), *_NUMBERS, *bounds]))
    if kind in _MOMENTS:
        return [*_example(word), *_moments(kind, word)]
    least = getattr(word, "min_length", None) or 1
    return list(dict.fromkeys([*_example(word), *_TEXTS, *(letter * least for letter in "xy"), *_varied(word.example)]))


def _varied(example: object) -> Iterator[str]:
    """Give texts like an example: where there is a pattern, nothing else that we think of may match it."""
    if isinstance(example, str) and example:
        yield from (f"{start}{end}" for start in (example, example[:-1]) for end in "ax12")


def _moments(kind: ScalarKind, word: Field) -> list[str]:
    earliest, latest = getattr(word, "earliest", None), getattr(word, "latest", None)
    found: list[Any] = [bound for bound in (earliest, latest) if bound is not None]
    found += [bound + timedelta(days=days) for bound in found for days in (1, -1) if isinstance(bound, date)]
    return [
        moment.isoformat()
        for moment in dict.fromkeys([*found, *_MOMENTS[kind]])
        if (earliest is None or moment >= earliest) and (latest is None or moment <= latest)
    ]


def fits(word: Field, value: Any) -> bool:
    """Tell whether a single value keeps the bounds of a word."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return True
    try:
        for check in checks_of(word):
            check(value)
    except TypeError:
        return True  # a moment, which is text here, while its bounds are not; it was made to fit them
    except WrongValueError:
        return False
    return True


@frozen
class _Option:
    """One member of a union: a name, values, and the tag that its records have."""

    name: str
    slot: Slot
    values: list[Any]
    tag: Mapping[str, object]


def _options(shape: Either, deep: int) -> list[_Option]:
    tags = {record.cls: tag for tag, record in reversed([*shape.tagged.items()])}
    found = []
    for slot in shape.options:
        if isinstance(slot.shape, Record) and slot.shape.cls in tags:
            if deep >= _DEEPEST:
                continue
            name, tag = str(tags[slot.shape.cls]), {shape.tag: tags[slot.shape.cls]}
        else:
            name, tag = json_kind(slot.shape), {}
        values = [{**tag, **value} if tag else value for value in samples(slot, deep)]
        found.append(_Option(name, slot, values, tag))
    return found


def changes(slot: Slot, path: str, deep: int = 0) -> Iterator[Change]:
    """Give pairs of values of a slot, one for each place in it and each kind of value there."""
    found = samples(slot, deep)
    if not slot.required:
        other = next((value for value in found if value != slot.default), None)
        if other is not None:
            yield Change(path, None, other)
    if not isinstance(slot.shape, ListOf | MapOf | Record | Either):
        several = found if isinstance(slot.shape, Fixed) or _is_closed(slot.word) else found[:2]
        yield from (Change(path, several[0], other) for other in several[1:])
    elif deep < _DEEPEST:
        yield from _inside(slot, path, deep)


def _is_closed(word: Field) -> bool:
    return isinstance(word, Select) and not callable(word.choices)


def _inside(slot: Slot, path: str, deep: int) -> Iterator[Change]:
    shape, word = slot.shape, slot.word
    if isinstance(shape, Record):
        yield from _in_record(form_of(shape.cls), path, {}, deep)
    elif isinstance(shape, ListOf):
        yield from _in_list(shape, word, path, deep)
    elif isinstance(shape, MapOf):
        yield from _in_map(shape, word, path, deep)
    elif isinstance(shape, Either):
        yield from _in_union(shape, path, deep)


def _in_record(form: Form, path: str, tag: Mapping[str, object], deep: int) -> Iterator[Change]:
    least = {**least_of(form, deep + 1), **tag}
    for slot in form.slots:
        if slot.key in tag:
            continue
        for change in changes(slot, f"{path}.{slot.key}", deep + 1):
            base = {**least, **beside(form, slot)}
            before, after = (
                completed(form, given(base, slot.key, value), deep + 1) for value in (change.before, change.after)
            )
            yield Change(change.path, before, after)


def _in_list(shape: ListOf, word: Field, path: str, deep: int) -> Iterator[Change]:
    count, most = _fewest(word), word.max_items if isinstance(word, Array) else None
    pad = samples(shape.item, deep)[0]
    fewer, more = ([pad, *_others(shape, word, pad, number, deep)] for number in (count - 1, count))
    if (most is None or most > count) and len(more) > len(fewer):
        yield Change(f"{path}[{count}]", fewer, more)
    for change in changes(attrs.evolve(shape.item, required=True), f"{path}[]", deep):
        used = (change.before, change.after)
        others = [item for item in more if item not in used][: count - 1]
        others = others if len(others) == count - 1 else [pad] * (count - 1)
        yield Change(change.path, [change.before, *others], [change.after, *others])


def _in_map(shape: MapOf, word: Field, path: str, deep: int) -> Iterator[Change]:
    value = samples(shape.value, deep)[0]
    others = {f"more{number}": value for number in range(_fewest(word) - 1)}
    yield Change(f"{path}{{name}}", {"name": value, **others}, {"other": value, **others})
    for change in changes(attrs.evolve(shape.value, required=True), f"{path}{{}}", deep):
        yield Change(change.path, {"name": change.before, **others}, {"name": change.after, **others})


def _in_union(shape: Either, path: str, deep: int) -> Iterator[Change]:
    first, *others = _options(shape, deep)
    for option in others:
        yield Change(f"{path}<{option.name}>", first.values[0], option.values[0])
    for option in (first, *others):
        own = f"{path}<{option.name}>"
        if isinstance(option.slot.shape, Record):
            yield from _in_record(form_of(option.slot.shape.cls), own, option.tag, deep)
        else:
            yield from changes(attrs.evolve(option.slot, required=True), own, deep)
