"""Rules about where a module runs: imports, home directories, event loops, threads, forks."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from jackfield.operations import Failure, Result
from jackfield.testing._conformance import processes
from jackfield.testing._conformance.subject import Answer, Ran, Subject, not_checked
from jackfield.testing.replies import Reply

_AT_ONCE = 2
_WAIT_S = 5.0
"""How long a first request waits for a second one, so that two runs are sure to be at once."""


def alone(subject: Subject) -> Iterator[str]:
    """The file of a module can be imported first, and imports no other module's file."""
    told = processes.imported(subject)
    if told["failure"]:
        yield f"{subject.python_module} cannot be imported alone: {told['failure']}"
        return
    yield from (f"{subject.python_module} imports {other}, the file of another module" for other in told["others"])


def quiet(subject: Subject) -> Iterator[str]:
    """An import declares, and does nothing: no file, no process, no network, no thread, no output."""
    yield from (f"the import of {subject.python_module} {deed}" for deed in _imported(subject)["deeds"])


def budget(subject: Subject) -> Iterator[str]:
    """An import takes little time of the processor: a command line pays for it each time."""
    cost_s = _imported(subject)["cost_s"]
    if cost_s > subject.import_budget_s:
        yield (
            f"the import of {subject.python_module} takes {cost_s:.2f} s of the processor beside core's own, "
            f"and its budget (import_budget_s) is {subject.import_budget_s:g} s"
        )


def _imported(subject: Subject) -> Mapping[str, Any]:
    told = processes.imported(subject)
    if told["failure"]:
        not_checked("its file cannot be imported; see JF101")
    return told


def homeless(subject: Subject) -> Iterator[str]:
    """It runs where there is no home directory, as in a container."""
    usual, told = _outcome(subject), processes.ran(subject)
    if "failure" in told:
        yield f"without a home directory {told['failure']}"
    elif told["here"] != usual:
        yield f"without a home directory it ends with {told['here']}, else with {usual}"


def forked(subject: Subject) -> Iterator[str]:
    """It runs in a process that was forked after it ran."""
    told = processes.ran(subject)
    if "failure" in told:
        not_checked("it does not run in a process of its own; see JF701")
    if told["forked"] is None:
        not_checked("this system cannot fork")
    if told["forked"] != told["here"]:
        yield f"after a fork it ends with {told['forked']}, before with {told['here']}"


def loops(subject: Subject) -> Iterator[str]:
    """It runs in a thread without an event loop, and in one whose event loop is running."""
    usual = _outcome(subject)
    with ThreadPoolExecutor(1) as pool:
        without = pool.submit(_outcome, subject).result()
    if without != usual:
        yield f"in a thread without an event loop it ends with {without}, else with {usual}"

    async def inside() -> str:
        return _outcome(subject)

    with ThreadPoolExecutor(1) as pool:
        within = pool.submit(lambda: asyncio.run(inside())).result()
    if within != usual:
        yield f"inside of a running event loop it ends with {within}, else with {usual}"


def threads(subject: Subject) -> Iterator[str]:
    """Several runs at once go as one alone."""
    usual, first = _outcome(subject), subject.tries[0]
    subject.memory.answer_with(_together(subject.answers_of(first)))
    forms = [first.input] * (2 * _AT_ONCE)
    several: Iterator[Result[Any] | Failure] = subject.host.map(
        subject.handle.id, forms, concurrency=_AT_ONCE, **subject.options()
    )
    for got in several:
        told = Ran.of(got).outcome
        if told != usual:
            yield f"while another run of it goes on it ends with {told}, else with {usual}"
            return


def _outcome(subject: Subject) -> str:
    first = subject.tries[0]
    return subject.run(first.input, subject.answers_of(first)).outcome


def _together(answer: Answer) -> Answer:
    """Have the first requests of two runs wait for each other; whoever is left alone goes on."""
    barrier = threading.Barrier(_AT_ONCE)

    def answered(number: int) -> Reply:
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait(_WAIT_S)
        return answer(number)

    return answered
