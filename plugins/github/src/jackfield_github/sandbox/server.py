"""The stand-in behind a socket of this machine."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from jackfield_github.sandbox.answers import Asked
from jackfield_github.sandbox.service import Service

__all__ = ["Sandbox"]


class Sandbox:
    """Listens while the ``with`` block runs.

    Args:
        port: 0 for one that is free.

    Attributes:
        url: Its base URL, with the path that an Enterprise Server has.
        service: What it keeps.
    """

    def __init__(self, port: int = 0) -> None:
        self.service = Service()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self.service))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/api/v3"

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and forget everything."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    one_at_a_time = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = (
            -1
        )  # head and body leave together: apart, each answer waits for an acknowledgement

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            place = urlsplit(self.path)
            base = f"http://{self.headers.get('Host')}/api/v3"
            path = unquote(place.path).removeprefix("/api/v3")  # uploads and logins have others
            query = dict(parse_qsl(place.query, keep_blank_values=True))
            asked = Asked(self.command, path, query, self.headers, body, base)
            with one_at_a_time:
                answer = service.answer(asked)
            raw = isinstance(answer.body, bytes)
            data = (
                answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            )
            kind = "application/vnd.github.raw+json" if raw else "application/json; charset=utf-8"
            self.send_response(answer.status)
            for name, value in {"Content-Type": kind, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
