from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import attrs
import pytest
from attrs import frozen

from jackfield import AnyValue, FromText, InvalidInputError, Secret, Select, Text, from_text
from jackfield._engine.conversion import load_form


@frozen(kw_only=True)
class Part:
    type: Literal["text"] = "text"
    size: float


@frozen(kw_only=True)
class Other:
    type: Literal["other"] = "other"


@frozen(kw_only=True)
class Everything:
    number: float | None = None
    whole: int | None = None
    switch: bool | None = None
    text: Annotated[str | None, Text(max_length=40)] = None
    secret: Secret | None = None
    fixed: Literal["one", 2, True] | None = None
    chosen: Annotated[int | None, Select(choices=[1, 2])] = None
    texts: Sequence[str] | None = None
    numbers: Sequence[float] | None = None
    part: Part | None = None
    parts: Sequence[Part] | None = None
    names: Mapping[str, float] | None = None
    any: object = None
    raw: Annotated[object, AnyValue()] = None
    union: str | Sequence[str] | None = None
    limit: Literal["all"] | float | None = None
    mixed: float | bool | Sequence[str] | None = None
    tagged: Part | Other | None = None


GOOD: list[tuple[str, str, object]] = [
    ("number", "0.2", 0.2),
    ("number", " 5 ", 5.0),
    ("number", "1e3", 1000.0),
    ("number", "-.5", -0.5),
    ("number", "+1.", 1.0),
    ("whole", "7", 7),
    ("whole", " -7\n", -7),
    ("whole", "7.0", 7),
    ("whole", "1e3", 1000),
    ("whole", "9" * 30, int("9" * 30)),
    ("switch", "true", True),
    ("switch", "Yes", True),
    ("switch", " ON ", True),
    ("switch", "1", True),
    ("switch", "FALSE", False),
    ("switch", "no", False),
    ("switch", "off", False),
    ("switch", "0", False),
    ("text", "0.2", "0.2"),
    ("text", "", ""),
    ("text", "null", "null"),
    ("fixed", "one", "one"),
    ("fixed", "2", 2),
    ("fixed", "yes", True),
    ("chosen", "2", 2),
    ("texts", "a", ("a",)),
    ("texts", "5", ("5",)),
    ("texts", '["a", "b"]', ("a", "b")),
    ("texts", '["a"', ('["a"',)),
    ("texts", '{"a": 1}', ('{"a": 1}',)),
    ("numbers", "5", (5.0,)),
    ("numbers", "[1, 2.5]", (1.0, 2.5)),
    ("part", '{"size": 1}', Part(size=1.0)),
    ("parts", '[{"size": 1}]', (Part(size=1.0),)),
    ("names", '{"a": 1}', {"a": 1.0}),
    ("any", '{"a": [1, "x"]}', {"a": [1, "x"]}),
    ("any", "5", 5),
    ("any", "hello", "hello"),
    ("any", "NaN", "NaN"),
    ("raw", "5", "5"),
    ("raw", "true", "true"),
    ("raw", '{"a": 1}', '{"a": 1}'),
    ("raw", "{", "{"),
    ("union", "hello", "hello"),
    ("union", "5", "5"),
    ("union", '["a"]', ("a",)),
    ("union", '"quoted"', '"quoted"'),
    ("limit", "all", "all"),
    ("limit", "5", 5.0),
    ("mixed", "+5", 5.0),
    ("mixed", "5", 5.0),
    ("mixed", "off", False),
    ("mixed", "true", True),
    ("mixed", '["a"]', ("a",)),
    ("mixed", "a", ("a",)),
    ("tagged", '{"type": "text", "size": 2}', Part(size=2.0)),
]


@pytest.mark.parametrize(("field", "text", "held"), GOOD, ids=[f"{each[0]}={each[1]:.20}" for each in GOOD])
def test_text_that_a_person_typed_is_read_as_the_person_means_it(field: str, text: str, held: object) -> None:
    """And is exactly what typed input would have been."""
    found = getattr(load_form(Everything, {field: FromText(text)}), field)

    assert found == held
    assert type(found) is type(held)


