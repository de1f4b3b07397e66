from collections import OrderedDict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

import pytest
from attrs import Factory, frozen
from hypothesis import given
from hypothesis import strategies as st

from jackfield import FromText, InvalidInputError, Json, Rest, Text
from jackfield._engine.conversion import dump, load_form


class Color(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Pair(NamedTuple):
    left: int
    right: int


@frozen(kw_only=True)
class Part:
    type: Literal["part"] = "part"
    note: str | None = None
    from_: Annotated[str | None, Text(key="from")] = None


@frozen(kw_only=True)
class Whole:
    parts: Sequence[Part | str] = ()
    size: float | None = None
    extra: Annotated[Mapping[str, object] | None, Json()] = None
    rest: Annotated[Mapping[str, object], Rest()] = Factory(dict)


def test_attributes_that_are_none_are_left_out() -> None:
    """None is never sent; everything else is, under its name in JSON."""
    whole = Whole(parts=[Part(from_="a"), "b", Part(note="")], extra={"a": None})

    assert dump(whole) == {
        "parts": [{"type": "part", "from": "a"}, "b", {"type": "part", "note": ""}],
        "extra": {"a": None},
    }


def test_the_rest_is_merged_and_overrides_nothing() -> None:
    """A declared field keeps its value, even if that is to be absent."""
    whole = Whole(size=1.5, rest={"size": 2, "parts": [], "extra": 5, "new": Part()})

    assert dump(whole) == {"parts": [], "size": 1.5, "new": {"type": "part"}}


@pytest.mark.parametrize(
    ("value", "dumped"),
    [
        (None, None),
        (True, True),
        (10**400, 10**400),
        (0.5, 0.5),
        (FromText("a"), "a"),
        (Color.RED, "red"),
        (Level.HIGH, 3),
        ((1, 2), [1, 2]),
        (Pair(1, 2), [1, 2]),
        ([0.5, 1.5], [0.5, 1.5]),
        ([[Part()]], [[{"type": "part"}]]),
        (OrderedDict(a=1), {"a": 1}),
        (MappingProxyType({"a": Color.RED}), {"a": "red"}),
        ({FromText("a"): FromText("b")}, {"a": "b"}),
    ],
    ids=str,
)
def test_values_become_json_values(value: object, dumped: object) -> None:
    """Of exactly the types that json writes."""
    found = dump(value)

    assert found == dumped
    assert type(found) is type(dumped)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"x", "$: bytes has no place in JSON"),
        ({"a": [1, Decimal(1)]}, "$.a[1]: Decimal has no place in JSON"),
        ([{1, 2}], "$[0]: set has no place in JSON"),
        ({"a": {1: 2}}, "$.a: a name in JSON is text, not int"),
        (Whole(extra={"a b": 1j}), '$.extra["a b"]: complex has no place in JSON'),
        (Whole(rest={"x": Whole}), "$.x: type has no place in JSON"),
    ],
    ids=str,
)
def test_what_has_no_place_in_json_is_named(value: object, message: str) -> None:
    """With its path and its type."""
    with pytest.raises(TypeError) as caught:
        dump(value)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (float("nan"), "$"),
        ([1.0, float("inf")], "$[1]"),
        (Whole(size=float("-inf")), "$.size"),
        (Whole(extra={"a": [{"b": float("nan")}]}), "$.extra.a[0].b"),
    ],
    ids=str,
)
def test_a_number_that_is_not_finite_is_refused(value: object, path: str) -> None:
    """JSON has none, and a service would not understand it."""
    with pytest.raises(InvalidInputError) as caught:
        dump(value)

    assert str(caught.value) == f"{path}: must be a finite number"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_json_stays_as_it_is(value: object) -> None:
    """In a copy."""
    assert dump(value) == value


PARTS: Any = st.fixed_dictionaries({"type": st.just("part")}, optional={"note": st.text(), "from": st.text()})
WHOLES: Any = st.fixed_dictionaries(
    {"parts": st.lists(PARTS | st.text())},
    optional={
        "size": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53),
        "extra": st.dictionaries(st.text(), JSON, max_size=3),
        "new": JSON,
    },
)


@given(WHOLES)
def test_a_form_that_was_read_gives_what_was_read(value: dict[str, object]) -> None:
    """Where nothing was null, and defaults are given."""
    assert dump(load_form(Whole, value)) == value
