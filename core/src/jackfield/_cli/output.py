"""What a run gives, in the four formats."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import click

from jackfield._cli.terminal import on_terminal, printable, write

FORMATS = ("table", "json", "jsonl", "plain")

Bundle = Mapping[str, object]
F = TypeVar("F", bound=Callable[..., Any])

_BEYOND_ASCII = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
"""JSON escapes the control characters below 32 by itself; these are as little fit for a terminal."""


def format_option(meaning: str, formats: Sequence[str] = FORMATS) -> Callable[[F], F]:
    """Make the option ``-o``.

    Args:
        meaning: What happens without it.
        formats: Which of FORMATS there are.
    """
    return click.option("-o", "--format", "form", type=click.Choice(formats), help=f"How to print it. {meaning}")


def to_json(value: object, *, lines: bool = False) -> str:
    """Write a JSON value: indented, or on one line."""
    text = json.dumps(value, ensure_ascii=False, indent=None if lines else 2, separators=(",", ":") if lines else None)
    return text.translate(_BEYOND_ASCII)


def write_json(value: object) -> None:
    """Write one JSON value to stdout, indented."""
    write(to_json(value) + "\n")


def write_lines(values: Sequence[object]) -> None:
    """Write JSON values to stdout, one a line."""
    for value in values:
        write(to_json(value, lines=True) + "\n")


def write_plain(text: str) -> None:
    """Write text to stdout: as it is, except that a terminal is kept from obeying it."""
    write(printable(text) if on_terminal() else text)


def print_list(rows: Sequence[Mapping[str, object]], form: str, *, plain: str, columns: Mapping[str, str]) -> None:
    """Print things that are alike.

    Args:
        rows: One for each.
        form: One of FORMATS.
        plain: The key whose value is printed, one a line, where nothing else is wanted.
        columns: The keys that the table shows, each with its title.
    """
    if form == "json":
        write_json(rows)
    elif form == "jsonl":
        write_lines(rows)
    elif form == "plain":
        write_plain("".join(f"{row[plain]}\n" for row in rows))
    else:
        from jackfield._cli.tables import rendered, table  # noqa: PLC0415  rich is for tables only

        cells = [[str(row[key]) for key in columns] for row in rows]
        write(rendered(table([*columns.values()], cells)) if rows else "")


def write_bundles(bundles: Sequence[Bundle], form: str, *, several: bool, has_result: bool = False) -> None:
    """Write what a module gave.

    Args:
        bundles: What it gave.
        form: One of FORMATS.
        several: Whether it may give any number (a search), so that JSON is a list.
        has_result: Whether its class declares a result, which is what says most.
    """
    if form == "json":
        write_json(list(bundles) if several else bundles[0])
    elif form == "jsonl":
        write_lines(bundles)
    elif form == "plain":
        for bundle in bundles:
            write_plain(telling(bundle, has_result=has_result) + "\n")
    else:
        from jackfield._cli.bundles import bundle_table, bundles_table  # noqa: PLC0415  rich is for tables only

        write(bundles_table(bundles) if several else bundle_table(bundles[0]))


def telling(bundle: Bundle, *, has_result: bool = False) -> str:
    """Give what says most in a bundle.

    Its result, else where its files lie, else its name, else its only value, else all of it as JSON.

    Args:
        bundle: What a module gave.
        has_result: Whether its class declares a result. If that is empty (a model refused, or asked for a tool), an id
            would pass for the answer, so all of the bundle is given.
    """
    if bundle.get("result") is not None:
        return _text(bundle["result"])
    paths = [*_paths(bundle)]
    if paths:
        return "\n".join(paths)
    for key in () if has_result else ("id", "name"):
        if bundle.get(key) is not None:
            return _text(bundle[key])
    values = [*bundle.values()]
    return _text(values[0] if len(values) == 1 else dict(bundle))


def is_file(value: object) -> bool:
    """Tell whether a value in a bundle is a reference to a file."""
    return isinstance(value, Mapping) and {"file", "name", "media_type"} <= value.keys()


def _paths(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if is_file(value):
            yield str(value.get("path") or value["name"])
        else:
            for item in value.values():
                yield from _paths(item)
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item)


def _text(value: object) -> str:
    if is_file(value):
        return "\n".join(_paths(value))
    return value if isinstance(value, str) else to_json(value, lines=True)
