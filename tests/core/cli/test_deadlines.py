"""What hangs is given up, whatever command waits for it."""

import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

import pytest

from jackfield import DeadlineError, OperationFinished, OperationStarted, Purpose
from jackfield._cli.attend import Due
from jackfield._cli.watching import LookDue

ENTRIES = """\
[jackfield.connectors]
swamp = jackfield_swamp

[jackfield.modules]
swamp.watch_frogs = jackfield_swamp:watch_frogs
"""

SWAMP = """
import threading
from collections.abc import Iterator
from typing import Annotated

from attrs import frozen
from jackfield import ConnectionType, Context, Effect, Select, Text, Trigger, module


def hang(*_: object) -> list[str]:
    threading.Event().wait(300)
    return []


@frozen(kw_only=True)
class Account:
    name: Annotated[str, Text(label="Name")] = "frog"


account = ConnectionType(
    label="Swamp", form=Account, origin="http://127.0.0.1:9", authorize=lambda request, form: None, check=hang
)


@frozen(kw_only=True)
class Where:
    pond: Annotated[str | None, Select(label="Pond", choices=lambda context: hang())] = None


@frozen(kw_only=True)
class Frog:
    id: int


@module(label="Watch Frogs", connection=account, effect=Effect.READ, trigger=Trigger(key="id"))
def watch_frogs(form: Where, context: Context) -> Iterator[Frog]:
    yield from hang()
"""
COMMANDS = {
    "a look of a watch": ("module", "watch", "swamp.watch_frogs", "--once"),
    "the choices of a field": ("module", "choices", "swamp.watch_frogs", "pond"),
    "the check of a connection": ("connection", "check", "swamp.account"),
}


def test_whatever_hangs_past_its_deadline_is_given_up(place: Any, environment: Mapping[str, str]) -> None:
    """It asks nobody, so nothing but the command itself can end it; all at once, since each waits."""
    place.install("swamp", ENTRIES)
    place.write("jackfield_swamp.py", SWAMP)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "jackfield", *words, "--deadline", "0.2"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
        )
        for words in COMMANDS.values()
    ]
    try:
        told = [process.communicate(timeout=90)[1] for process in running]
    finally:
        for process in running:
            process.kill()
            process.communicate()

    for process, err, what in zip(running, told, COMMANDS, strict=True):
        assert "went on after its deadline of 0.2 s, and was given up" in err, what
        assert process.returncode == 8, what


def test_a_look_has_its_time_and_the_wait_between_two_has_none() -> None:
    """Whoever watches for days gives each look a minute."""
    due = LookDue(0.001)
    due.past_s = 0.0
    begun = OperationStarted(operation_id="o", module_id="m", purpose=Purpose.RUN, connection="")
    over = OperationFinished(operation_id="o", module_id="m", duration_s=0.01, attempts=0)

    time.sleep(0.01)
    due.check()
    due.on_event(begun)
    time.sleep(0.01)
    with pytest.raises(DeadlineError):
        due.check()
    due.on_event(over)
    due.check()


def test_without_a_deadline_nothing_is_given_up() -> None:
    """However often one begins."""
    due = Due(None)

    due.begin()
    due.check()
    assert due.deadline is None
