"""What runs are made of: the operation, what it gives, and what happens on the way."""

from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Generic, Protocol, TypedDict, TypeVar

from attrs import field, fields, frozen

from jackfield._cards import Card, Table
from jackfield._http.limits import Cancellation, Deadline
from jackfield._processes import RunningProgram
from jackfield.connections import Connection
from jackfield.errors import JackfieldError
from jackfield.fields import Choice
from jackfield.files import media_in
from jackfield.modules import AnyModule, Effect
from jackfield.programs import Program, Programs
from jackfield.showing import Shown, bundle_tables
from jackfield.usage import Money, Usage

__all__ = [
    "AttemptStarted",
    "Choices",
    "Event",
    "Execution",
    "Failure",
    "Operation",
    "OperationFinished",
    "OperationStarted",
    "PollFailed",
    "Purpose",
    "Result",
    "RetryScheduled",
    "RunOptions",
    "Selection",
    "TurnAwaited",
    "WaitBegun",
    "WarningRaised",
]

T = TypeVar("T")


class RunOptions(TypedDict, total=False):
    """How one operation runs. All are optional.

    Attributes:
        connection: The name of a connection, or its values (``{"api_key": "..."}``); without it the connection
            without a name is used, whose values come from the environment variables that its fields declare.
        deadline_s: Seconds for the whole operation, retries included.
        idempotency_key: The same for every repeat of the same wish, where the module has a use for one.
        cancellation: Stops the operation from another thread.
        confidential: Whether nothing of its input and output may be written anywhere: no temporary file, no cache, no
            file that comes out (it is kept in memory), and none of it in events and in the texts of errors.
    """

    connection: str | Mapping[str, object] | None
    deadline_s: float | None
    idempotency_key: str
    cancellation: Cancellation | None
    confidential: bool


class Purpose(Enum):
    """Why requests are sent."""

    RUN = "run"
    CHOICES = "choices"
    CHECK = "check"
    WEB = "web"
    """A file by URL, or what ``Context.web`` is asked for: anywhere, and without a credential."""


class Selection(Protocol):
    """Tells what is new among the items of a trigger, while it is read."""

    @property
    def since(self) -> datetime | None:
        """As in Context."""

    @property
    def last_key(self) -> object:
        """As in Context."""

    @property
    def bookmark(self) -> object:
        """As in Context."""

    def mark(self, bookmark: object) -> None:
        """Keep what the function wants to know at the next look, if all that is new is taken."""

    @property
    def warnings(self) -> Sequence[str]:
        """What whoever gets the items should know of them, when reading is over."""

    def wants_more(self, output: object) -> bool:
        """Look at the next item that the function gave; tells whether another one is to be read."""

    def chosen(self) -> Sequence[object]:
        """Give those that are new, in the order in which they are to be given, when reading is over."""


@frozen(kw_only=True, eq=False)
class Operation:
    """One run of one module on one input, or one question on its behalf.

    Attributes:
        id: Unique for this run.
        module_id: As in the entry point; for a check the id of the connection type.
        module: What runs; ``None`` for a check.
        form: The checked input; ``None`` unless the purpose is a run.
        connection: What it is authorized with; ``None`` if the module needs none.
        purpose: Why requests are sent.
        effect: What a repeat leaves behind.
        deadline: The moment by which it must be over.
        cancellation: How it is stopped.
        idempotency_key: As in Context.
        streaming: As in Context.
        max_age_s: As in Context.
        price: Says what a usage of this operation costs, by the hook ``price_usage``; ``None`` if no plugin has it.
        confidential: Whether nothing of its input and output may be written anywhere; a plugin that keeps or sends on
            what it sees must go by it.
        selection: For a poll of a trigger: what is new, which is then all that the result holds.
        note: What the user should know of the input; becomes a warning of the result.
        programs: What starts programs of this machine; as it comes, none.
    """

    id: str
    module_id: str
    module: AnyModule | None
    form: Any = field(repr=False)
    connection: Connection | None
    purpose: Purpose = Purpose.RUN
    effect: Effect
    deadline: Deadline = field(repr=False)
    cancellation: Cancellation = field(repr=False)
    idempotency_key: str = ""
    streaming: bool = False
    max_age_s: float | None = None
    price: Callable[[Usage], Money | None] | None = field(default=None, repr=False)
    confidential: bool = False
    selection: Selection | None = field(default=None, repr=False)
    note: str = ""
    programs: Programs = field(factory=Programs, repr=False)

    def start(self, program: Program) -> RunningProgram:
        """Start a program of this machine that answers in place of a service, for as long as this operation runs.

        Raises:
            RefusedByPolicyError: Whoever runs the host did not allow it.
            InputError: It is not there, or cannot be started.
        """
        return self.programs.start(program, self.deadline, self.cancellation)


