"""Workers of Celery in processes of their own, asked as any program asks them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contract import Failed, Outcome, Running
from redis import Redis

from jackfield import Failure, InvalidInputError, JackfieldError, Result
from jackfield_celery import Modules

SUPPORT = Path(__file__).parent
_WAIT_S = 60


@contextmanager
def worker_running(
    environ: Mapping[str, str], log: Path, *, processes: int = 2, options: Sequence[str] = ()
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker that logs everything, until nobody needs it."""
    arguments = ["-A", "contract_celery_app", "worker", "-c", str(processes), "-l", "DEBUG", "-E"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    path = os.pathsep.join([str(SUPPORT), environ.get("PYTHONPATH", "")])
    with log.open("ab") as file:
        begins = file.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", *arguments, *quiet, *options],
            env={**os.environ, **environ, "PYTHONPATH": path, "C_FORCE_ROOT": "1"},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that a test can end all of its processes at once
        )
    try:
        _await_ready(process, log, begins)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_ready(process: "subprocess.Popen[bytes]", log: Path, begins: int) -> None:
    ends_at = time.monotonic() + _WAIT_S
    while b" ready." not in log.read_bytes()[begins:]:
        assert process.poll() is None, log.read_text("utf-8", "replace")
        assert time.monotonic() < ends_at, log.read_text("utf-8", "replace")
        time.sleep(0.02)


class CeleryHost:
    """The modules of an app, for the suite that all hosts share.

    Args:
        modules: As callers have them.
        redis: Where everything of theirs lies.
        log: What the workers wrote.
    """

    def __init__(self, modules: Modules, redis: "Redis", log: Path) -> None:
        self.modules = modules
        self._redis = redis
        self._log = log
        self._seen: list[str] = []
        self.lacks: Mapping[str, str] = {}

    def call(self, module_id: str, form: Mapping[str, Any], *, approved: bool = True) -> Outcome:
        """Run the task, and wait; a queue asks nobody for approval."""
        return self._streamed(module_id, form) if module_id == "contract.tell" else self.within(None, module_id, form)

    def within(self, deadline_s: float | None, module_id: str, form: Mapping[str, Any]) -> Outcome:
        """Run the task with a deadline."""
        return self._told(lambda: self.modules.run(module_id, form, deadline_s=deadline_s, timeout_s=_WAIT_S))

    def _streamed(self, module_id: str, form: Mapping[str, Any]) -> Outcome:
        pieces = self.modules.stream(module_id, form, timeout_s=_WAIT_S)
        texts = [piece["text"] for piece in pieces]
        told = self._told(lambda: pieces.result)
        return Outcome(bundles=told.bundles, whole=told.whole, pieces=texts, error=told.error)

    def start(self, module_id: str, form: Mapping[str, Any]) -> Running:
        """Send the task, and do not wait."""
        return _Running(self.modules, self.modules.send(module_id, form), self._told)

    def content_of(self, reference: Mapping[str, Any]) -> bytes:
        """Read where it lies."""
        return Path(reference["path"]).read_bytes()

    def written(self) -> bytes:
        """Give what the workers logged, and all that lies in Redis."""
        return self._log.read_bytes() + "".join(self._seen).encode() + all_in(self._redis)

    def _told(self, ask: Callable[[], Result[Any]]) -> Outcome:
        try:
            result = ask()
        except JackfieldError as error:
            self._seen.append(str(error))
            return Outcome(error=failed(error))
        self._seen.append(repr(result))
        return Outcome(bundles=result.bundles, whole=result.bundles)


def failed(error: JackfieldError) -> Failed:
    """Give an error as the suite reads it."""
    paths = [problem.path for problem in error.problems] if isinstance(error, InvalidInputError) else []
    return Failed(kind=type(error).__name__, text=str(error), retryable=error.retryable, paths=paths)


def all_in(redis: "Redis") -> bytes:
    """Give every key of a Redis with what it holds."""
    read: dict[bytes, Callable[[bytes], object]] = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        b"none": lambda _: None,  # it was read meanwhile
    }
    found = [(key, read[redis.type(key)](key)) for key in redis.scan_iter()]
    return repr(found).encode()


class _Running:
    def __init__(self, modules: Modules, sent: Any, told: Callable[[Callable[[], Result[Any]]], Outcome]) -> None:
        self._modules = modules
        self._sent = sent
        self._told = told

    def cancel(self) -> None:
        """Revoke the task."""
        self._modules.cancel(self._sent)

    def outcome(self) -> Outcome | None:
        """Give what became of it."""

        def ask() -> Result[Any]:
            found = self._modules.outcome(self._sent, _WAIT_S)
            if isinstance(found, Failure):
                raise found.error
            return found

        return self._told(ask)


def process_of(modules: Modules, task: str) -> int:
    """Find the process that works on a task, by its id or its name."""
    ends_at = time.monotonic() + _WAIT_S
    while time.monotonic() < ends_at:
        active = modules.task.app.control.inspect(timeout=0.5).active() or {}
        running = [one for tasks in active.values() for one in tasks if task in {one["id"], one["name"]}]
        if running:
            return int(running[0]["worker_pid"])
    message = f"no worker works on {task}"
    raise AssertionError(message)
