"""The API of a host over real connections, driven as any test drives a host."""

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from secrets import token_urlsafe
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from asgi_server import asgi_served
from contract import Failed, Outcome, Running
from starlette.requests import Request

from jackfield import Host
from jackfield_web import Asked, Principal, Web


def by_header(request: Request, _asked: Asked) -> Principal | None:
    """Know somebody by the header X-User alone: an application would look for a session."""
    user = request.headers.get("x-user")
    return Principal(id=user) if user else None


@contextmanager
def serving(web: Web, *, user: str = "ada", **options: Any) -> "Iterator[WebHost]":
    """Serve a host with no module but those given, and give a client of somebody."""
    options = {"discover": False, "environ": {}, **options}
    with Host(plugins=[web], **options) as host, asgi_served(web.served(host)) as url:
        client = WebHost(url, headers={"X-User": user})
        try:
            yield client
        finally:
            client.close()


class Reply(NamedTuple):
    """What came back: the status, the headers by lower-case name, the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, as JSON."""
        return json.loads(self.body)


class Told(NamedTuple):
    """One event of a stream."""

    kind: str
    data: Any


def events_in(body: bytes) -> Sequence[Told]:
    """Read the events of a stream that is over; comments are none."""
    blocks = body.decode().split("\n\n")
    assert blocks.pop() == ""
    return [_event(block) for block in blocks if not block.startswith(":")]


def _event(block: str) -> Told:
    kind, data = block.split("\n")
    return Told(kind.removeprefix("event: "), json.loads(data.removeprefix("data: ")))


class WebHost:
    """A client of the API.

    Args:
        url: Where it is; an attribute, too.
        streamed: Whether runs are streams, which are cancelled by going away; else they are cancelled by their id.
        logs: What the server logs, line by line.
        headers: Of each request; an attribute, too.
    """

    def __init__(
        self,
        url: str,
        *,
        streamed: bool = False,
        logs: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        parts = urlsplit(url)
        self.url, self._address, self._base = url, parts.netloc, parts.path
        self._streamed = streamed
        self.headers = {"Content-Type": "application/json", **(headers or {})}
        self._seen: list[bytes] = []
        self._logs = logs
        self._pool = ThreadPoolExecutor(4)
        self.lacks = {} if streamed else {"a_stream": "a run gives the whole; a stream tells its pieces"}

    def somebody(self, user: str) -> "WebHost":
        """Give a client of somebody else, for the same server."""
        return WebHost(self.url, headers={"X-User": user})

    def close(self) -> None:
        """End its threads."""
        self._pool.shutdown()

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | Iterator[bytes] | None = None,
        also: Mapping[str, str] | None = None,
        **headers: str,
    ) -> Reply:
        """Send a request, and wait for the answer."""
        connection = self.connected()
        try:
            return self._asked(connection, method, path, body if raw is None else raw, {**headers, **(also or {})})
        finally:
            connection.close()

    def connected(self) -> HTTPConnection:
        """Give a connection."""
        return HTTPConnection(self._address, timeout=30)

    def _asked(
        self, connection: HTTPConnection, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> Reply:
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if body is None or isinstance(body, bytes | Iterator) else json.dumps(body).encode()
        connection.request(method, f"{self._base}{path}", data, {**self.headers, **spelled})
        answer = connection.getresponse()
        reply = Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        self._seen.append(repr(reply.headers).encode() + reply.body)
        return reply

    def call(self, module_id: str, form: Mapping[str, Any], *, approved: bool = True) -> Outcome:
        """Run a module."""
        return self._called(self.connected(), module_id, {"input": form})

    def within(self, deadline_s: float, module_id: str, form: Mapping[str, Any]) -> Outcome:
        """Run a module with a deadline."""
        return self._called(self.connected(), module_id, {"input": form, "deadline_s": deadline_s})

    def start(self, module_id: str, form: Mapping[str, Any]) -> Running:
        """Run a module and do not wait."""
        operation, connection = token_urlsafe(18), self.connected()
        connection.connect()
        body = {"input": form, "operation": operation}
        future = self._pool.submit(self._called, connection, module_id, body)
        return _Running(self, future, operation, connection.sock if self._streamed else None)

    def content_of(self, reference: Mapping[str, Any]) -> bytes:
        """Download a file."""
        return self.ask("GET", f"/files/{reference['file']}").body

    def written(self) -> bytes:
        """Give every answer, and the log of the server."""
        return b"".join(self._seen) + "\n".join(self._logs).encode()

    def _called(self, connection: HTTPConnection, module_id: str, body: Mapping[str, Any]) -> Outcome:
        how = "stream" if self._streamed else "run"
        try:
            reply = self._asked(connection, "POST", f"/modules/{module_id}/{how}", body, {})
        finally:
            connection.close()
        return _outcome(reply)


def _outcome(reply: Reply) -> Outcome:
    if reply.headers["content-type"] != "text/event-stream":
        return _ended(reply.json, reply.status >= 400)
    *told, last = events_in(reply.body)
    pieces = [event.data.get("text", "") for event in told if event.kind == "piece"]
    ended = _ended(last.data, last.kind == "error")
    return Outcome(bundles=ended.bundles, whole=ended.whole, pieces=pieces, error=ended.error)


def _ended(told: Mapping[str, Any], failed: bool) -> Outcome:  # noqa: FBT001  private
    if not failed:
        return Outcome(bundles=told["bundles"], whole=told["bundles"])
    paths = [problem["path"] for problem in told.get("problems", ())]
    text = "\n".join([told["detail"], told.get("remedy", "")])
    return Outcome(error=Failed(kind=told["error"], text=text, retryable=told["retryable"], paths=paths))


class _Running:
    def __init__(self, host: WebHost, future: "Future[Outcome]", operation: str, sock: socket.socket | None) -> None:
        self._host = host
        self._future = future
        self._operation = operation
        self._sock = sock

    def cancel(self) -> None:
        """Go away, or cancel by the id."""
        if self._sock is not None:
            self._sock.shutdown(socket.SHUT_RDWR)
        else:
            assert self._host.ask("DELETE", f"/operations/{self._operation}").status == 204

    def outcome(self) -> Outcome | None:
        """Whoever went away gets no answer."""
        try:
            return self._future.result(30)
        except (HTTPException, OSError, AssertionError):
            assert self._sock is not None
            return None
