"""A service that answers from memory through a real socket."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from requests import PreparedRequest, Request

from jackfield.testing.replay import Replay
from jackfield.testing.replies import Reply

__all__ = ["ReplayServer"]

_POLL_S = 0.02
"""How long the end of a test waits for its server at most."""


class ReplayServer(Replay):
    """As Replay, and through a real socket on this machine: to see what arrives, credentials included.

    Point a connection to ``url``. It listens while the ``with`` block runs.

    Attributes:
        requests: What arrived, in order, with all of its headers.
        url: Where it listens: ``http://127.0.0.1:PORT``.
    """

    def __init__(self, *replies: Reply) -> None:
        super().__init__(*replies)
        self.url = ""

    def __enter__(self) -> Self:
        """Listen on a port that is free."""
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_S,), name="jackfield-replay")
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and close every connection."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, replay: ReplayServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replay = replay

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the client that goes away is what some tests want."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def __getattr__(self, name: str) -> Any:
        """Take every method."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        try:
            response = self.server.replay.send(self._arrived())
        except AssertionError as error:  # no answer is left: told to whoever asked, in words
            self.send_error(501, str(error)[:200])
            return
        except Exception:  # noqa: BLE001  what ``fail`` was given: the connection breaks
            self.close_connection = True
            return
        body = response.raw.read()
        self.send_response(response.status_code, response.reason)
        for name, value in {**response.headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _arrived(self) -> PreparedRequest:
        length = int(self.headers.get("Content-Length") or 0)
        url = f"{self.server.replay.url}{self.path}"
        return Request(self.command, url, headers=dict(self.headers), data=self.rfile.read(length)).prepare()

    def log_message(self, *_: object) -> None:
        """Write nothing."""
