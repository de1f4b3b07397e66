"""Texts of users in paths, patterns in words, and bytes in answers: what modules written as code are helped with."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import pytest
from attrs import frozen

from jackfield import (
    AnswerError,
    BusyError,
    ConnectionType,
    Context,
    Effect,
    File,
    Host,
    InvalidInputError,
    Json,
    Text,
    module,
    path_segment,
    rest,
)
from jackfield.testing import Replay, Reply

SPELLED = {"a": "a", "ä b": "%C3%A4%20b", "a:b@c?d#e%f": "a%3Ab%40c%3Fd%23e%25f", "...": "...", ".a": ".a"}


@pytest.mark.parametrize("text", SPELLED)
def test_a_text_becomes_one_segment(text: str) -> None:
    """Whatever letters it has."""
    assert path_segment(text, at="$.id") == SPELLED[text]


def test_a_text_may_become_several_segments() -> None:
    """And some letters may be left as they are."""
    assert path_segment("a/ü:b", at="$.id", several=True) == "a/%C3%BC%3Ab"
    assert path_segment("a:b c", at="$.id", safe=":") == "a:b%20c"


FLAWS = {
    "": "is empty",
    "a/b": "has a slash",
    "..": "has a dot segment",
    ".": "has a dot segment",
    "%2e%2e": "has a dot segment",
    "a\0": "has a control character",
    "\ud800": "is not Unicode|not Unicode",
}


@pytest.mark.parametrize("text", FLAWS)
def test_what_would_lead_elsewhere_is_told_of_its_field(text: str) -> None:
    """The remedy is at the field, so the field is named."""
    with pytest.raises(InvalidInputError, match=rf"^\$\.file_id: .*({FLAWS[text]}).*cannot stand in the path"):
        path_segment(text, at="$.file_id")


@pytest.mark.parametrize("text", ["a/../b", "a//b", "/a", "a/"])
def test_none_of_several_segments_leads_elsewhere(text: str) -> None:
    """Nor is one empty."""
    with pytest.raises(InvalidInputError, match=r"^\$\.path: "):
        path_segment(text, at="$.path", several=True)


@frozen(kw_only=True)
class Said:
    """What an answer said."""

    answer: Annotated[Mapping[str, object], Json(label="Answer")]
    place: Annotated[
        str, Text(label="Place", pattern="[a-z]+/[a-z]+", pattern_help="two words with a slash between them: a/b")
    ] = "a/b"


@frozen(kw_only=True)
class Kept:
    """The file in it."""

    file: File


@module(label="Keep", effect=Effect.READ)
def keep(form: Said, context: Context) -> Kept:
    """Keep what stands in an answer as base64."""
    return Kept(file=context.store_base64(form.answer, "content", size="size", name="a.txt"))


@pytest.fixture
def host() -> Iterator[Host]:
    """Run one module."""
    with Host(discover=False, modules={"mail.keep": keep}, environ={}) as opened:
        yield opened


@pytest.mark.parametrize("said", [{"content": "YW\nJj\n", "size": 3}, {"content": "YWJj"}, {"content": "", "size": 0}])
def test_bytes_in_an_answer_become_a_file(host: Host, said: Mapping[str, object]) -> None:
    """Line breaks do not count."""
    file = host.run("mail.keep", {"answer": said}).output.file

    assert (file.name, file.read()) == ("a.txt", b"abc" if said["content"] else b"")


BROKEN = {
    "cut": ({"content": "YWJ"}, "must be base64"),
    "not ASCII": ({"content": "YWJjé"}, "must be base64"),
    "no text": ({"content": 5}, "must be base64"),
    "absent": ({}, "must be base64"),
    "short": ({"content": "YWJj", "size": 4}, r"must have as many bytes as \$\.size says, has 3"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_bytes_that_came_broken_are_an_error_of_the_answer(host: Host, name: str) -> None:
    """With the place in it."""
    said, words = BROKEN[name]

    with pytest.raises(AnswerError, match=rf"\$\.content: {words}"):
        host.run("mail.keep", {"answer": said})


def test_a_pattern_is_told_in_words(host: Host) -> None:
    """Those that its author gave it."""
    with pytest.raises(InvalidInputError, match=r"\$\.place: must be two words with a slash between them: a/b, was"):
        host.run("mail.keep", {"answer": {}, "place": "a"})


def test_words_in_a_failure_can_say_what_it_means() -> None:
    """Where neither its status nor its code does."""

    @frozen(kw_only=True)
    class Key:
        """Nothing to give."""

    read = rest.Failures(message="message", words={"asked too often": BusyError})
    shop = ConnectionType(label="Shop", form=Key, origin="https://shop.example", read_error=read)
    call = rest.universal(label="Make an API Call", connection=shop)
    replay = Replay(Reply(json={"message": "You Asked too often."}, status=403))
    opened = Host(plugins=[replay], discover=False, modules={"shop.call": call}, environ={})
    with opened, pytest.raises(BusyError, match=r"busy or failing \(403\)") as busy:
        opened.run("shop.call", {"path": "x", "method": "POST"}, connection={})

    assert busy.value.retry_after_s is None
