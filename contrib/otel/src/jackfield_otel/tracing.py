"""The plugin: at each hook, what it tells OpenTelemetry."""

import os
from collections.abc import Generator, Mapping
from contextvars import ContextVar
from threading import local

from opentelemetry import context as otel_context
from opentelemetry.metrics import MeterProvider, get_meter_provider
from opentelemetry.trace import TracerProvider, get_tracer, get_tracer_provider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue
from requests import PreparedRequest, Response

from jackfield import (
    AttemptStarted,
    Event,
    Execution,
    InputError,
    Operation,
    RetryScheduled,
    TurnAwaited,
    WaitBegun,
    WarningRaised,
    hookimpl,
)
from jackfield_otel.attempts import Attempt
from jackfield_otel.harmless import harmless
from jackfield_otel.instruments import Instruments
from jackfield_otel.runs import Run

_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_PROPAGATE = "JACKFIELD_OTEL_PROPAGATE"
_ON = frozenset({"1", "true", "yes", "on", "span_only", "span_and_event"})
_OFF = frozenset({"", "0", "false", "no", "off", "no_content"})
_THE_APIS_OWN = ("opentelemetry.trace", "opentelemetry.metrics")
_TRACE_CONTEXT = TraceContextTextMapPropagator()  # not baggage, which is no stranger's business

claimed: ContextVar[str] = ContextVar("jackfield_otel_claimed", default="")
"""The operation that a plugin given in code tells of already, so that the installed one keeps still."""


class _Here(local):
    """What one thread is at."""

    attempt: Attempt | None = None
    url: str = ""
    again: str = ""
    """The operation that is about to send its request again."""
    resends: int = 0


