"""The search for fields that do nothing finds each kind of them, and nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import quote

import attrs
import pytest
from attrs import frozen

from jackfield import (
    AnyModule,
    Array,
    Boolean,
    ConnectionType,
    Context,
    Date,
    Effect,
    File,
    FilePart,
    Host,
    InputError,
    Integer,
    Password,
    Problem,
    Secret,
    Select,
    Text,
    Upload,
    Url,
    When,
    header,
    module,
)
from jackfield.testing import Case, dead_fields, unasked


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password()]
    base_url: Annotated[str, Url()]


account = ConnectionType(
    label="Notes", form=Account, origin=lambda form: str(form.base_url), authorize=header("X-Key", "{api_key}")
)


@frozen(kw_only=True)
class Word:
    kind: Literal["word"] = "word"
    text: str
    bold: bool | None = None


@frozen(kw_only=True)
class Line:
    kind: Literal["line"] = "line"


@frozen(kw_only=True)
class Author:
    name: Annotated[str, Text(min_length=3)]
    age: Annotated[int | None, Integer(minimum=18)] = None


@frozen(kw_only=True)
class Note:
    title: Annotated[str, Text(max_length=5)]
    parts: Annotated[Sequence[Word | Line], Array(min_items=2)]
    author: Author | None = None
    color: Annotated[str, Select(choices=["red", "blue"])] = "red"
    labels: Mapping[str, Annotated[str, Text(pattern="[ab]")]] | None = None
    due: Annotated[date | None, Date(earliest=date(2030, 1, 1))] = None
    more: object = None
    copies: Annotated[int | None, Integer(minimum=1, maximum=3)] = None


@frozen(kw_only=True)
class Written:
    id: str


def _whole(form: Note) -> dict[str, Any]:
    return attrs.asdict(form, filter=lambda _attribute, value: value is not None)


def _without(*path: str | int) -> Any:
    """Make what sends a note without one place of it."""

    def body(form: Note) -> dict[str, Any]:
        whole = _whole(form)
        holder: Any = whole
        for step in path[:-1]:
            holder = holder[step] if isinstance(step, int) or step in holder else {}
        if isinstance(holder, dict):
            holder.pop(path[-1], None)
        return whole

    return body


def _host(body: Any, **options: Any) -> Host:
    @module(label="Write", connection=account, effect=Effect.UNSAFE, **options)
    def write(form: Note, context: Context) -> Written:
        """Write a note."""
        return context.client.post("/notes", json=body(form), into=Written)

    return Host(modules={"notes.write": write}, discover=False, environ={})


@pytest.fixture
def dead() -> Iterator[Any]:
    """Search a module that sends what a function makes of its form."""
    opened = []

    def search(body: Any, case: Case | None = None, **options: Any) -> list[str]:
        opened.append(_host(body, **options))
        return dead_fields(opened[-1], "notes.write", case)

    yield search
    for host in opened:
        host.close()


def test_a_module_that_sends_everything_has_none(dead: Any) -> None:
    """Texts, numbers, dates, choices, lists, maps, records and unions are all tried."""
    assert dead(_whole) == []


@pytest.mark.parametrize("name", ["title", "color", "due", "more", "copies"])
def test_a_field_that_is_never_sent_is_found(dead: Any, name: str) -> None:
    """Whatever it holds."""
    assert dead(_without(name)) == [f"{name}: changes nothing in the request"]


@pytest.mark.parametrize(("name", "inside"), [("author", ".name"), ("labels", "{}")])
def test_a_field_that_holds_others_is_found_with_them(dead: Any, name: str, inside: str) -> None:
    """Each place in it is named too."""
    found = dead(_without(name))

    assert f"{name}: changes nothing in the request" in found
    assert f"{name}{inside}: changes nothing in the request" in found


def test_a_field_inside_another_is_found(dead: Any) -> None:
    """The rest of it is alive."""
    assert dead(_without("author", "age")) == ["author.age: changes nothing in the request"]


def test_a_field_of_one_kind_of_a_union_is_found(dead: Any) -> None:
    """It is named with the kind."""
    assert dead(_without("parts", 0, "bold")) == ["parts[]<word>.bold: changes nothing in the request"]


def test_a_kind_that_is_sent_as_another_is_found(dead: Any) -> None:
    """Even if it has no field of its own."""
    found = dead(lambda form: {**_whole(form), "parts": len(form.parts)})

    assert "parts[]<line>: changes nothing in the request" in found
    assert "parts[2]: changes nothing in the request" not in found


def test_a_list_of_which_only_some_items_are_sent_is_found(dead: Any) -> None:
    """A third one is given, and nothing changes."""
    assert dead(lambda form: {**_whole(form), "parts": _whole(form)["parts"][:2]}) == [
        "parts[2]: changes nothing in the request"
    ]


def test_names_of_a_map_that_are_not_sent_are_found(dead: Any) -> None:
    """Their values alone are not what was meant."""

    def body(form: Note) -> dict[str, Any]:
        return {**_whole(form), "labels": sorted((form.labels or {}).values())}

    assert dead(body) == ["labels{name}: changes nothing in the request"]


def test_a_field_may_be_inert_for_a_reason(dead: Any) -> None:
    """The reason stands in the case, and a reason that is no longer true is found."""
    case = Case(inert={"copies": "counts what is printed here"})

    assert dead(_without("copies"), case) == []
    assert dead(_whole, case) == ["copies: is said to be inert, and is not"]


def test_fields_that_go_together_are_given_together(dead: Any) -> None:
    """What cannot be tried alone says which rule keeps it."""

    def problems(form: Note) -> list[Problem]:
        if form.copies and not form.due:
            return [Problem(path="$.due", rule="required", message="is required for copies")]
        return []

    assert dead(_whole, validate=problems) == ["copies: cannot be tried: $.due: is required for copies"]
    assert dead(_whole, Case(needs={"copies": {"due": "2030-01-01"}}), validate=problems) == []


@frozen(kw_only=True)
class Parcel:
    way: Literal["post", "courier"] = "post"
    phone: Annotated[str | None, Text(required_when=When("way", "courier"), shown_when=When("way", "courier"))] = None
    ring: Annotated[bool | None, Boolean(shown_when=When("phone"))] = None
    stamp: Annotated[str | None, Text(shown_when=When("way", "post"))] = None


@pytest.mark.parametrize("unsent", ["", "phone", "ring", "stamp"])
def test_fields_that_depend_on_others_are_tried_where_they_have_a_place(unsent: str) -> None:
    """What they depend on is given, and what is then required too."""

    @module(label="Send", connection=account, effect=Effect.UNSAFE)
    def send(form: Parcel, context: Context) -> Written:
        """Send a parcel."""
        return context.client.post("/parcels", json={**attrs.asdict(form), unsent: None}, into=Written)

    with Host(modules={"notes.send": send}, discover=False, environ={}) as host:
        assert dead_fields(host, "notes.send") == [f"{unsent}: changes nothing in the request"] * bool(unsent)


def test_samples_and_whole_inputs_may_be_given(dead: Any) -> None:
    """Where what would be made up does not fit."""
    least = {"title": "t", "parts": [{"kind": "line"}, {"kind": "line"}]}
    pair = ({**least, "copies": 1}, {**least, "copies": 2, "due": "2030-01-01"})

    assert dead(_without("more"), Case(samples={"more": (None, 5, "x")})) == ["more: changes nothing in the request"]
    assert dead(_without("copies"), Case(whole={"copies": pair})) == []


def test_a_field_with_a_single_sample_is_not_called_tried(dead: Any) -> None:
    """One value shows no difference."""
    assert dead(_whole, Case(samples={"more": (5,)})) == ["more: changes nothing in the request"]


@frozen(kw_only=True)
class Album:
    """What to hang."""

    cover: Annotated[File, Upload(media_types=("image/*",), extensions=(".png",))]
    pages: Sequence[File] | None = None


def test_files_are_made_up_and_their_parts_are_looked_at() -> None:
    """A form with files in it is a request like any other; one that is not sent is dead."""

    @module(label="Hang", connection=account)
    def hang(form: Album, context: Context) -> Written:
        """Hang a picture, and forget the pages."""
        context.client.request("POST", "/hang", files=[FilePart(name="cover", file=form.cover)])
        return Written(id="1")

    with Host(modules={"paper.hang": hang}, discover=False, environ={}) as host:
        found = dead_fields(host, "paper.hang")

        assert unasked(host, "paper.hang") == []
    assert {line.partition(":")[0] for line in found} == {"pages", "pages[]", "pages[1]"}


def test_a_text_that_nobody_can_guess_asks_for_an_example() -> None:
    """The message names the field."""

    @frozen(kw_only=True)
    class Odd:
        plate: Annotated[str, Text(pattern="[A-Z]{2}-[0-9]{4}")]

    @module(label="Odd", connection=account)
    def odd(form: Odd, context: Context) -> Written:
        """Send it."""
        return context.client.post("/odd", json=form, into=Written)

    with (
        Host(modules={"notes.odd": odd}, discover=False, environ={}) as host,
        pytest.raises(InputError, match="plate") as caught,
    ):
        dead_fields(host, "notes.odd")

    assert "example" in caught.value.hint


@frozen(kw_only=True)
class Tagged:
    plate: Annotated[str, Text(pattern="[A-Z]{2}-[0-9]{4}", example="AB-0001")]
    tags: Annotated[Sequence[str] | None, Array(unique=True)] = None
    two: Annotated[Sequence[str] | None, Array(unique=True, min_items=2, max_items=3)] = None


@pytest.mark.parametrize("unsent", ["", "plate", "tags", "two"])
def test_a_pattern_and_a_list_without_repetition_are_tried(unsent: str) -> None:
    """One example is enough to make another, and no item comes twice."""

    @module(label="Tag", connection=account)
    def tag(form: Tagged, context: Context) -> Written:
        """Send it."""
        sent = {name: getattr(form, name) for name in ("plate", "tags", "two") if name != unsent}
        return context.client.post("/tags", json=sent, into=Written)

    with Host(modules={"notes.tag": tag}, discover=False, environ={}) as host:
        found = dead_fields(host, "notes.tag")

    assert {line.partition(":")[0].partition("[")[0] for line in found} == ({unsent} if unsent else set())
    assert [line for line in found if "changes nothing" not in line] == []


def test_what_nobody_asked_for_is_found() -> None:
    """A default that is the service's own must not be sent; what is required must be."""

    def body(form: Note) -> dict[str, Any]:
        return {"parts": len(form.parts), "temperature": 1}

    with _host(body) as host:
        assert unasked(host, "notes.write") == [
            "temperature: is sent, and no required field asks for it; Case(always=...) tells why",
            "title: is required, and not sent",
        ]
        case = Case(sent_as={"title": ("parts",)}, always={"temperature": "the service demands one"})
        assert unasked(host, "notes.write", case) == []


