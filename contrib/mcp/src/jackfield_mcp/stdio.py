"""Serving over stdin and stdout, as clients start servers of their own."""

import io
import sys

import anyio
from mcp.server.stdio import stdio_server

from jackfield import Host
from jackfield_mcp.gateway import Gateway, Served


def serve_stdio(gateway: Gateway, host: Host) -> None:
    """Serve one client until it closes stdin; stdout is the protocol's, and whatever else is printed goes to stderr.

    Args:
        gateway: What is offered; the host must have it as a plugin.
        host: Whose modules they are.

    Raises:
        InputError: What is to be offered is not there.
    """
    serve(gateway.served(host))


def serve(served: Served) -> None:
    """Serve what was chosen already."""
    anyio.run(_serve, served)


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
