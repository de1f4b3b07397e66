"""A board of notes for the tests of triggers: a service on loopback, or in memory, and a connector for each kind."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from attrs import frozen

from jackfield import (
    ConnectionType,
    Context,
    Effect,
    Event,
    Host,
    Order,
    Password,
    PollFailed,
    Secret,
    Text,
    Trigger,
    Url,
    header,
    hookimpl,
    module,
)

KEY = "key-of-the-board-4711"


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key", env="BOARD_KEY")]
    base_url: Annotated[str, Url(label="Address", env="BOARD_URL")]


account = ConnectionType(
    label="Board", form=Account, origin=lambda form: str(form.base_url), authorize=header("X-Key", "{api_key}")
)


@frozen(kw_only=True)
class Which:
    board: Annotated[str | None, Text(label="Board")] = None


@frozen(kw_only=True)
class Note:
    id: int
    at: str | None = None


@module(label="Watch Notes", connection=account, effect=Effect.READ, trigger=Trigger(key="id", date="at"))
def watch_notes(form: Which, context: Context) -> Iterator[Note]:
    """Give what is on the board, in any order."""
    for item in context.client.get("/notes", params=form):
        yield Note(**item)


@module(
    label="Watch the Log",
    connection=account,
    effect=Effect.READ,
    trigger=Trigger(key="id", order=Order.OLDEST_FIRST, keep_last_key=True),
)
def watch_log(form: Which, context: Context) -> Iterator[Note]:
    """Give what was written after the last note."""
    for item in context.client.get("/notes", params={"after": context.last_key}):
        yield Note(**item)


class Board(BaseHTTPRequestHandler):
    notes: ClassVar[list[dict[str, Any]]] = []
    refusals: ClassVar[list[int]] = []
    invited: ClassVar[list[str]] = []
    asked: ClassVar[threading.Semaphore] = threading.Semaphore(0)

    def do_GET(self) -> None:
        """Give the notes after the one that is named, or refuse."""
        after = int(parse_qs(urlsplit(self.path).query).get("after", ["-1"])[0])
        status = self.refusals.pop(0) if self.refusals else 200
        found = [note for note in list(self.notes) if note["id"] > after]
        body = json.dumps(found if status == 200 else {"error": "no"}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status != 200 and self.invited:
            self.send_header("Retry-After", self.invited.pop(0))
        self.end_headers()
        self.wfile.write(body)
        self.asked.release()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Running:
    """A board that is served.

    Attributes:
        url: Where.
        notes: What is on it.
        refusals: The statuses of the next answers, before it works again.
        invited: What the next refusals say of when to come again.
        asked: Released whenever it answered.
    """

    def __init__(self, url: str, handler: type[Board]) -> None:
        self.url = url
        self.notes = handler.notes
        self.refusals = handler.refusals
        self.invited = handler.invited
        self.asked = handler.asked

    @property
    def connection(self) -> dict[str, str]:
        """The values of a connection to it."""
        return {"api_key": KEY, "base_url": self.url}


@contextmanager
def serving() -> Iterator[Running]:
    """Serve an empty board on loopback."""
    handler = type("OneBoard", (Board,), {"notes": [], "refusals": [], "invited": [], "asked": threading.Semaphore(0)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Running(f"http://127.0.0.1:{server.server_address[1]}", handler)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def note(note_id: int, minute: int = 0) -> dict[str, Any]:
    """Make a note."""
    return {"id": note_id, "at": f"2026-01-01T00:{minute:02}:00Z"}


def watched_once(host: Host, board: Running, **options: Any) -> list[int]:
    """Watch once, and take all that is given."""
    with host.watch("board.watch_notes", connection=board.connection, **options) as watch:
        return [item.output.id for item in watch.once()]


def watch_files(home: Path) -> list[str]:
    """Name the files of watches."""
    return sorted(path.name for path in (home / "data" / "watches").iterdir())


class Listener:
    """A plugin that hears of polls that failed."""

    def __init__(self) -> None:
        self.heard: list[PollFailed] = []

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Keep it."""
        if isinstance(event, PollFailed):
            self.heard.append(event)
