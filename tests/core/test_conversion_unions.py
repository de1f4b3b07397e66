from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import pytest
from attrs import field, frozen

from jackfield import Array, InvalidInputError, Secret, Text
from jackfield._engine.conversion import dump, load_form


@frozen(kw_only=True)
class Words:
    type: Literal["text"] = "text"
    text: str


@frozen(kw_only=True)
class Picture:
    type: Literal["image", "photo"] = "image"
    url: str


@frozen(kw_only=True)
class User:
    role: Literal["user"] = "user"
    content: Annotated[str, Text(min_length=1)] | Annotated[Sequence[Words | Picture], Array(min_items=1)]


@frozen(kw_only=True)
class System:
    role: Literal["system", "developer"] = "system"
    content: str


@frozen(kw_only=True)
class Named:
    name: str


@frozen(kw_only=True)
class Chat:
    messages: Sequence[User | System] = ()
    choice: Literal["none", "auto"] | Named | None = None
    limit: Literal["all"] | float | None = None
    stop: str | Sequence[str] | bool | None = None
    effort: Literal["low"] | Annotated[str, Text(min_length=5)] | None = None
    version: Literal[1, 2] | Literal["latest"] | None = None  # noqa: PYI030  not the same: two kinds, one each
    free: Mapping[str, str] | Sequence[float] | None = None
    secret: Literal[False] | Secret | None = None


@frozen(kw_only=True)
class Folder:
    kind: Literal["folder"] = "folder"
    entries: "Sequence[Folder | File]" = ()


@frozen(kw_only=True)
class File:
    kind: Literal["file"] = "file"
    size: float = 0.0


@frozen(kw_only=True)
class Numbered:
    version: Literal[1] = 1
    old: str = ""


@frozen(kw_only=True)
class Newer:
    version: Literal[2] = 2
    new: str = ""


@frozen(kw_only=True)
class Versions:
    each: Sequence[Numbered | Newer] = field(factory=tuple)


def _problems(value: object, cls: type = Chat) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        load_form(cls, value)
    return [(problem.rule, str(problem)) for problem in caught.value.problems]


def test_records_are_told_apart_by_their_tag() -> None:
    """Each has fields of its own."""
    value = {
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "photo", "url": "b"}]},
        ]
    }

    form = load_form(Chat, value)

    assert form.messages == (
        System(role="developer", content="Be brief."),
        User(content="Hello"),
        User(content=(Words(text="a"), Picture(type="photo", url="b"))),
    )
    assert dump(form) == value


def test_one_record_alone_needs_no_tag() -> None:
    """There is nothing to tell apart, so the default holds."""
    assert load_form(User, {"content": "Hello"}).role == "user"
    assert load_form(Chat, {"choice": {"name": "f"}}).choice == Named(name="f")


@pytest.mark.parametrize(
    ("field", "value", "held"),
    [
        ("choice", "auto", "auto"),
        ("limit", "all", "all"),
        ("limit", 3, 3.0),
        ("stop", "x", "x"),
        ("stop", ["x"], ("x",)),
        ("stop", True, True),
        ("effort", "low", "low"),
        ("effort", "extra", "extra"),
        ("version", 1, 1),
        ("version", 2.0, 2),
        ("version", "latest", "latest"),
        ("free", {"a": "b"}, {"a": "b"}),
        ("free", [1], (1.0,)),
        ("secret", False, False),
        ("secret", "abc", Secret("abc")),
        ("secret", Secret("abc"), Secret("abc")),
        ("choice", Named(name="f"), Named(name="f")),
    ],
    ids=str,
)
def test_members_are_told_apart_by_what_they_are_in_json(field: str, value: object, held: object) -> None:
    """Text, number, switch, list, object."""
    found = getattr(load_form(Chat, {field: value}), field)

    assert found == held
    assert type(found) is type(held)


