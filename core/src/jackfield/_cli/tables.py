"""Tables for people. The only file that imports rich, and imported only where a table is printed."""

import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType, detect_legacy_windows
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jackfield._cli.output import Bundle, to_json
from jackfield._cli.settings import wanted_color
from jackfield._cli.terminal import on_terminal, printable

_FORCING = ("FORCE_COLOR", "CLICOLOR_FORCE")
_PIPE_WIDTH = 120
_MOST_ROWS = 60
_MOST_DEPTH = 4
_COLUMN_WIDTH = 16
_LONGEST_VALUE = 20_000
_LONGEST_CELL = 200


def rendered(*parts: RenderableType) -> str:
    """Draw for stdout as it is: as wide as the terminal, colored only there and only if the user wants colors."""
    console = Console(width=width(), highlight=False, markup=False, emoji=False, soft_wrap=False, **_colors())
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    # rich fills each line of a table with spaces, which make a narrow terminal wrap.
    return "".join(f"{line.rstrip(' ')}\n" for line in captured.get().splitlines())


def width() -> int:
    """Give how many columns there are."""
    # Not rich's own: it takes every terminal that calls itself dumb for 80 columns wide.
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


def indented(text: str) -> Padding:
    """Make a paragraph below what it belongs to."""
    return Padding(cell(text), (0, 0, 0, 4))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text):,} characters; -o json prints all)"


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
        drawn.add_column(columns[number], overflow="fold", no_wrap=columns[number] in unbroken)
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


def bundle_table(bundle: Bundle) -> str:
    """Draw one bundle: a line for each value, nested ones with dotted names."""
    first = {"result": bundle["result"]} if "result" in bundle else {}
    rows = [(name, _cut(value, _LONGEST_VALUE)) for name, value in _flat({**first, **bundle})]
    left_out = len(rows) - _MOST_ROWS
    if left_out > 0:
        rows = [*rows[:_MOST_ROWS], ("...", f"{left_out} more values; -o json prints all")]
    return rendered(pairs(rows))


def bundles_table(bundles: Sequence[Bundle]) -> str:
    """Draw many bundles: a row for each, a column for each single value that fits."""
    if not bundles:
        return ""
    names = [*dict.fromkeys(key for bundle in bundles for key, value in bundle.items() if _is_single(value))]
    fitting = max(2, width() // _COLUMN_WIDTH)
    rows = [[_cut(_single(bundle.get(name)), _LONGEST_CELL) for name in names[:fitting]] for bundle in bundles]
    everything = {key for bundle in bundles for key in bundle}
    note = f"{len(bundles)} bundles" if len(bundles) != 1 else "1 bundle"
    if len(everything) > fitting or len(everything) > len(names):
        note += f"; not shown: {', '.join(sorted(everything - set(names[:fitting])))} (-o json prints all)"
    return rendered(table(names[:fitting], rows), cell(note, "dim"))


def _flat(value: object, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    inner: Mapping[str, object] = {}
    if isinstance(value, Mapping):
        inner = value
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        inner = {str(number): item for number, item in enumerate(value)}
    if not inner or depth == _MOST_DEPTH:
        if value not in ({}, []):
            yield name, _single(value)
        return
    for key, item in inner.items():
        yield from _flat(item, f"{name}.{key}" if name else key, depth + 1)


def _is_single(value: object) -> bool:
    return not isinstance(value, dict | list)


def _single(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else to_json(value, lines=True)
