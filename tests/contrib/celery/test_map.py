"""A module over many inputs, on several processes."""

import itertools
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from os import kill
from pathlib import Path
from typing import Any

import pytest
from celery_under_test import CeleryHost, process_of, worker_running
from contract_connector import Service
from moody_service import MoodyService

from jackfield import (
    BusyError,
    DeadlineError,
    Failure,
    InputError,
    InvalidInputError,
    LimitError,
    RefusedError,
    Result,
)
from jackfield_celery import Modules, UncertainError

pytestmark = pytest.mark.hosts


def numbered(diary: Path, lost: Mapping[int, str], many: int) -> Iterator[dict[str, Any]]:
    """Give inputs, some of which lose the process that works on them."""
    diary.touch()
    return ({"number": number, "diary": str(diary), "lost": lost.get(number, "never")} for number in range(many))


def squares_in(found: list[Result[Any] | Failure]) -> list[Any]:
    """Give what came out; nothing may have failed."""
    failures = [outcome.error for outcome in found if isinstance(outcome, Failure)]
    assert failures == []
    return [outcome.bundle["square"] for outcome in found if isinstance(outcome, Result)]


def written_in(diary: Path) -> list[int]:
    """Give the numbers of all runs."""
    return [int(line.split()[0]) for line in diary.read_text("utf-8").splitlines()]


def test_ten_thousand_inputs_are_answered_once(host: CeleryHost, tmp_path: Path) -> None:
    """In order, each run once, over several processes."""
    diary = tmp_path / "diary.txt"

    found = list(host.modules.map("contract.square", numbered(diary, {}, 10_000), chunk_size=100))

    assert squares_in(found) == [number**2 for number in range(10_000)]
    assert sorted(written_in(diary)) == [*range(10_000)]
    assert len({outcome.bundle["process"] for outcome in found if isinstance(outcome, Result)}) > 1


def test_a_worker_that_is_lost_in_the_middle_loses_nothing(host: CeleryHost, tmp_path: Path) -> None:
    """Each input is answered, in order; those of the lost chunk are run again."""
    diary = tmp_path / "diary.txt"

    found = list(host.modules.map("contract.square", numbered(diary, {33: "once"}, 200), chunk_size=10))

    assert squares_in(found) == [number**2 for number in range(200)]
    runs = written_in(diary)
    assert set(runs) == {*range(200)}
    assert runs.count(33) == 2
    assert {number for number in runs if runs.count(number) > 1} <= {*range(30, 40)}


def test_what_loses_every_worker_is_given_up(modules: Modules, environ: Mapping[str, str], tmp_path: Path) -> None:
    """The setting max_deliveries bounds it, for a task as for an input, whose neighbors are answered."""
    diary = tmp_path / "diary.txt"
    diary.touch()
    deadly = {"number": 99, "diary": str(diary), "lost": "always"}
    once = {**environ, "CONTRACT_DELIVERIES": "1", "CONTRACT_QUEUE": "deadly"}

    with worker_running(once, tmp_path / "log.txt", processes=4):
        sent = modules.send("contract.square", deadly, queue="deadly")
        inputs = numbered(diary, {4: "always"}, 6)
        found = list(modules.map("contract.square", inputs, chunk_size=3, threads=1, queue="deadly"))
        alone = modules.outcome(sent, 60)

    assert isinstance(alone, Failure)
    failures = {number: outcome.error for number, outcome in enumerate(found) if isinstance(outcome, Failure)}
    assert [*failures] == [4]
    for error in (failures[4], alone.error):
        assert isinstance(error, LimitError)
        assert error.limit == "max_deliveries"
    assert written_in(diary).count(99) == 1


def test_each_input_fails_by_itself(host: CeleryHost, moody: tuple[MoodyService, str]) -> None:
    """What is wrong is told in its place, what passes is tried again, and the others are not held up."""
    forms: list[dict[str, Any]] = [
        {"path": "/200/0/a"},
        {"path": 5},
        {"path": "/422/9/b"},
        {"path": "/503/1/c"},
        {"path": "/503/9/d"},
        {"path": "/200/0/e"},
    ]

    found = list(host.modules.map("contract.ask", forms, connection="moody", chunk_size=3))

    kinds = [type(outcome.error if isinstance(outcome, Failure) else outcome) for outcome in found]
    assert kinds == [Result, InvalidInputError, RefusedError, Result, BusyError, Result]
    asked = moody[0].asked
    assert (asked["/422/9/b"], asked["/503/1/c"], asked["/503/9/d"], asked["/200/0/e"]) == (1, 2, 3, 1)


