"""The other way round: the tools of an MCP server as a module.

Nothing here needs the protocol's SDK: the messages are JSON, and go through the client of the connection, so that all
rules for what goes out to the network hold. A server that is a program gets them as lines.
"""

from jackfield_mcp.connector.connection import url
from jackfield_mcp.connector.lines import send
from jackfield_mcp.connector.local import command

__all__ = ["command", "send", "url"]
