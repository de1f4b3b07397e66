"""A program that runs, and whose lines are read and written in threads of its own."""

import os
import signal
import threading
import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from attrs import field, frozen

from jackfield._http.bells import Bell
from jackfield._http.limits import Cancellation, Deadline
from jackfield.errors import InputError, JackfieldError, LimitError

__all__ = ["ON_WINDOWS", "RunningProgram", "Start"]

ON_WINDOWS = os.name == "nt"
_PIECE = 4096
_KEPT_ERRORS = 8192
_MOST_WAITING = 4
"""How many lines are read ahead of whoever takes them."""
_LAST_WORD_S = 0.5
"""What a program that is told to end gets before it is killed."""


@frozen(kw_only=True)
class Start:
    """What is started, and how far it goes.

    Attributes:
        words: A whole path, and arguments.
        environ: All of its variables.
        directory: Where; where we are if empty.
        max_line_bytes: As in ProgramSettings.
        end_within_s: As in ProgramSettings.
    """

    words: Sequence[str] = field(repr=False)  # some programs log the variables of every frame
    environ: Mapping[str, str] = field(repr=False)
    directory: str
    max_line_bytes: int
    end_within_s: float


class RunningProgram:
    """A program that runs: lines go in, lines come out. One thread uses it.

    What waits here ends when the deadline passes or somebody cancels. Made by ``Operation.start``.
    """

    def __init__(self, start: Start, deadline: Deadline, cancellation: Cancellation) -> None:
        self._start = start
        self._deadline = deadline
        self._cancellation = cancellation
        self._process = _started(start)
        self._lines: deque[bytes | JackfieldError] = deque()
        self._errors = bytearray()
        self._ready = Bell()
        self._room = threading.Semaphore(_MOST_WAITING)
        self._to_write: SimpleQueue[bytes | None] = SimpleQueue()
        self._over = self._closed = False
        self._pid = os.getpid()
        # A program that nobody closes ends with its deadline, or with us.
        self._last_resort = weakref.finalize(self, _kill, self._process, os.getpid())
        for work in (self._read, self._write, self._read_errors):
            threading.Thread(target=work, name="jackfield-program", daemon=True).start()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    @property
    def code(self) -> int | None:
        """The code with which it ended; ``None`` if it runs."""
        found: int | None = self._process.poll()
        return found

    @property
    def said(self) -> str:
        """The end of what it wrote to its standard error, which tells why it failed."""
        return bytes(self._errors).decode("utf-8", "replace").strip()

    def send(self, line: bytes) -> None:
        """Give it a line, whose end is added; nobody waits until it was read.

        Args:
            line: Without a line break.
        """
        self._to_write.put(line + b"\n")

    def line(self) -> bytes | None:
        """Wait for its next line.

        Returns:
            The line without its end; ``None`` if there will be no more.

        Raises:
            LimitError: It is too long.
            DeadlineError: No time is left.
            OperationCancelledError: Somebody cancelled.
        """
        while True:
            ready = self._ready = Bell()  # before the look: what comes after it rings
            if self._lines:
                found = self._lines.popleft()
                self._room.release()
                break
            if self._over:
                return None
            self._cancellation.wait_for(ready, self._deadline.check("program", sent=True))
        if isinstance(found, JackfieldError):
            raise found
        return found.rstrip(b"\r\n")

    def close(self) -> None:
        """End it: close its input, then tell it to end, then kill it and whatever it started.

        It has ``end_within_s`` to end by itself, and much less if the time is up or somebody cancelled.
        """
        if self._closed or os.getpid() != self._pid:  # after a fork it is the parent's
            return
        self._closed = True
        self._to_write.put(None)
        self._room.release()
        hurried = self._cancellation.cancelled or self._deadline.left_s <= 0
        if hurried or not self._ends_within(min(self._start.end_within_s, max(0.0, self._deadline.left_s))):
            _signal(self._process, getattr(signal, "SIGTERM", None))
            self._ends_within(_LAST_WORD_S)
        self._last_resort()

    def _ends_within(self, seconds: float) -> bool:
        from subprocess import TimeoutExpired  # noqa: PLC0415  it is there since the program started

        with suppress(TimeoutExpired):
            self._process.wait(seconds)
        return self._process.returncode is not None

    def _read(self) -> None:
        longest = self._start.max_line_bytes
        with suppress(OSError, ValueError), self._process.stdout as pipe:
            while self._room.acquire() and not self._closed and (line := pipe.readline(longest + 1)):
                too_long = len(line) > longest
                self._lines.append(_too_long(longest) if too_long else line)
                self._ready.set()
                if too_long:
                    break
        self._over = True
        self._ready.set()

    def _read_errors(self) -> None:
        with suppress(OSError, ValueError), self._process.stderr as pipe:
            while piece := pipe.read1(_PIECE):
                self._errors += piece
                del self._errors[:-_KEPT_ERRORS]

    def _write(self) -> None:
        with suppress(OSError, ValueError), self._process.stdin as pipe:
            while (line := self._next_to_write()) is not None:
                pipe.write(line)
                pipe.flush()

    def _next_to_write(self) -> bytes | None:
        try:
            return self._to_write.get(timeout=max(0.0, self._deadline.left_s))
        except Empty:  # nobody closed it, so nobody waits for it either
            self._last_resort()
            return None


def _too_long(longest: int) -> LimitError:
    message = f"The program printed a line of more than {longest} bytes."
    return LimitError(message, limit="programs.max_line_bytes", maximum=longest)


def _started(start: Start) -> Any:
    import subprocess  # noqa: PLC0415  hardly any process starts a program, and it costs a cold start

    # A group of its own, so that all that it starts ends with it; on Windows without a window, too.
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        return subprocess.Popen(  # noqa: S603  allowed by the host, and no shell reads it
            start.words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=start.environ,
            cwd=start.directory or None,
            start_new_session=not ON_WINDOWS,
            creationflags=flags,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
    message = f"The program {Path(start.words[0]).name} cannot be started: {reason}."
    raise InputError(message)


def _signal(process: Any, number: int | None) -> None:
    """Tell a program, and all that it started where the system knows that, to end."""
    with suppress(OSError):
        if ON_WINDOWS or number is None:
            process.terminate()
        else:
            os.killpg(process.pid, number)


def _kill(process: Any, pid: int) -> None:
    if os.getpid() != pid:
        return
    _signal(process, getattr(signal, "SIGKILL", None))
    with suppress(OSError):
        process.kill()
    process.wait()
