from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal

import pytest
from attrs import Factory, field, frozen

from jackfield import (
    Array,
    Boolean,
    Integer,
    InvalidInputError,
    KeyValue,
    Number,
    Select,
    Text,
    Url,
)
from jackfield._engine.conversion import load_form
from jackfield.forms import form_of


@frozen(kw_only=True)
class Item:
    sku: str
    count: Annotated[int, Integer(minimum=1)] = 1


@frozen(kw_only=True)
class Order:
    name: Annotated[str, Text(min_length=2, max_length=5)]
    heat: Annotated[float | None, Number(minimum=0, maximum=2)] = None
    level: Annotated[int, Integer(minimum=1, maximum=3)] = 1
    gift: Annotated[bool | None, Boolean()] = None
    code: Annotated[str, Text(pattern="[A-Z]+")] = "A"
    color: Literal["red", "dark red"] = "red"
    size: Annotated[str, Select(choices=["small", "large"])] = "small"
    sides: Annotated[int, Select(choices=[4, 6])] = 4
    model: Annotated[str, Select(choices=["a"], free_text=True)] = "a"
    site: Annotated[str | None, Url()] = None
    items: Annotated[Sequence[Item], Array(max_items=3)] = ()
    notes: Annotated[Mapping[str, Annotated[str, Text(max_length=3)]], KeyValue(max_items=2)] = Factory(dict)
    extra: object = None
    from_: Annotated[str, Text(key="from")] = ""


def _problems(cls: type, value: object) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        load_form(cls, value)
    return [str(problem) for problem in caught.value.problems]


WRONG: list[tuple[str, object, str, str]] = [
    # Field, value, rule, message.
    ("name", 5, "type", "$.name: must be text, was 5"),
    ("name", True, "type", "$.name: must be text, was true"),
    ("name", ["ab"], "type", "$.name: must be text, was a list of 1 item"),
    ("name", {}, "type", "$.name: must be text, was an object"),
    ("name", b"ab", "type", "$.name: must be text, was a Python bytes"),
    ("name", "a", "min_length", "$.name: must have at least 2 characters, has 1"),
    ("name", "abcdef", "max_length", "$.name: must have at most 5 characters, has 6"),
    ("heat", "0.2", "type", "$.heat: must be a number, was text of 3 characters"),
    ("heat", "", "type", "$.heat: must be a number, was empty text"),
    ("heat", True, "type", "$.heat: must be a number, was true"),
    ("heat", 9, "maximum", "$.heat: must be at most 2, was 9"),
    ("heat", 2.5, "maximum", "$.heat: must be at most 2, was 2.5"),
    ("heat", -0.5, "minimum", "$.heat: must be at least 0, was -0.5"),
    ("heat", float("nan"), "type", "$.heat: must be a finite number, was NaN"),
    ("heat", float("inf"), "type", "$.heat: must be a finite number, was infinite"),
    ("heat", 10**400, "maximum", "$.heat: must be at most 1.79769e+308, was a number of about 401 digits"),
    ("level", 1.5, "type", "$.level: must be a whole number, was 1.5"),
    ("level", "1", "type", "$.level: must be a whole number, was text of 1 character"),
    ("level", False, "type", "$.level: must be a whole number, was false"),
    ("level", float("nan"), "type", "$.level: must be a whole number, was NaN"),
    ("level", 0, "minimum", "$.level: must be at least 1, was 0"),
    ("level", 10**400, "maximum", "$.level: must be at most 3, was a number of about 401 digits"),
    ("gift", 1, "type", "$.gift: must be true or false, was 1"),
    ("gift", "yes", "type", "$.gift: must be true or false, was text of 3 characters"),
    ("code", "Ab", "pattern", "$.code: must match [A-Z]+ as a whole, was text of 2 characters"),
    ("code", "A\n", "pattern", "$.code: must match [A-Z]+ as a whole, was text of 2 characters"),
    ("color", "blue", "choice", "$.color: must be one of red, dark red, was text of 4 characters"),
    ("color", "Red", "choice", "$.color: must be one of red, dark red, was text of 3 characters; did you mean red?"),
    ("color", 1, "choice", "$.color: must be one of red, dark red, was 1"),
    ("color", [], "choice", "$.color: must be one of red, dark red, was a list of 0 items"),
    ("size", "tiny", "choice", "$.size: must be one of small, large, was text of 4 characters"),
    ("sides", 5, "choice", "$.sides: must be one of 4, 6, was 5"),
    ("sides", True, "type", "$.sides: must be a whole number, was true"),
    ("items", "a", "type", "$.items: must be a list, was text of 1 character"),
    ("items", {}, "type", "$.items: must be a list, was an object"),
    ("items", ["a"], "type", "$.items[0]: must be an object, was text of 1 character"),
    ("items", [{}], "required", "$.items[0].sku: is required"),
    ("items", [{"sku": ""}] * 4, "max_items", "$.items: must have at most 3 items, has 4"),
    ("notes", [], "type", "$.notes: must be an object, was a list of 0 items"),
    ("notes", {"a": "long"}, "max_length", "$.notes.a: must have at most 3 characters, has 4"),
    ("notes", {"a b": 1}, "type", '$.notes["a b"]: must be text, was 1'),
    ("notes", {"": 1}, "type", '$.notes[""]: must be text, was 1'),
    ("notes", {"ä": 1}, "type", "$.notes.ä: must be text, was 1"),
    ("notes", {"\x1b[0m": 1}, "type", '$.notes["\\u001b[0m"]: must be text, was 1'),
    ("notes", {1: "a"}, "type", "$.notes[1]: a name must be text, was 1"),
    ("notes", dict.fromkeys("abc", ""), "max_items", "$.notes: must have at most 2 entries, has 3"),
    ("extra", float("nan"), "json", "$.extra: must be a finite number, was NaN"),
    ("extra", {"a": [1, {2}]}, "json", "$.extra.a[1]: must be a JSON value, was a Python set"),
    ("extra", {1: 2}, "type", "$.extra[1]: a name must be text, was 1"),
    ("extra", [Item(sku="a")], "json", "$.extra[0]: must be a JSON value, was a Python Item"),
    ("level", None, "type", "$.level: must not be null; leave it out"),
    ("items", None, "type", "$.items: must not be null; leave it out"),
    ("from", 1, "type", "$.from: must be text, was 1"),
    ("from_", "", "unknown_field", "$.from_: is no field; did you mean from?"),
]


