"""A process of its own that watches the board, and writes what it is given to a file; it may die at a named step.

Arguments: the board's address and a directory. Each line of its input is a step at which to die (or none), and how
often it is reached before; the answer is the exit code of the copy of this process that looked once. Where there are no
such copies (Windows), the process itself looks, once.

Each line of the file is one item: its number, and the id by which a consumer knows it. It is written before the item
is acknowledged, as a consumer does that must lose nothing.
"""

import os
import signal
import sys
from pathlib import Path

from bulletin import KEY, Note, watch_notes

from jackfield import Cancellation, Host, WatchSettings
from jackfield._watch import Polls, Watch

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class Mortal:
    """Dies at a step, or passes it."""

    def __init__(self, step: str, times: int) -> None:
        self._step = step
        self._times = times

    def reached(self, step: str) -> None:
        """Die here, if that was wanted."""
        if step == self._step:
            self._times -= 1
            if self._times < 0:
                os.kill(os.getpid(), KILL)


def look(url: str, folder: Path, mortal: Mortal) -> None:
    """Look once, and take all that is given."""
    with Host(discover=False, modules={"board.watch_notes": watch_notes}, environ={}) as host:
        polls = Polls(
            host._runtime,  # noqa: SLF001  a host gives no hold on the steps of a write
            "board.watch_notes",
            {},
            WatchSettings(max_items=3),
            {"connection": {"api_key": KEY, "base_url": url}},
        )
        watch: Watch[Note] = Watch(polls, folder, start="all", cancellation=Cancellation(), reached=mortal.reached)
        with watch, (folder / "taken").open("a", encoding="utf-8") as taken:
            for item in watch.once():
                taken.write(f"{item.output.id} {item.id}\n")
                taken.flush()


def in_a_copy(url: str, folder: Path, mortal: Mortal) -> int:
    """Have a copy of this process look, and give its exit code."""
    if sys.platform == "win32":
        look(url, folder, mortal)
        return 0
    child = os.fork()
    if child == 0:
        look(url, folder, mortal)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    """Look for each line of the input."""
    url, folder = sys.argv[1:]
    for line in sys.stdin:
        step, _, times = line.rstrip("\n").rpartition("|")
        code = in_a_copy(url, Path(folder), Mortal(step, int(times)))
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
