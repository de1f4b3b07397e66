"""Jackfield's modules as tools of the Model Context Protocol (MCP).

``jackfield mcp serve`` is a server for every MCP client, over stdio or HTTP. In a program::

    gateway = Gateway(Offer(modules=["openai.*"]))
    with Host(plugins=[gateway]) as host:
        serve_stdio(gateway.served(host))

or ``HttpServer(gateway.served(host), HttpServing(token=...)).serve()``.

Names are loaded when they are first used: the command line's help needs none of the protocol.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for type checkers and editors, as in jackfield itself
    from jackfield_mcp.gateway import Gateway as Gateway
    from jackfield_mcp.http_server import HttpServer as HttpServer
    from jackfield_mcp.http_server import HttpServing as HttpServing
    from jackfield_mcp.offer import Offer as Offer
    from jackfield_mcp.stdio import serve_stdio as serve_stdio

_HOMES = {
    "Gateway": "gateway",
    "HttpServer": "http_server",
    "HttpServing": "http_server",
    "Offer": "offer",
    "serve_stdio": "stdio",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605  a list, which ruff cannot see


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
