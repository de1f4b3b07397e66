"""Serving over stdin and stdout, as clients start servers of their own."""

import io
import sys

import anyio
from mcp.server.stdio import stdio_server

from jackfield_mcp.gateway import Served
from jackfield_mcp.quiet import quieten


def serve_stdio(served: Served) -> None:
    """Serve one client until it closes stdin; stdout is the protocol's, and whatever else is printed goes to stderr.

    Args:
        served: What is offered: ``Gateway.served(host)``.
    """
    quieten()
    try:
        anyio.run(_serve, served)
    except* BrokenPipeError:
        pass  # the client reads no more, so there is nobody to tell


async def _serve(served: Served) -> None:
    server = served.server()
    async with stdio_server() as (reading, writing):
        # The transport has led file descriptor 1 to stderr. What was printed waits in a buffer, and goes there too;
        # what modules print later goes there line by line, while whoever looks for it is still there.
        sys.stdout.flush()
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)
        try:
            await server.run(reading, writing, server.create_initialization_options())
        finally:
            sys.stdout.flush()
