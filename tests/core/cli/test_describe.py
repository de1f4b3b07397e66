from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Literal

import pytest
from attrs import frozen

from jackfield import (
    AnyValue,
    Array,
    Boolean,
    Choice,
    Date,
    DateTime,
    Integer,
    KeyValue,
    Number,
    OneOf,
    Password,
    Secret,
    Select,
    Text,
    Url,
)
from jackfield._cli.describe import FieldTable
from jackfield._cli.example import example_command
from jackfield._cli.inputs import read_inputs
from jackfield._engine.conversion import load_form
from jackfield.forms import Form, form_of


@frozen(kw_only=True)
class Inner:
    """What is inside."""

    deep: str
    deeper: "Inner | None" = None


@frozen(kw_only=True)
class Cat:
    """A cat. With more to say.

    And more.
    """

    kind: Literal["cat"]
    lives: Annotated[int, Integer(minimum=9, maximum=9)]


@frozen(kw_only=True)
class Dog:
    kind: Literal["dog"]


@frozen(kw_only=True)
class Everything:
    text: Annotated[str, Text(label="Text", help="Any.", min_length=1, max_length=2000, pattern="[a-z]+")]
    secret: Annotated[Secret, Password(min_length=4)]
    url: Annotated[str, Url(schemes=("https",))]
    number: Annotated[float, Number(minimum=0, unit="meters")]
    most: Annotated[int, Integer(maximum=1_000_000)]
    plain: float
    switch: Annotated[bool, Boolean()]
    fixed: Literal["a", "b c"]
    choice: Annotated[str, Select(choices=[Choice(value="x"), "y"])]
    free: Annotated[str, Select(choices=["x"], free_text=True)]
    asked: Annotated[str, Select(choices=lambda _context: [])]
    texts: Annotated[list[str], Array(min_items=1, max_items=4)]
    several: Annotated[list[Literal["a", "b"]], Array(unique=True)]
    named: Annotated[Mapping[str, float], KeyValue(max_items=16)]
    anything: object
    objects: Mapping[str, object]
    raw: Annotated[object, AnyValue()]
    start: Annotated[datetime, DateTime(earliest=datetime(2026, 1, 1, tzinfo=UTC))]
    day: Annotated[date, Date(latest=date(2026, 12, 31), example=date(2026, 2, 1))]
    clock: time
    inner: Inner
    pets: list[Cat | Dog]
    either: Annotated[str | list[str], OneOf()]
    example: Annotated[list[int], Array(example=[1, 2])]
    shell: Annotated[str, Text(example="it's here")]
    at: Annotated[str, Text(example="@home")]
    sure: Annotated[bool, Boolean(example=False)]
    late: Annotated[int, Integer(label="Late", advanced=True)] = 3
    empty: str = ""


@frozen(kw_only=True)
class Tree:
    branches: "list[Tree]"


FORM = form_of(Everything)
WORDS = {
    "text": "text, 1 to 2,000 characters, of the pattern [a-z]+",
    "secret": "secret, at least 4 characters",
    "url": "text, https URL",
    "number": "number, at least 0, meters",
    "most": "whole number, at most 1,000,000",
    "plain": "number",
    "switch": "yes or no",
    "fixed": "one of a | b c",
    "choice": "text, one of x | y",
    "free": "text, one of x, or another",
    "asked": "text, see module choices",
    "texts": "list of text, 1 to 4 items",
    "several": "list of one of a | b, none twice",
    "named": "number, by name, at most 16 entries",
    "anything": "any JSON",
    "objects": "any JSON object",
    "raw": "any value",
    "start": "date and time, from 2026-01-01T00:00:00Z",
    "day": "date, until 2026-12-31",
    "clock": "time",
    "inner": "object",
    "pets": "list of object by kind",
    "either": "text or list of text",
    "  . lives": "whole number, exactly 9",
}


def table(form: Form = FORM, *, advanced: bool = True, levels: int = 9) -> FieldTable:
    """Describe a form."""
    return FieldTable(form, advanced=advanced, levels=levels)


@pytest.mark.parametrize("name", WORDS)
def test_a_type_is_told_with_bounds_and_unit(name: str) -> None:
    """In words, not in the spelling of Python or JSON Schema."""
    types = {row.name: row.type for row in table().rows}

    assert types[name] == WORDS[name]


