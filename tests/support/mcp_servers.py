"""A server of the official SDK with tools of every kind, for tests of who calls them."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Annotated, Any, Literal

import anyio
import uvicorn
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field
from starlette.responses import JSONResponse

TOKEN = "canary-5512-mcp-token"
PNG = b"\x89PNG\r\n\x1a\n" + b"no picture" * 9


class Tools:
    """What the server did.

    Attributes:
        asked: Set when somebody waits for an answer that does not come.
        left: Set when nobody waits any more.
        methods: Which methods of the protocol were asked, in order.
        tokens: Which credentials came.
    """

    def __init__(self) -> None:
        self.asked = Event()
        self.left = Event()
        self.methods: list[str] = []
        self.tokens: set[str] = set()


def server_of(tools: Tools) -> MCPServer[Any]:
    """Make the server."""
    server: MCPServer[Any] = MCPServer("shed", title="The Shed")

    @server.tool(title="Add", annotations=ToolAnnotations(read_only_hint=True))
    def add(a: Annotated[int, Field(ge=0, le=9, description="The first.")], b: int = 1) -> int:
        """Add two numbers."""
        return a + b

    @server.tool(structured_output=False)
    def paint(color: Literal["red", "blue"], words: list[str] | None = None) -> list[Any]:
        """Paint a picture."""
        return [f"{color} {words}", Image(data=PNG, format="png")]

    @server.tool()
    def fail(text: str) -> str:
        """Fail."""
        message = f"no {text}"
        raise ToolError(message)

    @server.tool()
    async def count(context: Context) -> str:
        """Count, and tell how far."""
        for number in (1, 2):
            await context.report_progress(number, 2, f"step {number}")
        return "counted"

    @server.tool()
    async def wait() -> str:
        """Wait for ever."""
        tools.asked.set()
        try:
            await anyio.sleep_forever()
        finally:
            tools.left.set()
        return "never"

    return server


@contextmanager
def shed(tools: Tools, *, older: bool = False, json_answers: bool = False) -> Iterator[str]:
    """Serve it over HTTP to those who have the token, and give its address.

    Args:
        tools: What is told of it.
        older: Whether it knows no revision of the protocol that goes without sessions.
        json_answers: Whether it answers with JSON where it can, instead of streams.
    """
    inner = server_of(tools).streamable_http_app(json_response=json_answers)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope.get("headers", ())}
        if scope["type"] == "http":
            tools.tokens.add(headers.get("authorization", ""))
            tools.methods.append(headers.get("mcp-method") or scope["method"])
            if headers.get("authorization") != f"Bearer {TOKEN}":
                await JSONResponse({"error": "no"}, 401)(scope, receive, send)
                return
            if older and headers.get("mcp-protocol-version") == "2026-07-28":
                refusal = {"code": -32600, "message": "Bad Request: Unsupported protocol version"}
                await JSONResponse({"jsonrpc": "2.0", "id": None, "error": refusal}, 400)(scope, receive, send)
                return
        await inner(scope, receive, send)

    config = uvicorn.Config(app, port=0, log_config=None, ws="none", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    listening.listen()  # from now on; uvicorn begins to when its thread comes to it
    thread = Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
