"""What a stream gives, printed as it comes."""

import contextlib

from jackfield._cli.output import telling, write_lines, write_plain
from jackfield._cli.terminal import ClosedOutputError, say
from jackfield._engine.conversion import dump


class Pieces:
    """Prints pieces.

    As jsonl each is a line. Else the text in it is printed as it comes, and a piece without text waits for the whole.

    Args:
        form: ``table``, ``plain`` or ``jsonl``.
        several: Whether the pieces are the bundles of a search.
        has_result: Whether their class declares a result, which is what says most.
    """

    def __init__(self, form: str, *, several: bool, has_result: bool = False) -> None:
        self._form = form
        self._several = several
        self._has_result = has_result
        self._last = "\n"
        self._others = False
        self.told = False

    def hear(self, piece: object) -> None:
        """Print a piece."""
        if self._form == "jsonl":
            self.told = True
            write_lines([dump(piece)])
        elif not self._several:
            self._show(piece)
        elif self._form == "plain":
            bundle = dump(piece)
            whole = bundle if isinstance(bundle, dict) else {"": bundle}
            self._write(telling(whole, has_result=self._has_result) + "\n")

    def _show(self, piece: object) -> None:
        text = piece if isinstance(piece, str) else getattr(piece, "text", None)
        if not isinstance(text, str) or not text:
            return
        if getattr(piece, "index", 0):  # several answers that come at the same time cannot be read in one text
            self._others = True
            return
        self._write(text)

    def _write(self, text: str) -> None:
        self.told = True
        self._last = text[-1]
        write_plain(text)

    def end(self) -> None:
        """End the last line, also where the rest did not come."""
        if self._last != "\n":
            with contextlib.suppress(ClosedOutputError):
                write_plain("\n")
        if self._others:
            say("note: this is the first of several answers; -o json prints all of them.")