def test_a_row_tells_label_help_default_and_need() -> None:
    """A label that only repeats the name is left out."""
    rows = {row.name: row for row in table().rows}

    assert (rows["text"].needed, rows["text"].meaning) == ("required", "Text. Any.")
    assert (rows["late"].needed, rows["late"].meaning) == ("advanced", "Late. Default: 3.")
    assert (rows["empty"].needed, rows["empty"].meaning) == ("", 'Default: "".')
    assert rows["example"].meaning == "Example: [1,2]"
    assert rows["plain"].meaning == ""


def test_fields_stand_in_their_sections() -> None:
    """In the order of the form; those without a section first."""

    @frozen(kw_only=True)
    class Ask:
        seed: Annotated[int, Integer(section="Sampling")]
        prompt: str
        where: Annotated[str, Text(section="Output", advanced=True)]
        heat: Annotated[float, Number(section="Sampling", deprecated="Use seed.")]

    rows = table(form_of(Ask)).rows
    assert [row.name for row in rows] == ["prompt", "Sampling", "seed", "heat", "Output", "where"]
    assert [row.name for row in rows if row.heading] == ["Sampling", "Output"]
    assert rows[3].meaning == "Deprecated: Use seed."
    assert "Output" not in [row.name for row in table(form_of(Ask), advanced=False).rows]


def test_variants_are_headed_by_their_tag() -> None:
    """With the first sentences of what they are; the tag itself is no field of theirs."""
    rows = table().rows
    names = [row.name for row in rows]
    start = names.index("pets")

    assert names[start : start + 4] == ["pets", ". kind = cat", "  . lives", ". kind = dog"]
    assert rows[start + 1].meaning == "A cat. With more to say."


def test_what_was_described_is_not_described_again() -> None:
    """A form that holds itself has an end."""
    names = [row.name for row in table().rows]
    start = names.index("inner")

    assert names[start : start + 4] == ["inner", ". deep", ". deeper", "  . ..."]


def test_what_is_left_out_is_counted() -> None:
    """Advanced fields, and what is nested deeper than asked for."""
    short = table(advanced=False, levels=0)

    assert "late" not in [row.name for row in short.rows]
    assert ". deep" not in [row.name for row in short.rows]
    assert short.left_out == 1 + 2 + 2 + 1  # late; those of Inner, Cat and Dog


def test_an_example_fills_every_required_field() -> None:
    """And is quoted for a shell."""
    command = example_command("a.module", FORM)

    assert command.startswith("jackfield module run a.module text=TEXT ")
    for part in (
        "secret=SECRET",
        "url=https://example.com",
        "number=0",
        "most=1000000",
        "plain=1",
        "switch=yes",
        "fixed=a",
        "choice=x",
        "texts.0=TEXT",
        "anything:=@anything.json",
        "raw:=@raw.json",
        "start=2026-01-01T00:00:00Z",
        "day=2026-02-01",
        "clock=12:00:00",
        "inner.deep=DEEP",
        "pets.0.kind=cat pets.0.lives=9",
        "either=EITHER",
        "'example:=[1,2]'",
        "'shell=it'\"'\"'s here'",
        "'at:=\"@home\"'",
        "sure=no",
    ):
        assert f" {part}" in command
    assert "late" not in command


def test_an_example_fills_what_may_be_left_out_only_where_it_has_an_example_and_is_in_sight() -> None:
    """A form may need one of two fields, which neither of them says by itself."""

    @frozen(kw_only=True)
    class Asked:
        prompt: Annotated[str | None, Text(example="Hi")] = None
        other: Annotated[str | None, Text()] = None
        hidden: Annotated[str | None, Text(example="x", advanced=True)] = None

    assert example_command("a.module", form_of(Asked)) == "jackfield module run a.module prompt=Hi"


def test_an_example_of_a_form_that_holds_itself_has_an_end() -> None:
    """It stops somewhere."""
    assert len(example_command("a.module", form_of(Tree))) < 200


def test_an_example_is_taken_by_the_form() -> None:
    """What is shown works."""
    _, _, _, _, *arguments = example_command("a.module", form_of(Cat)).split()

    assert load_form(Cat, read_inputs(arguments, form_of(Cat))) == Cat(kind="cat", lives=9)
