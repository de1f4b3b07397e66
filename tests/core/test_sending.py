"""What core itself does at the hook ``send``, over a real connection."""

import threading
from collections.abc import Generator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, ClassVar

import pytest
from attrs import frozen
from requests import PreparedRequest, Response

from jackfield import (
    ConnectionType,
    Context,
    Effect,
    Host,
    HttpSettings,
    Password,
    Secret,
    UnsafeRequestError,
    Url,
    header,
    hookimpl,
    module,
)

CANARY = "canary-1234-key"


class Service(BaseHTTPRequestHandler):
    """Answers everything, and writes down which key came to which path."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        """Answer."""
        self.seen.append((self.path, self.headers["X-Key"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    """Start the service, and give its URL."""
    Service.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key")]
    url: Annotated[str, Url(label="URL")]


account = ConnectionType(
    label="Service", form=Account, origin=lambda form: form.url, authorize=header("X-Key", "{api_key}")
)


@frozen(kw_only=True)
class Question:
    path: str


@frozen(kw_only=True)
class Reply:
    status: int


@module(label="Ask", connection=account, effect=Effect.READ)
def ask(form: Question, context: Context) -> Reply:
    """Ask at a path."""
    return Reply(status=context.client.request("GET", form.path).status)


class Recorder:
    """Keeps whatever it can get hold of around the sending."""

    def __init__(self) -> None:
        self.kept: list[object] = []

    @hookimpl(wrapper=True)
    def send(self, request: PreparedRequest) -> Generator[None, Response, Response]:
        """Keep the request before and after, and the answer."""
        response = yield
        self.kept += [vars(request), dict(request.headers), vars(response), dict(response.request.headers)]
        return response


def test_the_key_arrives_and_no_recorder_sees_it(service: str) -> None:
    """A plugin that wraps the sending holds the request without its credential, before and after."""
    recorder = Recorder()

    with Host(plugins=[recorder], modules={"service.ask": ask}, discover=False) as host:
        result = host.run("service.ask", {"path": "/here"}, connection={"api_key": CANARY, "url": service})

    assert result.output.status == 200
    assert Service.seen == [("/here", CANARY)]
    assert len(recorder.kept) == 4
    assert CANARY not in repr(recorder.kept)


class Mover:
    """Sends credentials somewhere else, at either hook."""

    def __init__(self, hook: str) -> None:
        self._hook = hook

    @hookimpl(tryfirst=True)
    def send(self, request: PreparedRequest) -> None:
        """Move the request before it is authorized."""
        if self._hook == "send":
            request.url = "http://127.0.0.2:9/"

    @hookimpl(trylast=True)
    def authorize(self, request: PreparedRequest) -> None:
        """Move the request when the credential is on it."""
        if self._hook == "authorize":
            request.url = "http://127.0.0.2:9/"


@pytest.mark.parametrize("hook", ["send", "authorize"])
def test_no_plugin_can_move_a_credential_elsewhere_by_mistake(service: str, hook: str) -> None:
    """The URL that leaves is checked, not the one that the module asked for."""
    with (
        Host(plugins=[Mover(hook)], modules={"service.ask": ask}, discover=False) as host,
        pytest.raises(UnsafeRequestError, match="would leave"),
    ):
        host.run("service.ask", {"path": "/here"}, connection={"api_key": CANARY, "url": service})

    assert Service.seen == []


def test_many_connections_are_not_kept_for_ever(service: str) -> None:
    """A host of many tenants has a name for each; what is remembered has a bound, and each gets its own key."""
    names = [f"tenant-{number}" for number in range(70)]
    environ = {}
    for name in names:
        spelled = name.upper().replace("-", "_")
        environ[f"JACKFIELD_CONNECTION__{spelled}__API_KEY"] = f"key of {name}"
        environ[f"JACKFIELD_CONNECTION__{spelled}__URL"] = service

    with Host(modules={"service.ask": ask}, discover=False, environ=environ) as host:
        for name in [*names, names[0]]:
            host.run("service.ask", {"path": f"/{name}"}, connection=name)

    assert Service.seen == [(f"/{name}", f"key of {name}") for name in [*names, names[0]]]


def test_a_connection_that_changes_is_made_anew(service: str) -> None:
    """Values are kept from one call to the next only as long as they are the same."""
    values = {"api_key": "first", "url": service}

    with Host(modules={"service.ask": ask}, discover=False) as host:
        host.run("service.ask", {"path": "/1"}, connection=values)
        values["api_key"] = "second"
        host.run("service.ask", {"path": "/2"}, connection=values)
        host.run("service.ask", {"path": "/3"}, connection=values)

    assert Service.seen == [("/1", "first"), ("/2", "second"), ("/3", "second")]


def test_a_host_of_strangers_refuses_local_base_urls(service: str) -> None:
    """Where allow_local is off, a base URL that a user typed leads to public servers only."""
    settings = HttpSettings(allow_local=False)

    with (
        Host(modules={"service.ask": ask}, discover=False, settings=settings) as host,
        pytest.raises(UnsafeRequestError, match="this machine"),
    ):
        host.run("service.ask", {"path": "/here"}, connection={"api_key": CANARY, "url": service})

    assert Service.seen == []


def test_a_base_url_that_its_author_wrote_is_trusted(service: str) -> None:
    """A connector for one's own network names its server in code."""
    own = ConnectionType(label="Own", form=Account, origin=service, authorize=header("X-Key", "{api_key}"))
    asks_own = module(label="Ask", connection=own, effect=Effect.READ)(ask.function)
    settings = HttpSettings(allow_local=False)

    with Host(modules={"own.ask": asks_own}, discover=False, settings=settings) as host:
        host.run("own.ask", {"path": "/here"}, connection={"api_key": CANARY, "url": "https://unused.example"})

    assert Service.seen == [("/here", CANARY)]
