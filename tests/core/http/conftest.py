import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import pytest
import requests
import trustme
from requests import PreparedRequest, Response

from jackfield._http.adapter import LeanAdapter
from jackfield._http.client import Answer, Client
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.transport import Transport
from jackfield.errors import JackfieldError
from jackfield.storage import FileSettings, FileStore


class Asked(NamedTuple):
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


class Talk:
    """One connection, on the side of the server."""

    def __init__(self, server: "Server", connection: socket.socket, number: int) -> None:
        self._server = server
        self._connection = connection
        self._file = connection.makefile("rb")
        self.number = number

    def asked(self) -> Asked | None:
        """Read one request; ``None`` when the client is gone."""
        line = self._file.readline().decode("latin-1").strip()
        if not line:
            return None
        headers: dict[str, str] = {}
        while field := self._file.readline().decode("latin-1").strip():
            name, _, value = field.partition(":")
            headers[name.strip().lower()] = value.strip()
        asked = Asked(line, headers, self._file.read(int(headers.get("content-length", 0))))
        self._server.asked.append(asked)
        return asked

    def send(self, data: bytes) -> None:
        """Write bytes as they are."""
        self._connection.sendall(data)

    def reply(self, body: bytes = b"{}", *, status: str = "200 OK", **headers: str) -> None:
        """Write a whole answer; underscores in names of headers stand for hyphens."""
        named = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        named |= {name.replace("_", "-").title(): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        self.send(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body)

    def drip(self, data: bytes, pause_s: float = 0.05) -> None:
        """Write one byte after the other, for as long as the client stays."""
        for index in range(len(data)):
            if self._server.stopped.wait(pause_s):
                return
            self.send(data[index : index + 1])

    def wait(self) -> None:
        """Say nothing until the test is over."""
        self._server.stopped.wait()

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        with suppress(OSError):
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)
        self._connection.close()


Script = Callable[[Talk], None]


class Server:
    """Listens on loopback; each connection goes through a script, in a thread of its own."""

    def __init__(self, script: Script, context: ssl.SSLContext | None) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.stopped = threading.Event()
        self._script = script
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="test-server")]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self.stopped.is_set():
                    connection.close()
                    return
                self.connections += 1
                self._open.append(connection)
                thread = threading.Thread(target=self._talk, args=(connection, self.connections), name="test-talk")
                self._threads.append(thread)
                thread.start()

    def _talk(self, connection: socket.socket, number: int) -> None:
        with suppress(OSError):  # whatever the client does to its connection is the test's business
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            talk = Talk(self, connection, number)
            try:
                self._script(talk)
            finally:
                talk.close()

    def stop(self) -> None:
        """End everything that was started."""
        self.stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # Linux: close() alone does not wake accept()
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for connection in self._open:
            connection.close()


def polite(talk: Talk) -> None:
    """Answer every request of a connection with what was asked."""
    while asked := talk.asked():
        talk.reply(json.dumps({"line": asked.line, "number": talk.number, "body": asked.body.decode()}).encode())


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start servers; all of them are stopped afterwards."""
    servers: list[Server] = []

    def start(script: Script = polite, context: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(script, context))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def transport() -> Iterator[Callable[..., Transport]]:
    """Make transports for settings; all of them are closed afterwards."""
    made: list[Transport] = []

    def make(**settings: Any) -> Transport:
        made.append(Transport(HttpSettings(**settings)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def go(transport: Callable[..., Transport]) -> Callable[..., Response]:
    """Send one request; give the response with its body unread."""
    shared: list[Transport] = []

    def send(
        url: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = 5.0,
        cancellation: Cancellation | None = None,
        **settings: Any,
    ) -> Response:
        if settings or not shared:
            shared.insert(0, transport(**settings))
        request = requests.Request(method, url, data=body, headers=headers).prepare()
        return shared[0].send(request, deadline=Deadline(deadline_s), cancellation=cancellation or Cancellation())

    return send


class Log:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.attempts: list[tuple[str, str, int]] = []
        self.waits: list[tuple[str, int, float]] = []
        self.answers: list[Answer] = []

    def attempt(self, request: PreparedRequest, attempt: int) -> None:
        """Remember."""
        self.attempts.append((request.method or "", request.url or "", attempt))

    def waiting(self, error: JackfieldError, attempt: int, wait_s: float) -> None:
        """Remember."""
        self.waits.append((type(error).__name__, attempt, wait_s))

    def answered(self, answer: Answer) -> None:
        """Remember."""
        self.answers.append(answer)


class PlainCodec:
    """Stands in for the engine's: knows how to call a class with what an object has."""

    def dump(self, value: object) -> object:
        """Give the attributes that are not ``None``."""
        names = [slot.name for slot in getattr(type(value), "__attrs_attrs__", ())]
        if not names:
            message = "no JSON"
            raise TypeError(message)
        return {name: item for name in names if (item := getattr(value, name)) is not None}

    def load(self, value: Any, kind: type[Any], *, request_id: str = "") -> Any:
        """Call the class."""
        assert isinstance(request_id, str)
        return kind(**value)


class Bench:
    """A client, and what it did."""

    def __init__(self, client: Client, log: Log) -> None:
        self.client = client
        self.log = log


@pytest.fixture
def bench(transport: Callable[..., Transport]) -> Callable[..., Bench]:
    """Make a client for a base URL, over a real transport or a function that answers from memory."""

    def make(
        base_url: str,
        *,
        send: Callable[[PreparedRequest], Response] | None = None,
        deadline_s: float = 5.0,
        cancellation: Cancellation | None = None,
        repeatable: bool = True,
        read_error: Any = None,
        **settings: Any,
    ) -> Bench:
        limits = {"retry_base_s": 0.01, **settings}
        line, log = transport(**limits), Log()
        deadline, stop = Deadline(deadline_s), cancellation or Cancellation()
        client = Client(
            base_url,
            settings=HttpSettings(**limits),
            deadline=deadline,
            cancellation=stop,
            repeatable=repeatable,
            send=send or (lambda request: line.send(request, deadline=deadline, cancellation=stop)),
            codec=PlainCodec(),
            store=FileStore(FileSettings()),
            watcher=log,
            read_error=read_error,
        )
        return Bench(client, log)

    return make


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody trusts yet."""
    return trustme.CA()


@pytest.fixture
def server_context(authority: trustme.CA) -> ssl.SSLContext:
    """What a server on 127.0.0.1 needs for TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def ca_bundle(authority: trustme.CA, tmp_path: Any) -> Any:
    """A file that makes a client trust the authority."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def lean() -> Iterator[LeanAdapter]:
    """An adapter of ours."""
    adapter = LeanAdapter()
    yield adapter
    adapter.close()


@pytest.fixture
def mounted(lean: LeanAdapter) -> Iterator[requests.Session]:
    """A session of requests over an adapter of ours."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", lean)
        session.mount("https://", lean)
        yield session
