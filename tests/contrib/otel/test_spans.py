"""Runs as spans: names, words, families, and nothing that was said."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Annotated, Any

import pytest
from attrs import frozen
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

from jackfield import (
    AnyModule,
    Context,
    Effect,
    Failure,
    GenAI,
    Host,
    InputError,
    NotFoundError,
    Result,
    Text,
    module,
)
from jackfield.testing import Replay
from jackfield_openai.chat_completion import create_chat_completion
from jackfield_otel import Tracing, plugin
from weather import HERE, MODULES, QUICK

KEY = "sk-canary-4711"
SAID = "canary-prompt-0815"
CHAT = {
    "model": "gpt-6",
    "messages": [{"role": "user", "content": SAID}],
    "temperature": 0.5,
    "max_completion_tokens": 9,
    "stop": ["END"],
}
ANSWER = {
    "id": "chatcmpl-1",
    "model": "gpt-6-2026",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "canary-answer"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 2}},
}


class Trace:
    """A provider that keeps what is told."""

    def __init__(self) -> None:
        self._kept = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._kept))

    @property
    def spans(self) -> list[ReadableSpan]:
        """Give those that are over, the first to end first."""
        return [*self._kept.get_finished_spans()]

    def only(self, name: str) -> ReadableSpan:
        """Give the only one of a name."""
        (found,) = [span for span in self.spans if span.name == name]
        return found

    @property
    def text(self) -> str:
        """Give all that would be exported."""
        return "\n".join(span.to_json() for span in self.spans)


@pytest.fixture
def trace() -> Iterator[Trace]:
    """Keep spans in memory."""
    found = Trace()
    yield found
    found.provider.shutdown()


@pytest.fixture
def replay() -> Replay:
    """Answer from memory."""
    return Replay()


def words(span: ReadableSpan) -> dict[str, Any]:
    """Give the attributes of a span."""
    return dict(span.attributes or {})


def hosted(*plugins: object, **modules: Any) -> Host:
    """Make a host with a chat and the weather."""
    own = {name.replace("__", "."): found for name, found in modules.items()}
    known = {"openai.create_chat_completion": create_chat_completion, **MODULES, **own}
    return Host(plugins=plugins, modules=known, discover=False, environ={"OPENAI_API_KEY": KEY}, settings=QUICK)


def chat(host: Host, form: Mapping[str, object] = CHAT, **options: Any) -> Result[Any]:
    """Ask the model."""
    result: Result[Any] = host.run("openai.create_chat_completion", form, **options)
    return result


def test_a_chat_is_a_span_by_the_conventions_for_generative_ai(replay: Replay, trace: Trace) -> None:
    """Operation, provider, model, parameters, and what it used; the request is a span of HTTP below it."""
    replay.reply(ANSWER)
    with hosted(Tracing(tracer_provider=trace.provider), replay) as host:
        chat(host)

    run, request = trace.only("chat gpt-6"), trace.only("POST")
    assert (run.kind, request.kind, request.parent) == (SpanKind.CLIENT, SpanKind.CLIENT, run.context)
    said = words(run)
    assert {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-6",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 9,
        "gen_ai.request.stop_sequences": ("END",),
        "gen_ai.response.model": "gpt-6-2026",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 3,
        "gen_ai.usage.cache_read.input_tokens": 2,
        "server.address": "api.openai.com",
        "server.port": 443,
        "jackfield.module.id": "openai.create_chat_completion",
        "jackfield.attempts": 1,
    }.items() <= said.items()
    assert words(request) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "server.address": "api.openai.com",
        "server.port": 443,
        "url.full": "https://api.openai.com/v1/chat/completions",
        "url.scheme": "https",
    }


def test_nothing_that_is_said_is_in_a_trace(replay: Replay, trace: Trace) -> None:
    """Neither what goes to the model nor what comes back, and no key."""
    replay.reply(ANSWER)
    replay.reply({"error": {"message": f"no, {KEY}, {SAID}"}}, status=404)
    with hosted(Tracing(tracer_provider=trace.provider), replay) as host:
        chat(host)
        with pytest.raises(NotFoundError):
            chat(host)

    assert len(trace.spans) == 4
    assert [word for word in (SAID, "canary-answer", KEY) if word in trace.text] == []


def test_a_key_that_comes_back_is_masked(replay: Replay, trace: Trace) -> None:
    """In whatever place a service says it, or a user typed it."""
    choice = {**ANSWER["choices"][0], "finish_reason": f"stop {KEY}"}  # type: ignore[index]
    replay.reply({**ANSWER, "id": f"id {KEY}", "model": f"model {KEY}", "choices": [choice]})
    reader = InMemoryMetricReader()
    measured = MeterProvider(metric_readers=[reader])
    with hosted(Tracing(tracer_provider=trace.provider, meter_provider=measured, content=True), replay) as host:
        chat(host, {**CHAT, "model": KEY, "stop": [KEY]})
    data = reader.get_metrics_data()
    measured.shutdown()

    assert data is not None
    assert words(trace.only("chat ***"))["gen_ai.response.id"] == "id ***"
    assert "gen_ai.client.token.usage" in data.to_json()
    assert KEY not in trace.text + data.to_json()


def test_content_is_recorded_where_it_is_asked_for(replay: Replay, trace: Trace) -> None:
    """As messages with parts, up to a length that can be set; never of a confidential run."""
    replay.reply(ANSWER)
    replay.reply(ANSWER)
    replay.reply(ANSWER)
    with hosted(Tracing(tracer_provider=trace.provider, content=True), replay) as host:
        chat(host)
        chat(host, confidential=True)
    with hosted(Tracing(tracer_provider=trace.provider, content=True, max_content_chars=9), replay) as host:
        chat(host)

    first, cut = (span for span in trace.spans if span.name == "chat gpt-6")
    confidential = trace.only("chat")
    parts = [{"type": "text", "content": SAID}]
    assert json.loads(words(first)["gen_ai.input.messages"]) == [{"role": "user", "parts": parts}]
    (answer,) = json.loads(words(first)["gen_ai.output.messages"])
    assert (answer["parts"], answer["finish_reason"]) == ([{"type": "text", "content": "canary-answer"}], "stop")
    assert SAID not in confidential.to_json()
    assert "gpt-6" not in confidential.to_json()
    assert words(confidential)["gen_ai.usage.input_tokens"] == 7
    assert (len(words(cut)["gen_ai.input.messages"]), words(cut)["jackfield.content_cut_by"]) == (
        9,
        "max_content_chars=9",
    )


def test_each_attempt_is_a_span_and_each_wait_an_event(replay: Replay, trace: Trace) -> None:
    """A repeat says how often it was sent before, and a failure its class or status."""
    replay.reply({}, status=503)
    replay.reply({}, status=404)
    with hosted(Tracing(tracer_provider=trace.provider), replay) as host, pytest.raises(NotFoundError):
        host.run("weather.get_weather", HERE, connection={"api_key": KEY})

    first, second, run = trace.spans
    assert (run.name, run.kind) == ("jackfield weather.get_weather", SpanKind.INTERNAL)
    assert [words(span).get("http.request.resend_count") for span in (first, second)] == [None, 1]
    assert [words(span)["error.type"] for span in trace.spans] == ["503", "404", "NotFoundError"]
    assert {span.status.status_code for span in trace.spans} == {StatusCode.ERROR}
    assert {span.status.description for span in trace.spans} == {None}
    (waited,) = run.events
    assert (waited.name, (waited.attributes or {})["jackfield.cause"]) == ("jackfield.retry", "busy")


@frozen(kw_only=True)
class Nothing:
    """No input."""


@frozen(kw_only=True)
class Said:
    """What was seen."""

    text: Annotated[str, Text(label="Text")]


def current() -> str:
    """Give the name of the span that is the current one."""
    return str(getattr(get_current_span(), "name", ""))


@module(label="Look", effect=Effect.READ)
def look(form: Nothing, context: Context) -> Generator[Said, None, Said]:
    """Say which span is the current one."""
    yield Said(text=current())
    yield Said(text=current())
    return Said(text=current())


def test_the_span_is_the_current_one_for_the_module_and_not_for_its_reader(trace: Trace) -> None:
    """Spans of the module's own libraries belong below it; those of whoever reads its pieces do not."""
    with hosted(Tracing(tracer_provider=trace.provider), test__look=look) as host:
        with host.stream("test.look", {}) as stream:
            seen = [(piece.text, current()) for piece in stream]
        with host.stream("test.look", {}) as stream:
            next(stream)

    whole, closed = trace.spans
    assert seen == [("jackfield test.look", "")] * 2
    assert stream is not None
    assert (whole.status.status_code, "jackfield.closed" in words(whole)) == (StatusCode.UNSET, False)
    assert (closed.status.status_code, words(closed)["jackfield.closed"]) == (StatusCode.UNSET, True)


