"""A process that ends in the middle of a watch: no item is lost, and only the one that it held is given again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from bulletin import Running, serving

HERE = Path(__file__).parent
STEPS = [
    "open: to commit",
    "open: committed",
    "polled",
    "begin: to commit",
    "begin: committed",
    "given",
    "ack: to commit",
    "ack: committed",
    "settle: to commit",
    "settle: committed",
]


@pytest.fixture
def board() -> Iterator[Running]:
    """A board on loopback."""
    with serving() as running:
        yield running


class Consumers:
    """Processes that look at the board once and may die; on POSIX, copies of one that is kept."""

    def __init__(self, url: str, folder: Path) -> None:
        self._command = [sys.executable, str(HERE / "consumer.py"), url, str(folder)]
        self._environ = {**os.environ, "PYTHONPATH": str(HERE.parents[1] / "support")}
        self._kept: subprocess.Popen[str] | None = None

    def __call__(self, step: str = "", times: int = 0) -> int:
        """Have one look to its end, or to the step at which it dies; give its exit code."""
        if self._kept is None:
            self._kept = subprocess.Popen(
                self._command, env=self._environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        process = self._kept
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{step}|{times}\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        return int(answer) if answer else self.close()  # it died itself, where it makes no copies

    def close(self) -> int:
        """End the one that is kept; give its exit code."""
        process, self._kept = self._kept, None
        if process is None:
            return 0
        with process:
            pass
        return process.returncode


@pytest.fixture
def consume(board: Running, tmp_path: Path) -> Iterator[Consumers]:
    """Run a consumer to its end, or to the step at which it dies."""
    consumers = Consumers(board.url, tmp_path)
    yield consumers
    consumers.close()


def post(board: Running, random: Random, count: int) -> None:
    """Put notes on the board, in any order and some of them with equal dates, none older than what was given."""
    first = len(board.notes)
    fresh = [{"id": first + each, "at": f"2026-01-01T{first // 9:02}:{each // 2:02}:00Z"} for each in range(count)]
    board.notes += random.sample(fresh, len(fresh))


def taken(tmp_path: Path) -> list[tuple[int, str]]:
    """Give what consumers wrote, over all their lives."""
    lines = (tmp_path / "taken").read_text("utf-8").splitlines()
    return [(int(number), item_id) for number, item_id in map(str.split, lines)]


def check(board: Running, tmp_path: Path, deaths: int) -> None:
    """See that each item was given, none twice but where a process died, and then right after itself."""
    found = taken(tmp_path)
    repeats = [second for first, second in pairwise(found) if first == second]
    assert {number for number, _ in found} == {note["id"] for note in board.notes}
    assert len(set(found)) == len(board.notes)
    assert len(found) - len(set(found)) == len(repeats) <= deaths


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_a_step_loses_nothing(board: Running, consume: Consumers, tmp_path: Path, step: str) -> None:
    """At its first and at a later time; the next process goes on."""
    random = Random(step)  # noqa: S311  a test that can be repeated, no key
    post(board, random, 9)
    codes = [consume(step), consume(step, 2)]
    died = sum(code != 0 for code in codes)
    assert died or step.startswith("settle")  # what is settled is what is old, of which there is none yet
    post(board, random, 9)
    codes.append(consume(step))

    assert consume() == 0
    check(board, tmp_path, deaths=sum(code != 0 for code in codes))
    assert any(code != 0 for code in codes)
    if sys.platform != "win32":
        assert {code for code in codes if code} == {-signal.SIGKILL}


def test_kills_over_and_over_lose_nothing(board: Running, consume: Consumers, tmp_path: Path) -> None:
    """Whatever a process is doing, and however often it comes to it."""
    random = Random(20261125)  # noqa: S311  a test that can be repeated, no key
    deaths = 0
    for _ in range(30):
        post(board, random, random.randint(1, 9))
        deaths += consume(random.choice(STEPS), random.randint(0, 4)) != 0

    assert consume() == 0
    assert deaths > 0
    check(board, tmp_path, deaths)
