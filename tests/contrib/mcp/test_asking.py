"""A connection that lacks is chosen by the person at the client, over each transport and in each version."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import anyio
import mcp_types as types
import pytest
from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from jackfield import Host, Secret, Store
from jackfield_mcp import Gateway, HttpServer, HttpServing, Offer
from jackfield_openai.sandbox import Sandbox

TOKEN = "test-token-of-those-who-ask"
KEY = "sk-canary-2210"
MODULE = "openai.get_models"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where two connections are saved."""
    home = tmp_path_factory.mktemp("home")
    with Sandbox() as sandbox, Host(environ={}) as host:
        kind = host.connector("openai").connection_types["openai.openai"]
        store = Store.default({"JACKFIELD_HOME": str(home)})
        for name in ("home", "work"):
            store.add(name, "openai.openai", kind, {"api_key": KEY, "base_url": sandbox.url})
        yield home


def environ_of(home: Path) -> dict[str, str]:
    """Give what the server's process has, and none of its own keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI", "JACKFIELD"))}
    return {**kept, "JACKFIELD_HOME": str(home)}


@contextmanager
def over_http(home: Path) -> Iterator[str]:
    """Serve in a thread, and give the address."""
    gateway = Gateway(Offer(modules=[MODULE]))
    environ = environ_of(home)
    with Host(plugins=[gateway, Store.default(environ)], environ=environ) as host:
        server = HttpServer(gateway.served(host), HttpServing(token=Secret(TOKEN), port=0))
        thread = Thread(target=server.serve)
        thread.start()
        try:
            yield server.url
        finally:
            server.stop()
            thread.join()


@asynccontextmanager
async def connected(home: Path, transport: str, log: Any, **options: Any) -> AsyncIterator[Client]:
    """Connect the official client to a server."""
    if transport == "stdio":
        arguments = ["-m", "jackfield", "mcp", "serve", "--module", MODULE]
        process = StdioServerParameters(command=sys.executable, args=arguments, env=environ_of(home))
        async with Client(stdio_client(process, errlog=log), **options) as client:
            yield client
        return
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with over_http(home) as url:
        async with (
            create_mcp_http_client(headers=bearer) as sender,
            Client(streamable_http_client(url, http_client=sender), **options) as client,
        ):
            yield client


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_a_person_chooses_among_saved_connections(home: Path, tmp_path: Path, transport: str, mode: str) -> None:
    """Once, and never by a secret; the choice holds for the calls that follow."""
    asked: list[types.ElicitRequestFormParams] = []

    async def choose(_: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
        assert isinstance(params, types.ElicitRequestFormParams)
        asked.append(params)
        return types.ElicitResult(action="accept", content={"connection": "work"})

    async def talk(log: Any) -> list[types.CallToolResult]:
        async with connected(home, transport, log, mode=mode, elicitation_callback=choose) as client:
            return [await client.call_tool("openai_get_models", {}) for _ in range(2)]

    with (tmp_path / "stderr.txt").open("w", encoding="utf-8") as log:
        results = anyio.run(talk, log)

    assert [result.is_error for result in results] == [False, False]
    assert [params.requested_schema["properties"]["connection"]["enum"] for params in asked] == [["home", "work"]]
    assert KEY not in "".join(result.model_dump_json() for result in results)


def test_who_cannot_be_asked_is_told_what_to_type(home: Path, tmp_path: Path) -> None:
    """And so is whoever declines."""

    async def decline(_: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
        return types.ElicitResult(action="decline")

    async def talk(**options: Any) -> str:
        with (tmp_path / "stderr.txt").open("w", encoding="utf-8") as log:
            async with connected(home, "http", log, **options) as client:
                result = await client.call_tool("openai_get_models", {})
        (text,) = result.content
        assert isinstance(text, types.TextContent)
        assert result.is_error
        return text.text

    async def both() -> list[str]:
        return [await talk(), await talk(elicitation_callback=decline)]

    alone, declined = anyio.run(both)

    assert "jackfield mcp serve --connection openai.openai=home" in alone
    assert "declined" in declined
