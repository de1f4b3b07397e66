"""The tools of an MCP server as a module, tried with a server of the official SDK."""

import json
from collections.abc import Iterator, Mapping, Sequence
from threading import Thread
from typing import Annotated, Any, Literal

import pytest
from attrs import frozen
from mcp_servers import PNG, TOKEN, Tools, shed

from jackfield import (
    AnswerError,
    Cancellation,
    Context,
    CredentialsError,
    DeadlineError,
    Dynamic,
    Effect,
    Host,
    HttpSettings,
    InvalidInputError,
    JackfieldError,
    OperationCancelledError,
    RefusedError,
    UnsafeRequestError,
    module,
)
from jackfield.testing import Replay
from jackfield_mcp.connector.call_tool import call_tool
from jackfield_mcp.connector.tool_call import ToolCall
from jackfield_mcp.connector.tool_fields import fields_of

WAIT_S = 30


@pytest.fixture(scope="module")
def tools() -> Tools:
    """What the servers did."""
    return Tools()


@pytest.fixture(
    scope="module",
    params=[{}, {"older": True}, {"older": True, "json_answers": True}],
    ids=["newest", "older", "older with JSON"],
)
def connection(request: pytest.FixtureRequest, tools: Tools) -> Iterator[dict[str, object]]:
    """A server, as a connection."""
    with shed(tools, **request.param) as address:
        yield {"base_url": address, "token": TOKEN, "allow_local": True}


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """A host of its own."""
    with Host(environ={}, settings=HttpSettings(retry_base_s=0.001)) as host:
        yield host


def call(host: Host, connection: dict[str, object], tool: str, **options: Any) -> Any:
    """Call a tool, and give the bundle."""
    arguments = options.pop("arguments", None)
    form = {"tool": tool, **({"arguments": arguments} if arguments is not None else {})}
    return host.run("mcp.call_tool", form, connection=connection, **options).bundles[0]


def test_the_tools_of_a_server_are_choices(host: Host, connection: dict[str, object]) -> None:
    """With what they say of themselves, which is marked as theirs."""
    found = host.choices("mcp.call_tool", "tool", connection=connection)

    assert [choice.value for choice in found] == ["add", "paint", "fail", "count", "wait"]
    assert (found[0].label, found[0].help) == ("Add", "(Says that it only reads.) Add two numbers.")


def test_a_tool_is_called(host: Host, connection: dict[str, object]) -> None:
    """Its text, and its data if it gives some."""
    bundle = call(host, connection, "add", arguments={"a": 2, "b": 3})

    assert (bundle["text"], bundle["structured"]) == ("5", {"result": 5})


@pytest.mark.parametrize(
    ("tool", "arguments", "path"),
    [
        ("add", {"b": 1}, "$.arguments.a"),
        ("add", {"a": "2"}, "$.arguments.a"),
        ("add", {"a": 10}, "$.arguments.a"),
        ("add", {"a": 1, "c": 1}, "$.arguments.c"),
        ("paint", {"color": "green"}, "$.arguments.color"),
        ("paint", {"color": "red", "words": [1]}, "$.arguments.words[0]"),
    ],
    ids=str,
)
def test_arguments_are_checked_before_the_tool_is_called(
    host: Host, connection: dict[str, object], tool: str, arguments: dict[str, object], path: str
) -> None:
    """By what the server says that the tool takes."""
    with pytest.raises(InvalidInputError) as caught:
        call(host, connection, tool, arguments=arguments)

    assert [problem.path for problem in caught.value.problems] == [path]


def test_a_picture_is_a_file(host: Host, connection: dict[str, object]) -> None:
    """Never base64 in a bundle."""
    bundle = call(host, connection, "paint", arguments={"color": "red"})

    (reference,) = bundle["files"]
    file = host.files.find(reference["file"])
    assert file is not None
    assert (file.media_type, file.read()) == ("image/png", PNG)
    assert bundle["text"] == "red None"
    assert [block["type"] for block in bundle["content"]] == ["text", "image"]


def test_a_tool_that_fails_is_a_final_error(host: Host, connection: dict[str, object]) -> None:
    """With what it says."""
    with pytest.raises(RefusedError, match="The tool fail failed: ") as caught:
        call(host, connection, "fail", arguments={"text": "luck"})

    assert "no luck" in caught.value.message
    assert not caught.value.retryable


def test_a_tool_that_is_not_there_is_told(host: Host, connection: dict[str, object]) -> None:
    """As the server says it."""
    with pytest.raises(RefusedError, match="nothing"):
        call(host, connection, "nothing")


def test_progress_comes_in_pieces(host: Host, connection: dict[str, object]) -> None:
    """As the tool tells it; and the whole at the end."""
    with host.stream("mcp.call_tool", {"tool": "count"}, connection=connection) as stream:
        pieces: list[Any] = [*stream]
        text = stream.result.output.text

    assert text == "counted"
    if pieces:  # with JSON for an answer there is no place for it
        assert [(piece.text, piece.progress, piece.total) for piece in pieces] == [("step 1", 1, 2), ("step 2", 2, 2)]


def test_a_deadline_holds_and_the_tool_ends(host: Host, connection: dict[str, object], tools: Tools) -> None:
    """The server is told that nobody waits."""
    tools.left.clear()

    with pytest.raises(DeadlineError):
        call(host, connection, "wait", deadline_s=1.0)

    assert tools.left.wait(WAIT_S)


