"""MCP servers that a stranger wrote, and what of them a person gets to see."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from requests import PreparedRequest, Response

from jackfield import AnswerError, Host, InvalidInputError, RefusedError, hookimpl
from jackfield.testing import Replay, Reply
from jackfield_mcp.connector.tool_fields import fields_of

SERVER = {"base_url": "https://mcp.example.com/mcp"}


def told(**message: Any) -> dict[str, Any]:
    """Make a message."""
    return {"jsonrpc": "2.0", **message}


def answering(*messages: dict[str, Any]) -> Replay:
    """Answer one request with these messages."""
    return Replay(Reply(events=messages))


def listing(*tools: object, pages: int = 1, **more: Any) -> Replay:
    """Answer so many requests, numbered anew each time they are, with a list of tools."""
    return Replay(*(Reply(json=told(id=number, result={"tools": [*tools], **more})) for number in range(1, pages + 1)))


def choices(replay: Replay) -> Sequence[Any]:
    """Ask which tools there are."""
    with Host(plugins=[replay], environ={}) as host:
        return host.choices("mcp.call_tool", "tool", connection=SERVER)


def call(replay: object, **form: Any) -> Any:
    """Call a tool."""
    with Host(plugins=[replay], environ={}) as host:
        return host.run("mcp.call_tool", {"tool": "x", **form}, connection=SERVER).bundle


def test_a_list_that_leads_in_a_circle_is_told() -> None:
    """At once, and no part of it is taken for the whole."""
    replay = listing({"name": "a"}, pages=3, nextCursor="again")
    with pytest.raises(AnswerError, match="leads in a circle"):
        choices(replay)

    assert len(replay.requests) == 2


def test_a_list_without_end_is_told() -> None:
    """The error says how many pages are read."""
    pages = [Reply(json=told(id=at, result={"tools": [], "nextCursor": f"c{at}"})) for at in range(1, 102)]
    with pytest.raises(AnswerError, match="has more than 100 pages"):
        choices(Replay(*pages))


def test_names_that_nobody_could_read_or_choose_are_left_out() -> None:
    """And of two that are the same the first one counts."""
    names = ["", "\x1b[31mred", "two\nlines", "\u202eold", "\ud800", "x" * 300, 5, "good", "good"]
    found = choices(listing(*({"name": name, "title": str(at)} for at, name in enumerate(names))))

    assert [(choice.value, choice.label) for choice in found] == [("good", "7")]


def test_words_of_a_stranger_stand_in_one_line() -> None:
    """Without what steers a terminal or the eye."""
    (choice,) = choices(listing({"name": "x", "title": "a\x1b]0;b\x07", "description": "c\u202ed\n\n" + "e" * 999}))

    assert choice.label == "a ]0;b"
    assert choice.help.startswith("c d eee")
    assert len(choice.help) < 210


def test_an_error_for_another_request_is_nobodys() -> None:
    """The answer to ours follows."""
    strange = told(id=99, error={"code": 1, "message": "of somebody else"})
    bundle = call(answering(strange, told(id=1, result={"content": [{"type": "text", "text": "mine"}]})))

    assert bundle["text"] == "mine"


def test_an_error_without_an_id_is_ours() -> None:
    """So a server says that it could not read what came."""
    with pytest.raises(RefusedError, match="not read"):
        call(answering(told(id=None, error={"code": -32000, "message": "not read"})))


def test_a_server_that_only_asks_is_left() -> None:
    """After a hundred questions, each of which is answered."""

    class Curious:
        """Asks without end."""

        def __init__(self) -> None:
            self.answers = 0

        @hookimpl(tryfirst=True)
        def send(self, request: PreparedRequest) -> Response:
            """Ask many things, and take what is answered."""
            asked = json.loads(request.body or b"")
            self.answers += "method" not in asked
            questions = [told(id=at, method="roots/list") for at in range(500)]
            reply = Reply(events=questions) if "method" in asked else Reply(status=204)
            return reply.response(request)

    curious = Curious()
    with pytest.raises(AnswerError, match="asked for more than 100 things"):
        call(curious)

    assert curious.answers == 100


@pytest.mark.parametrize("failed", [True, False])
def test_an_endless_complaint_is_cut(*, failed: bool) -> None:
    """An error is read by people."""
    text = "y" * 1_000_000
    result = {"content": [{"type": "text", "text": text}], "isError": True}
    answer = told(id=1, result=result) if failed else told(id=1, error={"code": -32000, "message": text})
    with pytest.raises(RefusedError) as caught:
        call(answering(answer))

    assert len(str(caught.value)) < 2200
    assert "1000000 characters" in str(caught.value)


def test_arguments_that_nobody_could_read_are_no_fields() -> None:
    """What can be shown remains; the rest may still be given as ``extra``."""
    names = ["", "a b", "\x1b[5m", "x" * 300, "fine"]
    schema = {"properties": {name: {"type": "string"} for name in names}}

    assert [slot.name for slot in fields_of(schema)] == ["a b", "fine"]


def test_choices_that_are_no_words_are_any_text() -> None:
    """An error does not repeat a megabyte."""
    schema = {"properties": {"a": {"enum": ["\x1b[31m", "x" * 1_000_000]}}}
    tool = told(id=1, result={"tools": [{"name": "x", "inputSchema": schema}]})
    done = told(id=1, result={"content": [{"type": "text", "text": "ok"}]})
    assert call(Replay(Reply(json=tool), Reply(json=done)), arguments={"a": "y"})["text"] == "ok"
    with pytest.raises(InvalidInputError) as caught:
        call(Replay(Reply(json=tool)), arguments={"b": "y"})

    assert len(str(caught.value)) < 200
