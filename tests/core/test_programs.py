"""Programs of this machine that stand where a service would."""

import os
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Timer

import pytest

from jackfield import (
    Cancellation,
    Deadline,
    DeadlineError,
    InputError,
    LimitError,
    OperationCancelledError,
    Program,
    ProgramSettings,
    RefusedByPolicyError,
    RunningProgram,
    Secret,
)
from jackfield.programs import Programs
from jackfield.settings import chosen

ECHO = "import sys\nfor line in sys.stdin: print(line.strip()[::-1], flush=True)"
ENVIRON = "import json, os; print(json.dumps(dict(os.environ)))"
STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(600)"
)
PARENT = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(child.pid, flush=True)\ntime.sleep(600)"
)
PYTHON = shlex.quote(sys.executable)
WAIT_S = 30.0


def start(
    code: str,
    *,
    allow: str = PYTHON,
    deadline_s: float = WAIT_S,
    cancellation: Cancellation | None = None,
    program: Program | None = None,
    **limits: float,
) -> RunningProgram:
    """Start a program that Python runs."""
    settings = ProgramSettings(allow=allow, **{"end_within_s": 0.2, **limits})  # type: ignore[arg-type]
    chosen = program or Program(words=[sys.executable, "-c", code])
    return Programs(settings).start(chosen, Deadline(deadline_s), cancellation or Cancellation())


def is_gone(pid: int) -> bool:
    """Tell whether a process ends within some time."""
    for _ in range(int(WAIT_S * 20)):
        with suppress(FileNotFoundError):
            if Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.05)
                continue
        return True
    return False


def test_lines_go_in_and_out() -> None:
    """And at the end of its input a program ends by itself."""
    with start(ECHO, end_within_s=WAIT_S) as running:
        running.send(b"abc")
        running.send(b"de")
        found = [running.line(), running.line()]

    assert found == [b"cba", b"ed"]
    assert running.code == 0
    assert running.line() is None


@pytest.mark.parametrize(
    ("allow", "words"),
    [
        ("", [sys.executable]),
        ("python", [sys.executable, "-c", ECHO]),
        (f"{PYTHON} -m this", [sys.executable, "-m", "that"]),
        (f"{PYTHON} -m this", [sys.executable, "-m"]),
        (PYTHON, [f"./{Path(sys.executable).name}"]),
        (PYTHON, ["bin/nothing"]),
    ],
    ids=["nothing", "another one of the name", "other arguments", "fewer arguments", "here", "below here"],
)
def test_only_what_was_allowed_is_started(allow: str, words: Sequence[str]) -> None:
    """By its place, and by the arguments with which it begins; the error says how to allow it."""
    with pytest.raises(RefusedByPolicyError) as caught:
        start("", allow=allow if allow != "python" else "/nowhere/python", program=Program(words=words))

    assert "jackfield config set programs.allow" in caught.value.hint


def test_further_arguments_are_the_connections_own() -> None:
    """After those that were allowed."""
    allow = f"other, {PYTHON} -c 'import sys; print(sys.argv[1:])'"
    words = [sys.executable, "-c", "import sys; print(sys.argv[1:])", "$HOME; *", ""]
    with start("", allow=allow, program=Program(words=words)) as running:
        assert running.line() == b"['$HOME; *', '']"  # and no shell read them


