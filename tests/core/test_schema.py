from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import pytest
from attrs import Factory, frozen
from jsonschema import Draft202012Validator

from jackfield import (
    AnyValue,
    Array,
    Boolean,
    Choice,
    Collection,
    DateTime,
    Integer,
    Json,
    KeyValue,
    Number,
    OneOf,
    Password,
    Rest,
    Secret,
    Select,
    Text,
    Url,
)
from jackfield._engine.schema import form_schema, output_schema
from jackfield.forms import form_of


@frozen(kw_only=True)
class Words:
    """A text."""

    type: Literal["text"] = "text"
    text: str


@frozen(kw_only=True)
class Picture:
    """An image by its address."""

    type: Literal["image", "photo"]
    url: Annotated[str, Url()]


@frozen(kw_only=True)
class Node:
    """A place in a tree."""

    name: str
    children: "Sequence[Node]" = ()


@frozen(kw_only=True)
class Twice:
    """Used in two places."""

    left: Annotated[Words, Collection(help="On the left.")]
    right: Words | None = None
    either: Words | Picture | None = None


@frozen(kw_only=True)
class Answer:
    """What came back."""

    id: str
    count: int | None
    score: float = 0.0
    kind: Literal["answer"] = "answer"
    rest: Annotated[Mapping[str, object], Rest()] = Factory(dict)


def _property(hint: Any, default: object = ..., cls_name: str = "Here") -> dict[str, Any]:
    attributes: dict[str, Any] = {"__annotations__": {"spot": hint}}
    if default is not ...:
        attributes["spot"] = default
    schema = form_schema(form_of(frozen(type(cls_name, (), attributes))))
    Draft202012Validator.check_schema(schema)
    found: dict[str, Any] = schema["properties"]["spot"]
    return found