@pytest.mark.parametrize(("key", "value", "rule", "message"), WRONG, ids=[each[3] for each in WRONG])
def test_a_wrong_value_is_named_with_its_path_and_rule(key: str, value: object, rule: str, message: str) -> None:
    """The value itself is shown only where it is a number or a switch."""
    with pytest.raises(InvalidInputError) as caught:
        load_form(Order, {"name": "abc", key: value})

    (problem,) = caught.value.problems
    assert (problem.rule, str(problem)) == (rule, message)


RIGHT: list[tuple[str, object, object]] = [
    ("heat", 2, 2.0),
    ("heat", 0, 0.0),
    ("heat", None, None),
    ("level", 3.0, 3),
    ("gift", False, False),
    ("code", "ABC", "ABC"),
    ("color", "dark red", "dark red"),
    ("model", "anything", "anything"),
    ("sides", 6.0, 6),
    ("site", "https://example.com:8080/a?b#c", "https://example.com:8080/a?b#c"),
    ("items", [{"sku": "a"}, {"sku": "b", "count": 2}], (Item(sku="a"), Item(sku="b", count=2))),
    ("items", ({"sku": "a"},), (Item(sku="a"),)),
    ("items", [Item(sku="a")], (Item(sku="a"),)),
    ("items", [], ()),
    ("notes", {"a b": "x"}, {"a b": "x"}),
    ("notes", MappingProxyType({"a": ""}), {"a": ""}),
    ("extra", {"a": [1, 2.5, None, True, "x", {"b": ()}]}, {"a": [1, 2.5, None, True, "x", {"b": []}]}),
    ("extra", 10**400, 10**400),
    ("from_", None, ""),
]


@pytest.mark.parametrize(("name", "value", "held"), RIGHT, ids=[f"{each[0]}={each[1]!r:.40}" for each in RIGHT])
def test_a_right_value_is_held_as_its_type(name: str, value: object, held: object) -> None:
    """Whole numbers become floats where floats are declared, and lists what the class says."""
    given = {} if value is None and name == "from_" else {name: value}

    found = getattr(load_form(Order, {"name": "abc", **given}), name)

    assert found == held
    assert type(found) is type(held)


