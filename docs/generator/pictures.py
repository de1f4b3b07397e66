"""Pictures of a form at the terminal: the questions of `jackfield module run --ask`, answered, as they are seen."""

import getpass
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from html import escape

from rich.cells import cell_len

from jackfield._cli.answers import Answers
from jackfield._cli.asking import Asker
from jackfield.forms import Form, Slot

_COLUMNS = 80
_CELL_WIDTH, _CELL_HEIGHT, _MARGIN = 8.4, 20, 14


class _Screen(io.TextIOBase):
    """Shows what a program tells and what a person types, and stands for the keyboard too.

    Attributes:
        shown: Pieces of text, each with whether a person typed it.
    """

    def __init__(self, command: str, answers: Sequence[str]) -> None:
        self.shown: list[tuple[str, bool]] = [("$ ", False), (f"{command}\n", True)]
        self._answers = iter(answers)

    def write(self, text: str) -> int:
        if not isinstance(text, str):  # click asks in this way whether it takes bytes
            raise TypeError
        self.shown.append((text, False))
        return len(text)

    def readline(self, _size: int | None = -1, /) -> str:  # type: ignore[override]
        answer = next(self._answers)
        self.shown.append((f"{answer}\n", True))
        return f"{answer}\n"

    def hidden(self, prompt: str = "", _stream: object = None) -> str:
        """Ask as getpass does: what is typed is not seen."""
        self.shown.append((f"{prompt}\n", False))
        return next(self._answers)

    def lines(self) -> Iterator[list[tuple[str, bool]]]:
        """Give what stands in each line."""
        line: list[tuple[str, bool]] = []
        for text, typed in self.shown:
            first, *others = text.split("\n")
            line.append((first, typed))
            for other in others:
                yield line
                line = [(other, typed)]
        if any(text for text, _ in line):
            yield line


def picture(module_id: str, slot: Slot, form: Form, answers: Sequence[str]) -> str:
    """Draw what a person sees who is asked for one field, as SVG.

    Args:
        module_id: Of the module that has the field.
        slot: The field.
        form: Of that module.
        answers: What is typed, line by line; all of it is.

    Raises:
        ValueError: An answer was not asked for, or one too few is given.
    """
    screen = _Screen(f"jackfield module run {module_id} --ask", answers)
    alone = Form(cls=form.cls, slots=(slot,), rest="", description="")
    with _at(screen):
        try:
            Asker(module_id, Answers(lambda *_: ()), optional=True).filled(lambda _: alone, {}, ())
        except StopIteration:
            message = f"{slot.key}: more is asked than there are answers.\n{''.join(text for text, _ in screen.shown)}"
            raise ValueError(message) from None
    left = list(screen._answers)  # noqa: SLF001  its own module
    if left:
        message = f"{slot.key}: nobody asked for {left}."
        raise ValueError(message)
    return _drawn(list(screen.lines()))


@contextmanager
def _at(screen: _Screen) -> Iterator[None]:
    keyboard, secret, columns = sys.stdin, getpass.getpass, os.environ.get("COLUMNS")
    sys.stdin, getpass.getpass = screen, screen.hidden  # type: ignore[assignment]  # a text stream as any other
    os.environ["COLUMNS"] = str(_COLUMNS)  # else the window of whoever builds the pages would decide
    try:
        with redirect_stderr(screen):
            yield
    finally:
        sys.stdin, getpass.getpass = keyboard, secret
        os.environ.pop("COLUMNS")
        if columns is not None:
            os.environ["COLUMNS"] = columns


def _drawn(lines: Sequence[Sequence[tuple[str, bool]]]) -> str:
    width = _COLUMNS * _CELL_WIDTH + 2 * _MARGIN
    height = len(lines) * _CELL_HEIGHT + 2 * _MARGIN
    texts = "\n".join(_line(line, _MARGIN + (row + 0.75) * _CELL_HEIGHT) for row, line in enumerate(lines))
    said = escape("\n".join("".join(text for text, _ in line) for line in lines))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">
<title>{said}</title>
<style>
.frame {{ fill: #1d2430 }}
text {{ font: 14px "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre; fill: #d5dbe5 }}
.typed {{ fill: #8fd694; font-weight: bold }}
</style>
<rect class="frame" width="{width:g}" height="{height:g}" rx="8"/>
{texts}
</svg>
"""


def _line(line: Sequence[tuple[str, bool]], y: float) -> str:
    parts, column = [], 0
    for text, typed in line:
        if text:
            x, length = _MARGIN + column * _CELL_WIDTH, cell_len(text)
            kind = ' class="typed"' if typed else ""
            size = f'x="{x:g}" y="{y:g}" textLength="{length * _CELL_WIDTH:g}"'
            parts.append(f'<text {size}{kind} xml:space="preserve">{escape(text)}</text>')
            column += length
    return "".join(parts)