class Choices(Shown, tuple[Choice, ...]):  # noqa: SLOT001  a tuple can have no slots with something in them
    """What a field offers, in the order to show it.

    Attributes:
        age_s: Seconds since the service was asked for it; 0 if it was asked now or need not be asked.
        stale_because: Why the list is older than it should be: what went wrong when the service was asked for a fresh
            one. Empty if it is not.
    """

    age_s: float = 0.0
    stale_because: str = ""

    @property
    def stale(self) -> bool:
        """Whether it is older than it should be, since the service is away."""
        return bool(self.stale_because)

    def _card(self) -> Card:
        rows = [(choice.value, choice.label, choice.help) for choice in self]
        notes = [f"{self.age_s:.0f} s old: {self.stale_because}"] if self.stale else []
        return Card(title=_counted(rows, "choice"), notes=notes, tables=[Table(columns=_CHOICE, rows=rows)])


@frozen(kw_only=True)
class Result(Shown, Generic[T]):
    """What an operation gave.

    Attributes:
        outputs: Typed, as the module returned them: one for an action, any number for a search.
        bundles: The same as JSON objects.
        used: What the service says that it used, for each model that did some of the work; empty if it said nothing.
        cost: What that costs, by the hook ``price_usage``; ``None`` if nobody knows.
        request_id: The service's name for the last answer; may be empty.
        attempts: How many requests were sent, repeats and redirects included.
        warnings: What the user should know, in the order in which it came up.
        duration_s: Seconds from start to end.
        confidential: Whether it is of a confidential run: then it shows nothing of its bundles and warnings by itself,
            neither as text nor in a notebook, since logs and notebooks keep what they show.
    """

    outputs: tuple[T, ...]
    bundles: tuple[Mapping[str, object], ...]
    used: tuple[Usage, ...] = ()
    cost: Money | None = None
    request_id: str = ""
    attempts: int = 0
    warnings: tuple[str, ...] = ()
    duration_s: float = 0.0
    confidential: bool = False

    def __repr__(self) -> str:
        """Show what may be seen of it."""
        hidden = _HIDDEN if self.confidential else {"outputs", "confidential"}
        shown = {item.name: getattr(self, item.name) for item in fields(Result) if item.name not in hidden}
        return f"Result({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @property
    def usage(self) -> Usage | None:
        """The sum of ``used``; ``None`` if the service said nothing."""
        return sum(self.used[1:], self.used[0]) if self.used else None

    @property
    def output(self) -> T:
        """The only output.

        Raises:
            ValueError: There are none or several, as a search may give.
        """
        return _only(self.outputs, "outputs")

    @property
    def bundle(self) -> Mapping[str, object]:
        """The only bundle.

        Raises:
            ValueError: There are none or several, as a search may give.
        """
        return _only(self.bundles, "bundles")

    def _card(self) -> Card:
        usage = self.usage
        facts = [
            ("model", usage.model if usage and not self.confidential else ""),
            ("tokens", usage.tokens if usage else None),
            ("cost", str(self.cost) if self.cost else ""),
            ("attempts", self.attempts),
            ("seconds", f"{self.duration_s:.2f}"),
            ("request", self.request_id),
        ]
        title = _counted(self.bundles, "bundle")
        if self.confidential:
            return Card(title=title, facts=facts, notes=[_UNSHOWN])
        files = [file for output in self.outputs for file in media_in(output)]
        return Card(title=title, facts=facts, notes=self.warnings, tables=bundle_tables(self.bundles), files=files)