def test_names_in_the_query_count() -> None:
    """A search sends its form there."""

    @frozen(kw_only=True)
    class Search:
        text: str

    @module(label="Search", connection=account, effect=Effect.READ)
    def search(form: Search, context: Context) -> Written:
        """Search notes."""
        return context.client.get("/notes", params={"text": form.text, "sort": "new"}, into=Written)

    modules: dict[str, AnyModule] = {"notes.search": search}
    with Host(modules=modules, discover=False, environ={}) as host:
        assert unasked(host, "notes.search") == [
            "sort: is sent, and no required field asks for it; Case(always=...) tells why"
        ]


def test_values_in_the_path_count() -> None:
    """What stands there is sent, in whichever letters it is written."""

    @frozen(kw_only=True)
    class Which:
        folder: Annotated[str, Text(example="a/b")]
        number: int
        shelf: str

    @module(label="Get", connection=account, effect=Effect.READ)
    def get(form: Which, context: Context) -> Written:
        """Get a note."""
        return context.client.get(f"/folders/{quote(form.folder, safe='')}/notes/{form.number}", into=Written)

    modules: dict[str, AnyModule] = {"notes.get": get}
    with Host(modules=modules, discover=False, environ={}) as host:
        assert unasked(host, "notes.get") == ["shelf: is required, and not sent"]
