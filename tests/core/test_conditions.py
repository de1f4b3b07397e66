import copy
import pickle
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import attrs
import pytest
from attrs import field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from jackfield import (
    Boolean,
    Collection,
    Field,
    FromText,
    Integer,
    InvalidInputError,
    PluginError,
    Select,
    Text,
    When,
)
from jackfield._cli.describe import FieldTable
from jackfield._cli.example import example_command
from jackfield._cli.inputs import read_inputs
from jackfield._engine.conversion import load_form
from jackfield._engine.schema import form_schema
from jackfield.forms import form_of

IF_EDIT = When("method", "edit", "variation")


@frozen(kw_only=True)
class Draw:
    """Draw an image, or change one."""

    method: Annotated[Literal["generate", "edit", "variation"], Select(label="Method")] = "generate"
    prompt: Annotated[str | None, Text(required_when=When("method", "generate", "edit"))] = None
    image: Annotated[str | None, Text(required_when=IF_EDIT, shown_when=IF_EDIT, example="a.png")] = None
    mask: Annotated[str | None, Text(shown_when=When("image"))] = None
    reason: Annotated[str | None, Text(required_when=When("mask"))] = None
    count: int | None = None
    bulk: Annotated[bool | None, Boolean(shown_when=When("count", 2, 3))] = None
    why: Annotated[str | None, Text(required_when=When("bulk", True), shown_when=When("method", "edit"))] = None


def problems(value: Any) -> dict[str, str]:
    """Give what is wrong with an input, by path."""
    with pytest.raises(InvalidInputError) as caught:
        load_form(Draw, value)
    return {problem.path: f"{problem.rule}: {problem.message}" for problem in caught.value.problems}


RIGHT: list[Mapping[str, object]] = [
    {"prompt": "x"},
    {"method": "generate", "prompt": "x", "count": 2, "bulk": True},
    {"method": "variation", "image": "a"},
    {"method": "edit", "image": "a", "prompt": "x"},
    {"method": "edit", "image": "a", "prompt": "x", "mask": "m", "reason": "r"},
    {"method": "variation", "image": "a", "prompt": None, "mask": None},
    {"method": "edit", "image": "a", "prompt": "x", "count": 2, "bulk": True, "why": "w"},
]


@pytest.mark.parametrize("value", RIGHT, ids=str)
def test_what_keeps_to_the_conditions_is_taken(value: Mapping[str, object]) -> None:
    """As JSON, and as an instance."""
    form = load_form(Draw, value)

    assert load_form(Draw, form) is form
    assert Draft202012Validator(form_schema(form_of(Draw))).is_valid({k: v for k, v in value.items() if v is not None})


WRONG: list[tuple[Mapping[str, object], dict[str, str]]] = [
    ({}, {"$.prompt": "required: is required if method is generate or edit"}),
    ({"method": "edit", "prompt": "x"}, {"$.image": "required: is required if method is edit or variation"}),
    (
        {"prompt": "x", "image": "a"},
        {"$.image": "hidden: is only there if method is edit or variation; leave it out, or change method"},
    ),
    (
        {"method": "variation", "image": "a", "mask": "m"},
        {"$.reason": "required: is required if mask is given"},
    ),
    (
        {"prompt": "x", "mask": "m", "reason": "r"},
        {"$.mask": "hidden: is only there if image is given; leave it out, or change image"},
    ),
    (
        {"prompt": "x", "bulk": True},
        {"$.bulk": "hidden: is only there if count is 2 or 3; leave it out, or change count"},
    ),
    (
        {"method": "edit", "image": "a", "prompt": "x", "count": 3, "bulk": True},
        {"$.why": "required: is required if bulk is true"},
    ),
]


@pytest.mark.parametrize(("value", "found"), WRONG, ids=[str(each[0]) for each in WRONG])
def test_what_breaks_a_condition_is_told_with_the_remedy(value: Mapping[str, object], found: dict[str, str]) -> None:
    """As JSON, as an instance, and by the schema."""
    assert problems(value) == found
    assert problems(Draw(**value)) == found  # type: ignore[arg-type]  # each has the right type
    assert not Draft202012Validator(form_schema(form_of(Draw))).is_valid(value)