@module(label="Grumble", effect=Effect.READ)
def grumble(form: Nothing, context: Context) -> Said:
    """Warn, wait, and be done."""
    context.warn(f"It is not good: {SAID}")
    context.wait(0.001, f"for {SAID}")
    return Said(text="done")


@pytest.mark.parametrize("content", [False, True], ids=["without", "with"])
def test_warnings_and_waits_are_events(trace: Trace, content: bool) -> None:  # noqa: FBT001  a table of cases
    """What they say is content, and only told where that is asked for."""
    with hosted(Tracing(tracer_provider=trace.provider, content=content), test__grumble=grumble) as host:
        host.run("test.grumble", {})

    run = trace.only("jackfield test.grumble")
    assert [event.name for event in run.events] == ["jackfield.warning", "jackfield.wait"]
    assert (SAID in trace.text) is content


def test_a_list_of_choices_is_asked_for_in_a_span_of_http(replay: Replay, trace: Trace) -> None:
    """It is no run, so there is none above it."""
    replay.reply(["Oslo"])
    with hosted(Tracing(tracer_provider=trace.provider), replay) as host:
        host.choices("weather.get_weather", "city", connection={"api_key": KEY})

    (request,) = trace.spans
    assert (request.name, request.parent) == ("GET", None)
    assert KEY not in trace.text


