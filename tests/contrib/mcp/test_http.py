"""A server over HTTP, asked by the official client; and by others, who are refused."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import mcp_types as types
import pytest
from anyio.from_thread import BlockingPortal
from contract import CASES, Case, HostUnderTest, keep_the_contract
from contract_connector import CANARY, MODULES, Service
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp_under_test import McpHost, approve

from jackfield import Host, HttpSettings, InputError, Secret
from jackfield_mcp import Gateway, HttpServer, HttpServing, Offer

TOKEN = "test-token-for-the-contract"
WAIT_S = 30


@contextmanager
def served(url: str, *, deadline_s: float | None = None, **serving: Any) -> Iterator[HttpServer]:
    """Serve the connector of the contract in a thread."""
    gateway = Gateway(Offer(deadline_s=deadline_s, max_result_bytes=4096))
    environ = {"CONTRACT_URL": url, "CONTRACT_KEY": CANARY}
    quick = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)
    with Host(plugins=[gateway], discover=False, modules=MODULES, settings=quick, environ=environ) as host:
        server = HttpServer(gateway.served(host), HttpServing(token=Secret(TOKEN), port=0, **serving))
        thread = Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            server.stop()
            thread.join(WAIT_S)
            assert not thread.is_alive()


@asynccontextmanager
async def client(url: str, mode: str) -> AsyncIterator[Client]:
    """Connect to a server with its token."""
    async with create_mcp_http_client(headers={"Authorization": f"Bearer {TOKEN}"}) as sender:
        transport = streamable_http_client(url, http_client=sender)
        async with Client(transport, mode=mode, elicitation_callback=approve) as connected:
            yield connected


class Log(logging.Handler):
    """All that is logged, debug messages too."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.text += f"{record.name} {record.getMessage()}\n"


@pytest.fixture(scope="module")
def log() -> Iterator[Log]:
    """A root logger that writes everything, as somebody who looks for a fault sets it up."""
    log, root = Log(), logging.getLogger()
    before = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    yield log
    root.setLevel(before)
    root.removeHandler(log)


@pytest.fixture(scope="module")
def usual(service: tuple[Service, str], log: Log) -> Iterator[HttpServer]:
    """A server."""
    with served(service[1]) as server:
        yield server


@pytest.fixture(scope="module", params=["auto", "legacy"])
def host(
    request: pytest.FixtureRequest, usual: HttpServer, service: tuple[Service, str], portal: BlockingPortal, log: Log
) -> Iterator[McpHost]:
    """Two servers, since a server has one deadline for all calls; asked as new clients do, and as older ones."""

    def logged() -> bytes:
        return log.text.encode()

    with (
        served(service[1], deadline_s=0.3) as hurried,
        portal.wrap_async_context_manager(client(usual.url, request.param)) as usual_client,
        portal.wrap_async_context_manager(client(hurried.url, request.param)) as quick_client,
    ):
        quick = McpHost(quick_client, portal, None, logged)
        yield McpHost(usual_client, portal, quick, logged)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_server_over_http_keeps_the_contract_of_hosts(
    case: Case, host: HostUnderTest, service: tuple[Service, str]
) -> None:
    """Each case of the suite that all hosts share."""
    service[0].forget()
    keep_the_contract(case, host, service[0])


def test_a_misspelt_part_of_the_output_is_told(host: McpHost) -> None:
    """With the parts that there are: an empty answer would look like one."""
    result = host.raw("contract_echo", {"text": "x", "output_fields": ["lenght", "text"]})

    texts = [block.text for block in result.content if isinstance(block, types.TextContent)]
    assert result.structured_content == {"text": "x"}
    assert texts[1:] == ["note: output_fields: nothing is called lenght. There is: length, text."]


def test_what_clients_send_is_not_logged(host: McpHost, log: Log) -> None:
    """Not even where everything is logged that can be: the SDK writes whole messages as debug messages."""
    host.call("contract.echo", {"text": "a-confidential-text"})

    ours = [line for line in log.text.splitlines() if line.startswith(("mcp.server", "sse_starlette", "uvicorn"))]
    assert not [line for line in ours if "a-confidential-text" in line]


def asked(
    server: HttpServer, headers: Mapping[str, str], *, method: str = "POST", path: str = "/mcp", body: bytes = b"{}"
) -> tuple[int, str]:
    """Send a request by hand, and give the status and the text of the answer."""
    where = urlsplit(server.url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=WAIT_S)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Content-Length": str(len(body)), **_usual_headers(where.netloc), **headers}.items():
        if value:
            connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def _usual_headers(host: str) -> dict[str, str]:
    return {
        "Host": host,
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
    }


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Authorization": ""}, 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Bearer \xe9"}, 401),
    ],
    ids=str,
)
def test_who_may_not_ask_is_refused(usual: HttpServer, headers: dict[str, str], status: int, method: str) -> None:
    """By any method: another name of this machine, a page of another origin, no token, another one."""
    assert asked(usual, headers, method=method, body=b"")[0] == status