def test_all_that_is_wrong_is_told_in_the_order_of_the_form() -> None:
    """Conditions beside everything else."""
    found = problems({"method": "edit", "image": 5, "count": "x", "mask": "m", "other": 1})

    assert list(found) == ["$.prompt", "$.image", "$.reason", "$.count", "$.other"]


def test_a_condition_on_a_wrong_value_is_not_told() -> None:
    """Once that is mended, it may hold or not."""
    assert list(problems({"method": "paint"})) == ["$.method"]


def test_a_condition_reads_what_a_person_typed() -> None:
    """By the type of the other field."""
    with pytest.raises(InvalidInputError, match="why: is required if bulk is true"):
        load_form(
            Draw,
            {"method": "edit", "image": "a", "prompt": "x", "count": FromText("2"), "bulk": FromText("yes")},
        )


def test_a_schema_says_conditions_with_its_own_keywords() -> None:
    """And for pages, which hide fields, once more as data."""
    schema = form_schema(form_of(Draw))

    Draft202012Validator.check_schema(schema)
    assert schema["dependentRequired"] == {"mask": ["reason"]}
    assert schema["allOf"][0] == {
        "if": {"properties": {"method": {"enum": ["generate", "edit"]}}},
        "then": {"required": ["prompt"]},
    }
    edit = {"properties": {"method": {"enum": ["edit", "variation"]}}, "required": ["method"]}
    assert schema["allOf"][1:3] == [
        {"if": edit, "then": {"required": ["image"]}},
        {"if": edit, "else": {"properties": {"image": False}}},
    ]
    assert schema["properties"]["image"]["x-jackfield"] == {
        "requiredWhen": {"field": "method", "values": ["edit", "variation"]},
        "shownWhen": {"field": "method", "values": ["edit", "variation"]},
    }
    assert schema["properties"]["mask"]["x-jackfield"] == {"shownWhen": {"field": "image"}}


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["generate", "edit", "variation"]),
        "prompt": st.just("x"),
        "image": st.just("a"),
        "mask": st.just("m"),
        "reason": st.just("r"),
        "count": st.integers(1, 4),
        "bulk": st.booleans(),
        "why": st.just("w"),
    },
)


@settings(deadline=None, max_examples=300)
@given(value=VALUES)
def test_the_schema_and_the_conversion_agree_about_conditions(value: Mapping[str, object]) -> None:
    """On every set of fields."""
    try:
        load_form(Draw, value)
    except InvalidInputError:
        right = False
    else:
        right = True

    assert Draft202012Validator(form_schema(form_of(Draw))).is_valid(value) is right


def test_a_hidden_field_still_counts_by_its_default() -> None:
    """A plugin may take the field away that others depend on."""
    form = form_of(Draw).without("method")

    validator = Draft202012Validator(form_schema(form))
    assert validator.is_valid({"prompt": "x"})
    assert not validator.is_valid({})
    assert not validator.is_valid({"prompt": "x", "image": "a"})


def test_people_see_when_a_field_is_required() -> None:
    """In the words of the form."""
    needed = {row.name: row.needed for row in FieldTable(form_of(Draw), advanced=True, levels=9).rows}

    assert needed["prompt"] == "required if method is generate or edit"
    assert needed["image"] == "required if, and only if, method is edit or variation"
    assert needed["mask"] == "only if image is given"
    assert needed["why"] == "required if bulk is true, only if method is edit"


def test_an_example_keeps_to_the_conditions() -> None:
    """It fills what its other values require, and leaves out what is not there for them."""

    @frozen(kw_only=True)
    class Edit:
        method: Literal["edit", "generate"]
        image: Annotated[str | None, Text(required_when=When("method", "edit"))] = None
        size: Annotated[int | None, Integer(example=5, shown_when=When("method", "generate"))] = None
        reason: Annotated[str | None, Text(required_when=When("image"))] = None

    command = example_command("a.b", form_of(Edit))

    assert command == "jackfield module run a.b method=edit image=IMAGE reason=REASON"
    assert load_form(Edit, read_inputs(command.split()[4:], form_of(Edit))).reason == "REASON"
    assert "image" not in example_command("a.b", form_of(Draw))