async def _two(host: Host) -> None:
    await host.arun("test.look", {})


def test_runs_belong_to_the_span_of_their_caller_in_whichever_thread_they_are(trace: Trace) -> None:
    """Those of map and of arun too."""
    import asyncio  # noqa: PLC0415  only here

    tracer = trace.provider.get_tracer("test")
    with hosted(Tracing(tracer_provider=trace.provider), test__look=look) as host:
        with tracer.start_as_current_span("caller") as caller:
            outcomes: Iterator[Result[Any] | Failure] = host.map("test.look", [{}] * 5, concurrency=3)
            asyncio.run(_two(host))
        assert len(list(outcomes)) == 5

    runs = [span for span in trace.spans if span.name == "jackfield test.look"]
    assert [span.parent for span in runs] == [caller.get_span_context()] * 6


def test_what_is_installed_keeps_still_where_code_gave_one(replay: Replay, trace: Trace) -> None:
    """A run has one span, and an attempt, though two plugins would tell of them."""
    replay.reply(ANSWER)
    # As the host has them: what is installed comes after what is given.
    with hosted(Tracing(tracer_provider=trace.provider), plugin, replay) as host:
        chat(host)

    assert [span.name for span in trace.spans] == ["POST", "chat gpt-6"]


def test_without_a_provider_runs_are_as_ever(replay: Replay) -> None:
    """The installed plugin stands by until the program sets OpenTelemetry up."""
    replay.reply(ANSWER)
    with hosted(plugin, replay) as host:
        assert chat(host).attempts == 1


def test_the_environment_says_whether_content_is_recorded(replay: Replay, trace: Trace) -> None:
    """With the variable that other libraries know; what is neither yes nor no is an error that names it."""
    name = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
    replay.reply(ANSWER)
    tracing = Tracing.from_environment({name: "true"}, tracer_provider=trace.provider)
    with hosted(tracing, replay) as host:
        chat(host)

    assert SAID in trace.text
    with pytest.raises(InputError, match=name):
        Tracing.from_environment({name: "perhaps"})
    with pytest.raises(InputError, match="max_content_chars must be at least 1, was 0"):
        Tracing(max_content_chars=0)


def _raise(_given: object) -> Sequence[Any]:
    raise ValueError(SAID)


def _chatty(genai: GenAI) -> AnyModule:
    def speak(form: Nothing, context: Context) -> Said:
        """Say something."""
        del form, context
        return Said(text="done")

    return module(label="Speak", effect=Effect.UNSAFE, genai=genai)(speak)


@pytest.mark.parametrize(
    "defects",
    [{"finish_reasons": _raise}, {"output_messages": _raise}, {"input_messages": lambda _form: [{("no", "json"): 1}]}],
    ids=lambda each: next(iter(each)),
)
def test_what_cannot_be_told_costs_no_run(
    trace: Trace, defects: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The module's own function fails: the result is there, the span ends, and the log says where, not what."""
    speak = _chatty(GenAI(operation="chat", provider="test", **defects))
    with hosted(Tracing(tracer_provider=trace.provider, content=True), test__speak=speak) as host:
        assert host.run("test.speak", {}).output == Said(text="done")

    assert words(trace.only("chat"))["jackfield.module.id"] == "test.speak"
    assert "could not be told of as a whole" in caplog.text
    assert SAID not in caplog.text


def test_the_installed_plugin_stands_aside_until_somebody_listens(trace: Trace) -> None:
    """So it costs next to nothing in programs that know nothing of OpenTelemetry."""
    assert plugin.stand_aside() is True
    assert Tracing().stand_aside() is True
    assert Tracing(tracer_provider=trace.provider).stand_aside() is False
