"""What a module gave, drawn for people: what says most first, nested values below their names, lists as tables."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding

from jackfield._cli.describe import spell_size
from jackfield._cli.output import Bundle, is_file, to_json
from jackfield._cli.tables import cell, indented, pairs, rendered, table, width

_MOST_DEPTH = 5
_MOST_ROWS = 60
_LONGEST_TEXT = 20_000
_LONGEST_CELL = 200
_LONGEST_IN_ROW = 60
"""A longer value stands below its name, and an object that is longer on one line has a line for each value."""
_LONGEST_COLUMN = 40
_GAP = 3
_ALL = "-o json prints all"

_Row = Mapping[str, object]


def bundle_table(bundle: Bundle) -> str:
    """Draw one bundle: its result as text, then a line for each value."""
    result = bundle.get("result")
    if not isinstance(result, str) or not result:
        first = {"result": result} if result is not None else {}
        return rendered(*_Drawing("").parts({**first, **bundle}, 0))
    rest = {name: value for name, value in bundle.items() if name != "result"}
    parts = [*_Drawing(result).parts(rest, 0)]
    return rendered(cell(_cut(result, _LONGEST_TEXT)), *(["", *parts] if parts else []))


def bundles_table(bundles: Sequence[Bundle]) -> str:
    """Draw many bundles: a row for each, a column for each single value that fits."""
    if not bundles:
        return ""
    drawn, left_out = _rows(bundles)
    note = f"{len(bundles)} bundles" if len(bundles) != 1 else "1 bundle"
    if left_out:
        note += f"; not shown: {', '.join(left_out)} ({_ALL})"
    return rendered(drawn, cell(note, "dim"))


class _Drawing:
    """Draws one bundle.

    Args:
        result: What stands above it; the same text further down is not repeated.
    """

    def __init__(self, result: str) -> None:
        self._result = result

    def parts(self, values: _Row, depth: int) -> Iterator[RenderableType]:
        """Draw what an object holds: single values as lines, with the nested ones between them."""
        lines: list[tuple[str, str]] = []
        for name, value in list(values.items())[:_MOST_ROWS]:
            if value is None or value in ({}, []):
                continue
            short = self._short(value, depth)
            if short is not None:
                lines.append((name, short))
                continue
            if lines:
                yield pairs(lines)
                lines = []
            yield from self._long(name, value, depth)
        if lines:
            yield pairs(lines)
        if len(values) > _MOST_ROWS:
            yield cell(f"... {len(values) - _MOST_ROWS} more values; {_ALL}", "dim")

    def _short(self, value: object, depth: int) -> str | None:
        """Write a value for a line of its own; ``None`` if it needs more room."""
        if isinstance(value, str):
            if value == self._result and len(value) > _LONGEST_IN_ROW:
                return "(as above)"
            return value if len(value) <= max(_LONGEST_IN_ROW, width() // 2) and "\n" not in value.strip() else None
        if isinstance(value, Mapping) and not is_file(value):
            told = ", ".join(f"{name} {_single(item)}" for name, item in value.items() if item is not None)
            if all(map(_is_plain, value.values())) and len(told) <= _LONGEST_IN_ROW:
                return told
            return to_json(value, lines=True) if depth == _MOST_DEPTH else None
        if isinstance(value, list):
            told = ", ".join(map(_single, value))
            return told if all(map(_is_plain, value)) and len(told) <= _LONGEST_TEXT else None
        return _single(value)

    def _long(self, name: str, value: object, depth: int) -> Iterator[RenderableType]:
        if isinstance(value, str):
            yield cell(name, "cyan")
            yield indented(_cut(value, _LONGEST_TEXT), 2)
        elif isinstance(value, Mapping):
            yield cell(name, "cyan")
            yield _below(self.parts(value, depth + 1))
        elif isinstance(value, list):
            yield from self._list(name, value, depth)

    def _list(self, name: str, items: list[object], depth: int) -> Iterator[RenderableType]:
        objects = [item for item in items if isinstance(item, Mapping)]
        if len(objects) == len(items) and len(items) > 1 and _fit_in_a_table(objects):
            yield cell(name, "cyan")
            drawn, left_out = _rows(objects[:_MOST_ROWS])
            notes = [f"... {len(items) - _MOST_ROWS} more"] if len(items) > _MOST_ROWS else []
            notes += [f"not shown: {', '.join(left_out)}"] if left_out else []
            yield _below([drawn, *([cell(f"{'; '.join(notes)} ({_ALL})", "dim")] if notes else [])])
            return
        yield from self.parts({f"{name}.{number}": item for number, item in enumerate(items)}, depth)


def _below(parts: Iterator[RenderableType] | list[RenderableType]) -> Padding:
    return Padding(Group(*parts), (0, 0, 0, 2))


def _fit_in_a_table(rows: Sequence[_Row]) -> bool:
    flat = [_flat(row) for row in rows]
    return all(len(_single(value)) <= _LONGEST_IN_ROW for row in flat for value in row.values())


def _rows(rows: Sequence[_Row]) -> tuple[RenderableType, list[str]]:
    """Draw objects as rows; give the names of the values for which there is no room."""
    flat = [_flat(row) for row in rows]
    names = [*dict.fromkeys(name for row in flat for name, value in row.items() if value is not None)]
    cells = {name: [_cut(_single(row.get(name)), _LONGEST_CELL) for row in flat] for name in names}
    singles = [name for name in names if all(map(_is_plain, (row.get(name) for row in flat)))]
    fitting = _fitting({name: cells[name] for name in singles})
    drawn = table(fitting, [[cells[name][number] for name in fitting] for number in range(len(flat))])
    return drawn, [name for name in names if name not in fitting]


def _fitting(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Choose columns from the left, as many as there is room for, and two at least."""
    left = width()
    chosen: list[str] = []
    for name, cells in columns.items():
        left -= min(max(len(name), *(len(text) for text in cells)), _LONGEST_COLUMN) + _GAP
        if left < 0 and len(chosen) > 1:
            break
        chosen.append(name)
    return chosen


def _flat(row: _Row) -> dict[str, object]:
    """Give the values of an object, those of an object in it under dotted names."""
    found: dict[str, object] = {}
    for name, value in row.items():
        if isinstance(value, Mapping) and not is_file(value):
            found |= {f"{name}.{key}": item for key, item in value.items()}
        else:
            found[name] = value
    return found


def _is_plain(value: object) -> bool:
    return is_file(value) or not isinstance(value, Mapping | list)


def _single(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping) and is_file(value):
        facts = [str(value["media_type"]), *([spell_size(size)] if isinstance(size := value.get("size"), int) else [])]
        return f"{value.get('path') or value['name']} ({', '.join(facts)})"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else to_json(value, lines=True)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text):,} characters; {_ALL})"
