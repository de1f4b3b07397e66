"""A service that keeps files, and modules that send them there and fetch them."""

import threading
from collections.abc import Callable, Sequence
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Any, NamedTuple

from attrs import frozen
from requests import PreparedRequest, Response

from jackfield import (
    ConnectionType,
    Context,
    Effect,
    File,
    FilePart,
    FileSettings,
    Host,
    HttpSettings,
    Upload,
    hookimpl,
    module,
)
from jackfield.operations import Operation


class Asked(NamedTuple):
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answer = tuple[int, dict[str, str], bytes]


class Shelf(ThreadingHTTPServer):
    """A service that keeps what it was sent, and answers as a test says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.answers: list[Answer | Callable[[BaseHTTPRequestHandler], None]] = []
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        """End it."""
        self.shutdown()
        self.server_close()
        self.thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Shelf

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append(Asked(self.command, self.path, headers, body))
        answer = self.server.answers.pop(0) if self.server.answers else (200, {}, b"{}")
        if callable(answer):
            answer(self)
            return
        status, more, content = answer
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815  http.server's own names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@frozen(kw_only=True)
class Account:
    """Where it is, and a key."""

    base_url: str


def authorize(request: PreparedRequest, _: Account) -> None:
    """Add a key."""
    request.headers["X-Key"] = "canary-key"


def origin(account: Account) -> str:
    """Say where it is."""
    return account.base_url


connection = ConnectionType(label="Shelf", form=Account, origin=origin, authorize=authorize)


@frozen(kw_only=True)
class Sent:
    """Files to send."""

    files: Sequence[File] = ()
    title: str = ""
    url: str = ""


@frozen(kw_only=True)
class Got:
    """What came."""

    file: File | None = None


@module(label="Send a Form", connection=connection, effect=Effect.IDEMPOTENT)
def send_form(form: Sent, context: Context) -> Got:
    """Send all in one form."""
    parts = [FilePart(name="image[]", file=file) for file in form.files]
    context.client.request("POST", "/form", data={"title": form.title, "tags": ["a", "b"]}, files=parts)
    return Got()


@module(label="Send a File", connection=connection, effect=Effect.IDEMPOTENT)
def send_file(form: Sent, context: Context) -> Got:
    """Send it as it is."""
    context.client.request("PUT", "/file", content=form.files[0])
    return Got()


@module(label="Get a File", connection=connection, effect=Effect.READ)
def get_file(form: Sent, context: Context) -> Got:
    """Take an answer that is a file."""
    return Got(file=context.client.download("GET", "/files/7", name=form.title))


@module(label="Fetch a File", connection=connection, effect=Effect.READ)
def fetch_file(form: Sent, context: Context) -> Got:
    """Fetch what a service named by URL."""
    return Got(file=context.download(form.url))


@frozen(kw_only=True)
class Shown:
    """A small picture."""

    picture: Annotated[File, Upload(media_types=["image/*"], max_bytes=10)]


@module(label="Show a Picture", effect=Effect.READ)
def show(form: Shown, context: Context) -> Got:
    """Give it out again."""
    return Got(file=form.picture)


MODULES = {"shelf.send_form": send_form, "shelf.send_file": send_file, "shelf.get": get_file, "shelf.fetch": fetch_file}


class Seen:
    """A recorder: what a plugin sees of each request."""

    def __init__(self) -> None:
        self.requests: list[tuple[PreparedRequest, Operation]] = []

    @hookimpl(tryfirst=True)
    def send(self, request: PreparedRequest, operation: Operation) -> Response | None:
        """Keep it, and let it go on."""
        self.requests.append((request, operation))
        return None


def host_with(*plugins: object, files: FileSettings | None = None, **settings: Any) -> Host:
    """Make a host that may reach this machine."""
    http = HttpSettings(retry_base_s=0.01, allow_local_downloads=True, **settings)
    return Host(plugins=plugins, discover=False, modules=MODULES, settings=http, files=files)


def at(shelf: Shelf) -> dict[str, Any]:
    """Give the options for a run against the service."""
    return {"connection": {"base_url": shelf.url}, "deadline_s": 20}


def fields_of(asked: Asked) -> list[tuple[str, str, str, bytes]]:
    """Read a form as Python's own parser does: name, file name, type and content of each field."""
    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + asked.body, policy=HTTP)
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_filename() or "",
            part.get_content_type() if part["Content-Type"] else "",
            bytes(part.get_payload(decode=True) or b""),
        )
        for part in message.iter_parts()
    ]