@pytest.mark.parametrize(
    ("value", "rule", "message"),
    [
        (
            {"messages": [{"role": "usr", "content": "a"}]},
            "unknown_tag",
            "$.messages[0].role: must be one of user, system, developer, was text of 3 characters; did you mean user?",
        ),
        (
            {"messages": [{"role": "user", "content": "a"}, {"role": 5}]},
            "unknown_tag",
            "$.messages[1].role: must be one of user, system, developer, was 5",
        ),
        (
            {"messages": [{"role": ["user"], "content": "a"}]},
            "unknown_tag",
            "$.messages[0].role: must be one of user, system, developer, was a list of 1 item",
        ),
        (
            {"messages": [{"content": "a"}]},
            "required",
            "$.messages[0].role: is required: one of user, system, developer",
        ),
        (
            {"messages": [{"role": None, "content": "a"}]},
            "required",
            "$.messages[0].role: is required: one of user, system, developer",
        ),
        (
            {"messages": [{"role": "system"}]},
            "required",
            "$.messages[0].content: is required",
        ),
        (
            {"messages": [{"role": "system", "content": "a", "nmae": "x"}]},
            "unknown_field",
            "$.messages[0].nmae: is no field; known are role, content",
        ),
        (
            {"messages": ["user"]},
            "type",
            "$.messages[0]: must be an object whose role is one of user, system, developer, was text",
        ),
        ({"messages": [Named(name="x")]}, "type", "$.messages[0]: must be User or System, was a Python Named"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": 1}]}]},
            "type",
            "$.messages[0].content[0].text: must be text, was 1",
        ),
        ({"messages": [{"role": "user", "content": []}]}, "min_items", "must have at least 1 item, has 0"),
        ({"messages": [{"role": "user", "content": ""}]}, "min_length", "must have at least 1 character, has 0"),
        (
            {"messages": [{"role": "user", "content": 5}]},
            "type",
            "$.messages[0].content: must be text or a list, was 5",
        ),
        ({"choice": "autp"}, "choice", "$.choice: must be one of none, auto, was text of 4 characters; did you mean"),
        ({"choice": 5}, "type", "$.choice: must be one of none, auto or an object, was 5"),
        ({"limit": True}, "type", "$.limit: must be all or a number, was true"),
        ({"stop": 5}, "type", "$.stop: must be text, a list or true or false, was 5"),
        ({"stop": b"x"}, "type", "$.stop: must be text, a list or true or false, was a Python bytes"),
        ({"effort": "high"}, "min_length", "$.effort: must have at least 5 characters, has 4"),
        ({"version": 3}, "choice", "$.version: must be one of 1, 2, was 3"),
        ({"version": True}, "type", "$.version: must be one of 1, 2 or latest, was true"),
        ({"free": {"a": 1}}, "type", "$.free.a: must be text, was 1"),
    ],
    ids=lambda each: str(each)[:60],
)
def test_a_wrong_member_is_told_with_what_there_is(value: object, rule: str, message: str) -> None:
    """Tags and fixed choices are shown; what a user typed is not."""
    ((found, text),) = _problems(value)

    assert found == rule
    assert message in text


def test_problems_of_several_members_come_at_once() -> None:
    """Each in its place."""
    value = {"messages": [{"role": "user"}, {"role": "x"}, {"role": "system", "content": 1}], "limit": []}

    assert [text for _, text in _problems(value)] == [
        "$.messages[0].content: is required",
        "$.messages[1].role: must be one of user, system, developer, was text of 1 character",
        "$.messages[2].content: must be text, was 1",
        "$.limit: must be all or a number, was a list of 0 items",
    ]


def test_an_instance_is_checked_as_its_own_class() -> None:
    """Whatever its tag says."""
    message = User(content=[Words(text=5)])  # type: ignore[arg-type]

    assert _problems(Chat(messages=[message])) == [("type", "$.messages[0].content[0].text: must be text, was 5")]
    assert _problems({"messages": [message]}) == [("type", "$.messages[0].content[0].text: must be text, was 5")]


def test_a_tag_may_be_a_number() -> None:
    """A switch is none, although Python takes True for 1."""
    assert load_form(Versions, {"each": [{"version": 2}, {"version": 1.0}]}).each == (Newer(), Numbered())
    assert _problems({"each": [{"version": True}]}, Versions) == [
        ("unknown_tag", "$.each[0].version: must be one of 1, 2, was true")
    ]


def test_a_union_may_hold_itself() -> None:
    """Folders in folders, however deep within reason."""
    value = {"entries": [{"kind": "folder", "entries": [{"kind": "file", "size": 1}]}]}

    assert load_form(Folder, value) == Folder(entries=(Folder(entries=(File(size=1.0),)),))
    assert _problems({"entries": [{"kind": "folder", "entries": [{"kind": "file", "size": "a"}]}]}, Folder) == [
        ("type", "$.entries[0].entries[0].size: must be a number, was text of 1 character")
    ]


def test_a_long_list_of_choices_is_cut() -> None:
    """Nobody reads hundreds of them in an error."""

    @frozen(kw_only=True)
    class Month:
        day: Literal[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27]

    ((rule, text),) = _problems({"day": 0}, Month)

    assert rule == "choice"
    assert text.endswith("17, 18, 19, 20... (27 in all), was 0")