def test_a_refusal_says_what_to_do(usual: HttpServer) -> None:
    """And it never has the token in it."""
    texts = [asked(usual, headers)[1] for headers in ({"Host": "x"}, {"Origin": "x"}, {"Authorization": "x"})]

    assert [name in text for name, text in zip(("--allow-host", "--allow-origin", "Bearer TOKEN"), texts, strict=True)]
    assert TOKEN not in "".join(texts)


def test_the_own_origin_may_ask_and_only_the_one_path_is_there(usual: HttpServer) -> None:
    """In capitals, too; what is asked is wrong then, but who asks is right."""
    port = urlsplit(usual.url).port
    own = {"Host": f"LocalHost:{port}", "Origin": f"http://localhost:{port}"}

    assert asked(usual, own)[0] == 400
    assert asked(usual, own, path="/")[0] == 404
    assert asked(usual, own, path="/mcp/../mcp")[0] == 404


def test_the_limits_of_a_server_are_settings(service: tuple[Service, str]) -> None:
    """The size of a request, how many clients there are, names and origins that are let in."""
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}}
    who = {"capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    body = json.dumps({**hello, "params": {**hello["params"], **who}}).encode()  # type: ignore[dict-item]
    let_in = {"Host": "tools.example", "Origin": "https://app.example"}
    limits = {"max_body_bytes": 2000, "max_sessions": 1}
    with served(
        service[1], **limits, allowed_hosts=["tools.example"], allowed_origins=["https://app.example"]
    ) as server:
        large = asked(server, {}, body=b"[" + b" " * 3000 + b"]")
        first = asked(server, let_in, body=body)
        second = asked(server, {}, body=body)

    assert large[0] == 413
    assert first[0] == 200
    assert second[0] == 503


def test_only_who_allows_it_is_reached_by_other_machines(service: tuple[Service, str]) -> None:
    """And a token that somebody could guess is none."""
    with Host(discover=False, modules=MODULES) as host:
        offered = Gateway().served(host)
        with pytest.raises(InputError, match="Other machines reach 192"):
            HttpServer(offered, HttpServing(token=Secret(TOKEN), host="192.0.2.1", port=0))
        with pytest.raises(InputError, match="16 or more"):
            HttpServer(offered, HttpServing(token=Secret("short"), port=0))


def test_an_address_that_is_taken_is_told(usual: HttpServer) -> None:
    """With what to do."""
    with Host(discover=False, modules=MODULES) as host, pytest.raises(InputError, match="cannot be listened at"):
        HttpServer(Gateway().served(host), HttpServing(token=Secret(TOKEN), port=urlsplit(usual.url).port or 0))


def test_an_operation_ends_when_its_client_hangs_up(usual: HttpServer, service: tuple[Service, str]) -> None:
    """The service sees that nobody waits any more."""
    service[0].forget()
    where = urlsplit(usual.url)
    call = {"name": "contract_ask", "arguments": {"path": "/slow"}}
    session = _session(usual)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=WAIT_S)
    headers = {**_usual_headers(where.netloc), "Mcp-Session-Id": session, "MCP-Protocol-Version": "2025-06-18"}
    body = json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call})
    connection.request("POST", "/mcp", body, headers)
    assert service[0].asked.wait(WAIT_S)

    connection.close()

    assert service[0].left.wait(WAIT_S)


def _session(server: HttpServer) -> str:
    where = urlsplit(server.url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=WAIT_S)
    params = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
    connection.request("POST", "/mcp", body, _usual_headers(where.netloc))
    answer = connection.getresponse()
    answer.read()
    session = answer.headers["Mcp-Session-Id"]
    body = json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"})
    connection.request("POST", "/mcp", body, {**_usual_headers(where.netloc), "Mcp-Session-Id": session})
    connection.getresponse().read()
    connection.close()
    return session


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a program can see")
def test_the_command_shows_its_token_once_and_ends_when_told(tmp_path: Path) -> None:
    """Cleanly: with the code of success, and nothing left on stderr but what it said at first."""
    command = [sys.executable, "-m", "jackfield", "mcp", "serve", "--http", "0", "--module", "openai.get_models"]
    environ = {**os.environ, "JACKFIELD_HOME": str(tmp_path)}
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = [process.stderr.readline() for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        code = process.wait(WAIT_S)

    token = (tmp_path / "data" / "mcp-token").read_text("utf-8")
    assert token in told[0]
    assert "/mcp; Ctrl+C ends it." in told[2]
    assert (code, rest) == (0, "")