_CHOICE = ("value", "label", "help")
_HIDDEN = {"outputs", "bundles", "warnings", "used"}
_UNSHOWN = "Confidential: bundles and warnings are not shown, since a notebook keeps what it shows; .bundles has them."


def _counted(items: Sequence[object], what: str) -> str:
    return f"{len(items):,} {what}{'' if len(items) == 1 else 's'}"


def _only(items: tuple[T, ...], name: str) -> T:
    if len(items) != 1:
        message = f"A search gave {len(items)} bundles; read .{name} instead."
        raise ValueError(message)
    return items[0]


@frozen(kw_only=True)
class Failure(Shown):
    """What an item of ``Host.map`` gave instead of a result."""

    error: JackfieldError

    def _card(self) -> Card:
        return self.error._card()  # noqa: SLF001  it says what is to be seen of it


Execution = Generator[Any, None, Result[Any]]
"""A run that has not started: it gives the pieces of a streaming module, and returns the result.

Nothing happens until the first ``next()``, so whoever wraps the hook ``execute`` may drop it and answer itself.
"""


@frozen(kw_only=True)
class Event:
    """Something that happened during an operation. Holds no secret, no input and no output.

    That said, a path, a warning and the reason of a failure may quote some; those of a confidential run do not.
    """

    operation_id: str
    module_id: str


@frozen(kw_only=True)
class OperationStarted(Event):
    """The input was checked; the module runs now. ``confidential`` is as in Operation."""

    purpose: Purpose
    connection: str
    confidential: bool = False


@frozen(kw_only=True)
class AttemptStarted(Event):
    """A request leaves. ``url`` is without its query; ``attempt`` is 1 for the first.

    In a confidential run ``url`` is the base URL of the connection, and empty for a file by URL.
    """

    method: str
    url: str
    attempt: int


@frozen(kw_only=True)
class RetryScheduled(Event):
    """An attempt failed, and the next one follows after ``wait_s`` seconds.

    Attributes:
        attempt: The number of the attempt that failed.
        max_attempts: How many there are at most.
        wait_s: Seconds until the next one.
        cause: What failed, in a word or two: ``rate limited``, ``busy``, ``not reached``, ``cut off``.
        reason: What the error says; in a confidential run the same as ``cause``.
    """

    attempt: int
    max_attempts: int
    wait_s: float
    cause: str
    reason: str


@frozen(kw_only=True)
class TurnAwaited(Event):
    """A request waits before it leaves: the connection has used up what it may send for now.

    Attributes:
        wait_s: Seconds until its turn; ``None`` where it waits for other requests to end.
        reason: Whose limit it is: the name of a setting, or that the service takes no more for now.
    """

    wait_s: float | None
    reason: str


@frozen(kw_only=True)
class WaitBegun(Event):
    """The module waits for its service to get further, and goes on after ``wait_s`` seconds.

    Attributes:
        wait_s: Seconds until it looks again.
        reason: What it waits for; empty in a confidential run.
    """

    wait_s: float
    reason: str


@frozen(kw_only=True)
class PollFailed(Event):
    """A watch could not ask its service, and tries again after ``wait_s`` seconds.

    Attributes:
        failures: How many polls failed in a row.
        wait_s: Seconds until the next one.
        reason: What the error says.
    """

    failures: int
    wait_s: float
    reason: str


@frozen(kw_only=True)
class WarningRaised(Event):
    """The module has something to tell the user; in a confidential run only ``Result.warnings`` says what."""

    message: str


@frozen(kw_only=True)
class OperationFinished(Event):
    """The operation is over. ``error`` is the name of the error's class; empty if it succeeded."""

    duration_s: float
    attempts: int
    error: str = ""
    request_id: str = ""
