"""Modules of a service that says back what it is sent, for the API of a host; they use OpenAI's connection type."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Annotated

from attrs import frozen
from served import served_by

from jackfield import (
    AnyModule,
    Array,
    Choice,
    Context,
    Dynamic,
    Effect,
    Form,
    Integer,
    Select,
    Slot,
    Sunset,
    module,
    named_field,
)
from jackfield.connections import ConnectionView
from jackfield_openai.connection import openai

KEY = "canary-5519-web-key"


def _tables(context: Context) -> Sequence[Choice]:
    answer = context.client.request("GET", "/tables").json()
    assert isinstance(answer, list)
    return [Choice(value=name, label=name.title()) for name in answer]


def _extras(context: Context, values: Mapping[str, object]) -> Sequence[Slot]:
    return [named_field(f"{values['drink']}_strength", Annotated[int, Integer(maximum=5)])]


def _fit(form: Form, values: Mapping[str, object], connection: ConnectionView | None) -> Form:
    del connection
    return form if values.get("drink") == "tea" else form.without("sugar")


@frozen(kw_only=True)
class Order:
    """What is ordered."""

    drink: Annotated[str, Select(label="Drink", choices=(Choice(value="tea", label="Tea"), Choice(value="coffee")))]
    table: Annotated[str | None, Select(label="Table", choices=_tables)] = None
    sugar: Annotated[int | None, Integer(label="Sugar", minimum=0, maximum=3)] = None
    extras: Annotated[Mapping[str, object] | None, Dynamic(fields=_extras, depends_on=["drink"])] = None


@frozen(kw_only=True)
class Words:
    """Some words."""

    words: Annotated[list[str], Array(label="Words")]


@frozen(kw_only=True)
class Nothing:
    """No input."""


@frozen(kw_only=True)
class Said:
    """What the service said."""

    text: str


@module(label="Order a Drink", connection=openai, effect=Effect.UNSAFE, refine=_fit)
def order(form: Order, context: Context) -> Said:
    """Order something."""
    return context.client.post("/orders", json={"text": form.drink}, into=Said)


@module(label="Say Back", connection=openai, effect=Effect.READ)
def say_back(form: Nothing, context: Context) -> Said:
    """Give the headers of the request, as services for tests do."""
    del form
    return context.client.get("/headers", into=Said)


@module(label="Tell Words", effect=Effect.READ)
def tell(form: Words, context: Context) -> Generator[Said, None, Said]:
    """Give one word after the other."""
    context.warn("words may be long")
    for word in form.words:
        yield Said(text=word)
    return Said(text=" ".join(form.words))


@module(label="Try Again", connection=openai, effect=Effect.READ)
def try_again(form: Nothing, context: Context) -> Said:
    """Ask for something that is there only the second time."""
    del form
    return context.client.get("/second", into=Said)


@module(
    label="Old Way",
    effect=Effect.READ,
    sunset=Sunset(date="2026-01-01", replacement="openai.desk_tell", reason="it was slow"),
)
def old(form: Nothing, context: Context) -> Said:
    """Do it the old way."""
    del form, context
    return Said(text="old")


MODULES: dict[str, AnyModule] = {
    "openai.desk_old": old,
    "openai.desk_order": order,
    "openai.desk_say_back": say_back,
    "openai.desk_tell": tell,
    "openai.desk_try_again": try_again,
}


class Desk:
    """The service.

    Attributes:
        url: Where it is.
        asked: The paths that were asked for.
        away: Whether it has no list of tables at the moment.
    """

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.tries = 0
        self.away = False


@contextmanager
def desk_served() -> Iterator[Desk]:
    """Serve it on loopback."""
    desk = Desk()
    handler = type("Handler", (_Handler,), {"desk": desk})
    with served_by(handler) as url:
        desk.url = f"{url}/v1"
        yield desk


class _Handler(BaseHTTPRequestHandler):
    desk: Desk

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.removeprefix("/v1")
        self.desk.asked.append(path)
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self._send(401, {"error": {"message": f"wrong key {self.headers.get('Authorization')}"}})
        elif path == "/models":
            self._send(200, {"object": "list", "data": [{"id": "m", "object": "model"}]})
        elif path == "/tables":
            self._send(503 if self.desk.away else 200, ["window", "door"])
        elif path == "/headers":
            self._send(200, {"text": str(dict(self.headers))})
        elif path == "/orders":
            self._send(200, json.loads(body))
        else:
            self.desk.tries += 1
            self._send(200 if self.desk.tries % 2 == 0 else 503, {"text": "there it is"})

    do_GET = do_POST = _answer  # noqa: N815  http.server's names

    def _send(self, status: int, answer: object) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
