"""A service that is careless with keys: it says them again in every part of its answers."""

import json
import re
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from typing import ClassVar
from urllib.parse import quote

from served import served_by

_MODE = re.compile(r"mode-(\w+)")


class _Careless(BaseHTTPRequestHandler):
    statuses: ClassVar = {"bad": 400, "denied": 401, "forbidden": 403, "missing": 404, "limited": 429, "broken": 500}

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size).decode("utf-8", "replace")
        said = f"{self.path} {dict(self.headers)} {body}"
        mode = (_MODE.search(self.path) or ["", "denied"])[1]
        key = re.sub(r"[^ -~]", "", self.headers.get("Authorization") or self.headers.get("X-Key") or self.path)
        if mode == "moved":
            self._send(302, b"", {"Location": f"/{quote(key)}?key={quote(key)}", "x-request-id": key})
        elif mode == "page":
            self._send(502, f"<html><b>{said}</b>".encode(), {"Content-Type": "text/html", "x-request-id": key})
        elif mode == "text":
            self._send(200, said.encode(), {"Content-Type": "application/json"})
        elif mode == "cut":
            self._send(200, said.encode(), {"Content-Type": "application/json"}, more=9)
        elif mode == "quiet":
            self._send(401, b'{"error": {"message": "no"}}', {"Content-Type": "application/json"})
        else:
            error = {"error": {"message": f"wrong: {said}", "code": key, "param": key, "type": key}, key: said}
            headers = {"Content-Type": "application/json", "x-request-id": key, "X-Echo": key, "retry-after-ms": "5"}
            self._send(self.statuses.get(mode, 200), json.dumps(error).encode(), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str], more: int = 0) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body) + more), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_CONNECT = _answer  # noqa: N815  http.server's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serving() -> AbstractContextManager[str]:
    """Serve on loopback, and give the address; ``/mode-NAME`` in a path says how to answer."""
    return served_by(_Careless)


MODES = ("denied", "bad", "forbidden", "missing", "limited", "broken", "moved", "page", "cut", "quiet")
"""Each leads to another error."""
