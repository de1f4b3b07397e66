"""The other way round: the tools of an MCP server as a module.

Nothing here needs the protocol's SDK: the messages are JSON, and go through the client of the connection, so that all
rules for what goes out to the network hold.
"""

from jackfield_mcp.connector.connection import url

__all__ = ["url"]
