"""``module run --each``: a module over many inputs, from JSON Lines to JSON Lines."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import IO, Any, NamedTuple

from jackfield import BudgetError, Cancellation, Event, Failure, Host, JackfieldError, Kind, ModuleHandle, Result
from jackfield._cli.attend import attend, uninterrupted
from jackfield._cli.exits import FAILURE, OK, exit_code
from jackfield._cli.feed import Line, open_input, read_lines, size_of
from jackfield._cli.inlining import with_content
from jackfield._cli.output import write_lines
from jackfield._cli.progress import Progress
from jackfield._cli.spending import Spending
from jackfield._cli.talk import Talk
from jackfield._cli.terminal import on_terminal, say
from jackfield._cli.wishes import RunWishes
from jackfield.settings import RunSettings, chosen

SEVERAL = (Kind.SEARCH, Kind.TRIGGER)
"""Modules of these kinds give any number of bundles."""

_MOST_UNPRINTED = 64
"""Results wait for whoever reads stdout, and inputs for the results: nothing piles up behind a pager."""
_POLL_S = 0.2
_FACTS = (
    "status",
    "code",
    "parameter",
    "request_id",
    "retry_after_s",
    "sent",
    "budget",
    "maximum",
    "spent",
    "needed",
    "hint",
)


class _Outcome(NamedTuple):
    line: int
    end: int
    found: object
    error: JackfieldError | None
    warnings: tuple[str, ...]


def run_each(  # noqa: PLR0917  what a run is made of
    host: Host,
    handle: ModuleHandle,
    defaults: Mapping[str, object],
    wishes: RunWishes,
    talk: Talk,
    spending: Spending,
) -> int:
    """Run a module for each line of a file, and print a line for each, in the same order.

    Args:
        host: What runs it.
        handle: The module.
        defaults: Fields for lines that do not have them.
        wishes: The file, and how to run.
        talk: What is said meanwhile.
        spending: What is used, and the budget.

    Returns:
        The exit code: that of the first failure if all failed, 1 if some did.

    Raises:
        InvalidInputError: The file cannot be read.
    """
    file = open_input(wishes.input or "")
    code = _Many(host, handle, defaults, wishes, talk, progress=Progress(size_of(file))).run(file)
    if spending.is_worth_telling:
        say(f"used: {spending.said()}")
    return code


class _Many:
    """Runs of one module, seen from the thread that works and from the one that prints."""

    def __init__(
        self,
        host: Host,
        handle: ModuleHandle,
        defaults: Mapping[str, object],
        wishes: RunWishes,
        talk: Talk,
        *,
        progress: Progress,
    ) -> None:
        self._host = host
        self._handle = handle
        self._defaults = defaults
        self._wishes = wishes
        self._talk = talk
        self._cancellation = Cancellation()
        self._progress = progress
        self._taken: deque[Line] = deque()
        self._room = threading.Semaphore(_MOST_UNPRINTED)
        self._done = self._failed = self._line = self._end = self._refused = 0
        self._first_refused = 0
        self._spent = self._cut = self._went_on = False
        self._first_code = OK

    def run(self, file: IO[bytes]) -> int:
        """Run them all."""
        try:
            attend(lambda tell: self._work(file, tell), self._hear, self._cancellation)
        except KeyboardInterrupt:
            self._progress.clear()
            self._say_how_to_go_on()
            raise
        finally:
            self._progress.clear()
        if self._refused:
            self._say_what_was_refused()
        if not self._failed:
            return OK
        lines = "its line has" if self._failed == 1 else "their lines have"
        say(f'error: {self._failed} of {self._done} failed; {lines} an "error".')
        if self._failed > self._refused:
            say(f"next: jackfield module show {self._handle.id}")
        return self._first_code if self._failed == self._done else FAILURE

    def _say_what_was_refused(self) -> None:
        were, lines = ("was", "its line has") if self._refused == 1 else ("were", "their lines have")
        say(f'stopped: the budget does not last; {self._refused} {were} not sent, and {lines} an "error".')
        rest = f"; no line after {self._line} was tried" if self._cut else ""
        if not self._went_on:
            say(f"next: raise the budget, and add --from-line {self._first_refused} to the same command{rest}.")
            return
        begin = f", then go on with --from-line {self._line + 1}" if self._cut else ""
        say(f"next: raise the budget, and run these lines again{begin}{rest}.")

    def _say_how_to_go_on(self) -> None:
        first = max(self._line + 1, self._wishes.from_line)
        say(f"stopped: {self._done} printed, up to line {self._line}; some after it may have reached the service.")
        say(f"next: add --from-line {first} to the same command; >> adds to a file that > would write anew.")

    def _work(self, file: IO[bytes], tell: Callable[[object], None]) -> None:
        self._talk.pass_on = tell
        outcomes: Iterator[Result[Any] | Failure] = self._host.map(
            self._handle.id,
            self._forms(file),
            concurrency=self._wishes.concurrency or chosen(RunSettings).concurrency,
            connection=self._wishes.connection,
            deadline_s=self._wishes.deadline_s,
            cancellation=self._cancellation,
            confidential=self._wishes.confidential,
        )
        for outcome in outcomes:
            while not self._room.acquire(timeout=_POLL_S):
                if self._cancellation.cancelled:
                    return
            tell(self._outcome(self._taken.popleft(), outcome))

    def _forms(self, file: IO[bytes]) -> Iterator[object]:
        for line in read_lines(file, self._wishes.from_line):
            if self._spent:
                self._cut = True
                return
            self._taken.append(line)
            # What is broken takes its turn too, so that its failure comes in order; the host refuses what is no form.
            yield line.error or {**self._defaults, **line.form}

    def _outcome(self, line: Line, outcome: Result[Any] | Failure) -> _Outcome:
        if isinstance(outcome, Failure):
            self._spent |= isinstance(outcome.error, BudgetError)
            return _Outcome(line.number, line.end, None, line.error or outcome.error, ())
        bundles = [*outcome.bundles]
        if self._wishes.confidential:
            bundles = with_content(bundles, self._host.files)
        found = bundles if self._handle.kind in SEVERAL else bundles[0]
        return _Outcome(line.number, line.end, found, None, outcome.warnings)

    def _hear(self, told: object) -> None:
        if isinstance(told, Event):
            self._progress.clear()
            self._talk.hear(told)
        elif isinstance(told, _Outcome):
            with uninterrupted():  # else the line to go on from could be one that is printed already
                self._print(told)
            self._room.release()
        words = f"{self._done} done, {self._failed} failed" if self._failed else f"{self._done} done"
        self._progress.show(words, self._end)

    def _print(self, told: _Outcome) -> None:
        if on_terminal() or told.warnings:
            self._progress.clear()
        write_lines([told.found if told.error is None else {"error": _described(told.error, told.line)}])
        self._talk.warn_of(told.warnings)
        self._done += 1
        self._line, self._end = told.line, told.end
        if isinstance(told.error, BudgetError):
            self._refused += 1
            self._first_refused = self._first_refused or told.line
        else:
            self._went_on |= self._refused > 0  # a smaller one, or one that was under way
        if told.error is not None:
            self._failed += 1
            self._first_code = self._first_code or exit_code(told.error)


def _described(error: JackfieldError, line: int) -> dict[str, object]:
    facts = {name: _plain(getattr(error, name, None)) for name in _FACTS}
    problems = [
        {"path": problem.path, "rule": problem.rule, "message": problem.message}
        for problem in getattr(error, "problems", ())
    ]
    return {
        "type": type(error).__name__,
        "message": error.withheld.reveal() if error.withheld else error.message,  # stdout is where the user wants it
        "line": line,
        **{name: value for name, value in facts.items() if value not in (None, "")},
        **({"problems": problems} if problems else {}),
    }


def _plain(fact: object) -> object:
    """Give a number as JSON has it; money with a fraction is a text, since it is exact."""
    if not isinstance(fact, Decimal):
        return fact
    return int(fact) if fact == fact.to_integral_value() else str(fact)