def test_all_problems_come_at_once_in_the_order_of_the_form() -> None:
    """Unknown fields last, in the order in which they were given."""
    value = {
        "qqq": 1,
        "items": [{"count": 0}, {"sku": "a", "count": "b"}, 5],
        "heat": 9,
        "level": "x",
        "modle": "",
        "notes": {"a": "long", "b": 1},
    }

    assert _problems(Order, value) == [
        "$.name: is required",
        "$.heat: must be at most 2, was 9",
        "$.level: must be a whole number, was text of 1 character",
        "$.items[0].sku: is required",
        "$.items[0].count: must be at least 1, was 0",
        "$.items[1].count: must be a whole number, was text of 1 character",
        "$.items[2]: must be an object, was 5",
        "$.notes.a: must have at most 3 characters, has 4",
        "$.notes.b: must be text, was 1",
        f"$.qqq: is no field; known are {', '.join(slot.key for slot in form_of(Order).slots)}",
        "$.modle: is no field; did you mean model?",
    ]


def test_a_count_and_the_items_are_problems_together() -> None:
    """One does not hide the other."""
    assert _problems(Order, {"name": "abc", "items": [1, 2, 3, 4]})[:2] == [
        "$.items: must have at most 3 items, has 4",
        "$.items[0]: must be an object, was 1",
    ]


@pytest.mark.parametrize("value", [None, [], "text", 5, Item(sku="a")], ids=str)
def test_a_form_is_an_object(value: object) -> None:
    """Or an instance of its own class."""
    (problem,) = _problems(Order, value)

    assert problem.startswith("$: must be an object, was ")


def test_an_error_names_its_subject() -> None:
    """The module that was to run."""
    with pytest.raises(InvalidInputError, match=r"\Aopenai\.create_order: 1 problem\n\$\.name: is required\Z"):
        load_form(Order, {}, subject="openai.create_order")


def test_a_required_field_can_not_be_null() -> None:
    """Leaving it out would not help."""
    assert _problems(Item, {"sku": None}) == ["$.sku: must not be null"]


def test_null_for_an_optional_field_means_not_given() -> None:
    """It gets its default, as if it were absent."""

    @frozen(kw_only=True)
    class Strict:
        strict: bool | None = True
        names: Sequence[str] | None = field(factory=list)
        any: object = "default"

    assert load_form(Strict, {"strict": None, "names": None, "any": None}) == Strict()


def test_null_in_a_list_or_map_is_a_value() -> None:
    """Where the items may be None; there is nothing to leave out."""

    @frozen(kw_only=True)
    class Holes:
        row: Sequence[float | None]
        named: Mapping[str, str | None]
        any: object

    assert load_form(Holes, {"row": [1, None], "named": {"a": None}, "any": None}) == Holes(
        row=(1.0, None), named={"a": None}, any=None
    )
    assert _problems(Item, {"sku": "a", "count": [None]}) == ["$.count: must be a whole number, was a list of 1 item"]


def test_an_empty_text_is_a_value() -> None:
    """Only absence is absence."""
    assert load_form(Item, {"sku": ""}).sku == ""


URLS: list[tuple[str, str]] = [
    ("example.com", "must be a URL that starts with http:// or https://"),
    ("ftp://example.com", "must be a URL that starts with http:// or https://"),
    ("javascript:alert(1)", "must be a URL that starts with http:// or https://"),
    ("", "must be a URL that starts with http:// or https://"),
    ("https://", "must be a URL with a host"),
    ("https:///path", "must be a URL with a host"),
    ("https://:80/", "must be a URL with a host"),
    ("https://user:pw@example.com/", "must be a URL without user name and password; they would be shown in logs"),
    ("https://user@example.com/", "must be a URL without user name and password; they would be shown in logs"),
    ("https://example.com/a b", "must be a URL without blanks, control characters and backslashes"),
    (" https://example.com/", "must be a URL without blanks, control characters and backslashes"),
    ("https://example.com/\r\nX: y", "must be a URL without blanks, control characters and backslashes"),
    ("https://example.com\\@evil.example/", "must be a URL without blanks, control characters and backslashes"),
    ("https://example.com/\u2028", "must be a URL without blanks, control characters and backslashes"),
    (
        "https://example.com:99999/",
        "must be a URL, with a port from 0 to 65535 if any, and an IPv6 address in brackets",
    ),
    ("https://[::1/", "must be a URL, with a port from 0 to 65535 if any, and an IPv6 address in brackets"),
]


@pytest.mark.parametrize(("url", "message"), URLS, ids=[repr(url) for url, _ in URLS])
def test_a_url_is_absolute_with_a_host_and_nothing_hidden(url: str, message: str) -> None:
    """The message says what it lacks, and does not show it."""
    assert _problems(Order, {"name": "abc", "site": url}) == [f"$.site: {message}"]