BAD: list[tuple[str, str, str, str]] = [
    ("number", "abc", "type", "must be a number, was text of 3 characters"),
    ("number", "", "type", "must be a number, was empty text"),
    ("number", "nan", "type", "must be a number, was text of 3 characters"),
    ("number", "Infinity", "type", "must be a number, was text of 8 characters"),
    ("number", "1_000", "type", "must be a number, was text of 5 characters"),
    ("number", "0x10", "type", "must be a number, was text of 4 characters"),
    ("number", "٣", "type", "must be a number, was text of 1 character"),
    ("number", "1e999", "type", "must be a finite number, was infinite"),
    ("number", "1,5", "type", "must be a number, was text of 3 characters"),
    ("whole", "1.5", "type", "must be a whole number, was 1.5"),
    ("whole", "9" * 5000, "type", "must be a whole number, was text of 5000 characters"),
    ("switch", "maybe", "type", "must be true or false, was text of 5 characters"),
    ("switch", "", "type", "must be true or false, was empty text"),
    ("text", "x" * 41, "max_length", "must have at most 40 characters, has 41"),
    ("fixed", "tow", "choice", "must be one of one, 2, true, was text of 3 characters"),
    ("fixed", "3", "choice", "must be one of one, 2, true, was text of 1 character"),
    ("chosen", "3", "choice", "must be one of 1, 2, was 3"),
    ("numbers", "a", "type", "must be a number, was text of 1 character"),
    ("numbers", '["1"]', "type", "must be a number, was text of 1 character"),
    ("part", "{size: 1}", "json", "must be an object in JSON: not JSON at line 1, column 2: "),
    ("part", "[]", "type", "must be an object, was a list of 0 items"),
    ("parts", "a", "json", "must be a list in JSON: not JSON at line 1, column 1: Expecting value"),
    ("parts", "{}", "type", "must be a list, was an object"),
    ("names", "a=1", "json", "must be an object in JSON: not JSON at line 1, column 1: Expecting value"),
    ("names", '{"a": "1"}', "type", "must be a number, was text of 1 character"),
    ("any", '{"a": 1 2}', "json", "must be JSON: not JSON at line 1, column 9"),
    ("any", ' ["a"', "json", "must be JSON: not JSON at line 1"),
    ("any", '"a', "json", "must be JSON: not JSON at line 1"),
    ("any", "[" * 300 + "]" * 300, "depth", "is nested deeper than 200 levels"),
    ("texts", "[" * 100_000, "depth", "is nested deeper than 200 levels"),
    ("limit", "some", "choice", "must be all, was text of 4 characters"),
    ("tagged", "abc", "type", "must be an object whose type is one of text, other, was text of 3"),
    ("tagged", '{"type": "x"}', "unknown_tag", "must be one of text, other, was text of 1 character"),
]


@pytest.mark.parametrize(("field", "text", "rule", "message"), BAD, ids=[f"{each[0]}={each[1]:.20}" for each in BAD])
def test_text_that_a_person_mistyped_is_not_shown(field: str, text: str, rule: str, message: str) -> None:
    """Only numbers that were understood are."""
    with pytest.raises(InvalidInputError) as caught:
        load_form(Everything, {field: FromText(text)})

    (problem,) = caught.value.problems
    assert problem.rule == rule
    assert problem.message.startswith(message)


@pytest.mark.parametrize("field", ["number", "whole", "switch", "numbers", "part", "parts", "names", "chosen"])
def test_other_text_is_never_read_so(field: str) -> None:
    """A program that sends "1" for 1 made a mistake."""
    with pytest.raises(InvalidInputError):
        load_form(Everything, {field: "1"})


def test_what_json_holds_is_typed_input() -> None:
    """A person who writes JSON writes its types, too."""
    with pytest.raises(InvalidInputError, match=r"\$\.numbers\[0\]: must be a number, was text of 1 character"):
        load_form(Everything, {"numbers": FromText('["1"]')})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Secret):
        yield value.reveal()
    elif attrs.has(type(value)):
        yield from _texts(attrs.asdict(value, recurse=False))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def test_the_result_holds_plain_text_everywhere() -> None:
    """Else text would be read leniently once more, where nobody expects it."""
    value: Any = from_text(
        {
            "text": "a",
            "secret": "abc",
            "fixed": "one",
            "texts": ["a", "b"],
            "part": {"type": "text", "size": "1.5"},
            "any": {"a": ["x", {"b": "y"}], "c": "null"},
            "union": "u",
            "limit": "all",
            "mixed": ["m"],
        }
    )
    value[FromText("names")] = {FromText("n"): FromText("1")}

    form = load_form(Everything, value)

    assert form.part == Part(size=1.5)
    assert form.names == {"n": 1.0}
    assert form.any == {"a": ["x", {"b": "y"}], "c": None}
    assert {type(text) for text in _texts(form)} == {str}


def test_an_instance_is_typed_input() -> None:
    """Text in it is text, wherever it came from."""
    with pytest.raises(InvalidInputError, match=r"\$\.number: must be a number, was text of 3 characters"):
        load_form(Everything, Everything(number=FromText("0.2")))  # type: ignore[arg-type]


def test_a_whole_form_may_be_typed_as_json() -> None:
    """A person may paste it."""
    assert load_form(Part, FromText('{"size": 2}')) == Part(size=2.0)
    with pytest.raises(InvalidInputError, match=r"\$: must be an object in JSON: not JSON at line 1"):
        load_form(Part, FromText("size=2"))


def test_marking_leaves_everything_else_alone() -> None:
    """Only texts are marked, in a copy."""
    value = {"a": ["x", 1, None, ("y", True)], "b": 2.5}

    marked = from_text(value)

    assert marked == {"a": ["x", 1, None, ["y", True]], "b": 2.5}
    assert {type(text) for text in _texts(marked)} == {str, FromText}
    assert type(value["a"][0]) is str  # type: ignore[index]
