"""A plugin has several processes share what a service allows."""

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from contract_connector import CANARY, MODULES
from served import served_by

from jackfield import (
    Allowance,
    BusyError,
    Cancellation,
    Connection,
    Deadline,
    DeadlineError,
    Host,
    HttpSettings,
    Limiter,
    PluginError,
    allowance_in,
    hookimpl,
)


class Service(BaseHTTPRequestHandler):
    """Refuses one path for there being too many requests."""

    def do_GET(self) -> None:
        """Answer."""
        crowded = self.path == "/crowded"
        body = b'{"text": "hello", "length": 5}'
        self.send_response(429 if crowded else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if crowded:
            self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Ledger:
    """A limiter that lets everything out, and writes down what it is told."""

    is_open = False
    idle = True

    def __init__(self, *, counts: bool) -> None:
        self.counts = counts
        self.told: list[tuple[Any, ...]] = []
        self.full = False

    def enter(self, deadline: Deadline, cancellation: Cancellation, tell: Any) -> int:
        """Let it out, unless there is no room."""
        if self.full:
            full = deadline.error("queue", sent=False, message="Other processes use up what is allowed.")
            raise full
        tell(0.0, "this test")
        self.told.append(("enter",))
        return len(self.told)

    def leave(self, permit: Any, /) -> None:
        """Write it down."""
        self.told.append(("leave", permit))

    def refused(self, permit: Any, wait_s: float, /) -> None:
        """Write it down."""
        self.told.append(("refused", permit, wait_s))

    def answered(self, headers: Mapping[str, str], /) -> None:
        """Write it down."""
        self.told.append(("answered", headers.get("content-type")))


class Shared:
    """The plugin."""

    def __init__(self, limiter: Any) -> None:
        self.limiter = limiter
        self.asked: list[tuple[str, str, float | None]] = []

    @hookimpl
    def limit_requests(self, connection: Connection, settings: HttpSettings) -> Any:
        """Give the limiter."""
        self.asked.append((connection.type_id, connection.name, settings.max_requests_per_s))
        return self.limiter


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """Where it is."""
    with served_by(Service) as url:
        yield url


def host_with(plugin: object) -> Host:
    """Make a host that repeats nothing."""
    return Host(discover=False, modules=MODULES, plugins=[plugin], settings=HttpSettings(max_attempts=1))


def ask(host: Host, url: str, path: str) -> str:
    """Ask the service."""
    result = host.run("contract.ask", {"path": path}, connection={"base_url": url, "api_key": CANARY})
    return str(result.bundle["text"])


def test_a_plugin_lets_requests_out(service: str) -> None:
    """It is asked for a limiter once, and the limiter before each request; it hears of answers and refusals."""
    ledger = Ledger(counts=True)
    shared = Shared(ledger)
    with host_with(shared) as host:
        ask(host, service, "/")
        with pytest.raises(BusyError):
            ask(host, service, "/crowded")

    assert isinstance(ledger, Limiter)
    assert len(shared.asked) == 1
    assert ledger.told == [
        ("enter",),
        ("answered", "application/json"),
        ("leave", 1),
        ("enter",),
        ("leave", 4),
        ("refused", 4, 7.0),
    ]


def test_whoever_does_not_count_is_told_of_no_end(service: str) -> None:
    """Only of what the answers say."""
    ledger = Ledger(counts=False)
    with host_with(Shared(ledger)) as host:
        ask(host, service, "/")

    assert ledger.told == [("enter",), ("answered", "application/json")]


def test_a_turn_that_does_not_come_is_told(service: str) -> None:
    """As an error of the deadline, and nothing was sent."""
    ledger = Ledger(counts=True)
    ledger.full = True
    with host_with(Shared(ledger)) as host, pytest.raises(DeadlineError, match="Other processes") as caught:
        ask(host, service, "/")

    assert (caught.value.phase, caught.value.sent, ledger.told) == ("queue", False, [])


def test_each_connection_has_a_limiter_of_its_own(service: str) -> None:
    """Those with other values are asked for apart, and what the plugin leaves to core is core's."""
    shared = Shared(None)
    with host_with(shared) as host:
        for key in (CANARY, "another", CANARY):
            host.run("contract.ask", {"path": "/"}, connection={"base_url": service, "api_key": key})

    assert len(shared.asked) == 2


def test_many_threads_ask_for_one_limiter(service: str) -> None:
    """Whoever comes second finds the first one's."""
    ledger = Ledger(counts=True)
    with host_with(Shared(ledger)) as host:
        threads = [threading.Thread(target=ask, args=(host, service, "/")) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    assert [entry[0] for entry in ledger.told].count("enter") == 8
    assert [entry[0] for entry in ledger.told].count("leave") == 8


def test_what_is_no_limiter_is_told(service: str) -> None:
    """With the name of the hook."""
    with host_with(Shared(object())) as host, pytest.raises(PluginError, match="'limit_requests' with object"):
        ask(host, service, "/")


def test_a_limiter_can_read_what_a_service_says() -> None:
    """Of its limit, what is left, and when all is there again."""
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "58",
        "x-ratelimit-reset-requests": "2s",
    }

    assert allowance_in(headers, "requests") == Allowance(limit=60, remaining=58, reset_s=2)
    assert allowance_in(headers, "tokens") is None
