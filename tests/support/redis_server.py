"""A Redis of our own, as long as somebody needs it, behind a socket in a folder of its own: it takes no port."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis, RedisError

_WAIT_S = 30


class RedisServer:
    """A Redis that can go away, and come back with all that it knew.

    Attributes:
        socket: Where it listens.
    """

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is not installed: apt-get install redis-server"
        self.socket = folder / "redis.sock"
        arguments = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(folder)]
        self._command = [program, *arguments, "--appendonly", "yes"]
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _await_answer(self.socket, self._process)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(_WAIT_S)


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run one; nothing of it is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="jf-"))  # not pytest's: the path of a socket must be short
    server = RedisServer(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis_running() -> Iterator[Path]:
    """Run one, and give the path of its socket."""
    with redis_server() as server:
        yield server.socket


def _await_answer(socket: Path, process: "subprocess.Popen[bytes]") -> None:
    ends_at = time.monotonic() + _WAIT_S
    with Redis(unix_socket_path=str(socket)) as redis:
        while True:
            try:
                redis.ping()
            except RedisError:
                assert process.poll() is None, "redis-server ended"
                assert time.monotonic() < ends_at, "redis-server does not answer"
                time.sleep(0.01)
            else:
                return


def celery_url(socket: Path) -> str:
    """Name it as Celery does."""
    return f"redis+socket://{socket}"
