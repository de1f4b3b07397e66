"""Running a program for what it prints: no shell, a limit of time and of size, and none of our own keys."""

import os
import shlex
import subprocess
import threading
import time
from contextlib import suppress

from jackfield._home import KEY_VARIABLES


def printed(command: str, *, timeout_s: float, max_bytes: int) -> tuple[bytes, int | None]:
    """Run a program, and give what it printed and the code with which it ended.

    Its standard error is ours. It gets our environment, but not what opens the store of connections.

    Args:
        command: The program and its arguments, as a shell would split them.
        timeout_s: After which it is ended; the code is ``None`` then.
        max_bytes: After which it is ended too; one byte more than that is given then.

    Raises:
        OSError: It cannot be started.
        ValueError: These are no words of a command.
    """
    ends = time.monotonic() + timeout_s
    environment = {name: value for name, value in os.environ.items() if name not in KEY_VARIABLES}
    program = subprocess.Popen(  # noqa: S603  allowed by the host, and no shell reads it
        shlex.split(command, posix=os.name != "nt"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment,
    )
    found: list[bytes] = []
    # A child of the program may keep the pipe open for longer than the program lives, so somebody else waits for it.
    reader = threading.Thread(target=_read, args=(program, max_bytes, found), name="jackfield-program", daemon=True)
    reader.start()
    reader.join(timeout_s)
    code = None
    if found and len(found[0]) <= max_bytes:
        with suppress(subprocess.TimeoutExpired):
            code = program.wait(max(0.0, ends - time.monotonic()))
    program.kill()
    program.wait()
    return (found[0] if found else b""), code


def _read(program: "subprocess.Popen[bytes]", max_bytes: int, found: list[bytes]) -> None:
    assert program.stdout is not None  # noqa: S101  it is a pipe
    with program.stdout as pipe:
        found.append(pipe.read(max_bytes + 1))
