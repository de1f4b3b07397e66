"""The module ``mcp.call_tool``: calls any tool of an MCP server over HTTP."""

from collections.abc import Generator

from jackfield import Context, module
from jackfield_mcp.connector.connection import url
from jackfield_mcp.connector.tool_call import Progress, ToolCall, ToolResult, called, effect_of

__all__ = ["call_tool"]


@module(label="Call a Tool", connection=url, effect=effect_of)
def call_tool(form: ToolCall, context: Context) -> Generator[Progress, None, ToolResult]:
    """Call a tool of an MCP server.

    A tool that fails is an error with what it says.
    """
    return (yield from called(form, context))
