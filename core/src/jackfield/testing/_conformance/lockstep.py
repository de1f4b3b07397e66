"""Two runs that go line by line through a module's file, each line of one beside the same line of the other.

What they share is then sure to be shared at every line: no luck is needed to see that one writes over the other.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

_WAIT_S = 2.0
"""How long a line waits for the other run, which may be elsewhere, or wait for a lock; then each goes on alone."""
_MOST_LINES = 500
"""After so many lines each run goes on as it likes."""


def in_lockstep(runs: Sequence[Callable[[], T]], file: str) -> list[T]:
    """Do two things or more at once, each in a thread, in step wherever they are in a file."""
    start, barrier = threading.Barrier(len(runs)), threading.Barrier(len(runs))
    found: list[list[T]] = [[] for _ in runs]

    def stepping(run: Callable[[], T], results: list[T]) -> None:
        start.wait()
        sys.settrace(_stepper(barrier, file))
        try:
            results.append(run())
        finally:
            sys.settrace(None)
            barrier.abort()  # the other one is alone from here on

    threads = [threading.Thread(target=stepping, args=pair, daemon=True) for pair in zip(runs, found, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [result for results in found for result in results]


def _stepper(barrier: threading.Barrier, file: str) -> Callable[[FrameType, str, Any], Any]:
    left = _MOST_LINES

    def line(_frame: FrameType, event: str, _given: object) -> Any:
        nonlocal left
        if event == "line" and left > 0 and not barrier.broken:
            left -= 1
            try:
                barrier.wait(_WAIT_S)
            except threading.BrokenBarrierError:
                left = 0
        return line

    def call(frame: FrameType, _event: str, _given: object) -> Any:
        return line if frame.f_code.co_filename == file else None

    return call
