"""What a rule is tried on: a module of an installed connector, on a host whose service answers from memory."""

import contextlib
import io
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, NoReturn, Self

from attrs import frozen
from requests import PreparedRequest, Response

from jackfield._spellings import spellings
from jackfield.connections import ConnectionType
from jackfield.errors import InputError, JackfieldError
from jackfield.forms import Form, form_of
from jackfield.hookspecs import hookimpl
from jackfield.host import Host, ModuleHandle
from jackfield.operations import Event, Failure, Operation, Result, RunOptions
from jackfield.testing.cases import Answered, Case, made_connection
from jackfield.testing.replies import Reply
from jackfield.testing.samples import least_of

Answer = Callable[[int], Reply]
"""Gives the answer to a request, by its number within its operation, from 0."""

DEADLINE_S = 60
"""How long one run of a module may take while it is tried."""


class NotCheckedError(Exception):
    """A rule has nothing to be tried on; the text says why."""


def not_checked(why: str) -> NoReturn:
    """Say that a rule has nothing to be tried on.

    Raises:
        NotCheckedError: Always.
    """
    raise NotCheckedError(why) from None


class Memory:
    """A service that gives one answer after another, as a plugin of a host.

    Attributes:
        requests: What was sent, in order, as it is before a credential is added.
        events: What happened.
    """

    def __init__(self) -> None:
        self.requests: list[PreparedRequest] = []
        self.events: list[Event] = []
        self._counts: Counter[str] = Counter()
        self._answer: Answer = lambda _: Reply(json={})
        self._lock = threading.Lock()

    def answer_with(self, answer: Answer) -> None:
        """Forget what was sent, and answer like this from now on."""
        self.requests, self.events, self._counts, self._answer = [], [], Counter(), answer

    @hookimpl(tryfirst=True)
    def send(self, request: PreparedRequest, operation: Operation) -> Response:
        """Answer."""
        with self._lock:
            number = self._counts[operation.id]
            self._counts[operation.id] += 1
            self.requests.append(request)
        return self._answer(number).response(request)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Keep it."""
        self.events.append(event)


class Ran(NamedTuple):
    """What a run came to.

    Attributes:
        result: What it gave; ``None`` if it failed.
        error: Why it failed.
        requests: What was sent.
    """

    result: Result[object] | None
    error: JackfieldError | None
    requests: Sequence[PreparedRequest]

    @classmethod
    def of(cls, got: Result[Any] | Failure) -> Self:
        """Tell one of several runs."""
        return cls(None, got.error, ()) if isinstance(got, Failure) else cls(got, None, ())

    @property
    def outcome(self) -> str:
        """Say in a word or two what it came to; the same for each run that went the same way."""
        if self.error is not None:
            return f"{type(self.error).__name__}: {self.error.message}"
        return f"{len(self.result.bundles) if self.result else 0} bundles"


def each_of(replies: Sequence[Reply]) -> Answer:
    """Answer with each of these in turn, and with the last from then on."""
    return lambda number: replies[min(number, len(replies) - 1)]


@frozen(kw_only=True, slots=False)
class Subject:
    """A module that a rule is tried on.

    Attributes:
        host: Has it, and ``memory`` as its service.
        memory: Answers, and knows what was sent.
        handle: Of the module.
        case: What its form does not say.
        python_module: The name of its file in Python.
        python_name: Its own name there.
        other_modules: Those of the connector's other modules.
        import_budget_s: Seconds of the processor that its import may take.
    """

    host: Host
    memory: Memory
    handle: ModuleHandle
    case: Case
    python_module: str
    python_name: str
    other_modules: tuple[str, ...]
    import_budget_s: float

    @property
    def form(self) -> Form:
        """What it takes."""
        return self.handle.form

    @cached_property
    def least(self) -> Mapping[str, object]:
        """An input that has only what is required.

        Raises:
            NotCheckedError: None can be made up.
        """
        if self.case.least is not None:
            return self.case.least
        try:
            return least_of(self.form)
        except InputError as error:
            not_checked(f"no input can be made up: {error.message} Give Case(least=...)")

    @cached_property
    def connection(self) -> Mapping[str, object] | None:
        """What it is authorized with."""
        return self.case.connection or made_connection(self.handle.connection_type)

    @property
    def kind(self) -> ConnectionType:
        """Its connection type.

        Raises:
            NotCheckedError: It needs none.
        """
        found = self.handle.connection_type
        if found is None:
            not_checked("it needs no connection")
        return found

    @property
    def answered(self) -> Sequence[Answered]:
        """Its inputs with answers.

        Raises:
            NotCheckedError: There are none.
        """
        if not self.case.answered:
            not_checked("no answer is known: give Case(answered=[...])")
        return self.case.answered

    @property
    def tries(self) -> Sequence[Answered]:
        """Its inputs with answers; without, one that has only what is required, which the service answers with {}."""
        return self.case.answered or (Answered(input=self.least, replies=(Reply(json={}),)),)

    def answers_of(self, sample: Answered) -> Answer:
        """Give its answers one after the other, the last again and again."""
        return each_of(sample.replies)

    def run(self, given: Mapping[str, object], answer: Answer, *, key: str = "") -> Ran:
        """Run it once, in this thread."""
        self.memory.answer_with(answer)
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # a module that prints must not write into our report
                result = self.host.run(self.handle.id, given, **self.options(key))
        except JackfieldError as error:
            return Ran(None, error, self.memory.requests)
        return Ran(result, None, self.memory.requests)

    def options(self, key: str = "") -> RunOptions:
        """Give the options of a run."""
        return RunOptions(connection=self.connection, deadline_s=DEADLINE_S, idempotency_key=key)


@frozen
class Secrets:
    """The secrets of a connection, in every way in which they may be written."""

    texts: frozenset[str]

    def in_text(self, text: str) -> bool:
        """Tell whether one of them stands in a text."""
        return any(spelling in text for spelling in self.texts)


def secrets_of(kind: ConnectionType, connection: Mapping[str, object] | None) -> Secrets:
    """Give the secrets among the values of a connection."""
    keys = [slot.key for slot in form_of(kind.form).slots if slot.is_secret]
    values = [str((connection or {}).get(key) or "") for key in keys]
    return Secrets(frozenset(spelling for value in values for spelling in spellings(value)))
