"""An MCP server that is a program, of the standard library alone, so that it starts at once.

Its argument says how it behaves: ``usual``, ``newest`` (knows no handshake), ``silent``, ``noisy``, ``careless`` (says
its secret wherever it can), ``quiet`` (ends without a word).
"""

import json
import os
import sys
import time
from typing import Any

WAYS = ("usual", "newest", "silent", "noisy")
_PROGRESS = {"jsonrpc": "2.0", "method": "notifications/progress"}
_SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
_ABOUT = {"name": "lines", "title": "The Lines"}


def say(message: dict[str, Any]) -> None:
    """Print a message."""
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)  # noqa: T201  it is a program


def result_of(way: str, method: str, params: dict[str, Any]) -> dict[str, Any]:
    """Answer what was asked; raises KeyError for what it does not know."""
    if method == "initialize":
        if way == "newest":
            raise KeyError(method)
        return {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": _ABOUT}
    if method == "tools/list":
        return {"tools": [{"name": "echo", "inputSchema": _SCHEMA}, {"name": "environ"}]}
    if method != "tools/call" or ("_meta" in params and len(params["_meta"]) > 1) != (way == "newest"):
        raise KeyError(method)
    return tool(params["name"], params["arguments"])


def tool(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Do what a tool does."""
    if name == "count":
        say({**_PROGRESS, "params": {"progress": 1, "total": 2, "message": "step 1"}})
    elif name == "ask":
        for number in range(3):
            say({"id": f"q{number}", "method": "sampling/createMessage" if number else "ping", "params": {}})
        return text(json.dumps([json.loads(sys.stdin.readline()) for _ in range(3)]))
    elif name == "die":
        print(f"the end of {os.environ.get('SERVER_TOKEN')} {arguments}", file=sys.stderr, flush=True)  # noqa: T201
        sys.exit(7)
    elif name == "wait":
        say({**_PROGRESS, "params": {"progress": os.getpid()}})
        time.sleep(600)
    elif name == "long":
        return text("x" * 100_000)
    elif name == "environ":
        return text(json.dumps(dict(os.environ)))
    return {**text(json.dumps(arguments)), "isError": name == "fail"}


def text(said: str) -> dict[str, Any]:
    """Make the result of a tool."""
    return {"content": [{"type": "text", "text": said}]}


def be_careless(asked: dict[str, Any]) -> None:
    """Say the secret: as what failed, or last of all."""
    secret = os.environ["MCP_TOKEN"]
    print(f"starting with {secret}", file=sys.stderr, flush=True)  # noqa: T201
    if asked["method"] == "initialize":
        return
    if asked["method"] == "tools/call":
        say({"id": asked["id"], "error": {"code": -32000, "message": f"{secret} {asked}"}})
    sys.exit(3)


def serve(way: str) -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "id" not in asked or "method" not in asked or way == "silent":
            continue
        if way == "quiet":
            sys.exit(3)
        if way == "careless":
            be_careless(asked)
        if way == "noisy":
            print("starting...\n[1]\n{}\n" + "[" * 99_999, flush=True)  # noqa: T201
        try:
            say({"id": asked["id"], "result": result_of(way, asked["method"], asked.get("params", {}))})
        except KeyError:
            say({"id": asked["id"], "error": {"code": -32601, "message": f"no {asked['method']}"}})


if __name__ == "__main__":
    serve(sys.argv[1])
