"""What conversion accepts, the schema accepts, and the reverse.

Left out of the random values, since here the two differ on purpose: null for an optional field (it means "not given"),
the text of a Url (JSON Schema only notes its format; for dates and times the test asks jsonschema to check it), the
bounds of dates and times (JSON Schema has no keyword for them), and line feeds, before which ``$`` matches in Python's
regular expressions, which jsonschema uses, and not in those of JSON Schema.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, Union

import msgspec
import pytest
from attrs import frozen
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from jackfield import AnyValue, Array, File, InvalidInputError, KeyValue, Number, Password, Secret, Select, Text, Upload
from jackfield._engine.conversion import check_output, dump, load_form
from jackfield._engine.schema import form_schema, output_schema
from jackfield.forms import AFile, Either, Fixed, ListOf, MapOf, Record, Scalar, ScalarKind, Slot, form_of


@frozen(kw_only=True)
class Singles:
    text: Annotated[str, Text(min_length=1, max_length=2)]
    code: Annotated[str | None, Text(pattern="[ab]*|é")] = None
    number: Annotated[float | None, Number(minimum=-1, maximum=2.5)] = None
    whole: int = 5
    switch: bool | None = None
    secret: Annotated[Secret | None, Password(min_length=2)] = None
    fixed: Literal["a", 1, True] | None = None
    chosen: Annotated[float | None, Select(choices=[0.5, 1])] = None
    open: Annotated[str | None, Select(choices=["a"], free_text=True)] = None
    any: object = None
    raw: Annotated[object, AnyValue()] = None
    start: datetime | None = None
    day: date | None = None
    clock: time | None = None


@frozen(kw_only=True)
class Several:
    row: Annotated[Sequence[Annotated[int | None, Select(choices=[1, 2])]], Array(min_items=1, max_items=3)]
    rows: Sequence[Sequence[float]] | None = None
    named: Annotated[Mapping[str, Annotated[str | None, Text(max_length=2)]] | None, KeyValue(max_items=2)] = None
    single: Singles | None = None
    days: Sequence[date | None] | None = None
    once: Annotated[Sequence[Literal["a", 1, True] | None] | None, Array(unique=True)] = None
    numbers: Annotated[Sequence[float] | None, Array(unique=True)] = None


@frozen(kw_only=True)
class Leaf:
    kind: Literal["leaf"] = "leaf"
    size: float = 1.0


@frozen(kw_only=True)
class Branch:
    kind: Literal["branch", "twig"] = "branch"
    parts: "Sequence[Leaf | Branch | str]" = ()


@frozen(kw_only=True)
class Unions:
    plain: str | float | bool | Sequence[int] | None = None
    fixed: Literal["auto"] | Annotated[str, Text(min_length=6)] | Leaf | None = None
    tagged: Leaf | Branch | None = None
    again: Sequence[Branch] | Leaf | None = None
    either: Literal[1, 2] | Literal["x"] | Mapping[str, bool] | None = None  # noqa: PYI030  two members of two kinds


@frozen(kw_only=True)
class Filed:
    file: File
    several: Annotated[Sequence[Annotated[File, Upload(label="Part")]] | None, Array(min_items=1)] = None
    either: str | File | None = None


FORMS = [Filed, Singles, Several, Branch, Unions]

LETTERS = st.text(alphabet="ab é", max_size=3)
NUMBERS = st.integers(-1, 3) | st.sampled_from([0.5, 1.0, 2.0, 2.5, 2.6, -1.5, 1e300])
JSON = st.recursive(
    st.booleans() | NUMBERS | LETTERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LETTERS, inner, max_size=3),
    max_leaves=5,
)
DAYS = st.dates().map(str) | st.sampled_from(["2026-02-29", "0000-01-01", "2026-1-1", "20260101", "2026-W01-1", ""])
CLOCKS = st.times().map(str) | st.sampled_from(
    ["23:59:60", "24:00:00", "1:00:00", "10:00", "10:00:00.", "10:00:00.1234567"]
)
ZONES = st.sampled_from(["Z"] * 4 + ["+00:00", "-12:59", "+24:00", "+0100", "z", "", " Z"])
SCALARS: dict[ScalarKind, st.SearchStrategy[Any]] = {
    ScalarKind.TEXT: LETTERS,
    ScalarKind.SECRET: LETTERS,
    ScalarKind.NUMBER: NUMBERS,
    ScalarKind.INTEGER: st.integers(-3, 6) | st.just(4.0),
    ScalarKind.BOOLEAN: st.booleans(),
    ScalarKind.DATETIME: st.builds("{}{}{}{}".format, DAYS, st.sampled_from("TTTTt "), CLOCKS, ZONES),
    ScalarKind.DATE: DAYS,
    ScalarKind.TIME: CLOCKS,
}


FILE_PARTS: dict[str, st.SearchStrategy[Any]] = {
    "file": LETTERS,
    "path": LETTERS,
    "url": st.just("https://a.example/b.png"),  # what is wrong with a URL, JSON Schema does not see
    "data": st.sampled_from(["", "aGk=", "a G k =", "?"]),
    "name": st.sampled_from(["a.png", "é", "a/b", "a\\b", "", "..", "x" * 256]),
    "media_type": st.sampled_from(["image/png", "image/svg+xml", "image", "a/b; c=d"]),
    "size": st.sampled_from([0, 5, -1, "5", True]),
}
RIGHT_FILES = st.sampled_from(
    [{"file": "x"}, {"path": "a", "size": 1}, {"url": "https://a.example"}, {"data": "aGk=", "name": "a"}]
)
FILES = RIGHT_FILES | st.fixed_dictionaries({}, optional=FILE_PARTS)


def _fitting(slot: Slot) -> st.SearchStrategy[Any]:  # noqa: PLR0911  one return per kind of shape reads best
    shape = slot.shape
    if isinstance(slot.word, Select) and isinstance(slot.word.choices, tuple) and isinstance(shape, Scalar):
        return st.sampled_from([choice.value for choice in slot.word.choices] * 3 + ["x", 7])
    if isinstance(shape, Scalar):
        return SCALARS[shape.kind]
    if isinstance(shape, Fixed):
        return st.sampled_from(shape.values)
    if isinstance(shape, ListOf):
        return st.lists(_item(shape.item), max_size=4)
    if isinstance(shape, MapOf):
        return st.dictionaries(LETTERS, _item(shape.value), max_size=3)
    if isinstance(shape, Record):
        return st.deferred(lambda: _objects(shape.cls))
    if isinstance(shape, Either):
        return st.one_of([_fitting(option) for option in shape.options])
    return FILES if isinstance(shape, AFile) else JSON


def _item(slot: Slot) -> st.SearchStrategy[Any]:
    return _nearly(slot) | st.none() if slot.nullable else _nearly(slot)


def _nearly(slot: Slot) -> st.SearchStrategy[Any]:
    """Mostly values that may be right, so that right forms come up at all."""
    return st.integers(0, 39).flatmap(lambda die: _fitting(slot) if die else JSON)


def _objects(cls: type) -> st.SearchStrategy[Any]:
    slots = form_of(cls).slots
    required = {slot.key: _nearly(slot) for slot in slots if slot.required}
    optional = {slot.key: _nearly(slot) for slot in slots if not slot.required}
    right = st.fixed_dictionaries(required, optional=optional)
    wrong = st.fixed_dictionaries({}, optional={**required, **optional, "unknown": JSON})
    return st.integers(0, 9).flatmap(lambda die: right if die else wrong)


def _read(cls: type, value: object) -> Any:
    """Read a form; give None if something is wrong with it."""
    try:
        return load_form(cls, value)
    except InvalidInputError:
        return None


@pytest.mark.parametrize("cls", FORMS)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_schema_and_the_conversion_agree(cls: type, data: st.DataObject) -> None:
    """On every value, right or wrong."""
    value = data.draw(_objects(cls))

    form = _read(cls, value)

    event(f"{cls.__name__} is {'wrong' if form is None else 'right'}")
    checker = FormatChecker(["date", "date-time"])
    assert Draft202012Validator(form_schema(form_of(cls)), format_checker=checker).is_valid(value) == (form is not None)


@pytest.mark.parametrize("cls", [Branch, Unions])
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_what_was_read_can_be_read_and_checked_again(cls: type, data: st.DataObject) -> None:
    """The typed form is right as well, and so is the JSON that it gives."""
    form = _read(cls, data.draw(_objects(cls)))
    assume(form is not None)

    bundle = dump(form)

    assert _read(cls, form) is form
    check_output(cls, form)
    assert _read(cls, bundle) == form
    Draft202012Validator(output_schema(form_of(cls))).validate(bundle)


# msgspec, where it has a word for what a form says. It has none for: several plain members of one kind in a union,
# URLs, secrets, bounds of dates, choices that are no text or whole number, and items that may not come twice; a class
# that holds itself would need names that msgspec can look up.


@frozen(kw_only=True)
class Parts:
    text: Annotated[str, Text(min_length=1, max_length=2)]
    code: Annotated[str | None, Text(pattern="[ab]*|é")] = None
    number: Annotated[float | None, Number(minimum=-1, maximum=2.5)] = None
    whole: int = 5
    switch: bool | None = None
    fixed: Literal["a", "b", 1] | None = None
    chosen: Annotated[str | None, Select(choices=["a", "é"])] = None
    any: object = None
    start: datetime | None = None
    day: date | None = None
    clock: time | None = None


@frozen(kw_only=True)
class Twig:
    kind: Literal["twig"] = "twig"
    leaves: Sequence[Leaf] = ()


@frozen(kw_only=True)
class Whole:
    row: Annotated[Sequence[int | None], Array(min_items=1, max_items=3)]
    named: Annotated[Mapping[str, bool] | None, KeyValue(max_items=2)] = None
    parts: Parts | None = None
    tree: Leaf | Twig | None = None
    either: str | Sequence[int] | Mapping[str, float] | None = None


_PLAIN: dict[ScalarKind, Any] = {
    ScalarKind.TEXT: str,
    ScalarKind.NUMBER: float,
    ScalarKind.INTEGER: int,
    ScalarKind.BOOLEAN: bool,
    ScalarKind.DATETIME: Annotated[datetime, msgspec.Meta(tz=True)],
    ScalarKind.DATE: date,
    ScalarKind.TIME: Annotated[time, msgspec.Meta(tz=False)],
}
_METAS = {
    "minimum": "ge",
    "maximum": "le",
    "min_length": "min_length",
    "max_length": "max_length",
    "min_items": "min_length",
    "max_items": "max_length",
}


class Types:
    """The msgspec types of forms."""

    def __init__(self) -> None:
        self._made: dict[str, type] = {}

    def struct(self, cls: type, tag: str = "") -> type:
        """Give the Struct of a class."""
        name = f"{cls.__name__}By{tag}" if tag else cls.__name__
        if name not in self._made:
            fields: list[Any] = []
            value: Any = None
            for slot in form_of(cls).slots:
                if slot.key == tag and isinstance(slot.shape, Fixed):
                    value = slot.shape.values[0]
                elif slot.required:
                    fields.append((slot.key, self.of(slot)))
                else:
                    fields.append((slot.key, self.of(slot), msgspec.UNSET))
            tags = {"tag_field": tag, "tag": value} if tag else {}
            self._made[name] = msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=True, **tags)
        return self._made[name]

    def of(self, slot: Slot) -> Any:  # noqa: PLR0911  one return per kind of shape reads best
        """Give the type of a place."""
        shape = slot.shape
        if isinstance(shape, Scalar):
            return self._bounded(_PLAIN[shape.kind], slot)
        if isinstance(shape, Fixed):
            return Literal[shape.values]
        if isinstance(shape, ListOf):
            return self._bounded(list[self._item(shape.item)], slot)  # type: ignore[misc]  # made at run time
        if isinstance(shape, MapOf):
            return self._bounded(dict[str, self._item(shape.value)], slot)  # type: ignore[misc]  # the same
        if isinstance(shape, Record):
            return self.struct(shape.cls)
        if isinstance(shape, Either):
            return Union[tuple(self._option(option, shape) for option in shape.options)]  # noqa: UP007  made here
        return Any

    def _option(self, option: Slot, shape: Either) -> Any:
        record = isinstance(option.shape, Record) and shape.tag
        return self.struct(option.shape.cls, shape.tag) if record else self.of(option)  # type: ignore[union-attr]

    def _item(self, slot: Slot) -> Any:
        inner = self.of(slot)
        return inner | None if slot.nullable else inner

    def _bounded(self, kind: Any, slot: Slot) -> Any:
        word = slot.word
        if isinstance(word, Select) and isinstance(word.choices, tuple):
            return Literal[tuple(choice.value for choice in word.choices)]
        metas = {meta: getattr(word, name) for name, meta in _METAS.items() if getattr(word, name, None) is not None}
        if getattr(word, "pattern", ""):
            metas["pattern"] = f"^(?:{word.pattern})$"  # type: ignore[attr-defined]  # it is a Text
        return Annotated[kind, msgspec.Meta(**metas)] if metas else kind


def _lax(value: object) -> bool:
    """Tell whether msgspec is more, or less, exact about a value than JSON Schema is."""
    if isinstance(value, Mapping):
        return any(map(_lax, value.values()))
    if isinstance(value, list):
        return any(map(_lax, value))
    if isinstance(value, str):
        # It takes a blank and small letters in a date and time, an offset without a colon, and a zone after blanks.
        return re.fullmatch(r".*([t ][0-9:.]{7,}.*|z|[+-][0-9]{4})", value) is not None
    return isinstance(value, float) and value.is_integer()  # a whole number for JSON Schema, and none for msgspec


@pytest.mark.parametrize("cls", [Parts, Whole])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_msgspec_and_the_conversion_agree(cls: type, data: st.DataObject) -> None:
    """On every value, right or wrong."""
    value = data.draw(_objects(cls))
    assume(not _lax(value))

    form = _read(cls, value)

    event(f"{cls.__name__} is {'wrong' if form is None else 'right'}")
    try:
        msgspec.convert(value, Types().struct(cls))
    except msgspec.ValidationError:
        assert form is None
    else:
        assert form is not None
