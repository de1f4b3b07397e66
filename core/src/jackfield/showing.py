"""How objects show themselves in notebooks: each says what there is to see, and here it becomes HTML.

Everything is text and is escaped, since what a model or a service said is hostile. Nothing is fetched: an address is
shown, never a link or a picture from there. Only pictures and sounds that are files of the host are inside, as data.
"""

import traceback
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from attrs import fields

from jackfield._cards import Card, Limits, Table

__all__ = ["show"]

_OURS = str(Path(__file__).parent)


class Shown:
    """Shows itself in a notebook; a class says what there is to see."""

    __slots__ = ()

    def _card(self) -> Card:
        raise NotImplementedError

    def _repr_html_(self) -> str:
        return _html(self, Limits())

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001  as IPython calls it
        printer.text(_cut(repr(self), Limits()))


class Chosen:
    """An object with limits of its own."""

    def __init__(self, value: Shown, limits: Limits) -> None:
        self._value = value
        self._limits = limits

    def __repr__(self) -> str:
        """Show it as text."""
        return repr(self._value)

    def _repr_html_(self) -> str:
        return _html(self._value, self._limits)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001  as IPython calls it
        printer.text(_cut(repr(self._value), self._limits))


def show(value: Shown, **limits: int) -> Chosen:
    """Show an object in a notebook with other limits than the usual: ``show(result, max_rows=500)``.

    Args:
        value: What shows itself: a result, a failure, a module, a form, choices, a connection, a file.
        **limits: ``max_rows`` and ``max_columns`` of a table (50, 12), ``max_chars`` of a value (2000), ``max_files``
            (8) and ``max_file_bytes`` (4 MiB) of the pictures and sounds that are inside; ``max_text_chars`` (10,000)
            of the text that notebooks keep beside it.

    Raises:
        TypeError: It does not show itself, or there is no such limit.
        ValueError: A limit is no whole number of at least 0.
    """
    given: object = value
    if not isinstance(given, Shown):
        message = f"show() takes what Jackfield gives: a result, a module, a form... It was a {type(given).__name__}."
        raise TypeError(message)
    known = [limit.name for limit in fields(Limits)]
    unknown = [name for name in limits if name not in known]
    if unknown:
        message = f"There is no limit {unknown[0]!r}. There are: {', '.join(known)}."
        raise TypeError(message)
    return Chosen(value, Limits(**limits))


def _cut(text: str, limits: Limits) -> str:
    left = len(text) - limits.max_text_chars
    return f"{text[: limits.max_text_chars]}... and {left:,} more characters (max_text_chars)" if left > 0 else text


def _html(value: Shown, limits: Limits) -> str:
    from jackfield._html import Page  # noqa: PLC0415  only notebooks need it

    return Page(limits).card(value._card())  # noqa: SLF001  the same file's


def bundle_tables(bundles: Sequence[Mapping[str, object]]) -> list[Table]:
    """Give one bundle as names and values, several as rows."""
    if len(bundles) == 1:
        return [Table(columns=("field", "value"), rows=[*bundles[0].items()])]
    columns = [*dict.fromkeys(name for bundle in bundles for name in bundle)]
    rows = [[bundle.get(name) for name in columns] for bundle in bundles]
    return [Table(columns=columns, rows=rows)] if rows else []


def own_frames(error: BaseException) -> list[str]:
    """Give the way of an error in the code of whoever called us; what lies behind us helps nobody there."""
    frames = traceback.extract_tb(error.__traceback__)
    # The first is the notebook's own, which runs a cell.
    own = takewhile(lambda frame: not frame.filename.startswith(_OURS), frames[1:])
    return [line.rstrip("\n") for line in traceback.format_list([*own])]
