"""What a rule is tried on: a module of an installed connector, on a host whose service answers from memory."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, NoReturn, Self

from attrs import frozen
from requests import PreparedRequest

from jackfield._engine.offered import closed_slots
from jackfield._spellings import spellings
from jackfield.connections import ConnectionType
from jackfield.errors import InputError, JackfieldError, PluginError
from jackfield.fields import Dynamic
from jackfield.forms import Form, form_of
from jackfield.host import Host, ModuleHandle
from jackfield.operations import Failure, Result, RunOptions
from jackfield.testing._conformance.memory import Answers, Memory, always, each_of, place_of
from jackfield.testing.cases import Answered, Case, made_connection
from jackfield.testing.replies import Reply
from jackfield.testing.samples import least_of

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


def said(error: JackfieldError) -> str:
    """Give what an error says, for a defect with what was raised: nothing of a user is in it, all inputs are ours."""
    cause = str(error.__cause__ or "") if isinstance(error, PluginError) else ""
    return error.message if cause in error.message else f"{error.message.removesuffix('.')}: {cause}"


class Ran(NamedTuple):
    """What a run came to.

    Attributes:
        result: What it gave; ``None`` if it failed.
        error: Why it failed.
        requests: What the module sent; not what its fields asked for before.
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
            return f"{type(self.error).__name__}: {said(self.error)}"
        return f"{len(self.result.bundles) if self.result else 0} bundles"


@frozen(kw_only=True, slots=False)
class Subject:
    """A module that a rule is tried on.

    Attributes:
        host: Has it, and ``memory`` as its service.
        open_host: Opens another such host, which remembers nothing.
        memory: Answers, and knows what was sent.
        handle: Of the module.
        case: What its form does not say.
        python_module: The name of its file in Python.
        python_name: Its own name there.
        other_modules: Those of the connector's other modules.
        import_budget_s: Seconds of the processor that its import may take.
    """

    host: Host
    open_host: Callable[[], Host]
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

    @cached_property
    def asks(self) -> bool:
        """Whether a run may ask the service for what a field takes, before the module itself asks anything."""
        dynamic = (slot.word for slot in self.form.slots if isinstance(slot.word, Dynamic))
        return bool(closed_slots(self.form.cls)) or any(word.fields for word in dynamic)

    @property
    def reaching(self) -> Mapping[str, object]:
        """An input with which the module comes to ask the service: what a closed list offers cannot be made up."""
        return self.tries[0].input if self.asks else self.least

    def answers_of(self, sample: Answered) -> Answers:
        """Give its answers one after the other, the last again and again.

        Those to what its fields ask are told apart by a run: the next one may ask in another order, or not at all.
        """
        answers = Answers(each_of(sample.replies))
        if not self.asks:
            return answers
        self.run(sample.input, answers)
        numbered = zip(self.memory.numbers, self.memory.asked, strict=True)
        numbers = {number: place_of(request) for number, request in numbered if number is not None}
        own = [reply for number, reply in enumerate(sample.replies) if number not in numbers]
        asked = {place: answers.own(number) for number, place in numbers.items()}
        return Answers(each_of(own or sample.replies), asked)

    def failing(self, reply: Reply) -> Answers:
        """Give one answer to whatever the module sends; its fields get what they ask for."""
        return self.answers_of(self.tries[0])._replace(own=lambda _: reply) if self.asks else always(reply)

    def refuse_silent(self, ran: "Ran") -> None:
        """See that the module sent something.

        Raises:
            NotCheckedError: It did not.
        """
        if ran.requests:
            return
        if self.asks and ran.error is not None:
            not_checked(
                f"it sends nothing of its own: {said(ran.error)} What its fields ask the service is answered by the "
                "first replies of Case(answered=[...])"
            )
        not_checked("it sends nothing")

    @contextlib.contextmanager
    def opened(self) -> Iterator[Host]:
        """Give a host that remembers nothing which the service offered in another run."""
        if not self.asks:
            yield self.host
            return
        with self.open_host() as host:
            yield host

    def run(self, given: Mapping[str, object], answers: Answers, *, key: str = "") -> Ran:
        """Run it once, in this thread."""
        self.memory.answer_with(answers)
        try:
            with self.opened() as host:
                result = host.run(self.handle.id, given, **self.options(key))
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
