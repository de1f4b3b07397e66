"""The module ``mcp.call_local_tool``: calls any tool of an MCP server that is a program of this machine."""

from collections.abc import Generator

from jackfield import Context, module
from jackfield_mcp.connector.local import command
from jackfield_mcp.connector.tool_call import Progress, ToolCall, ToolResult, called, effect_of

__all__ = ["call_local_tool"]


@module(label="Call a Tool of a Local Server", connection=command, effect=effect_of)
def call_local_tool(form: ToolCall, context: Context) -> Generator[Progress, None, ToolResult]:
    """Call a tool of an MCP server that is a program of this machine.

    The program is started for the call, and ended after it. A tool that fails is an error with what it says.
    """
    return (yield from called(form, context))
