"""Jackfield's modules as tools of the Model Context Protocol (MCP).

``jackfield mcp serve`` is a server over stdio or HTTP for every MCP client. In a program::

    gateway = Gateway(Offer(modules=["openai.*"]))
    with Host(plugins=[gateway]) as host:
        serve_stdio(gateway, host)
"""

from jackfield_mcp.gateway import Gateway
from jackfield_mcp.offer import Offer
from jackfield_mcp.stdio import serve_stdio

__all__ = ["Gateway", "Offer", "serve_stdio"]