def test_a_cancelled_call_ends_the_tool(host: Host, connection: dict[str, object], tools: Tools) -> None:
    """At the server, too."""
    tools.asked.clear()
    tools.left.clear()
    cancellation, raised = Cancellation(), []

    def run() -> None:
        try:
            call(host, connection, "wait", cancellation=cancellation)
        except JackfieldError as error:
            raised.append(type(error))

    thread = Thread(target=run)
    thread.start()
    assert tools.asked.wait(WAIT_S)
    cancellation.cancel()
    thread.join(WAIT_S)

    assert raised == [OperationCancelledError]
    assert tools.left.wait(WAIT_S)


def test_a_check_gives_the_name_of_the_server(host: Host, connection: dict[str, object]) -> None:
    """Or says what is wrong with the credentials."""
    assert host.check_connection("mcp.url", connection).label == "The Shed"
    with pytest.raises(CredentialsError):
        host.check_connection("mcp.url", {**connection, "token": "another"})


def test_a_server_in_a_private_network_must_be_allowed(host: Host, connection: dict[str, object]) -> None:
    """As with every address that a user names."""
    with pytest.raises(UnsafeRequestError):
        call(host, {**connection, "allow_local": False}, "add", arguments={"a": 1})


@pytest.mark.parametrize("effect", ["read", "idempotent", "unsafe", None])
def test_what_a_server_says_of_its_tools_is_not_trusted(effect: Literal["read", "idempotent", "unsafe"] | None) -> None:
    """Whoever knows a tool says what a repeat does; else it counts as unsafe."""
    assert call_tool.effect_of(ToolCall(tool="add", effect=effect)) is Effect(effect or "unsafe")


def test_a_tool_that_fails_in_the_words_of_the_protocol_is_called_once() -> None:
    """It may have acted before it failed: no other words are tried then."""
    replay = Replay()
    replay.reply({"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "half done"}})

    with Host(plugins=[replay], environ={}) as host, pytest.raises(RefusedError, match="half done"):
        call(host, {"base_url": "https://mcp.example.com/mcp"}, "add")

    asked = [json.loads(request.body or b"")["method"] for request in replay.requests]
    assert asked == ["tools/call"]


def test_what_a_server_is_not_that_speaks_another_protocol(host: Host) -> None:
    """Is told with what to do."""
    replay = Replay()
    with Host(plugins=[replay], environ={}) as mistaken:
        replay.reply({"hello": 1})
        with pytest.raises(AnswerError, match="no JSON-RPC message") as caught:
            call(mistaken, {"base_url": "https://example.com"}, "add")

    assert "https://example.com/mcp" in caught.value.hint


SCHEMAS: Sequence[tuple[object, object, object]] = [
    ({"type": "string", "minLength": 2}, "ab", "a"),
    ({"type": ["integer", "null"], "maximum": 3}, 3, 4),
    ({"anyOf": [{"type": "number"}, {"type": "null"}]}, 1.5, "x"),
    ({"anyOf": [{"type": "number"}, {"type": "string"}]}, "either", None),
    ({"const": "x"}, "x", "y"),
    ({"enum": [1, 2]}, 7, None),
    ({"enum": ["a", None]}, "a", "b"),
    ({"type": "array", "items": {"type": "array", "items": {"type": "boolean"}}, "maxItems": 1}, [[True]], [[1]]),
    ({"type": "object", "properties": {"x": {"type": "integer"}}}, {"x": 1}, 1),
    ({"$ref": "#/$defs/N"}, 1, "x"),
    ({"$ref": "#/$defs/Loop"}, {"any": "thing"}, None),
    ({"$ref": "https://elsewhere.example/schema"}, "any", None),
    ({"type": "integer", "minimum": 5, "maximum": 1}, 3, None),
    ({"type": "integer", "minimum": "many"}, 3, "x"),
    (True, {"any": 1}, None),
    ({"type": 5, "title": 7, "description": []}, 3, None),
]


@pytest.mark.parametrize(("schema", "good", "bad"), SCHEMAS, ids=str)
def test_what_json_schema_says_is_checked_where_our_words_can_say_it(schema: object, good: object, bad: object) -> None:
    """Anything else is any value, and never an error: the schema is a stranger's."""
    shared = {"N": {"type": "integer"}, "Loop": {"$ref": "#/$defs/Loop"}}
    fields = fields_of({"properties": {"some-name!": schema}, "required": ["some-name!"], "$defs": shared})

    @frozen(kw_only=True)
    class Form:
        """A form."""

        values: Annotated[Mapping[str, object], Dynamic(fields=lambda _context: fields)]

    @module(label="Take", effect=Effect.READ)
    def take(form: Form, context: Context) -> Form:
        """Take it."""
        return form

    with Host(discover=False, modules={"some.take": take}) as host:
        taken = host.run("some.take", {"values": {"some-name!": good}}).bundles[0]
        if bad is not None:
            with pytest.raises(InvalidInputError):
                host.run("some.take", {"values": {"some-name!": bad}})

    assert taken["values"] == {"some-name!": good}


@pytest.mark.parametrize("schema", [None, [], {"properties": []}, {"required": "x"}], ids=str)
def test_a_schema_without_fields_has_none(schema: object) -> None:
    """Whatever else it is."""
    assert fields_of(schema) == []
