"""A lock between processes, for files that two commands may change at once."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        """Wait, up to ten seconds, until nobody else has locked a file; it is free again once it is closed."""
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        """Wait until nobody else has locked a file; it is free again once it is closed."""
        fcntl.flock(file, fcntl.LOCK_EX)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that a file stands for; the file is made, and stays.

    Where no lock can be had, nothing is held: what the lock is for can be read all the same, and changing it says what
    is wrong.
    """
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            _lock(held.enter_context(path.open("a", encoding="utf-8")))
        yield
