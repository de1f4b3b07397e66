"""The demo's table, written row by row as the runs finish, on a terminal and into a file alike."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import click
from requests import PreparedRequest
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jackfield import hookimpl

__all__ = ["DemoTable", "Outgoing"]

_MODULE_WIDTH = 22
_TIME_WIDTH = 7
_GAPS = 6
_NARROW = 72
"""On fewer columns a table is a ladder of half words; there each run is a block of lines."""

_LONGEST = 160
_UNTOLD = frozenset({"input", "messages", "model", "prompt", "stream_options"})


class Outgoing:
    """Sees each request before it leaves, and before the key is added to it; as a plugin of the host."""

    def __init__(self) -> None:
        self._requests: list[PreparedRequest] = []

    @hookimpl
    def send(self, request: PreparedRequest) -> None:
        """Remember the request, and leave the sending to others."""
        self._requests.append(request)

    def take(self) -> str:
        """Say in words what went out since the last time."""
        lines = [f"{request.method} {_target(request)}{_essence(request)}" for request in self._requests]
        self._requests.clear()
        return "\n".join(_counted(lines))


def _target(request: PreparedRequest) -> str:
    parts = urlsplit(request.url or "")
    path = parts.path.removeprefix("/v1")
    return f"{path}?{parts.query}" if parts.query else path


def _essence(request: PreparedRequest) -> str:
    """Say what matters of a body: the model, what was said last, and which other parameters there are."""
    body = _read(request.body)
    if not isinstance(body, Mapping):
        return ""
    texts = [message.get("content") for message in body.get("messages", ())[-1:]]
    said = [f'"{text}"' for text in (*texts, body.get("prompt"), body.get("input")) if text is not None]
    others = [name for name in body if name not in _UNTOLD]
    return "\n" + ", ".join([str(body.get("model", "")), *said, *others])


def _read(body: Any) -> object:
    """Read JSON, or a form with files, of which only the names are of interest."""
    fields = getattr(body, "fields", None)
    if fields is not None:
        return {name: value if isinstance(value, str) else None for name, value in fields}
    try:
        return json.loads(body or "")
    except ValueError:
        return None


def _counted(lines: Iterable[str]) -> Iterator[str]:
    """Put equal lines that follow each other into one."""
    last, count = "", 0
    for line in [*lines, ""]:
        if line == last:
            count += 1
            continue
        if last:
            yield f"{count} x {last}" if count > 1 else last
        last, count = line, 1


class DemoTable:
    """Writes one row for each run."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._width = self._console.width

    def say(self, text: str) -> None:
        """Write a line of text, and a blank one."""
        self._write(Text(f"{text}\n"))

    def head(self) -> None:
        """Write the names of the columns."""
        if self._width >= _NARROW:
            self._write(self._grid("module", "what went out", "what came back", "time", style="bold"))

    @contextmanager
    def running(self, module: str) -> Iterator[None]:
        """Show on a terminal that something is going on."""
        with self._console.status(f"{module} ..."):
            yield

    def row(self, module: str, went_out: str, came_back: str, seconds: float) -> None:
        """Write what one run did."""
        name = module.partition(".")[2] or module
        came_back = came_back if len(came_back) <= _LONGEST else f"{came_back[:_LONGEST]}..."
        took = f"{seconds:.2f} s"
        if self._width >= _NARROW:
            self._write(self._grid(name, went_out, came_back, took))
        else:
            self._write(
                Text(f"{name} ({took})"), self._indented("out:  ", went_out), self._indented("back: ", came_back)
            )
        click.echo()

    def _grid(self, *cells: str, style: str = "") -> Table:
        half = (self._width - _MODULE_WIDTH - _TIME_WIDTH - _GAPS) // 2
        grid = Table.grid(padding=(0, 2, 0, 0))
        for width in (_MODULE_WIDTH, half, half, _TIME_WIDTH):
            grid.add_column(width=width, overflow="fold")
        grid.add_row(*(Text(cell, style=style) for cell in cells))
        return grid

    def _indented(self, name: str, text: str) -> Table:
        grid = Table.grid()
        grid.add_row(Text(f"  {name}"), Padding(Text(text, overflow="fold"), 0))
        return grid

    def _write(self, *contents: Table | Text) -> None:
        with self._console.capture() as captured:
            for content in contents:
                self._console.print(content)
        # rich fills lines with blanks, which a narrow window would wrap.
        click.echo("\n".join(line.rstrip(" ") for line in captured.get().splitlines()))
