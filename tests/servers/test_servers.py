"""Servers that others wrote answer every module, or lack what is known of them."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import attrs
import pytest
from compatible_server import Gap, Server, known, running, skip_without
from program import JACKFIELD
from server_calls import CALLS, Call, pieces_of

from jackfield import Host, HttpSettings, JackfieldError, Result
from jackfield_openai.sandbox import Sandbox

openai: Any = pytest.importorskip("openai")

pytestmark = pytest.mark.servers

SERVERS = {server.name: server for server in known()}
Address = Callable[[Server], str]
Outcome = str


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """Give where a server listens; it is started when it is first asked for."""
    found: dict[str, str] = {}
    with ExitStack() as stack:
        upstream = stack.enter_context(Sandbox())

        def call(server: Server) -> str:
            skip_without()
            if server.name not in found:
                folder = tmp_path_factory.mktemp(server.name)
                found[server.name] = stack.enter_context(running(server, folder, upstream.url))
            return found[server.name]

        yield call


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """Installed as users have it; each request is sent once."""
    with Host(environ={}, settings=HttpSettings(max_attempts=1)) as opened:
        yield opened


def _connection(server: Server, url: str, call: Call) -> dict[str, object]:
    key = server.key if call.key is None else call.key
    headers = server.fails[call.fails].get("headers", {}) if call.fails else {}
    return {"base_url": url, "headers": headers, **({"api_key": key} if key else {})}


def _run(host: Host, call: Call, form: Any, connection: dict[str, object]) -> Result[Any]:
    module = f"openai.{call.module}"
    if not call.streams:
        return host.run(module, form, connection=connection)
    with host.stream(module, form, connection=connection) as stream:
        pieces = list(stream)
    assert pieces
    assert pieces_of(call.module, pieces)
    return stream.result


def _ours(host: Host, call: Call, form: Any, connection: dict[str, object]) -> Outcome:
    """Tell how a call ends: well, with warnings, with something else, or with which error."""
    try:
        result = _run(host, call, form, connection)
    except JackfieldError as error:
        return type(error).__name__
    if result.warnings:
        return "warns"
    return "answers" if call.ends != "answers" or call.good(result) else "answers something else"


def _client(server: Server, url: str, call: Call) -> Any:
    # It sends no request without a key; a lone blank is the least.
    key = (server.key if call.key is None else call.key) or "none"
    return openai.OpenAI(api_key=key, base_url=f"{url}/v1", max_retries=0)


def _prepared(server: Server, url: str, call: Call) -> Server:
    """Make what a call is about; a server that cannot make it does not know its id either."""
    if call.first is None:
        return server
    with _client(server, url, call) as client:
        try:
            made: Any = call.first(client, server)
        except openai.OpenAIError:
            return attrs.evolve(server, made="not-made")
    return attrs.evolve(server, made=made.id)


def _theirs(server: Server, url: str, call: Call) -> Outcome:
    """Tell how the same ends for OpenAI's SDK."""
    assert call.theirs
    with _client(server, url, call) as client:
        try:
            said = call.theirs(client, server)
            found = bool(list(said)) if call.streams else bool(said)  # type: ignore[call-overload]
        except openai.OpenAIError:
            return "fails"
    return "answers" if found else "gives nothing"


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # the SDK's, for variations
@pytest.mark.parametrize("call", [*CALLS])
@pytest.mark.parametrize("name", [*SERVERS])
def test_a_server_answers(host: Host, address: Address, name: str, call: str) -> None:
    """As OpenAI does; or it lacks what the list says, no more and no less, and then OpenAI's SDK fails there too."""
    asked = CALLS[call]
    url = address(SERVERS[name])
    server = _prepared(SERVERS[name], url, asked)
    gap = server.gaps.get(call, Gap(outcome=asked.ends, why="", sdk="answers" if asked.ends == "answers" else "fails"))

    ours = _ours(host, asked, asked.form(server), _connection(server, url, asked))
    theirs = _theirs(server, url, asked) if asked.theirs else gap.sdk

    assert (ours, theirs) == (gap.outcome, gap.sdk), gap.why


@pytest.mark.parametrize("name", [*SERVERS])
def test_a_connection_to_a_server_is_checked(host: Host, address: Address, name: str) -> None:
    """And its models are offered."""
    server = SERVERS[name]
    connection = {"base_url": address(server), "api_key": server.key}

    check = host.check_connection("openai.openai", connection)
    choices = host.choices("openai.create_chat_completion", "model", connection=connection)

    assert check.label.startswith("127.0.0.1:")
    assert server.chat in [choice.value for choice in choices]


@pytest.mark.parametrize("name", [*SERVERS])
def test_a_server_is_asked_at_the_command_line(address: Address, name: str) -> None:
    """As the how-to says: by the variables that OpenAI's own programs read."""
    server = SERVERS[name]
    environment = {**os.environ, "OPENAI_BASE_URL": address(server), "OPENAI_API_KEY": server.key}
    words = ["module", "run", "openai.create_completion", f"model={server.chat}", "prompt=Hello", "-o", "plain"]

    done = subprocess.run(
        [*JACKFIELD, *words], env=environment, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
