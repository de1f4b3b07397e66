"""CSV that a server sent.

Not by Python's own reader: it refuses cells of more than 128 KiB, by a limit that is one for the whole process.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from jackfield import LimitError

__all__ = ["delimiter_flaw", "read_csv"]

# Nothing that was read is given back ("++"), so that the time grows as the text does.
_QUOTED = r'"(?P<quoted>[^"]*+(?:""[^"]*+)*+)(?:"|\Z)'
_NEVER = frozenset('"\r\n')
_CELLS_PER_CHECK = 10_000


def delimiter_flaw(delimiter: str) -> str:
    """Say why a character cannot stand between cells; empty if it can."""
    return "must be no quote and no end of a line, which have a meaning of their own" if delimiter in _NEVER else ""


def read_csv(text: str, *, delimiter: str, has_header: bool, max_cells: int, check: Callable[[], None]) -> list[object]:
    """Read CSV: an object for each row by the names in the first one, or a list for each without such.

    A cell behind the last name is called by its place, ``column_4``, and a name that comes again ``name_2``. Empty
    lines are no rows.

    Args:
        text: What came.
        delimiter: One character.
        has_header: Whether the first row has names.
        max_cells: How many cells there may be.
        check: Called from time to time; raises if there is no time left.

    Raises:
        LimitError: There are more cells than ``max_cells``.

    Source: RFC 4180; quotes inside of a cell, and what follows a closing quote, are read as Python's ``csv`` does.
    """
    rows = _rows(text, delimiter, max_cells, check)
    if not has_header:
        return [*rows]
    names = _unique(next(rows, []))
    return [_named(names, row) for row in rows]


def _rows(text: str, delimiter: str, max_cells: int, check: Callable[[], None]) -> Iterator[list[str]]:
    between = re.escape(delimiter)
    cell = re.compile(rf"(?:{_QUOTED})?+(?P<plain>[^\r\n{between}]*+)(?P<end>{between}|\r\n?|\n|\Z)")
    row: list[str] = []
    cells = 0
    for count, found in enumerate(cell.finditer(text), 1):
        if not count % _CELLS_PER_CHECK:
            check()
        quoted, plain, end = found.group("quoted", "plain", "end")
        if not (row or plain or quoted is not None or end == delimiter):
            continue  # an empty line, or the end
        cells += 1
        if cells > max_cells:
            raise _too_many(max_cells)
        row.append(plain if quoted is None else quoted.replace('""', '"') + plain)
        if end != delimiter:
            yield row
            row = []


def _too_many(max_cells: int) -> LimitError:
    message = f"The answer has more than {max_cells} cells."
    hint = "Allow more with max_cells, or take it as a file."
    return LimitError(message, limit="max_cells", maximum=max_cells, hint=hint)


def _unique(given: list[str]) -> list[str]:
    found: dict[str, None] = {}
    counts: dict[str, int] = {}
    for place, cell in enumerate(given, 1):
        wanted = cell.strip() or f"column_{place}"
        number = counts.get(wanted, 0) + 1
        while (name := f"{wanted}_{number}" if number > 1 else wanted) in found:
            number += 1
        counts[wanted] = number
        found[name] = None
    return [*found]


def _named(names: list[str], row: list[str]) -> Mapping[str, str]:
    more = [f"column_{place}" for place in range(len(names) + 1, len(row) + 1)]
    return dict(zip([*names, *more], row, strict=False))
