from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import click
import pytest
from attrs import frozen

from jackfield import Array, FromText, InvalidInputError, KeyValue
from jackfield._cli.inputs import MAX_BYTES, read_inputs
from jackfield.forms import form_of

Write = Callable[[str, bytes | str], str]


@frozen(kw_only=True)
class Person:
    name: str


@frozen(kw_only=True)
class Robot:
    kind: Literal["robot"]
    parts: list[str]


@frozen(kw_only=True)
class Animal:
    kind: Literal["animal"]
    legs: Mapping[str, int]


@frozen(kw_only=True)
class Everything:
    text: str | None = None
    person: Person | None = None
    people: Annotated[list[Person], Array()]
    bias: Annotated[Mapping[str, int] | None, KeyValue()] = None
    being: Robot | Animal | None = None
    content: str | list[Person] | None = None
    extra: object = None


FORM = form_of(Everything)
TOO_DEEP = ("$.extra", "JSON is nested deeper than 200 levels")


def problems_of(*arguments: str) -> list[tuple[str, str]]:
    """Give paths and messages of what is wrong with arguments."""
    with pytest.raises(InvalidInputError) as caught:
        read_inputs(arguments, FORM, "a.module")
    return [(problem.path, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param(["text=hello"], {"text": "hello"}, id="text"),
        pytest.param(["text="], {"text": ""}, id="an empty text"),
        pytest.param(["text=a=b:=c"], {"text": "a=b:=c"}, id="only the first sign counts"),
        pytest.param(["text=@@home"], {"text": "@home"}, id="a text that begins with @"),
        pytest.param(["text=@@@home"], {"text": "@@home"}, id="a text that begins with @@"),
        pytest.param(['extra:={"a": [1, null]}'], {"extra": {"a": [1, None]}}, id="JSON"),
        pytest.param(["extra:=null"], {"extra": None}, id="null"),
        pytest.param(['extra:="@x"'], {"extra": "@x"}, id="a JSON text that begins with @"),
        pytest.param(["person.name=Ada"], {"person": {"name": "Ada"}}, id="an object"),
        pytest.param(["people.0.name=A", "people.1.name=B"], {"people": [{"name": "A"}, {"name": "B"}]}, id="a list"),
        pytest.param(
            ["people.1.name=B", "people.0.name=A"], {"people": [{"name": "A"}, {"name": "B"}]}, id="any order"
        ),
        pytest.param(["bias.0=1", "bias.1=2"], {"bias": {"0": "1", "1": "2"}}, id="numbers as names"),
        pytest.param(
            ["being.kind=robot", "being.parts.0=arm"], {"being": {"kind": "robot", "parts": ["arm"]}}, id="a variant"
        ),
        pytest.param(["being.legs.0=4"], {"being": {"legs": {"0": "4"}}}, id="numbers as names in a variant"),
        pytest.param(["content.0.name=A"], {"content": [{"name": "A"}]}, id="a list or a text"),
        pytest.param(["extra.a.0=x", "extra.a.1=y"], {"extra": {"a": ["x", "y"]}}, id="counted from 0 is a list"),
        pytest.param(["extra.7=x"], {"extra": {"7": "x"}}, id="not counted from 0 is an object"),
        pytest.param(["nobody.0=x"], {"nobody": ["x"]}, id="a field that is not there is for the form to refuse"),
    ],
)
def test_arguments_become_values(arguments: list[str], expected: dict[str, object]) -> None:
    """FIELD=TEXT, FIELD:=JSON and dotted names build what Host.run takes."""
    assert read_inputs(arguments, FORM) == expected


def test_text_is_lenient_and_json_is_strict() -> None:
    """A number may be typed after =, and is what it is after :=."""
    values = read_inputs(["text=1", "person.name=2", 'extra:="3"'], FORM)

    assert type(values["text"]) is FromText
    assert isinstance(values["person"], dict)
    assert type(values["person"]["name"]) is FromText
    assert type(values["extra"]) is str


