"""A server on loopback that keeps every request as it came over the wire, and answers each alike."""

import threading
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from attrs import frozen

__all__ = ["Answering", "Recorded", "Recorder"]


@frozen(kw_only=True)
class Recorded:
    """A request as it came; ``target`` is its path with the query, both as they were written."""

    method: str
    target: str
    headers: "Message[str, str]"
    body: bytes


Answering = Callable[[Recorded], tuple[str, bytes]]
"""Gives the media type and the body of the answer to a request."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one packet, so nobody waits for an acknowledgement
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = self._whole() if "Transfer-Encoding" in self.headers else self._counted()
        server = self.server
        assert isinstance(server, _Server)
        request = Recorded(method=self.command, target=self.path, headers=self.headers, body=body)
        server.seen.append(request)
        media_type, answer = server.answering(request)
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  the names are http.server's

    def _counted(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _whole(self) -> bytes:
        found = b""
        while size := int(self.rfile.readline().strip(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is http.server's
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # a client that keeps its connection would keep us
    seen: list[Recorded]
    answering: Answering


class Recorder:
    """Serves while it is open.

    Attributes:
        seen: What came, in order.
    """

    def __init__(self, answering: Answering) -> None:
        self.seen: list[Recorded] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.seen, self._server.answering = self.seen, answering
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def only(self) -> Recorded:
        """Take the only request since the last one that was taken."""
        (request,) = self.seen
        self.seen.clear()
        return request

    def __enter__(self) -> Self:
        """Start to listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
