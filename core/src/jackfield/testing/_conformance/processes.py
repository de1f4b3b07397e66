"""Asks a process of its own, once for each question."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jackfield.testing._conformance.child import reply_as_json
from jackfield.testing._conformance.subject import Subject, not_checked

PROCESS_S = 120
"""Seconds after which a process that tries an import or a run is given up."""

_HOMES = ("HOME", "USERPROFILE", "HOMEPATH", "HOMEDRIVE", "APPDATA", "LOCALAPPDATA", "JACKFIELD_HOME")


def imported(subject: Subject) -> Mapping[str, Any]:
    """Give what came of importing a module's file, and nothing else of its connector, in a fresh process."""
    given = {"do": "import", "module": subject.python_module, "others": subject.other_modules, "path": sys.path}
    return _told(json.dumps(given), homeless=False)


def ran(subject: Subject) -> Mapping[str, Any]:
    """Give what came of running a module where there is no home directory, and after a fork."""
    first = subject.tries[0]
    replies = [reply_as_json(reply) for reply in first.replies]
    handle = subject.handle
    given = {
        "do": "run",
        "id": handle.id,
        "reference": "" if handle.distribution else handle.module.reference,
        "connection": subject.connection,
        "input": first.input,
        "replies": replies,
        "path": sys.path,
    }
    try:
        asked = json.dumps(given)
    except TypeError:
        not_checked("its input, connection or answers are no JSON, so no other process can be given them")
    return _told(asked, homeless=True)


@cache
def _told(asked: str, *, homeless: bool) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        environ = dict(os.environ)
        if homeless:
            no_folder = Path(folder, "file")
            no_folder.touch()  # below a file no folder can be made, whoever asks for it
            kept = {name: value for name, value in environ.items() if not name.startswith("XDG_")}
            environ = {**kept, **dict.fromkeys(_HOMES, str(no_folder / "home"))}
            environ.pop("JACKFIELD_HOME")
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        words = [sys.executable, "-c", "from jackfield.testing._conformance.child import main; main()"]
        return answer_of(words, asked, environ, limit_s=PROCESS_S)


def answer_of(words: Sequence[str], asked: str, environ: Mapping[str, str], *, limit_s: float) -> Mapping[str, Any]:
    """Run a program that reads a question and prints an answer in JSON; whatever else comes of it is told in words."""
    with subprocess.Popen(  # noqa: S603  our own program
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # so that what it started is ended with it
    ) as process:
        try:
            out, err = process.communicate(asked, timeout=limit_s)
        except subprocess.TimeoutExpired:
            _end(process)
            return {"failure": f"the process did not end within {limit_s:g} s"}
    try:
        told: Mapping[str, Any] = json.loads(out)
    except ValueError:
        last = (err.strip().splitlines() or ["nothing"])[-1]
        return {"failure": f"the process ended with {process.returncode}, and said {last}"}
    return told


def _end(process: "subprocess.Popen[str]") -> None:
    """End a process with all that it started."""
    if sys.platform != "win32":
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.communicate()