def test_values_come_from_files(write: Write) -> None:
    """A file is taken as it is, except for a byte order mark."""
    text = write("a.txt", b"\xef\xbb\xbfhello\r\n")
    data = write("a.json", b'\xef\xbb\xbf{"name": "Zo\xc3\xab"}')

    values = read_inputs([f"text=@{text}", f"person:=@{data}"], FORM)

    assert values == {"text": "hello\r\n", "person": {"name": "Zoë"}}


@pytest.mark.parametrize("argument", ["hello", "=x", ":=1", "a..b=1", ".a=1", "a.=1", ""])
def test_another_shape_is_a_usage_error(argument: str) -> None:
    """The error counts arguments instead of showing one, which may be a key in the wrong place."""
    with pytest.raises(click.UsageError) as caught:
        read_inputs(["text=x", argument], FORM)

    assert "Input 2" in caught.value.message
    assert not argument or argument not in caught.value.message.split()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(["text=a", "text=b"], ("$.text", "is given twice"), id="twice"),
        pytest.param(["text=a", "text:=1"], ("$.text", "is given twice"), id="twice in two ways"),
        pytest.param(
            ["person:={}", "person.name=x"], ("$.person.name", "is given as a whole and in parts"), id="whole, part"
        ),
        pytest.param(
            ["person.name=x", "person:={}"], ("$.person", "is given as a whole and in parts"), id="part, whole"
        ),
        pytest.param(
            ["people.1.name=x"],
            ("$.people", "is a list: name its items people.0, people.1 and so on, without a gap"),
            id="a gap in a list",
        ),
        pytest.param(["extra:=NaN"], ("$.extra", "NaN is not JSON; a number must be finite"), id="NaN"),
        pytest.param(["extra:=-Infinity"], ("$.extra", "-Infinity is not JSON; a number must be finite"), id="inf"),
        pytest.param(['extra:={"a":1,"a":2}'], ("$.extra", "the key 'a' stands twice in one object"), id="a key twice"),
        pytest.param(
            ["extra:=" + "[" * 300 + "]" * 300], ("$.extra", "JSON is nested deeper than 200 levels"), id="deep"
        ),
        pytest.param(["extra:=" + "[" * 99_999], TOO_DEEP, id="very deep"),
        pytest.param(["text=\udcff"], ("$.text", "is not UTF-8 at character 0"), id="no UTF-8 from the shell"),
        pytest.param(
            ["extra" + ".a" * 3000 + "=1"], ("$.extra", "is named deeper than 200 levels"), id="a name without end"
        ),
        pytest.param(
            ["text=@"],
            ("$.text", "@ needs the name of a file; @@ begins a text that begins with @"),
            id="a file without a name",
        ),
        pytest.param(
            ["text=@~no-such-user/x"],
            ("$.text", "~no-such-user/x cannot be read: No such file or directory"),
            id="no user",
        ),
        pytest.param(
            ["text=@/no/such"], ("$.text", "/no/such cannot be read: No such file or directory"), id="no file"
        ),
    ],
)
def test_what_cannot_be_read_is_named(arguments: list[str], problem: tuple[str, str]) -> None:
    """Each problem has its place."""
    assert problems_of(*arguments) == [problem]


def test_all_problems_are_told_at_once(write: Write) -> None:
    """Nobody has to run a command three times to learn of three mistakes."""
    broken = write("latin.txt", b"caf\xe9")
    cut = write("cut.json", '{\n "a": [1,\n')

    found = problems_of("extra:={", f"text=@{broken}", f"person:=@{cut}")

    assert [path for path, _ in found] == ["$.extra", "$.text", "$.person"]
    assert "latin.txt is not UTF-8 at byte 3" in found[1][1]
    assert "cut.json: not JSON at line 3, column 1" in found[2][1]


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """Reading stops at the limit, so that a device without an end does no harm."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    assert problems_of(f"text=@{path}") == [("$.text", f"{path} is larger than 64 MiB")]
