from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Annotated, Any, Literal

import attrs
import pytest
from attrs import field, frozen

from jackfield import (
    AnyValue,
    Array,
    Boolean,
    Collection,
    Date,
    DateTime,
    Field,
    Integer,
    Json,
    KeyValue,
    Number,
    OneOf,
    Password,
    PluginError,
    Rest,
    Secret,
    Select,
    Text,
    Time,
    Url,
)
from jackfield.forms import form_of


class Color(Enum):
    RED = "red"


@frozen(kw_only=True)
class Untagged:
    a: int


@frozen(kw_only=True)
class AlsoUntagged:
    a: int


@frozen(kw_only=True)
class Dog:
    kind: Literal["animal", "dog"] = "dog"


@frozen(kw_only=True)
class Cat:
    kind: Literal["animal", "cat"] = "cat"


def _form(hint: Any) -> type:
    return attrs.make_class("Here", {"spot": field(type=hint)}, kw_only=True, frozen=True)


MISUSES: list[tuple[Any, str, str]] = [
    (Color, "the type <enum 'Color'> has no place in a form", "Use str, Secret,"),
    (bytes, "the type <class 'bytes'> has no place in a form", "Use str, Secret,"),
    (type(None), "the type None has no place in a form", "Use str, Secret,"),
    (list, "the type <class 'list'> has no place in a form", "list[T]"),
    (set[str], "the type set[str] has no place in a form", "Use str, Secret,"),
    (tuple[int, str], "the type tuple[int, str] has no place in a form", "Use str, Secret,"),
    (Mapping[int, str], "has no place in a form", "Mapping[str, T]"),
    (Literal[b"x"], "has no place in a form", "Use str, Secret,"),
    (Untagged | AlsoUntagged, "nothing tells Untagged and AlsoUntagged apart", "Literal of its own"),
    (Dog | Cat, "nothing tells Dog and Cat apart", "Literal of its own"),
    (int | float, "two members of the union are both number in JSON", "Tell them apart"),
    (list[int] | list[str], "two members of the union are both array in JSON", "Tell them apart"),
    (Dog | Mapping[str, str], "two members of the union are both object in JSON", "Tell them apart"),
    (str | Secret, "two members of the union are both string in JSON", "Tell them apart"),
    (Literal["a", 1] | bool, "a member of the union can be anything in JSON", "object alone"),
    (Sequence[bytes], "Here.spot[]: the type", "Use str, Secret,"),
    (Mapping[str, bytes], "Here.spot{}: the type", "Use str, Secret,"),
    (Annotated[int, Number()], "Number does not fit the type", "Number goes with float"),
    (Annotated[float, Integer()], "Integer does not fit the type", "Integer goes with int"),
    (Annotated[str, Password()], "Password does not fit the type", "Password goes with Secret"),
    (Annotated[Secret, Text()], "Text does not fit the type", "Text goes with str"),
    (Annotated[Secret, Url()], "Url does not fit the type", "Url goes with str"),
    (Annotated[str, Boolean()], "Boolean does not fit the type", "Boolean goes with bool"),
    (Annotated[bool, Select()], "Select does not fit the type", "str, int, float or a Literal"),
    (Annotated[str, Array()], "Array does not fit the type", "Sequence[T]"),
    (Annotated[Mapping[str, int], Collection()], "Collection does not fit the type", "an attrs class"),
    (Annotated[Untagged, OneOf()], "OneOf does not fit the type", "a union"),
    (Annotated[Untagged, KeyValue()], "KeyValue does not fit the type", "Mapping[str, T]"),
    (Annotated[str, Json()], "Json does not fit the type", "object or Mapping[str, object]"),
    (Annotated[Mapping[str, object], AnyValue()], "AnyValue does not fit the type", "AnyValue goes with object"),
    (Annotated[str, DateTime()], "DateTime does not fit the type", "DateTime goes with datetime"),
    (Annotated[datetime, Date()], "Date does not fit the type", "Date goes with date"),
    (Annotated[datetime, Time()], "Time does not fit the type", "Time goes with time"),
    (
        Annotated[date, Date(earliest=date(2026, 1, 2), latest=date(2026, 1, 1))],
        "earliest is 2026-01-02 and latest is 2026-01-01",
        "inclusive",
    ),
    (Annotated[date, Date(latest=datetime(2026, 1, 1, tzinfo=UTC))], "latest is no date", "Give a date"),
    (
        Annotated[datetime, DateTime(earliest=datetime(2026, 1, 1))],  # noqa: DTZ001  that is the point
        "earliest has no time zone",
        "tzinfo=UTC",
    ),
    (Annotated[time, Time(latest=time(9, tzinfo=UTC))], "latest has a time zone", "time(9, 30)"),
    (date | str, "two members of the union are both string in JSON", "Tell them apart"),
    (Annotated[object, Rest()], "Rest does not fit the type", "Mapping[str, object]"),
    (Annotated[str | float, Text()], "Text does not fit the type", "Text goes with str"),
    (Annotated[float, Number(minimum=2, maximum=1)], "minimum is 2 and maximum is 1", "inclusive"),
    (Annotated[str, Text(min_length=2, max_length=1)], "min_length is 2 and max_length is 1", "inclusive"),
    (Annotated[list[int], Array(min_items=2, max_items=1)], "min_items is 2 and max_items is 1", "inclusive"),
    (Annotated[list[Untagged], Array(unique=True)], "unique compares single values", "Leave unique out"),
    (Annotated[list[Secret], Array(unique=True)], "unique compares single values", "Leave unique out"),
    (Annotated[str, Text(pattern="[")], "the pattern is no regular expression", "whole text"),
    (Annotated[str, Url(schemes=())], "there are no schemes", "https"),
    (Annotated[str, Select()], "there are no choices", "Give choices=[...]"),
    (Annotated[str, Select(choices=["a", "a"])], "a choice stands there twice", "once"),
    (Annotated[str, Select(choices=["a", 1])], "a choice is not of the field's type", "annotation"),
    (Annotated[int, Select(choices=[1.5])], "a choice is not of the field's type", "annotation"),
    (Annotated[Literal["a"], Select(choices=["b"])], "a choice is none of the Literal's values", "no choices"),
    (Annotated[Literal["a"], Select(choices=list)], "a Literal's values are the choices", "Use str"),
    (Annotated[Literal["a"], Select(free_text=True)], "free_text contradicts a Literal", "Use str"),
    (Annotated[str, Text(), Field(label="x")], "two words stand on one type", "in one word"),
    (Annotated[Annotated[str, Text()] | None, Field()], "two words stand on one type", "in one word"),
]


