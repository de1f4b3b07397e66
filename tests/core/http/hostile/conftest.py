"""What the tests of hostile servers and inputs share: a place where nothing may arrive, and a look at what is left."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import (
    ConnectionType,
    Context,
    Effect,
    Host,
    HttpSettings,
    JackfieldError,
    Password,
    Secret,
    Url,
    header,
    module,
)

KEY = "canary-5f1e-key"
_DESCRIPTORS = Path("/proc/self/fd")


class Canary:
    """Another origin: writes down every byte that reaches it, and answers as a service would."""

    key = KEY

    def __init__(self) -> None:
        self.connections = 0
        self.heard = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, name="test-canary")
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, suppress(OSError):
                connection.settimeout(2)
                self.heard += connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")

    def stop(self) -> None:
        """End the thread."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@pytest.fixture
def canary() -> Iterator[Canary]:
    """Start it, and stop it."""
    made = Canary()
    yield made
    made.stop()


def _alive() -> tuple[int, int]:
    return threading.active_count(), len(list(_DESCRIPTORS.iterdir())) if _DESCRIPTORS.exists() else 0


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No thread and no descriptor may outlive a test; what is on its way out gets a moment."""
    threads, descriptors = _alive()
    yield
    until = time.monotonic() + 5
    while True:
        threads_left, descriptors_left = _alive()
        if (threads_left <= threads and descriptors_left <= descriptors) or time.monotonic() > until:
            break
        time.sleep(0.01)

    assert threads_left <= threads, [thread.name for thread in threading.enumerate()]
    assert descriptors_left <= descriptors


@frozen(kw_only=True)
class Account:
    """A key, and where it may go."""

    api_key: Annotated[Secret, Password(label="API key")]
    url: Annotated[str, Url(label="URL")]


account = ConnectionType(
    label="Service", form=Account, origin=lambda form: form.url, authorize=header("X-Key", "{api_key}")
)


@frozen(kw_only=True)
class Question:
    """Where to ask."""

    path: str = "x"


@frozen(kw_only=True)
class Reply:
    """What came."""

    value: object


@module(label="Ask", connection=account, effect=Effect.READ)
def ask(form: Question, context: Context) -> Reply:
    """Ask at a path."""
    return Reply(value=context.client.get(form.path))


@module(label="Listen", connection=account, effect=Effect.READ)
def listen(form: Question, context: Context) -> Generator[Reply, None, Reply]:
    """Listen to a stream."""
    told: list[object] = []
    for event in context.client.events("POST", form.path, json={}, until="[DONE]"):
        told.append(event.json())
        yield Reply(value=told[-1])
    return Reply(value=told)


MODULES = {"service.ask": ask, "service.listen": listen}


@pytest.fixture
def host() -> Iterator[Callable[..., Host]]:
    """Make hosts with two modules, service.ask and service.listen; all of them are closed afterwards."""
    made: list[Host] = []

    def make(modules: dict[str, Any] | None = None, **settings: Any) -> Host:
        limits = HttpSettings(**{"retry_base_s": 0.01, "retry_cap_s": 0.01, **settings})
        made.append(Host(discover=False, modules={**MODULES, **(modules or {})}, environ={}, settings=limits))
        return made[-1]

    yield make
    for one in made:
        one.close()


def measure(url: str, module_id: str, deadline_s: float) -> None:
    """Ask once, and print how it ended and what it took; what is imported on the way is not counted."""
    connection = {"api_key": KEY, "url": url}
    with Host(discover=False, modules=MODULES, environ={}, settings=HttpSettings(max_attempts=1)) as host:
        with suppress(JackfieldError):
            host.run(module_id, {"path": "warm"}, connection=connection)
        begin_kib, started, told = _status("VmRSS"), time.monotonic(), {}
        try:
            host.run(module_id, {"path": "x"}, connection=connection, deadline_s=deadline_s)
        except JackfieldError as error:
            told = {"error": type(error).__name__, "limit": getattr(error, "limit", "")}
        told |= {"took_s": time.monotonic() - started, "grown_mib": (_status("VmHWM") - begin_kib) / 1024}
    print(json.dumps(told))  # noqa: T201  what the test reads


def _status(name: str) -> int:
    text = Path("/proc/self/status").read_text("ascii")
    return int(text.partition(f"{name}:")[2].split()[0])


@pytest.fixture
def measured(serve: Any) -> Callable[..., dict[str, Any]]:
    """Let a service answer once to a process that does nothing else; tell how it ended there, and what it took."""
    if not _DESCRIPTORS.exists():
        pytest.skip("memory is read from /proc")

    def run(
        reply: Callable[[Any], None], module_id: str = "service.ask", deadline_s: float = 60, prelude: str = ""
    ) -> dict[str, Any]:
        def script(talk: Any) -> None:
            asked = talk.asked()
            if asked and "/warm" in asked.line:
                talk.reply(Connection="close")
            elif asked:
                reply(talk)

        arguments = (serve(script).url, module_id, deadline_s)
        program = f"{prelude}import conftest; conftest.measure(*{arguments!r})"
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=Path(__file__).parent, capture_output=True, timeout=120, check=True
        )
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    return run
