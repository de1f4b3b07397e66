import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum, StrEnum
from typing import Annotated, Literal

import pytest
from attrs import Factory, define, field, frozen

from jackfield import Array, Integer, InvalidInputError, Number, PluginError, Problem, Rest, Select, Text
from jackfield._engine.conversion import load_form


@frozen(kw_only=True)
class Item:
    sku: str
    count: Annotated[int, Integer(minimum=1)] = 1


@frozen(kw_only=True)
class Order:
    name: Annotated[str, Text(min_length=2)]
    heat: Annotated[float | None, Number(maximum=2)] = None
    color: Literal["red", "dark red"] = "red"
    sides: Annotated[int, Select(choices=[4, 6])] = 4
    items: Annotated[Sequence[Item], Array(max_items=3)] = ()
    extra: object = None


def _problems(cls: type, value: object) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        load_form(cls, value)
    return [str(problem) for problem in caught.value.problems]


def test_an_instance_comes_back_as_it_is() -> None:
    """Checked like any other input."""
    order = Order(name="abc", items=[Item(sku="a")], heat=1)

    assert load_form(Order, order) is order


def test_an_instance_passes_the_same_bounds() -> None:
    """Type checkers know nothing of them."""
    order = Order(name="a", heat=9, items=[Item(sku="a", count=0), {"sku": "b"}], extra={"a": {1}})  # type: ignore[list-item]

    assert _problems(Order, order) == [
        "$.name: must have at least 2 characters, has 1",
        "$.heat: must be at most 2, was 9",
        "$.items[0].count: must be at least 1, was 0",
        "$.items[1]: must be Item, was an object",
        "$.extra.a: must be a JSON value, was a Python set",
    ]


def test_none_in_an_instance_is_a_problem_where_it_is_not_declared() -> None:
    """Whatever the type checker was told."""
    assert _problems(Order, Order(name=None)) == ["$.name: must be text, was null"]  # type: ignore[arg-type]


def test_an_instance_inside_of_a_mapping_comes_back_as_it_is() -> None:
    """Typed and untyped parts mix."""
    item = Item(sku="a")

    assert load_form(Order, {"name": "abc", "items": [item, {"sku": "b"}]}).items[0] is item
    assert _problems(Order, {"name": "abc", "items": [Item(sku="a", count=0)]}) == [
        "$.items[0].count: must be at least 1, was 0"
    ]


def test_a_copy_is_made_of_any_json() -> None:
    """What the caller changes later does not change the form."""
    extra = {"a": [1]}
    order = load_form(Order, {"name": "abc", "extra": extra})
    extra["a"].append(2)

    assert order.extra == {"a": [1]}


class Tone(StrEnum):
    WARM = "red"


class Sides(IntEnum):
    SIX = 6


def test_members_of_enums_are_their_values() -> None:
    """Where they are texts or numbers themselves."""
    order = load_form(Order, {"name": "abc", "color": Tone.WARM, "sides": Sides.SIX, "extra": [Sides.SIX, Tone.WARM]})

    assert (order.color, order.sides, order.extra) == ("red", 6, [6, "red"])
    assert [type(order.color), type(order.sides)] == [str, int]


def test_any_sequence_is_a_list() -> None:
    """But text is none, although Python can walk over it."""

    @frozen(kw_only=True)
    class Row:
        numbers: list[int]

    assert load_form(Row, {"numbers": range(3)}) == Row(numbers=[0, 1, 2])
    assert _problems(Row, {"numbers": b"abc"}) == ["$.numbers: must be a list, was a Python bytes"]


def test_a_literal_may_offer_fewer_choices_than_its_type() -> None:
    """The type is of a library, the choices are of the field."""

    @frozen(kw_only=True)
    class Paint:
        color: Annotated[Literal["red", "green", "blue"], Select(choices=["green", "red"])]

    assert load_form(Paint, {"color": "green"}) == Paint(color="green")
    assert _problems(Paint, {"color": "blue"}) == ["$.color: must be one of green, red, was text of 4 characters"]


