"""A process of its own that works on stores: commands come as lines of JSON, and so do answers.

A command may name a step at which to die. A copy of this process does it then, and ends as ``kill -9`` does; where
there are no such copies (Windows), the process itself does.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import conftest  # type: ignore[import-not-found]  # beside this file, which Python puts first on its path

from jackfield import JackfieldError
from jackfield.vault import Protection, Store

KIND = conftest.parrot_type()
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class Worker:
    """One store, and the step at which to die."""

    def __init__(self, folder: str, key: str) -> None:
        self.die_at = ""
        self.steps: list[str] = []
        self.store = Store(
            Path(folder) / "data" / "store.sqlite",
            key_file=Path(folder) / "config" / "store.key",
            environ={"JACKFIELD_STORE_KEY": key} if key else {},
            busy_timeout_s=60,
            reached=self.reached,
        )

    def reached(self, step: str) -> None:
        """Die here, if that was wanted."""
        self.steps.append(step)
        if step == self.die_at:
            os.kill(os.getpid(), KILL)

    def answer(self, verb: str, arguments: list[Any], die_at: str) -> dict[str, Any]:
        """Do one thing, and tell what came of it."""
        self.steps, self.die_at = [], die_at
        try:
            gave = self.do(verb, arguments)
        except JackfieldError as error:
            return {"error": type(error).__name__, "message": str(error), "steps": self.steps}
        return {"gave": gave, "steps": self.steps}

    def do(self, verb: str, arguments: list[Any]) -> object:
        """Do one thing."""
        if verb == "add":
            name, values = arguments
            self.store.add(name, conftest.TYPE, KIND, values)
        elif verb == "edit":
            name, values = arguments
            self.store.edit(name, KIND, values)
        elif verb == "rotate":
            self.store.rotate(Protection(arguments[0]) if arguments else None)
        elif verb == "state":
            return conftest.state_of(self.store)
        else:
            getattr(self.store, verb)(*arguments)
        return None


def in_a_copy(worker: Worker, verb: str, arguments: list[Any], die_at: str) -> dict[str, Any]:
    """Have a copy of this process do it, which is to die meanwhile."""
    if sys.platform == "win32":
        return worker.answer(verb, arguments, die_at)
    child = os.fork()
    if child == 0:
        worker.answer(verb, arguments, die_at)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return {"died": os.WIFSIGNALED(status)}


def main() -> None:
    """Read commands until there are no more."""
    workers: dict[tuple[str, str], Worker] = {}
    for line in sys.stdin:
        folder, key, verb, arguments, die_at = json.loads(line)
        worker = workers.setdefault((folder, key), Worker(folder, key))
        answer = in_a_copy if die_at else Worker.answer
        sys.stdout.write(json.dumps(answer(worker, verb, arguments, die_at)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