PROPERTIES: dict[str, tuple[Any, dict[str, Any]]] = {
    "text": (
        Annotated[str, Text(label="Name", help="Yours.", min_length=1, max_length=9, pattern="a|b")],
        {
            "title": "Name",
            "description": "Yours.",
            "type": "string",
            "minLength": 1,
            "maxLength": 9,
            "pattern": "^(?:a|b)$",
        },
    ),
    "a long text": (
        Annotated[str, Text(multiline=True, advanced=True, mappable=False, unit="words")],
        {
            "title": "Spot",
            "type": "string",
            "x-jackfield": {"advanced": True, "mappable": False, "unit": "words", "multiline": True},
        },
    ),
    "secret": (
        Annotated[Secret, Password(min_length=8, env="KEY")],
        {
            "title": "Spot",
            "type": "string",
            "format": "password",
            "writeOnly": True,
            "minLength": 8,
            "x-jackfield": {"env": "KEY"},
        },
    ),
    "url of one scheme": (
        Annotated[str, Url(schemes=("https",))],
        {"title": "Spot", "type": "string", "format": "uri", "x-jackfield": {"schemes": ["https"]}},
    ),
    "url": (Annotated[str, Url()], {"title": "Spot", "type": "string", "format": "uri"}),
    "number": (
        Annotated[float, Number(minimum=0, maximum=2, example=0.5)],
        {"title": "Spot", "type": "number", "minimum": 0, "maximum": 2, "examples": [0.5]},
    ),
    "integer": (Annotated[int, Integer(minimum=1)], {"title": "Spot", "type": "integer", "minimum": 1}),
    "switch": (Annotated[bool, Boolean()], {"title": "Spot", "type": "boolean"}),
    "old": (
        Annotated[int, Integer(deprecated="Use the other one.")],
        {
            "title": "Spot",
            "type": "integer",
            "deprecated": True,
            "x-jackfield": {"deprecated": "Use the other one."},
        },
    ),
    "one fixed value": (Literal["a"], {"title": "Spot", "type": "string", "const": "a"}),
    "fixed values": (Literal["a", "b"], {"title": "Spot", "type": "string", "enum": ["a", "b"]}),
    "fixed numbers": (Literal[1, 2], {"title": "Spot", "type": "integer", "enum": [1, 2]}),
    "fixed values of all kinds": (Literal["a", 1, True], {"title": "Spot", "enum": ["a", 1, True]}),
    "fixed values with labels": (
        Annotated[Literal["a", "b"], Select(choices=[Choice(value="a", label="A"), Choice(value="b", group="B")])],
        {
            "title": "Spot",
            "type": "string",
            "enum": ["a", "b"],
            "x-jackfield": {
                "choices": {
                    "freeText": False,
                    "options": [{"value": "a", "label": "A"}, {"value": "b", "group": "B"}],
                }
            },
        },
    ),
    "choices": (
        Annotated[int, Select(choices=[1, 2])],
        {"title": "Spot", "type": "integer", "enum": [1, 2]},
    ),
    "open choices": (
        Annotated[str, Select(choices=["a"], free_text=True)],
        {
            "title": "Spot",
            "type": "string",
            "x-jackfield": {"choices": {"freeText": True, "options": [{"value": "a"}]}},
        },
    ),
    "choices that are asked for": (
        Annotated[str, Select(choices=lambda _: [])],
        {"title": "Spot", "type": "string", "x-jackfield": {"choices": {"dynamic": True, "freeText": True}}},
    ),
    "closed choices that are asked for": (
        Annotated[str, Select(choices=lambda _: [], free_text=False)],
        {"title": "Spot", "type": "string", "x-jackfield": {"choices": {"dynamic": True, "freeText": False}}},
    ),
    "list": (
        Annotated[Sequence[Annotated[float, Number(label="Part", maximum=1)]], Array(min_items=1, max_items=4)],
        {
            "title": "Spot",
            "type": "array",
            "items": {"type": "number", "maximum": 1, "title": "Part"},
            "minItems": 1,
            "maxItems": 4,
        },
    ),
    "several of some choices": (
        Annotated[Sequence[Annotated[str, Select(choices=["a", "b"])]], Array(unique=True, section="Taste")],
        {
            "title": "Spot",
            "type": "array",
            "items": {"type": "string", "enum": ["a", "b"]},
            "uniqueItems": True,
            "x-jackfield": {"section": "Taste"},
        },
    ),
    "list with holes": (
        Sequence[float | None],
        {"title": "Spot", "type": "array", "items": {"type": ["number", "null"]}},
    ),
    "list of fixed values with holes": (
        Sequence[Literal["a", "b"] | None],
        {
            "title": "Spot",
            "type": "array",
            "items": {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "null"}]},
        },
    ),
    "map": (
        Annotated[Mapping[str, int], KeyValue(min_items=1, max_items=2)],
        {
            "title": "Spot",
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "minProperties": 1,
            "maxProperties": 2,
        },
    ),
    "any JSON": (object, {"title": "Spot"}),
    "any value": (Annotated[object, AnyValue()], {"title": "Spot", "x-jackfield": {"word": "AnyValue"}}),
    "moment": (
        Annotated[datetime, DateTime(example=datetime(2026, 1, 1, tzinfo=UTC))],
        {"title": "Spot", "type": "string", "format": "date-time", "examples": ["2026-01-01T00:00:00Z"]},
    ),
    "any object": (
        Annotated[Mapping[str, object], Json()],
        {"title": "Spot", "type": "object", "additionalProperties": {}},
    ),
    "union": (
        Annotated[str | Annotated[Sequence[str], Array(max_items=4)], OneOf(help="One or several.")],
        {
            "title": "Spot",
            "description": "One or several.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": 4}],
        },
    ),
    "record": (
        Words,
        {
            "title": "Spot",
            "description": "A text.",
            "type": "object",
            "properties": {
                "type": {"title": "Type", "default": "text", "type": "string", "const": "text"},
                "text": {"title": "Text", "type": "string"},
            },
            "required": ["text"],
            "additionalProperties": False,
        },
    ),
}


@pytest.mark.parametrize(("hint", "schema"), PROPERTIES.values(), ids=PROPERTIES)
def test_a_field_is_described(hint: Any, schema: dict[str, Any]) -> None:
    """With its bounds, and with what people see; nothing is said that says nothing."""
    assert _property(hint) == schema


def test_a_nullable_field_is_described_as_if_it_were_not() -> None:
    """It is left out instead."""
    assert _property(Annotated[float | None, Number(maximum=2)], None) == {
        "title": "Spot",
        "type": "number",
        "maximum": 2,
    }


@pytest.mark.parametrize(
    ("hint", "default", "said"),
    [
        (str, "", {"default": ""}),
        (int, 0, {"default": 0}),
        (bool, False, {"default": False}),
        (float | None, None, {}),
        (float, float("inf"), {}),
        (list[int], Factory(list), {}),
        (Sequence[int], (), {}),
        (Secret, Secret("canary"), {}),
        (date, date(2026, 1, 1), {"default": "2026-01-01"}),
    ],
    ids=str,
)
def test_a_default_is_said_where_json_has_it(hint: Any, default: object, said: dict[str, Any]) -> None:
    """A single value, and never a secret."""
    found = _property(hint, default)

    assert {key: value for key, value in found.items() if key == "default"} == said
    assert "canary" not in str(found)


def test_a_form_is_a_closed_object_with_its_required_fields() -> None:
    """And with the title and description of its class."""
    schema = form_schema(form_of(Node))

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "Node"
    assert schema["description"] == "A place in a tree."
    assert schema["type"] == "object"
    assert schema["required"] == ["name"]
    assert schema["additionalProperties"] is False


