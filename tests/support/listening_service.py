"""A service that answers well, and says something that nobody else is to read in every part of its answers."""

import json
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler

from served import served_by

LONG = 17 << 20
"""Larger than what core holds in memory of any other answer."""


def _as_tool(said: str, body: bytes) -> dict[str, object]:
    """Answer as an MCP server does."""
    result = {"content": [{"type": "text", "text": said}], "tools": [{"name": said}]}
    return {"jsonrpc": "2.0", "id": json.loads(body)["id"], "result": result}


def _handler(said: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            if path == "/long":
                self._send(json.dumps({"text": said * (LONG // len(said) + 1)}).encode())
            elif path == "/file":
                self._send(
                    said.encode(), "application/octet-stream", {"Content-Disposition": 'inline; filename="f.bin"'}
                )
            elif path == "/feed":
                entry = f"<item><guid>1</guid><title>{said}</title></item>"
                feed = f'<rss version="2.0"><channel><title>{said}</title>{entry}</channel></rss>'
                self._send(feed.encode(), "application/rss+xml")
            elif path == "/offered":
                self._send(json.dumps([said, "other"]).encode())
            elif path == "/recited":
                self._send(f"data: {said}\n\ndata: [DONE]\n\n".encode(), "text/event-stream")
            else:
                self._send(json.dumps(_as_tool(said, body) if path == "/mcp" else {"text": said, said: said}).encode())

        do_GET = do_POST = _answer  # noqa: N815  http.server's names

        def _send(self, body: bytes, kind: str = "application/json", more: dict[str, str] | None = None) -> None:
            self.send_response(200)
            named = {"Content-Type": kind, "Content-Length": str(len(body)), "x-request-id": said, **(more or {})}
            for name, value in named.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def listening(said: str) -> AbstractContextManager[str]:
    """Serve on loopback, and give the address; ``said`` is ASCII, and in each answer."""
    return served_by(_handler(said))
