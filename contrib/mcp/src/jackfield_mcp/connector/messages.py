"""What is said to every MCP server, however it is reached; and what servers say, as a person may see it."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

__all__ = ["META", "NO_SUCH_METHOD", "Message", "bounded", "declined", "shown", "us"]

Message = Mapping[str, Any]
"""A message of JSON-RPC, or a part of one."""

META = "io.modelcontextprotocol/"
"""How the names of the protocol's own begin."""
NO_SUCH_METHOD = -32601
_LONGEST_TEXT = 2000


def us() -> Message:
    """Give our name and version."""
    return {"name": "jackfield", "version": version("jackfield-mcp")}


def declined(request: Message) -> Message:
    """Answer what a server asks of its client: it is there, and can do nothing else."""
    answer = {"jsonrpc": "2.0", "id": request["id"]}
    if request["method"] == "ping":
        return {**answer, "result": {}}
    return {**answer, "error": {"code": NO_SUCH_METHOD, "message": "This client can do nothing of the kind."}}


def shown(text: object, most: int) -> str:
    """Give what a stranger wrote in one line, without what steers a terminal or the eye (line breaks, U+202E)."""
    words = "".join(sign if sign.isprintable() else " " for sign in str(text or "")[: 2 * most]).split()
    line = " ".join(words)
    return line if len(line) <= most else f"{line[:most]}..."


def bounded(text: object) -> str:
    """Give what a stranger wrote as far as an error needs it."""
    said = str(text or "")
    return said if len(said) <= _LONGEST_TEXT else f"{said[:_LONGEST_TEXT]}... ({len(said)} characters)"
