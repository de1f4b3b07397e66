"""What the tests of OAuth 2 share: a real authorization server, a connector that logs in to it, hosts with a store."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from authorization_server import CLIENT, PUBLIC, SECRET, AuthorizationServer
from browser import Browser

from jackfield import Host, HttpSettings, Secret, Store

CLUB = (Path(__file__).parents[2] / "support" / "club.py").read_text(encoding="utf-8")


class Club:
    """A connector that is installed, and how to log in with it."""

    type_id = "club.account"
    module_id = "club.who_am_i"

    def __init__(self, server: AuthorizationServer, path: Path) -> None:
        self.server = server
        self.path = path
        self.values: dict[str, object] = {"client_id": CLIENT, "client_secret": Secret(SECRET), "url": server.url}
        self.public: dict[str, object] = {"client_id": PUBLIC, "url": server.url}
        self.redirect_uri = "http://127.0.0.1:9/callback"

    def log_in(self, host: Host, connection: Any) -> dict[str, object]:
        """Log in with a browser, as a web host does it."""
        login = host.begin_login(self.type_id, connection, redirect_uri=self.redirect_uri)
        return host.finish_login(self.type_id, login, Browser().answer_of(login.url), connection)

    def saved(self, host: Host, store: Store, name: str = "mine", type_id: str = "") -> str:
        """Log in, and save it."""
        kind = host.connector("club").connection_types[type_id or self.type_id]
        store.add(name, type_id or self.type_id, kind, {**self.values, **self.log_in(host, self.values)})
        return name


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    """A real authorization server, and the service that takes its tokens."""
    with AuthorizationServer() as running:
        yield running


@pytest.fixture
def browser() -> Browser:
    """A person's browser."""
    return Browser()


@pytest.fixture
def club(server: AuthorizationServer, install: Callable[..., str], tmp_path: Path) -> Club:
    """The connector of a club, installed."""
    modules = {f"club.{name}": f"{{}}:{name}" for name in ("who_am_i", "robot")}
    install("club", CLUB, connectors={"club": "{}"}, modules=modules)
    return Club(server, tmp_path)


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[[], Store]:
    """Make the object of a store; all share one file, which is that of the command line in this test."""
    environ = {"JACKFIELD_HOME": str(tmp_path / "home")}
    return lambda: Store.default(environ)


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    """A store that is not there yet."""
    return make_store()


@pytest.fixture
def make_host(club: Club) -> Iterator[Callable[..., Host]]:
    """Make a host that knows the club."""
    del club
    hosts: list[Host] = []

    def make(*plugins: object, **settings: Any) -> Host:
        host = Host(plugins=plugins, environ={}, settings=HttpSettings(**settings))
        hosts.append(host)
        return host

    yield make
    for host in hosts:
        host.close()


@pytest.fixture
def environment(club: Club, tmp_path: Path) -> Mapping[str, str]:
    """The environment of a process that knows the club, and has the store."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JACKFIELD")}
    return {**kept, "JACKFIELD_HOME": str(tmp_path / "home"), "PYTHONPATH": str(club.path)}
