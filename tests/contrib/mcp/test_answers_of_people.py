"""Approval is a person's clear yes, and nothing else."""

from typing import Annotated, Any

import anyio
import mcp_types as types
import pytest
from attrs import frozen
from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp.shared.exceptions import MCPError

from jackfield import Context, Effect, Host, Text, module
from jackfield_mcp import Gateway


@frozen(kw_only=True)
class Note:
    """What to post."""

    text: Annotated[str, Text(label="Text")]


posted: list[str] = []


@module(label="Post", effect=Effect.UNSAFE)
def post(form: Note, _context: Context) -> Note:
    """Post a note."""
    posted.append(form.text)
    return form


def asked(mode: str, answer: types.ElicitResult | Exception) -> types.CallToolResult:
    """Call the module at a client whose person answers so."""

    async def decide(context: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def talk() -> types.CallToolResult:
        gateway = Gateway()
        with Host(discover=False, modules={"board.post": post}, plugins=[gateway]) as host:
            async with Client(gateway.served(host).server(), mode=mode, elicitation_callback=decide) as client:
                return await client.call_tool("board_post", {"text": "x"})

    posted.clear()
    return anyio.run(talk)


def accepts(**content: Any) -> types.ElicitResult:
    """Accept with this."""
    return types.ElicitResult(action="accept", content=content or None)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_yes_approves(mode: str) -> None:
    """Of whoever is asked."""
    assert not asked(mode, accepts(approved=True)).is_error
    assert posted == ["x"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize(
    "answer",
    [
        types.ElicitResult(action="decline"),
        types.ElicitResult(action="cancel"),
        types.ElicitResult(action="decline", content={"approved": True}),
        accepts(),
        accepts(approved=False),
        accepts(approved=1),
        accepts(approved="true"),
        accepts(approved=["true"]),
        accepts(other=True),
    ],
    ids=lambda answer: f"{answer.action} {answer.content}",
)
def test_nothing_else_does(mode: str, answer: types.ElicitResult) -> None:
    """The call is refused, and the error says who could approve of it."""
    result = asked(mode, answer)

    assert result.is_error
    assert posted == []
    assert "declined" in str(result.content[0])


def test_a_client_that_cannot_ask_after_all_gets_the_refusal() -> None:
    """And not its own failure."""
    result = asked("legacy", MCPError(types.INTERNAL_ERROR, "the window is gone"))

    assert result.is_error
    assert "--approve board.post" in str(result.content[0])


@pytest.mark.parametrize(
    "uri", ["jackfield://[bad", "jackfield://files/", "file:///etc/passwd", "", "jackfield://files/x?offset=-1"]
)
def test_a_resource_that_is_none_is_told(uri: str) -> None:
    """However its address is written."""

    async def talk() -> str:
        gateway = Gateway()
        with Host(discover=False, modules={"board.post": post}, plugins=[gateway]) as host:
            async with Client(gateway.served(host).server()) as client:
                with pytest.raises(MCPError) as caught:
                    await client.read_resource(uri)
                return str(caught.value)

    assert "no such resource" in anyio.run(talk)