def test_a_form_with_a_rest_takes_any_field() -> None:
    """As JSON values."""

    @frozen(kw_only=True)
    class Open:
        known: int = 0
        rest: Annotated[Mapping[str, object], Rest()] = Factory(dict)

    assert load_form(Open, {"known": 1, "other": [2]}) == Open(known=1, rest={"other": [2]})
    assert load_form(Open, {"known": 1}).rest == {}
    assert _problems(Open, {"known": "x", "other": {1}}) == [
        "$.known: must be a whole number, was text of 1 character",
        "$.other: must be a JSON value, was a Python set",
    ]


def test_a_rule_of_the_class_itself_is_a_problem() -> None:
    """With the paths that it says, from the class on."""

    @frozen(kw_only=True)
    class Range:
        low: int
        high: int

        def __attrs_post_init__(self) -> None:
            if self.low > self.high:
                raise InvalidInputError([Problem(path="$.low", rule="order", message="must not exceed high")])

    @frozen(kw_only=True)
    class Ranges:
        ranges: Sequence[Range]

    assert _problems(Ranges, {"ranges": [{"low": 1, "high": 2}, {"low": 3, "high": 2}]}) == [
        "$.ranges[1].low: must not exceed high"
    ]


def test_a_validator_of_attrs_is_a_problem_without_its_text() -> None:
    """It would show the value."""

    def short(_: object, __: object, value: str) -> None:
        if len(value) > 3:
            message = f"too long: {value}"
            raise ValueError(message)

    @frozen(kw_only=True)
    class Brief:
        text: str = field(validator=short)

    assert _problems(Brief, {"text": "canary"}) == ["$: breaks a rule of Brief"]


def test_a_mistake_in_the_class_is_not_a_problem_of_the_input() -> None:
    """It is raised as it is."""

    @frozen(kw_only=True)
    class Faulty:
        text: str

        def __attrs_post_init__(self) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        load_form(Faulty, {"text": "a"})


def test_a_class_that_cannot_be_a_form_is_said_so() -> None:
    """Also if it stands deep inside of another."""

    @frozen(kw_only=True)
    class Inner:
        data: bytes

    @frozen(kw_only=True)
    class Outer:
        inner: Inner

    with pytest.raises(PluginError, match="has no place in a form"):
        load_form(Outer, {"inner": {"data": ""}})


def test_fields_may_have_the_names_that_cattrs_uses() -> None:
    """A service knows nothing of cattrs."""

    @frozen(kw_only=True)
    class Awkward:
        converter: str
        cl: str
        attrs: str
        typevar_map: str
        _private: str
        class_: Annotated[str, Text(key="class")]
        content_type: Annotated[str, Text(key="content-type")]

    value = {name: name for name in ("converter", "cl", "attrs", "typevar_map", "_private", "class", "content-type")}

    found = load_form(Awkward, value)

    assert (found.converter, found.class_, found.content_type) == ("converter", "class", "content-type")
    assert _problems(Awkward, {"cl": 1, "content-type": 2})[1:] == [
        "$.cl: must be text, was 1",
        "$.attrs: is required",
        "$.typevar_map: is required",
        "$._private: is required",
        "$.class: is required",
        '$["content-type"]: must be text, was 2',
    ]


def test_a_class_without_fields_takes_an_empty_object() -> None:
    """And says so of any other."""

    @frozen(kw_only=True)
    class Nothing:
        pass

    assert load_form(Nothing, {}) == Nothing()
    assert _problems(Nothing, {"a": 1}) == ["$.a: is no field; there are no fields"]


def test_positional_and_mutable_classes_are_filled_too() -> None:
    """What counts are the annotations."""

    @define
    class Loose:
        x: int
        y: str = "a"

    assert load_form(Loose, {"x": 1}) == Loose(1, "a")


def test_many_threads_may_meet_a_class_at_once() -> None:
    """Each gets the same answer, whoever made the code for it."""

    @frozen(kw_only=True)
    class New:
        items: Sequence[Item]

    barrier = threading.Barrier(8)

    def read(number: int) -> object:
        barrier.wait(timeout=10)
        return load_form(New, {"items": [{"sku": str(number)}]})

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read, range(8)))

    assert found == [New(items=(Item(sku=str(number)),)) for number in range(8)]