def test_what_cannot_be_sent_fails_by_itself(host: CeleryHost) -> None:
    """It reaches no worker, and the others do."""
    found = list(host.modules.map("contract.echo", [{"text": "a"}, {"text": {1, 2}}, {"text": "c"}]))

    assert [isinstance(outcome, Result) for outcome in found] == [True, False, True]
    assert isinstance(found[1], Failure)
    assert "cannot be sent" in found[1].error.message


def test_inputs_are_taken_as_lazily_as_results(host: CeleryHost) -> None:
    """However many there are; whoever stops early takes no more, and nothing is left in Redis."""
    taken = itertools.count()
    inputs = ({"text": str(next(taken))} for _ in itertools.count())
    outcomes = host.modules.map("contract.echo", inputs, chunk_size=5, chunks=2)

    found = list(itertools.islice(outcomes, 12))
    outcomes.close()  # type: ignore[attr-defined]  # it is a generator

    assert [outcome.bundle["text"] for outcome in found if isinstance(outcome, Result)] == [
        str(number) for number in range(12)
    ]
    assert next(taken) <= 12 + 2 * 2 * 5 + 5


def test_what_a_map_did_is_not_done_again(host: CeleryHost, moody: tuple[MoodyService, str]) -> None:
    """With the same key, what leaves something behind gives what it gave before."""
    forms = [{"path": f"/200/0/left-{number}"} for number in range(6)]

    first, second = (
        list(host.modules.map("contract.leave", forms, connection="moody", idempotency_key="monday")) for _ in range(2)
    )

    assert first == second
    assert [moody[0].asked[form["path"]] for form in forms] == [1] * 6


def test_limits_hold_over_all_processes(
    modules: Modules, environ: Mapping[str, str], moody: tuple[MoodyService, str], tmp_path: Path
) -> None:
    """Two at once, though eight threads in four processes would send."""
    moody[0].most = 0
    forms = [{"path": f"/wait/0.02/{number}"} for number in range(40)]
    limited = {**environ, "CONTRACT_IN_FLIGHT": "2", "CONTRACT_QUEUE": "limited"}

    with worker_running(limited, tmp_path / "log.txt", processes=4):
        found = list(modules.map("contract.ask", forms, connection="moody", chunk_size=5, threads=2, queue="limited"))

    assert all(isinstance(outcome, Result) for outcome in found)
    assert moody[0].most == 2


def test_without_a_worker_somebody_says_so(modules: Modules) -> None:
    """The option silence_s bounds how long nobody says anything."""
    with pytest.raises(DeadlineError, match="No worker said anything"):
        list(modules.map("contract.echo", [{"text": "x"}], queue="nobody", silence_s=0.1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"chunk_size": 0}, "chunk_size must be a whole number"),
        ({"chunks": True}, "chunks must be a whole number"),
        ({"threads": 1.5}, "threads must be a whole number"),
        ({"silence_s": "long"}, "silence_s must be a number of seconds"),
        ({"queue": 5}, "queue must be the name of one"),
        ({"chunk": 5}, "no such option of map: chunk"),
    ],
)
def test_options_that_cannot_be_used_are_told(modules: Modules, options: Any, message: str) -> None:
    """Before anything is sent."""
    with pytest.raises(InputError, match=message):
        list(modules.map("contract.echo", [], **options))


def test_an_unsafe_input_of_a_lost_worker_is_uncertain(host: CeleryHost, service: tuple[Service, str]) -> None:
    """Those that were answered keep their answers, those that were not begun are run, and nothing is sent twice."""
    service[0].forget()
    forms = [{"path": path} for path in ("/posts", "/slow", "/posts")]
    outcomes = host.modules.map("contract.leave", forms, threads=1)

    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(list, outcomes)
        assert service[0].asked.wait(60)
        kill(process_of(host.modules, "jackfield.run_many"), signal.SIGKILL)
        first, lost, last = found.result(60)

    assert isinstance(first, Result)
    assert isinstance(last, Result)
    assert (first.bundle["length"], last.bundle["length"]) == (1, 2)
    assert isinstance(lost, Failure)
    assert isinstance(lost.error, UncertainError)
    assert service[0].posts == ["/posts", "/posts"]