@frozen(kw_only=True)
class Say:
    """One or the other."""

    text: Annotated[str | None, Text(required_when=When("file", None))] = None
    file: Annotated[str | None, Text(required_when=When("text", None), shown_when=When("text", None))] = None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (
            {},
            {
                "$.text": "required: is required if file is not given",
                "$.file": "required: is required if text is not given",
            },
        ),
        ({"text": "x"}, {}),
        ({"file": "x", "text": None}, {}),
        (
            {"text": "x", "file": "y"},
            {"$.file": "hidden: is only there if text is not given; leave it out, or change text"},
        ),
    ],
    ids=str,
)
def test_of_two_fields_one_may_be_required_if_the_other_is_not_given(
    value: Mapping[str, object], found: Mapping[str, str]
) -> None:
    """The form and its schema say the same."""
    told = {}
    try:
        load_form(Say, value)
    except InvalidInputError as error:
        told = {problem.path: f"{problem.rule}: {problem.message}" for problem in error.problems}

    assert told == found
    given = {key: held for key, held in value.items() if held is not None}
    assert Draft202012Validator(form_schema(form_of(Say))).is_valid(given) is not bool(found)


@frozen(kw_only=True)
class Point:
    x: int


MISUSES: list[tuple[Any, object, str, str]] = [
    (Annotated[str, Text(required_when=When("kind", "a"))], attrs.NOTHING, "it is required anyway", "default None"),
    (Annotated[str, Text(required_when=When("kind", "a"))], "x", "it has a default", "default None"),
    (Annotated[str, Text(shown_when=When("kind", "a"))], attrs.NOTHING, "it is required, so it cannot", "default None"),
    (Annotated[str | None, Text(shown_when=When("knd"))], None, "names knd, which is no field", "There are: kind,"),
    (Annotated[str | None, Text(shown_when=When("spot"))], None, "names the field itself", "There are: kind,"),
    (Annotated[str | None, Text(shown_when=When("kind", "c"))], None, "waits for c, which kind never is", "accepts"),
    (Annotated[str | None, Text(shown_when=When("number", True))], None, "waits for true, which number", "accepts"),
    (Annotated[str | None, Text(shown_when=When("number", 4))], None, "waits for 4, which number never is", "accepts"),
    (Annotated[str | None, Text(shown_when=When("kind"))], None, "holds always: kind is always given", "which values"),
    (Annotated[str | None, Text(shown_when=When("kind", None))], None, "holds never: kind is always given", "which"),
    (Annotated[str | None, Text(shown_when=When("number", 1, None))], None, "names None beside other values", "alone"),
    (
        Annotated[str | None, Field(shown_when=When("point", 1))],
        None,
        "none of a few single values",
        "union with a tag",
    ),
]


@pytest.mark.parametrize(("hint", "default", "what", "remedy"), MISUSES, ids=[each[2] for each in MISUSES])
def test_a_condition_that_cannot_be_is_named_with_its_remedy(
    hint: Any, default: object, what: str, remedy: str
) -> None:
    """When the form is read."""
    hints: dict[str, Any] = {
        "number": Annotated[int | None, Select(choices=[1, 2])],
        "point": Annotated[Point | None, Collection()],
    }
    kind: Any = Literal["a", "b"]
    spots = {"kind": field(type=kind), "spot": field(type=hint, default=default)}
    spots |= {name: field(type=other, default=None) for name, other in hints.items()}
    cls = attrs.make_class("Here", spots, kw_only=True, frozen=True)

    with pytest.raises(PluginError) as caught:
        form_of(cls)

    assert caught.value.message.startswith("Here.spot: ")
    assert what in caught.value.message
    assert remedy in caught.value.hint


def test_a_condition_is_copied_and_pickled_as_it_is() -> None:
    """A word may go to another process."""
    for copied in (copy.deepcopy(IF_EDIT), pickle.loads(pickle.dumps(IF_EDIT))):  # noqa: S301  our own bytes
        assert (copied.field, copied.values) == ("method", ("edit", "variation"))
        assert copied == IF_EDIT


def test_a_plugin_cannot_change_conditions() -> None:
    """It requires and hides by itself, for the values that it is asked about."""
    with pytest.raises(PluginError, match="shown_when cannot be changed"):
        form_of(Draw).narrowed("mask", shown_when=None)
