"""The tools of MCP servers that are programs of this machine."""

import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import line_server
import pytest

from jackfield import (
    AnswerError,
    Cancellation,
    DeadlineError,
    Host,
    InvalidInputError,
    OperationCancelledError,
    ProgramSettings,
    RefusedByPolicyError,
    RefusedError,
    Secret,
)

SECRET = "canary-7713-of-a-program"
SDK_SERVER = "from mcp_servers import Tools, server_of; server_of(Tools()).run()"


def connection(way: str = "usual", **more: Any) -> dict[str, Any]:
    """Name the server."""
    return {"program": sys.executable, "arguments": [line_server.__file__, way], **more}


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """A host that may start Python."""
    allowed = ProgramSettings(allow=shlex.quote(sys.executable), end_within_s=0.5)
    with Host(environ={}, programs=allowed) as host:
        yield host


def call(host: Host, tool: str, way: str = "usual", **options: Any) -> Any:
    """Call a tool, and give its text."""
    form = {"tool": tool, "extra": options.pop("extra", {})}
    return host.run(
        "mcp.call_local_tool", form, connection=options.pop("connection", connection(way)), **options
    ).bundle["text"]


@pytest.mark.parametrize("way", ["usual", "newest", "noisy"])
def test_a_tool_is_called(host: Host, way: str) -> None:
    """Whether hands are shaken or not, and whatever else the server prints."""
    assert json.loads(call(host, "echo", way, extra={"a": 2})) == {"a": 2}


def test_a_server_of_the_official_sdk_is_called(host: Host) -> None:
    """How far it came, and what it gives."""
    # No connection says where Python looks for modules, so the code does.
    code = f"import sys; sys.path.insert(0, {str(Path(line_server.__file__).parent)!r}); {SDK_SERVER}"
    given = {"program": sys.executable, "arguments": ["-c", code]}
    with host.stream("mcp.call_local_tool", {"tool": "count"}, connection=given) as stream:
        pieces = [piece.text for piece in stream]

    assert pieces == ["step 1", "step 2"]
    assert stream.result.bundle["structured"] == {"result": "counted"}


def test_the_tools_of_a_program_are_choices(host: Host) -> None:
    """And their arguments fields."""
    found = host.choices("mcp.call_local_tool", "tool", connection=connection())

    assert [choice.value for choice in found] == ["echo", "environ"]
    with pytest.raises(InvalidInputError, match=r"\$\.arguments\.a: must be a whole number"):
        host.run("mcp.call_local_tool", {"tool": "echo", "arguments": {"a": "x"}}, connection=connection())


def test_a_connection_is_checked(host: Host) -> None:
    """By starting it; it is called as it calls itself."""
    assert host.check_connection("mcp.command", connection()).label == "The Lines"


def test_nothing_is_started_that_nobody_allowed() -> None:
    """Neither to run a tool nor to look what there is."""
    with Host(environ={}) as host:
        for act in (
            lambda: call(host, "echo"),
            lambda: host.choices("mcp.call_local_tool", "tool", connection=connection()),
        ):
            with pytest.raises(RefusedByPolicyError, match="did not allow it"):
                act()


def test_a_server_gets_its_secret_and_none_of_ours(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the variable that the connection names."""
    monkeypatch.setenv("OPENAI_API_KEY", "canary-of-ours")
    given = connection(secret=Secret(SECRET), secret_variable="SERVER_TOKEN", variables={"MODE": "x"})
    environ = json.loads(call(host, "environ", connection=given))

    assert (environ["MODE"], "OPENAI_API_KEY" in environ) == ("x", False)
    assert environ["SERVER_TOKEN"] == SECRET


def test_a_secret_has_a_variable_of_its_own(host: Host) -> None:
    """Where the connection names none."""
    environ = json.loads(call(host, "environ", connection=connection(secret=Secret(SECRET))))

    assert environ["MCP_TOKEN"] == SECRET


def test_a_server_that_ends_tells_why(host: Host) -> None:
    """With what it said last, but not the secret; in a confidential run not even that."""
    given = connection(secret=Secret(SECRET), secret_variable="SERVER_TOKEN")
    with pytest.raises(AnswerError, match=r"ended with code 7 before it answered\. It said: the end of \*\*\*") as told:
        call(host, "die", connection=given, extra={"text": "a story"})
    with pytest.raises(AnswerError) as kept:
        call(host, "die", connection=given, extra={"text": "a story"}, confidential=True)

    assert SECRET not in str(told.value)
    assert "story" not in str(kept.value)


def test_a_tool_that_fails_is_a_final_error(host: Host) -> None:
    """With what it says."""
    with pytest.raises(RefusedError, match="The tool fail failed: "):
        call(host, "fail")


def test_a_call_ends_with_its_deadline(host: Host) -> None:
    """Though the server says nothing."""
    with pytest.raises(DeadlineError):
        call(host, "echo", "silent", deadline_s=0.5)


def test_a_call_that_is_cancelled_ends(host: Host) -> None:
    """While its tool works."""
    stopping = Cancellation()
    with host.stream("mcp.call_local_tool", {"tool": "wait"}, connection=connection(), cancellation=stopping) as stream:
        next(iter(stream))
        stopping.cancel()
        with pytest.raises(OperationCancelledError):
            next(iter(stream))


def test_what_a_server_asks_its_client_is_declined(host: Host) -> None:
    """Politely: we are there."""
    answers = json.loads(call(host, "ask"))

    assert [answer.get("error", {}).get("code") for answer in answers] == [None, -32601, -32601]


def test_answers_may_be_long(host: Host) -> None:
    """Longer than a pipe holds."""
    assert len(call(host, "long")) == 100_000


def test_many_calls_have_a_program_each(host: Host) -> None:
    """They do not get in each other's way."""
    inputs = [{"tool": "echo", "extra": {"a": number}} for number in range(6)]
    outcomes: Iterator[Any] = host.map("mcp.call_local_tool", inputs, connection=connection(), concurrency=3)

    assert [outcome.bundle["text"] for outcome in outcomes] == [json.dumps({"a": at}) for at in range(6)]
