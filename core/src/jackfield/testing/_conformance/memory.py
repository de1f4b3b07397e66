"""The service of a module that is tried: it answers from memory, and knows what a field asked, and what the module."""

import threading
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, NamedTuple

from requests import PreparedRequest, Response

from jackfield.hookspecs import hookimpl
from jackfield.operations import Event, Operation
from jackfield.testing.replies import Reply

Answer = Callable[[int], Reply]
"""Gives the answer to a request, by its number within its operation, from 0."""

Place = tuple[str | None, str | None, object]
"""What tells a request from others: its method, its URL and its body."""


class Answers(NamedTuple):
    """What a service answers in one run.

    Attributes:
        own: Answers the requests of the module, by their number within its run.
        asked: Answers to what fields ask before the module runs: choices, and the fields of a Dynamic one. What is not
            here is answered, and counted, as if it were the module's own.
    """

    own: Answer
    asked: Mapping[Place, Reply] = {}


def each_of(replies: Sequence[Reply]) -> Answer:
    """Answer with each of these in turn, and with the last from then on."""
    return lambda number: replies[min(number, len(replies) - 1)]


def always(reply: Reply) -> Answers:
    """Give one answer to whatever is sent."""
    return Answers(lambda _: reply)


class Memory:
    """A service that gives one answer after another, as a plugin of a host.

    Attributes:
        requests: What modules sent, in order, as it is before a credential is added.
        asked: What their fields asked the service, likewise.
        numbers: The number of each of these within its run, if it was answered as the module's own.
        events: What happened.
    """

    def __init__(self) -> None:
        self._answers_to: Callable[[Operation], Answers]
        self._lock = threading.Lock()
        self._asking = threading.local()
        self.answer_with(always(Reply(json={})))

    def answer_with(self, answers: Answers) -> None:
        """Forget what was sent, and answer like this from now on."""
        self.answer_each(lambda _: answers)

    def answer_each(self, answers_to: Callable[[Operation], Answers]) -> None:
        """The same, where each run has answers of its own."""
        self.requests: list[PreparedRequest] = []
        self.asked: list[PreparedRequest] = []
        self.numbers: list[int | None] = []
        self.events: list[Event] = []
        self._counts: Counter[str] = Counter()
        self._answers_to = answers_to

    @hookimpl(wrapper=True)
    def field_choices(self) -> Generator[None, Any, Any]:
        """Know that what is sent meanwhile is not the module's."""
        return (yield from self._asked())

    @hookimpl(wrapper=True)
    def dynamic_fields(self) -> Generator[None, Any, Any]:
        """Know the same."""
        return (yield from self._asked())

    def _asked(self) -> Generator[None, Any, Any]:
        self._asking.now = True
        try:
            return (yield)
        finally:
            self._asking.now = False

    @hookimpl(tryfirst=True)
    def send(self, request: PreparedRequest, operation: Operation) -> Response:
        """Answer."""
        answers, is_asked = self._answers_to(operation), getattr(self._asking, "now", False)
        reply = answers.asked.get(place_of(request)) if is_asked else None
        with self._lock:
            number = self._counts[operation.id]
            self._counts[operation.id] += reply is None
            (self.asked if is_asked else self.requests).append(request)
            if is_asked:
                self.numbers.append(number if reply is None else None)
        return (reply or answers.own(number)).response(request)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Keep it."""
        self.events.append(event)


def place_of(request: PreparedRequest) -> Place:
    """Tell a request from others."""
    return request.method, request.url, request.body if isinstance(request.body, str | bytes) else None
