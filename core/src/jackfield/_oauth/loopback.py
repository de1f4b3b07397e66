"""Where the browser comes back to on this machine (RFC 8252): one address of 127.0.0.1, for one login.

Whoever sends something else than this login's answer gets a page that says so, and the login goes on: any program here
and any web page may knock at the port.
"""

import html
import threading
from collections.abc import Mapping
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from jackfield._http.limits import Cancellation, Deadline
from jackfield.errors import DeadlineError, InputError

_POLL_S = 0.2
_REQUEST_S = 10.0
"""How long one request may take to arrive: somebody may connect and say nothing."""
_TOLD_S = 60.0
"""How long the browser waits for the word of what became of it."""
_PAGE_S = 2.0
"""How long the end waits until the browser has its page."""
_MOST_QUERY = 16 * 1024
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""


class Loopback:
    """Listens while it is entered.

    Args:
        path: To which the browser comes back.
        port: 0 for one that is free.
    """

    def __init__(self, path: str = "/callback", port: int = 0) -> None:
        self._path = path
        self._port = port
        self._state = ""
        self._came: SimpleQueue[Mapping[str, object]] = SimpleQueue()
        self._taken = threading.Lock()
        self._begun = threading.Event()
        self._told = threading.Event()
        self._written = threading.Event()
        self._page = ("The login was not finished", "It was ended before. Go back to where you began it.")
        self._server: ThreadingHTTPServer | None = None

    @property
    def uri(self) -> str:
        """Where the service sends the browser back."""
        assert self._server is not None  # noqa: S101  it is entered
        return f"http://127.0.0.1:{self._server.server_address[1]}{self._path}"

    def __enter__(self) -> Self:
        """Begin to listen.

        Raises:
            InputError: The port is not free.
        """
        try:
            server = self._server = _Server(("127.0.0.1", self._port), _handler(self))
        except OSError as error:
            message = f"The port {self._port} of this machine cannot be listened on: {error.strerror}."
            raise InputError(message, hint="End the program that uses it; or log in with --device.") from None
        threading.Thread(target=server.serve_forever, args=(_POLL_S / 4,), name="jackfield-login", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no more; a browser that waits is told."""
        self._begun.set()
        self._told.set()
        if self._taken.locked():
            self._written.wait(_PAGE_S)
        assert self._server is not None  # noqa: S101  as above
        self._server.shutdown()
        self._server.server_close()

    def wait(self, state: str, deadline: Deadline, cancellation: Cancellation) -> Mapping[str, object]:
        """Wait until the browser comes back with the answer to a login, and give its query.

        Raises:
            DeadlineError: It did not in time.
            OperationCancelledError: Somebody cancelled.
        """
        self._state = state
        self._begun.set()
        while True:
            cancellation.check()
            left_s = deadline.left_s
            if left_s <= 0:
                raise _nobody_came(deadline)
            try:
                return self._came.get(timeout=min(_POLL_S, left_s))
            except Empty:
                continue

    def tell(self, title: str, text: str) -> None:
        """Say to the person in the browser what became of it."""
        self._page = (title, text)
        self._told.set()

    def answer(self, target: str, host: str) -> tuple[int, str, str]:
        """Give status, title and text for one request."""
        parts = urlsplit(target)
        if host != urlsplit(self.uri).netloc:  # a page of the web whose name leads here (DNS rebinding)
            return 403, "Not here", "This address is for one login, under its own name."
        if parts.path != self._path or len(parts.query) > _MOST_QUERY:
            return 404, "Nothing here", "This address is for one login alone."
        self._begun.wait(_TOLD_S)  # a quick browser comes before ``wait``
        params = parse_qs(parts.query, keep_blank_values=True)
        if not self._state or not compare_digest("\n".join(params.get("state", [])).encode(), self._state.encode()):
            return 400, "This belongs to another login", "Nothing was done with it. Begin the login again."
        if not self._taken.acquire(blocking=False):
            return 410, "This was answered already", "Go back to where you began the login."
        self._came.put(params)
        self._told.wait(_TOLD_S)
        return 200, *self._page

    def written(self, status: int) -> None:
        """Note that an answer was written."""
        if status == HTTPStatus.OK:
            self._written.set()


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # somebody who connects and says nothing keeps nobody waiting
    allow_reuse_address = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser that went away is no matter, and what it asked for holds a code."""


def _handler(loopback: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _REQUEST_S
        server_version = "jackfield"
        sys_version = ""

        def do_GET(self) -> None:
            status, title, text = loopback.answer(self.path, self.headers.get("Host", ""))
            page = _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
            self.send_response(status)
            for name, value in (
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Length", str(len(page))),
                ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
                ("Referrer-Policy", "no-referrer"),  # the address holds the code
                ("Cache-Control", "no-store"),
                ("Connection", "close"),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page)
            self.wfile.flush()
            loopback.written(status)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the base class
            """Say nothing: the address holds the code."""

    return Handler


def _nobody_came(deadline: Deadline) -> DeadlineError:
    message = f"Nobody finished the login within {deadline.total_s:g} s."
    hint = "Log in again; --timeout SECONDS gives more time."
    return DeadlineError(message, phase="read", deadline_s=deadline.total_s, sent=False, hint=hint)
