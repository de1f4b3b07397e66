"""Tables for people, drawn with rich. Imported only where a table is printed, for rich takes long to import."""

import os
import shutil
from collections.abc import Collection, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType, detect_legacy_windows
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jackfield._cli.settings import wanted_color
from jackfield._cli.terminal import on_terminal, printable

_FORCING = ("FORCE_COLOR", "CLICOLOR_FORCE")
_PIPE_WIDTH = 120
_HEIGHT = 25
"""Nothing is as high as the terminal; but without a height, rich asks for the size, and thinks that it knows better."""


def rendered(*parts: RenderableType) -> str:
    """Draw for stdout as it is: as wide as the terminal, colored only there and only if the user wants colors."""
    console = Console(
        width=width(), height=_HEIGHT, highlight=False, markup=False, emoji=False, soft_wrap=False, **_colors()
    )
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    # rich fills each line of a table with spaces, which make a narrow terminal wrap.
    return "".join(f"{line.rstrip(' ')}\n" for line in captured.get().splitlines())


def width() -> int:
    """Give how many columns there are."""
    return (
        shutil.get_terminal_size().columns
        if on_terminal()
        else max(_PIPE_WIDTH, shutil.get_terminal_size((0, 0)).columns)
    )


def _colors() -> dict[str, Any]:
    """Say when to color, in rich's words: what this run is told comes before what is set for every run."""
    color, for_this_run = wanted_color()
    if not for_this_run and os.environ.get("NO_COLOR"):
        color = "never"
    elif not for_this_run and any(os.environ.get(name, "0") not in ("", "0") for name in _FORCING):
        color = "always"
    if color == "always":
        return {"force_terminal": True, "no_color": False, "color_system": "standard"}
    # An old console of Windows shows the codes of colors instead of obeying them.
    plain = color == "never" or not on_terminal() or detect_legacy_windows()
    return {"force_terminal": on_terminal(), "no_color": plain, "color_system": None if plain else "auto"}


def cell(text: str, style: str = "") -> Text:
    """Make the content of a table's cell, from any text."""
    return Text(printable(text), style=style, overflow="fold")


def indented(text: str, columns: int = 4) -> Padding:
    """Make a paragraph below what it belongs to."""
    return Padding(cell(text), (0, 0, 0, columns))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], unbroken: Collection[str] = ()) -> Table:
    """Make a table whose first column stands out; columns without anything in them are left out.

    Args:
        columns: Their titles.
        rows: As many cells each.
        unbroken: Titles of columns whose cells are to be copied, so that they are not folded.
    """
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    used = [number for number in range(len(columns)) if any(row[number] for row in rows)]
    for number in used:
        drawn.add_column(cell(columns[number], "bold"), overflow="fold", no_wrap=columns[number] in unbroken)
    for row in rows:
        drawn.add_row(*(cell(row[number], "" if number else "cyan") for number in used))
    return drawn


def pairs(rows: Sequence[tuple[str, str]]) -> Table:
    """Make a table of names and values, without a head."""
    drawn = Table.grid(padding=(0, 2))
    drawn.add_column(overflow="fold")
    drawn.add_column(overflow="fold")
    for name, value in rows:
        drawn.add_row(cell(name, "cyan"), cell(value))
    return drawn
