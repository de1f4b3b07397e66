"""How far a long run is: one line on stderr, on a terminal only."""

import shutil
import sys
import time

_EVERY_S = 0.1
_BAR = 20
_SOON = 0.02
"""Before this share is done, nobody can say how long the rest takes."""


class Progress:
    """A line that is written over itself; off a terminal, nothing.

    Args:
        total: How much there is to do; 0 if nobody knows.
    """

    def __init__(self, total: int = 0) -> None:
        stream = getattr(sys, "stderr", None)
        self._stream = stream if stream is not None and stream.isatty() else None
        self._total = total
        self._begin = time.monotonic()
        self._width = 0
        self._next = 0.0

    def show(self, text: str, done: int = 0) -> None:
        """Show how far it is, unless that was shown a moment ago.

        Args:
            text: What was done, in words.
            done: How much of the total.
        """
        now = time.monotonic()
        if self._stream is None or now < self._next:
            return
        self._next = now + _EVERY_S
        line = f"{self._bar(done, now)}{text}"[: shutil.get_terminal_size().columns - 1]
        self._write(f"\r{line}{' ' * (self._width - len(line))}")
        self._width = len(line)

    def clear(self) -> None:
        """Make room for something that stays."""
        if self._width:
            self._write(f"\r{' ' * self._width}\r")
            self._width = 0

    def _bar(self, done: int, now: float) -> str:
        if not self._total:
            return ""
        share = min(done / self._total, 1.0)
        full = int(share * _BAR)
        left = f", {_spelled((now - self._begin) / share * (1 - share))} left" if share > _SOON else ""
        return f"[{'#' * full}{'.' * (_BAR - full)}] {share:4.0%}{left}  "

    def _write(self, text: str) -> None:
        assert self._stream is not None  # noqa: S101  nothing is shown without it
        self._stream.write(text)
        self._stream.flush()


def _spelled(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
