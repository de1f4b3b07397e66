"""How far a long run is: one line on stderr, on a terminal only."""

import sys
import time

_EVERY_S = 0.1


class Progress:
    """A line that is written over itself; off a terminal, nothing."""

    def __init__(self) -> None:
        stream = getattr(sys, "stderr", None)
        self._stream = stream if stream is not None and stream.isatty() else None
        self._width = 0
        self._next = 0.0

    def show(self, text: str) -> None:
        """Show how far it is, unless that was shown a moment ago."""
        if self._stream is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_S
        self._write(f"\r{text}{' ' * (self._width - len(text))}")
        self._width = len(text)

    def clear(self) -> None:
        """Make room for something that stays."""
        if self._width:
            self._write(f"\r{' ' * self._width}\r")
            self._width = 0

    def _write(self, text: str) -> None:
        assert self._stream is not None  # noqa: S101  nothing is shown without it
        self._stream.write(text)
        self._stream.flush()
