"""What conversion accepts, the schema accepts, and the reverse.

Left out of the random values, since here the two differ on purpose: null for an optional field (it means "not given"),
the text of a Url (JSON Schema only notes its format), and line feeds, before which ``$`` matches in Python's regular
expressions, which jsonschema uses, and not in those of JSON Schema.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pytest
from attrs import frozen
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from jackfield import Array, InvalidInputError, KeyValue, Number, Password, Secret, Select, Text
from jackfield._engine.conversion import check_output, dump, load_form
from jackfield._engine.schema import form_schema, output_schema
from jackfield.forms import Either, Fixed, ListOf, MapOf, Record, Scalar, ScalarKind, Slot, form_of


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


@frozen(kw_only=True)
class Several:
    row: Annotated[Sequence[Annotated[int | None, Select(choices=[1, 2])]], Array(min_items=1, max_items=3)]
    rows: Sequence[Sequence[float]] | None = None
    named: Annotated[Mapping[str, Annotated[str | None, Text(max_length=2)]] | None, KeyValue(max_items=2)] = None
    single: Singles | None = None


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


FORMS = [Singles, Several, Branch, Unions]

LETTERS = st.text(alphabet="ab é", max_size=3)
NUMBERS = st.integers(-1, 3) | st.sampled_from([0.5, 1.0, 2.0, 2.5, 2.6, -1.5, 1e300])
JSON = st.recursive(
    st.booleans() | NUMBERS | LETTERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LETTERS, inner, max_size=3),
    max_leaves=5,
)
SCALARS: dict[ScalarKind, st.SearchStrategy[Any]] = {
    ScalarKind.TEXT: LETTERS,
    ScalarKind.SECRET: LETTERS,
    ScalarKind.NUMBER: NUMBERS,
    ScalarKind.INTEGER: st.integers(-3, 6) | st.just(4.0),
    ScalarKind.BOOLEAN: st.booleans(),
}


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
    return JSON


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
    assert Draft202012Validator(form_schema(form_of(cls))).is_valid(value) == (form is not None)


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
