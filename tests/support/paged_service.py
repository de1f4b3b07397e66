"""A service on loopback whose answers a test decides, request by request."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Annotated, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen

from jackfield import ConnectionType, Context, Effect, Integer, Module, Password, Secret, Url, header, module, paging

__all__ = [
    "KEY",
    "Asked",
    "Listing",
    "Reply",
    "Service",
    "Thing",
    "Wish",
    "account",
    "connection_to",
    "listing",
    "serving",
    "things",
]

KEY = "canary-of-the-pages"


class Asked(NamedTuple):
    """One request as it came; ``query`` has the last value of each name, ``pairs`` all."""

    method: str
    path: str
    query: dict[str, str]
    pairs: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: Any
    raw: bytes


class Reply(NamedTuple):
    """An answer; ``body`` is sent as JSON, ``None`` as nothing."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = {}


class Service:
    """What a test holds of the service.

    Attributes:
        url: Its base URL, with a path.
        asked: What came, in order.
        answer: Makes each answer.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.url = f"{origin}/api"
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Reply] = lambda _: Reply({})

    def reset(self, answer: Callable[[Asked], Reply]) -> None:
        """Answer in another way, and forget what was asked."""
        self.asked.clear()
        self.answer = answer


@contextmanager
def serving() -> Iterator[Service]:
    """Serve on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together: apart, each answer waits for an acknowledgement

        def do_GET(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            place = urlsplit(self.path)
            pairs = parse_qsl(place.query, keep_blank_values=True)
            is_json = "json" in (self.headers.get("Content-Type") or "")
            body = json.loads(raw) if raw and is_json else None
            asked = Asked(self.command, place.path, dict(pairs), pairs, dict(self.headers), body, raw)
            service.asked.append(asked)
            self.reply(service.answer(asked))

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  http.server's names

        def reply(self, reply: Reply) -> None:
            data = b"" if reply.body is None else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service = Service(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@frozen(kw_only=True)
class Account:
    """Who asks, and where."""

    api_key: Annotated[Secret, Password(label="API key")]
    url: Annotated[str, Url(label="URL")]


account = ConnectionType(
    label="Pages", form=Account, origin=lambda form: form.url, authorize=header("X-Key", "{api_key}")
)


def connection_to(service: Service) -> dict[str, object]:
    """Give the values of a connection to a service."""
    return {"api_key": KEY, "url": service.url}


def things(*numbers: int) -> list[dict[str, object]]:
    """Make items."""
    return [{"id": f"t{number}", "number": number} for number in numbers]


@frozen(kw_only=True)
class Wish:
    """What to list."""

    limit: Annotated[int | None, Integer(label="Limit", minimum=0)] = None


@frozen(kw_only=True)
class Thing:
    """One of them."""

    id: str
    number: int


Listing = Module[Wish, Thing, Any]


def listing(style: paging.Paging | None, *, at: str = "$", method: str = "GET", json: object = None) -> Listing:
    """Make a module that lists what is at /things."""

    def list_things(form: Wish, context: Context) -> Iterator[Thing]:
        """List things."""
        return paging.items(
            context.client, "/things", paging=style, at=at, into=Thing, limit=form.limit, method=method, json=json
        )

    return module(label="List Things", connection=account, effect=Effect.READ)(list_things)