@pytest.mark.parametrize(("hint", "what", "remedy"), MISUSES, ids=[f"{each[0]}" for each in MISUSES])
def test_a_misused_word_or_type_is_named_with_its_place_and_remedy(hint: Any, what: str, remedy: str) -> None:
    """Whoever writes a connector learns it from the error."""
    with pytest.raises(PluginError) as caught:
        form_of(_form(hint))

    assert caught.value.message.startswith("Here.spot")
    assert what in caught.value.message
    assert remedy in caught.value.hint
    assert caught.value.stage == "object"


@pytest.mark.parametrize("thing", [int, "text", Untagged(a=1), None], ids=str)
def test_only_attrs_classes_are_forms(thing: Any) -> None:
    """Instances and other classes are not."""
    with pytest.raises(PluginError, match="this is no attrs class, so it cannot be a form") as caught:
        form_of(thing)

    assert caught.value.hint == "Put @attrs.frozen(kw_only=True) on it."


def test_an_annotation_that_cannot_be_resolved_is_named() -> None:
    """Such as one that was imported for type checkers only."""

    @frozen(kw_only=True)
    class Here:
        spot: "Elsewhere"  # type: ignore[name-defined]  # noqa: F821  that is the point

    with pytest.raises(PluginError, match="Here: the name 'Elsewhere' in an annotation cannot be resolved") as caught:
        form_of(Here)

    assert "TYPE_CHECKING" in caught.value.hint


def test_two_attributes_with_one_name_in_json_are_refused() -> None:
    """One would silently win."""

    @frozen(kw_only=True)
    class Here:
        from_: Annotated[str, Text(key="from")]
        origin: Annotated[str, Text(key="from")]

    with pytest.raises(PluginError, match="two attributes are named from in JSON"):
        form_of(Here)


@pytest.mark.parametrize("key", ["it's", 'a "b"', "back\\slash", "tab\t"])
def test_keys_that_would_break_generated_code_are_refused(key: str) -> None:
    """The oldest cattrs that we support does not escape them."""
    with pytest.raises(PluginError, match="cannot be used") as caught:
        form_of(_form(Annotated[str, Text(key=key)]))

    assert caught.value.hint == "Use neither quotes nor backslashes nor control characters."


def test_two_attributes_cannot_both_take_the_rest() -> None:
    """Nobody could say which."""

    @frozen(kw_only=True)
    class Here:
        one: Annotated[Mapping[str, object], Rest()]
        two: Annotated[Mapping[str, object], Rest()]

    with pytest.raises(PluginError, match="one and two would both take the rest"):
        form_of(Here)


def test_one_text_is_not_a_list_of_choices() -> None:
    """Each of its letters would be a choice."""
    with pytest.raises(TypeError, match="choices='abc' is one text; give a list of choices"):
        Select(choices="abc")


def test_choices_that_are_none_are_told_why() -> None:
    """A field that has the name of its own function hides it."""
    with pytest.raises(TypeError, match="does a field of the class have the name of the function"):
        Select(choices=None)


def test_an_attribute_without_a_type_is_refused() -> None:
    """There is a style of attrs without annotations, which says too little."""
    here = attrs.make_class("Here", ["spot"])

    with pytest.raises(PluginError, match=r"Here\.spot: it has no annotation"):
        form_of(here)


def test_what_can_be_any_json_value_stands_in_no_union() -> None:
    """It would take the values of all other members."""
    with pytest.raises(PluginError, match=r"Here\.spot: a member of the union can be anything in JSON"):
        form_of(_form(object | str))


@pytest.mark.parametrize(
    ("hint", "what"),
    [
        (Annotated[str, Text], "Text stands there as a class"),
        (Annotated[str, Text(min_length=-1)], "min_length is -1"),
        (Annotated[list[int], Array(max_items=-1)], "max_items is -1"),
        (Annotated[int, Integer(minimum="1")], "minimum is '1'"),  # type: ignore[arg-type]  # that is the mistake
        (Annotated[float, Number(minimum=float("nan"))], "minimum is nan"),
        (Annotated[float, Number(maximum=float("inf"))], "maximum is inf"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_word_that_can_say_nothing_is_named_with_its_remedy(hint: Any, what: str) -> None:
    """Instead of being passed over, or failing when somebody runs the module."""
    with pytest.raises(PluginError) as caught:
        form_of(_form(hint))

    assert caught.value.message == f"Here.spot: {what}{', which says nothing' if 'class' in what else ''}."
    assert caught.value.hint
