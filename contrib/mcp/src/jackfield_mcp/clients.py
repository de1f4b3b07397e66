"""The settings that MCP clients want: which file, and which words in it.

Sources, read 2026-11-25: code.visualstudio.com/docs/copilot/reference/mcp-configuration; zed.dev/docs/ai/mcp;
cursor.com/docs/mcp; docs.windsurf.com/windsurf/cascade/mcp; the client table of gofastmcp.com for Claude Desktop and
Claude Code. Of servers over HTTP, read 2026-11-26: userjot.com/docs/mcp-cursor and mcp-windsurf;
developers.boldsign.com/boldsign-mcp-server/claude-code for what each writes for a variable.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from jackfield import InputError

TOKEN_VARIABLE = "JACKFIELD_MCP_TOKEN"  # noqa: S105  the name of a variable
"""Where clients look for the token of a server over HTTP, those that can look anywhere."""

_INPUT = "jackfield-mcp-token"
_ASKED = {"type": "promptString", "id": _INPUT, "description": "The token of the Jackfield server", "password": True}


@frozen(kw_only=True)
class OverHttp:
    """How one client is told of a server that runs already.

    Attributes:
        token: What stands in a header for the token.
        key: What the address is called.
        more: What an entry says beside it.
        asks: What else the file has, beside the servers.
        then: What a person does about the token.
    """

    token: str
    key: str = "url"
    more: Mapping[str, str] = {}
    asks: Mapping[str, Any] = field(factory=dict)
    then: str = f"Set {TOKEN_VARIABLE} to the token of the server where the client starts."


@frozen(kw_only=True)
class Client:
    """How one client is told of a server.

    Attributes:
        place: The file, in words.
        key: The object in it that holds servers by name.
        more: What an entry says beside the command.
        http: How it is told of one over HTTP; ``None`` if it reads none from a file.
    """

    place: str
    key: str = "mcpServers"
    more: Mapping[str, str] = {}
    http: OverHttp | None = None


CLIENTS: Mapping[str, Client] = {
    "claude-code": Client(
        place=".mcp.json in the folder of the project",
        more={"type": "stdio"},
        http=OverHttp(token=f"${{{TOKEN_VARIABLE}}}", more={"type": "http"}),
    ),
    "claude-desktop": Client(
        place="claude_desktop_config.json (macOS: ~/Library/Application Support/Claude, Windows: %APPDATA%\\Claude)"
    ),
    "cursor": Client(
        place="~/.cursor/mcp.json, or .cursor/mcp.json in the folder of the project",
        http=OverHttp(token=f"${{env:{TOKEN_VARIABLE}}}"),
    ),
    "vscode": Client(
        place=".vscode/mcp.json in the folder of the project",
        key="servers",
        more={"type": "stdio"},
        http=OverHttp(
            token=f"${{input:{_INPUT}}}",
            more={"type": "http"},
            asks={"inputs": [_ASKED]},
            then="VS Code asks for the token, and keeps it.",
        ),
    ),
    "windsurf": Client(
        place="~/.codeium/windsurf/mcp_config.json",
        http=OverHttp(token=f"${{env:{TOKEN_VARIABLE}}}", key="serverUrl"),
    ),
    "zed": Client(
        place="the settings file of Zed (command: zed: open settings file)",
        key="context_servers",
        http=OverHttp(token="TOKEN", then="Put the token of the server where TOKEN stands."),  # noqa: S106
    ),
}


def settings_for(client: str, name: str, options: Sequence[str]) -> tuple[str, str]:
    """Write the settings with which a client starts a server.

    Args:
        client: One of CLIENTS.
        name: What the client calls the server.
        options: Of ``jackfield mcp serve``.

    Returns:
        JSON, and what to do with it.
    """
    known = CLIENTS[client]
    # Clients that were started from a menu have another PATH: this Python is named as a whole.
    command = {"command": sys.executable, "args": ["-m", "jackfield", "mcp", "serve", *options]}
    entry = {**known.more, **command}
    return _written(known, name, entry), f"Put it into {known.place}, and start the client again."


def http_settings_for(client: str, name: str, url: str) -> tuple[str, str]:
    """Write the settings with which a client finds a server over HTTP; the token stands in none of them.

    Args:
        client: One of CLIENTS.
        name: What the client calls the server.
        url: Where the server is.

    Returns:
        JSON, and what to do with it.

    Raises:
        InputError: The client reads no such settings.
    """
    known = CLIENTS[client]
    if known.http is None:
        message = f"{client} reads no server over HTTP from a file."
        raise InputError(message, hint=f"jackfield mcp config {client}")
    entry = {**known.http.more, known.http.key: url, "headers": {"Authorization": f"Bearer {known.http.token}"}}
    steps = f"Put it into {known.place}. {known.http.then} Then start the client again."
    return _written(known, name, entry, known.http.asks), steps


def _written(client: Client, name: str, entry: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> str:
    return json.dumps({**(more or {}), client.key: {name: entry}}, indent=2)
