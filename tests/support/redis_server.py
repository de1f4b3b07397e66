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


@contextmanager
def redis_running() -> Iterator[Path]:
    """Start it, and give the path of its socket; nothing of it is left afterwards."""
    program = shutil.which("redis-server")
    assert program, "redis-server is not installed: apt-get install redis-server"
    folder = Path(tempfile.mkdtemp(prefix="jf-"))  # not pytest's: the path of a socket must be short
    socket = folder / "redis.sock"
    arguments = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_answer(socket, process)
        yield socket
    finally:
        process.terminate()
        process.wait(_WAIT_S)
        shutil.rmtree(folder, ignore_errors=True)


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