class Tracing:
    """Turns the runs of a host into spans and metrics: ``Host(plugins=[Tracing()])``.

    A run is a span, each attempt to send a request one below it, and each wait an event. No content, no query, no body
    and no secret is in them. Without a provider of OpenTelemetry's SDK it does next to nothing.

    Args:
        tracer_provider: Where spans go; the global one without.
        meter_provider: Where measurements go; the global one without.
        content: Whether what is said to a generative model, and what it says, is recorded, and what errors and warnings
            say. Confidential runs are recorded without in any case.
        max_content_chars: How much of it is recorded of one run, for each direction.
        max_told_apart: How many models, and how many services, are told apart where runs are measured; of more, a
            caller could make as many series as there are words. The rest is ``_OTHER``.
        propagate: Whether services get the header ``traceparent``, so that their spans join the trace. Only the
            connection's own service gets it, never whoever has a file.

    Raises:
        InputError: ``max_content_chars`` or ``max_told_apart`` is less than 1.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        content: bool = False,
        max_content_chars: int = 20_000,
        max_told_apart: int = 100,
        propagate: bool = False,
    ) -> None:
        if max_content_chars < 1:
            message = f"max_content_chars must be at least 1, was {max_content_chars}."
            raise InputError(message, hint="Leave content=False to record none of it.")
        if max_told_apart < 1:
            message = f"max_told_apart must be at least 1, was {max_told_apart}."
            raise InputError(message)
        self._tracer = get_tracer("jackfield_otel", tracer_provider=tracer_provider)
        self._instruments = Instruments(meter_provider, max_told_apart)
        self._most = max_content_chars if content else 0
        self._propagate = propagate
        self._has_own = tracer_provider is not None or meter_provider is not None
        self._runs: dict[str, Run] = {}
        self._here = _Here()

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str] = os.environ,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> "Tracing":
        """Make one as two variables say; providers as in Tracing.

        ``OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true`` records content, as for other libraries, and
        ``JACKFIELD_OTEL_PROPAGATE=true`` sends ``traceparent``.

        Raises:
            InputError: One of them says something else than yes or no.
        """
        return cls(
            tracer_provider=tracer_provider,
            meter_provider=meter_provider,
            content=_switch(environ, _CONTENT),
            propagate=_switch(environ, _PROPAGATE),
        )

    @hookimpl
    def stand_aside(self) -> bool:
        """Cost nothing while nobody takes what is told."""
        return self.is_idle

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """Begin a span when the run begins."""
        token = claimed.set(operation.id)
        try:
            execution = yield
        finally:
            claimed.reset(token)
        return self.traced(operation, execution)

    @hookimpl(wrapper=True)
    def send(self, request: PreparedRequest, operation: Operation) -> Generator[None, Response, Response]:
        """Begin a span below it for each attempt, and end it when the head of the answer is there."""
        token = claimed.set(operation.id)
        try:
            return (yield from self.sent(request, operation))
        finally:
            claimed.reset(token)

    @hookimpl(trylast=True)
    def authorize(self, request: PreparedRequest) -> None:
        """See that the request leaves now, and add ``traceparent`` if that was asked for."""
        attempt = self._here.attempt
        if attempt is None:
            return
        attempt.leaves()
        if self._propagate and "traceparent" not in request.headers:
            _TRACE_CONTEXT.inject(request.headers, attempt.context)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Tell what is waited for, and that there is a warning."""
        here = self._here
        if isinstance(event, AttemptStarted):
            here.url = event.url
        elif isinstance(event, RetryScheduled):
            here.again = event.operation_id
            self._tell(event, {"jackfield.cause": event.cause, "jackfield.attempt": event.attempt}, event.wait_s)
        elif isinstance(event, TurnAwaited):
            self._tell(event, {"jackfield.cause": event.reason}, event.wait_s)
        elif isinstance(event, WaitBegun):
            self._tell(event, {}, event.wait_s, event.reason)
        elif isinstance(event, WarningRaised):
            self._tell(event, {}, None, event.message)

    @property
    def is_idle(self) -> bool:
        """Whether nobody takes what is told: the program has set no provider up, so the API's own stand in."""
        if self._has_own:
            return False
        providers = type(get_tracer_provider()), type(get_meter_provider())
        return all(provider.__module__.startswith(_THE_APIS_OWN) for provider in providers)

    def traced(self, operation: Operation, execution: Execution) -> Execution:
        """Give a run that tells of itself."""
        run = harmless(lambda: Run(self._tracer, self._instruments, operation, max_content_chars=self._most))
        if run is None:
            return (yield from execution)
        self._runs[operation.id] = run
        try:
            return (yield from run.steps(execution))
        finally:
            del self._runs[operation.id]

    def sent(self, request: PreparedRequest, operation: Operation) -> Generator[None, Response, Response]:
        """Tell of one attempt."""
        here, run = self._here, self._runs.get(operation.id)
        here.resends = here.resends + 1 if here.again == operation.id else 0
        here.again = ""
        attempt = here.attempt = harmless(
            lambda: Attempt(
                self._tracer,
                self._instruments,
                method=request.method or "",
                url=here.url,
                resends=here.resends,
                parent=run.context if run else otel_context.get_current(),
            )
        )
        if attempt is None:
            return (yield)
        try:
            response = yield
        except BaseException as error:
            attempt.failed(error)
            raise
        finally:
            here.attempt = None
        attempt.answered(response.status_code, request.url or "")
        here.again = operation.id if response.is_redirect else ""
        return response

    def _tell(self, event: Event, said: dict[str, AttributeValue], wait_s: float | None, content: str = "") -> None:
        run = self._runs.get(event.operation_id)
        if run is None or not run.span.is_recording():
            return
        if wait_s is not None:
            said["jackfield.wait_s"] = wait_s
        if content and run.shows_content:
            said["jackfield.message"] = content
        run.span.add_event(_EVENTS[type(event)], said)


_EVENTS: Mapping[type[Event], str] = {
    RetryScheduled: "jackfield.retry",
    TurnAwaited: "jackfield.turn_awaited",
    WaitBegun: "jackfield.wait",
    WarningRaised: "jackfield.warning",
}


def _switch(environ: Mapping[str, str], name: str) -> bool:
    said = environ.get(name, "").strip().lower()
    if said not in _ON | _OFF:
        message = f"{name} must be true or false, was {said!r}."
        raise InputError(message)
    return said in _ON