def test_a_class_that_holds_itself_is_a_definition() -> None:
    """To which every place in it refers."""
    schema = form_schema(form_of(Node))

    assert list(schema["$defs"]) == ["Node"]
    assert schema["properties"]["children"]["items"] == {"$ref": "#/$defs/Node"}
    assert schema["$defs"]["Node"]["properties"]["children"]["items"] == {"$ref": "#/$defs/Node"}
    assert Draft202012Validator(schema).is_valid({"name": "a", "children": [{"name": "b", "children": []}]})
    assert not Draft202012Validator(schema).is_valid({"name": "a", "children": [{"children": []}]})


def test_a_class_that_is_used_twice_is_a_definition() -> None:
    """What is said about the place stands beside the reference."""
    schema = form_schema(form_of(Twice))

    assert list(schema["$defs"]) == ["Words"]
    assert schema["properties"]["left"] == {
        "title": "Left",
        "description": "On the left.",
        "$ref": "#/$defs/Words",
    }
    assert schema["$defs"]["Words"]["required"] == ["text"]


def test_records_of_a_union_are_told_apart_by_a_required_tag() -> None:
    """Elsewhere the tag of the same class may be left out."""
    schema = form_schema(form_of(Twice))

    either = schema["properties"]["either"]
    assert either["oneOf"][0] == {"$ref": "#/$defs/Words", "required": ["type"]}
    assert either["oneOf"][1]["required"] == ["type", "url"]
    assert either["x-jackfield"] == {"tag": "type"}
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"left": {"text": "a"}, "either": {"type": "text", "text": "a"}})
    assert not validator.is_valid({"left": {"text": "a"}, "either": {"text": "a"}})


def test_two_classes_of_one_name_have_two_definitions() -> None:
    """They may come from two files."""

    @frozen(kw_only=True)
    class Inner:
        words: Words
        more: Words

    other = frozen(type("Words", (), {"__annotations__": {"size": int}}), kw_only=True)
    outer = frozen(
        type("Outer", (), {"__annotations__": {"inner": Inner, "one": other, "two": other}}),
        kw_only=True,
    )

    schema = form_schema(form_of(outer))

    assert schema["properties"]["one"]["$ref"] == "#/$defs/Words"
    assert schema["properties"]["inner"]["properties"]["more"]["$ref"] == "#/$defs/Words_2"


def test_an_output_is_open_and_may_lack_what_may_be_none() -> None:
    """A bundle leaves out what is None, and has what the service said beyond."""
    schema = output_schema(form_of(Answer))

    assert schema["required"] == ["id"]
    assert schema["additionalProperties"] is True
    assert list(schema["properties"]) == ["id", "count", "score", "kind"]


def test_a_form_with_a_rest_is_open() -> None:
    """It takes any field."""
    schema = form_schema(form_of(Answer))

    assert schema["additionalProperties"] is True
    assert schema["required"] == ["id", "count"]


def test_a_narrowed_form_is_described_as_narrowed() -> None:
    """A host's policy is seen by everybody who reads the schema."""

    @frozen(kw_only=True)
    class Chat:
        model: Annotated[str, Select(choices=lambda _: [])]
        heat: Annotated[float | None, Number(maximum=2)] = None
        effort: Literal["low", "high"] | None = None
        extra: object = None

    form = form_of(Chat).without("extra").narrowed("heat", maximum=1, required=True)
    form = form.narrowed("effort", choices=["low"]).narrowed("model", choices=["a", "b"], free_text=False)

    assert form_schema(form)["required"] == ["model", "heat"]
    assert form_schema(form)["properties"] == {
        "model": {"title": "Model", "type": "string", "enum": ["a", "b"]},
        "heat": {"title": "Heat", "type": "number", "maximum": 1},
        "effort": {"title": "Effort", "type": "string", "const": "low"},
    }


@pytest.mark.parametrize(
    ("name", "title"),
    [("Place", "Place"), ("ChatForm", "Chat form"), ("HTTPCall", "HTTP call"), ("_GetModels2", "Get models2")],
)
def test_a_title_is_made_of_the_name_of_the_class(name: str, title: str) -> None:
    """In words."""
    cls = frozen(type(name, (), {"__annotations__": {}}))

    assert form_schema(form_of(cls))["title"] == title


@pytest.mark.parametrize("cls", [Words, Picture, Node, Twice, Answer])
def test_every_schema_is_a_schema(cls: type) -> None:
    """As JSON Schema 2020-12 says what one is."""
    Draft202012Validator.check_schema(form_schema(form_of(cls)))
    Draft202012Validator.check_schema(output_schema(form_of(cls)))
