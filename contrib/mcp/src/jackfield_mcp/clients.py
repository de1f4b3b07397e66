"""The settings that MCP clients want: which file, and which words in it.

Sources, read 2026-11-25: code.visualstudio.com/docs/copilot/reference/mcp-configuration; zed.dev/docs/ai/mcp;
cursor.com/docs/mcp; docs.windsurf.com/windsurf/cascade/mcp; the client table of gofastmcp.com for Claude Desktop and
Claude Code.
"""

import json
import sys
from collections.abc import Mapping, Sequence

from attrs import frozen


@frozen(kw_only=True)
class Client:
    """How one client is told of a server.

    Attributes:
        place: The file, in words.
        key: The object in it that holds servers by name.
        more: What an entry says beside the command.
    """

    place: str
    key: str = "mcpServers"
    more: Mapping[str, str] = {}


CLIENTS: Mapping[str, Client] = {
    "claude-code": Client(place=".mcp.json in the folder of the project", more={"type": "stdio"}),
    "claude-desktop": Client(
        place="claude_desktop_config.json (macOS: ~/Library/Application Support/Claude, Windows: %APPDATA%\\Claude)"
    ),
    "cursor": Client(place="~/.cursor/mcp.json, or .cursor/mcp.json in the folder of the project"),
    "vscode": Client(place=".vscode/mcp.json in the folder of the project", key="servers", more={"type": "stdio"}),
    "windsurf": Client(place="~/.codeium/windsurf/mcp_config.json"),
    "zed": Client(place="the settings file of Zed (command: zed: open settings file)", key="context_servers"),
}


def settings_for(client: str, name: str, options: Sequence[str]) -> tuple[str, str]:
    """Write the settings for a client.

    Args:
        client: One of CLIENTS.
        name: What the client calls the server.
        options: Of ``jackfield mcp serve``.

    Returns:
        JSON, and the file into which it belongs, in words.
    """
    known = CLIENTS[client]
    # Clients that were started from a menu have another PATH: this Python is named as a whole.
    command = {"command": sys.executable, "args": ["-m", "jackfield", "mcp", "serve", *options]}
    entry = {**known.more, **command}
    return json.dumps({known.key: {name: entry}}, indent=2), known.place
