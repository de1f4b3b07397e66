"""Rules about where a module runs: imports, home directories, event loops, forks."""

import asyncio
import contextlib
import io
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from jackfield.testing._conformance import processes
from jackfield.testing._conformance.subject import Subject, not_checked


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


def silent(subject: Subject) -> Iterator[str]:
    """It prints nothing: what a program writes belongs to the program."""
    printed, complained = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complained):
        for sample in subject.tries:
            subject.run(sample.input, subject.answers_of(sample))
    for name, stream in (("standard output", printed), ("standard error", complained)):
        if stream.getvalue():
            yield f"it prints to the {name}; context.warn(...) tells the user something, and logging whoever runs it"


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


def _outcome(subject: Subject) -> str:
    first = subject.tries[0]
    return subject.run(first.input, subject.answers_of(first)).outcome
