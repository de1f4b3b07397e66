"""A connector with something of everything that a host must carry, and the service that it calls."""

import json
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Annotated, Literal

from attrs import frozen
from served import served_by

from jackfield import (
    AnyModule,
    Array,
    ConnectionType,
    Context,
    Effect,
    File,
    Integer,
    Password,
    Secret,
    Select,
    Text,
    Url,
    header,
    module,
)

CANARY = "canary-8462-contract-key"
PNG = b"\x89PNG\r\n\x1a\n" + b"no picture" * 40


@frozen(kw_only=True)
class Account:
    """Where the service is, and who asks."""

    base_url: Annotated[str, Url(label="Address", env="CONTRACT_URL")]
    api_key: Annotated[Secret, Password(label="API key", env="CONTRACT_KEY")]


account = ConnectionType(
    label="Contract", form=Account, origin=lambda form: form.base_url, authorize=header("X-Key", "{api_key}")
)


@frozen(kw_only=True)
class Part:
    """One part of a text."""

    word: str
    bold: bool = False


@frozen(kw_only=True)
class Said:
    """What is said, and how."""

    text: Annotated[str, Text(label="Text", max_length=100, help="What to say.")]
    times: Annotated[int | None, Integer(label="Times", minimum=1, maximum=5)] = None
    loudness: Annotated[Literal["soft", "loud"] | None, Select(label="Loudness")] = None
    parts: Annotated[list[Part] | None, Array(label="Parts", max_items=3)] = None


@frozen(kw_only=True)
class Echo:
    """What came back."""

    text: str
    length: int


@frozen(kw_only=True)
class Size:
    """How much."""

    size: Annotated[int, Integer(label="Size", minimum=0, maximum=10_000_000)]


@frozen(kw_only=True)
class Asked:
    """What is asked of the service."""

    path: Annotated[str, Text(label="Path")]


@frozen(kw_only=True)
class Nothing:
    """No input."""


@frozen(kw_only=True)
class Numbered:
    """One of many."""

    number: int


@frozen(kw_only=True)
class Long:
    """Something long."""

    text: str
    numbers: list[int]


@frozen(kw_only=True)
class Drawn:
    """A file."""

    image: File


@frozen(kw_only=True)
class Given:
    """A file to look at."""

    file: File


@frozen(kw_only=True)
class Word:
    """A piece of a stream."""

    text: str


@module(label="Echo", effect=Effect.READ)
def echo(form: Said, context: Context) -> Echo:
    """Say it again."""
    print("noise on stdout")  # noqa: T201  a host whose stdout is a protocol must stand it
    text = form.text * (form.times or 1)
    return Echo(text=text.upper() if form.loudness == "loud" else text, length=len(text))


@module(label="Count", effect=Effect.READ)
def count(form: Size, context: Context) -> Iterator[Numbered]:
    """Count from one."""
    for number in range(1, form.size + 1):
        yield Numbered(number=number)


@module(label="Write Much", effect=Effect.READ)
def write_much(form: Size, context: Context) -> Long:
    """Write as much as is wanted."""
    return Long(text="ä" * form.size, numbers=[*range(form.size // 10)])


@module(label="Draw", effect=Effect.READ)
def draw(form: Size, context: Context) -> Drawn:
    """Give a file; it is no picture."""
    return Drawn(image=context.store_file(PNG + b"." * form.size, name="drawn.png", media_type="image/png"))


@module(label="Measure", effect=Effect.READ)
def measure(form: Given, context: Context) -> Echo:
    """Say how large a file is."""
    return Echo(text=form.file.name, length=len(form.file.read()))


@module(label="Tell", connection=account, effect=Effect.READ)
def tell(form: Nothing, context: Context) -> Generator[Word, None, Echo]:
    """Tell something word by word."""
    said = []
    for event in context.client.events("POST", "/story", until="[DONE]"):
        said.append(event.data)
        yield Word(text=event.data)
    return Echo(text=" ".join(said), length=len(said))


@module(label="Ask", connection=account, effect=Effect.READ)
def ask(form: Asked, context: Context) -> Echo:
    """Ask the service for something."""
    return context.client.get(form.path, into=Echo)


@module(label="Post", connection=account, effect=Effect.UNSAFE)
def post(form: Said, context: Context) -> Echo:
    """Leave something at the service."""
    return context.client.post("/posts", json={"text": form.text}, into=Echo)


@module(label="Break", effect=Effect.READ)
def break_down(form: Nothing, context: Context) -> Echo:
    """Have a defect."""
    raise ZeroDivisionError(str(form))


MODULES: dict[str, AnyModule] = {
    "contract.ask": ask,
    "contract.break_down": break_down,
    "contract.count": count,
    "contract.draw": draw,
    "contract.echo": echo,
    "contract.measure": measure,
    "contract.post": post,
    "contract.tell": tell,
    "contract.write_much": write_much,
}


class Service:
    """The service, as tests see it.

    Attributes:
        posts: What was left there.
        asked: Set when somebody waits for an answer that does not come.
        left: Set when he no longer waits.
    """

    def __init__(self) -> None:
        self.posts: list[str] = []
        self.asked = Event()
        self.left = Event()
        self.released = Event()

    def served(self) -> AbstractContextManager[str]:
        """Serve it on loopback, and give the address."""
        return served_by(_handler(self))

    def forget(self) -> None:
        """Be as new."""
        self.posts.clear()
        for event in (self.asked, self.left, self.released):
            event.clear()


_STORY = "".join(f"data: {word}\n\n" for word in ("once", "upon", "a", "time", "[DONE]"))


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        known = service

    return Handler


class _Handler(BaseHTTPRequestHandler):
    known: Service

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("X-Key") != CANARY:
            self._send(401, {"error": {"message": f"wrong key {self.headers.get('X-Key')}"}})
        elif self.path in _FAILURES:
            self._send(_FAILURES[self.path], {"error": {"message": f"no, {CANARY}"}})
        elif self.path == "/slow":
            self._keep_waiting()
        elif self.path == "/story":
            self._write(200, "text/event-stream", _STORY.encode())
        elif self.path == "/posts":
            self.known.posts.append(json.loads(body)["text"])
            self._send(200, {"text": "posted", "length": len(self.known.posts)})
        else:
            self._send(200, {"text": self.path, "length": 1})

    do_GET = do_POST = _answer  # noqa: N815  http.server's names

    def _keep_waiting(self) -> None:
        self.connection.settimeout(0.05)
        self.known.asked.set()
        while not self.known.released.is_set():
            try:
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.known.left.set()

    def _send(self, status: int, answer: object) -> None:
        self._write(status, "application/json", json.dumps(answer).encode())

    def _write(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


_FAILURES = {"/busy": 503, "/refused": 422}
