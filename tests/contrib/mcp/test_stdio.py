"""A server of its own process over stdin and stdout, asked by the official client."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from contract import CASES, Case, HostUnderTest, keep_the_contract
from contract_connector import CANARY, Service
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_under_test import McpHost, approve

SERVER = Path(__file__).parents[2] / "support" / "contract_mcp_server.py"


@pytest.fixture(scope="module")
def host(
    service: tuple[Service, str], portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[McpHost]:
    """Two servers: one with a short deadline, since a server has one for all calls."""
    folder = tmp_path_factory.mktemp("mcp")
    environ = {**os.environ, "CONTRACT_URL": service[1], "CONTRACT_KEY": CANARY, "JACKFIELD_HOME": str(folder)}
    log = folder / "stderr.txt"
    with log.open("w", encoding="utf-8") as errors:

        def client(mode: str, *arguments: str) -> Client:
            parameters = StdioServerParameters(command=sys.executable, args=[str(SERVER), *arguments], env=environ)
            return Client(stdio_client(parameters, errlog=errors), mode=mode, elicitation_callback=approve)

        with (
            portal.wrap_async_context_manager(client("auto")) as usual,
            portal.wrap_async_context_manager(client("legacy", "0.3")) as quick,
        ):
            hurried = McpHost(quick, portal, None, log.read_bytes)
            yield McpHost(usual, portal, hurried, log.read_bytes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_server_over_stdio_keeps_the_contract_of_hosts(
    case: Case, host: HostUnderTest, service: tuple[Service, str]
) -> None:
    """Each case of the suite that all hosts share."""
    service[0].forget()
    keep_the_contract(case, host, service[0])


def test_what_a_module_prints_is_no_part_of_the_protocol(host: McpHost) -> None:
    """It goes to stderr."""
    assert host.call("contract.echo", {"text": "x"}).error is None
    assert b"noise on stdout" in host.written()