def test_a_program_gets_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it needs, and what its connection says; nothing else of our environment."""
    monkeypatch.setenv("OPENAI_API_KEY", "canary-of-ours")
    words = [sys.executable, "-c", ENVIRON]
    with start("", program=Program(words=words, environ={"TOKEN": Secret("its-own"), "MODE": "x"})) as running:
        line = running.line() or b""

    assert b"its-own" in line
    assert b"canary-of-ours" not in line
    assert b"PATH" in line


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONPATH", "Path", "NODE_OPTIONS", "JACKFIELD_STORE_KEY"])
def test_no_variable_makes_it_another_program(name: str) -> None:
    """What was allowed is this program, and not what a variable has it load."""
    with pytest.raises(RefusedByPolicyError, match=f"The variable {name} decides what a program runs"):
        start("", program=Program(words=[sys.executable], environ={name: "x"}))


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (Program(words=[]), "must have a name"),
        (Program(words=[sys.executable, "a\0b"]), "NUL"),
        (Program(words=[sys.executable], environ={"A=B": "x"}), "is no name of a variable"),
        (Program(words=[sys.executable], directory="/no/such/folder"), "cannot be started"),
        (Program(words=["no-such-program-of-ours"]), "There is no program 'no-such-program-of-ours' here"),
    ],
    ids=["no name", "NUL", "variable", "folder", "not there"],
)
def test_what_cannot_be_started_is_told(program: Program, told: str) -> None:
    """Before anything is."""
    with pytest.raises(InputError, match=told):
        start("", allow=f"{PYTHON}, no-such-program-of-ours", program=program)


def test_arguments_and_variables_are_not_shown() -> None:
    """They may be secrets."""
    shown = repr(Program(words=["server", "--token=canary"], environ={"TOKEN": "canary"}))

    assert "canary" not in shown
    assert "server" in shown


def test_a_program_has_no_more_time_than_its_operation() -> None:
    """And is gone when the error comes."""
    running = start("import time; time.sleep(600)", deadline_s=0.5)
    with pytest.raises(DeadlineError), running:
        running.line()

    assert running.code is not None


def test_whoever_cancels_ends_it() -> None:
    """Also while somebody waits for a line."""
    cancellation = Cancellation()
    running = start("import time; time.sleep(600)", cancellation=cancellation)
    Timer(0.2, cancellation.cancel).start()
    with pytest.raises(OperationCancelledError), running:
        running.line()

    assert running.code is not None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such signal")
def test_what_does_not_want_to_end_is_killed() -> None:
    """After it was told."""
    with start(STUBBORN) as running:
        assert running.line() == b"up"

    assert running.code == -9


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_what_a_program_started_ends_with_it() -> None:
    """They are one group."""
    with start(PARENT) as running:
        child = int(running.line() or b"")

    assert is_gone(child)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_program_that_was_forgotten_ends() -> None:
    """With its deadline, though nobody closes it."""
    running = start("import os, time; print(os.getpid(), flush=True); time.sleep(600)", deadline_s=2)

    assert is_gone(int(running.line() or b""))


def test_a_line_without_end_is_cut_off() -> None:
    """The limit has a name."""
    with start("print('x' * 5000)", max_line_bytes=1024) as running, pytest.raises(LimitError) as caught:
        running.line()

    assert caught.value.limit == "programs.max_line_bytes"


def test_a_program_that_prints_for_ever_takes_no_memory() -> None:
    """It is read as far as somebody takes its lines."""
    with start("while True: print('x' * 1000)") as running:
        found = [running.line() for _ in range(20)]

    assert found == [b"x" * 1000] * 20


def test_what_it_said_last_is_kept() -> None:
    """Of its standard error, some thousand characters."""
    with start("import sys; sys.stderr.write('a' * 99999 + 'the end'); sys.exit(3)", end_within_s=WAIT_S) as running:
        assert running.line() is None

    assert running.code == 3
    assert len(running.said) < 9000


def test_a_large_message_waits_for_nobody() -> None:
    """Whoever sends goes on, and a program that reads nothing is ended all the same."""
    with start("import time; time.sleep(600)") as running:
        running.send(b"x" * 10_000_000)

    assert running.code is not None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_process_ends_no_program_of_its_parent() -> None:
    """Neither when it closes it nor when it ends."""
    with start(ECHO) as running:
        child = os.fork()
        if not child:
            running.close()
            os._exit(0)
        os.waitpid(child, 0)
        running.send(b"ab")

        assert running.line() == b"ba"


def test_settings_are_checked(tmp_path: Path) -> None:
    """As every other: ``jackfield config set programs.allow ...``, or a variable."""
    environ = {"JACKFIELD_HOME": str(tmp_path), "JACKFIELD_PROGRAMS_ALLOW": "uvx mcp-server-time, 'a b' c"}

    assert [*chosen(ProgramSettings, environ).allowed()] == [["uvx", "mcp-server-time"], ["a b", "c"]]
    with pytest.raises(InputError, match="has an open quote"):
        [*ProgramSettings(allow="'a").allowed()]
