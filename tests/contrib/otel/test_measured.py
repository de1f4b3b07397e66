"""Runs as measurements, and what a real service gets to see of a trace."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from served import served_by

from jackfield import AnyModule, Host, InputError, NotFoundError
from jackfield.testing import Replay
from jackfield_openai.chat_completion import create_chat_completion
from jackfield_otel import Tracing
from weather import HERE, MODULES

CHAT = {"model": "gpt-6", "messages": [{"role": "user", "content": "Hello"}]}
ANSWER = {
    "choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}],
    "model": "gpt-6-2026",
    "usage": {"prompt_tokens": 7, "completion_tokens": 3},
}


@pytest.fixture
def reader() -> Iterator[InMemoryMetricReader]:
    """Keep measurements in memory."""
    reader = InMemoryMetricReader()
    yield reader
    reader.shutdown()


def points(reader: InMemoryMetricReader) -> dict[str, list[Any]]:
    """Give what was measured, by the name of the instrument."""
    data = reader.get_metrics_data()
    assert data is not None
    return {
        metric.name: list(metric.data.data_points)
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def test_durations_and_tokens_are_measured_by_the_conventions(reader: InMemoryMetricReader) -> None:
    """With their names, words and buckets, by module, model and error."""
    replay = Replay()
    replay.reply(ANSWER)
    replay.reply({}, status=404)
    modules: dict[str, AnyModule] = {"openai.create_chat_completion": create_chat_completion, **MODULES}
    tracing = Tracing(meter_provider=MeterProvider(metric_readers=[reader]))
    with Host(plugins=[tracing, replay], modules=modules, discover=False, environ={}) as host:
        host.run("openai.create_chat_completion", CHAT, connection={"api_key": "k"})
        with pytest.raises(NotFoundError):
            host.run("weather.get_weather", HERE, connection={"api_key": "k"})

    found = points(reader)
    (chat,), (weather,) = found["gen_ai.client.operation.duration"], found["jackfield.operation.duration"]
    assert (chat.count, chat.explicit_bounds[0], chat.explicit_bounds[-1]) == (1, 0.01, 81.92)
    assert chat.attributes["gen_ai.operation.name"] == "chat"
    assert weather.attributes["error.type"] == "NotFoundError"
    tokens = {point.attributes["gen_ai.token.type"]: point for point in found["gen_ai.client.token.usage"]}
    assert {kind: point.sum for kind, point in tokens.items()} == {"input": 7, "output": 3}
    assert tokens["input"].explicit_bounds[-1] == 67108864
    assert {point.attributes["gen_ai.response.model"] for point in tokens.values()} == {"gpt-6-2026"}
    statuses = {point.attributes["http.response.status_code"] for point in found["http.client.request.duration"]}
    assert statuses == {200, 404}


class _Service(BaseHTTPRequestHandler):
    """Tells a chat what it got for headers."""

    def do_POST(self) -> None:
        """Answer with the header in question."""
        self.rfile.read(int(self.headers["Content-Length"]))
        content = json.dumps([self.headers["traceparent"], self.headers["baggage"]])
        body = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("asked", [True, False], ids=["asked", "not-asked"])
def test_a_service_gets_the_trace_only_where_that_was_asked_for(asked: bool) -> None:  # noqa: FBT001  a table of cases
    """As the header traceparent, which names the span of the attempt."""
    provider = TracerProvider()
    tracing = Tracing(tracer_provider=provider, propagate=asked)
    modules = {"openai.create_chat_completion": create_chat_completion}
    with (
        served_by(_Service) as url,
        Host(plugins=[tracing], modules=modules, discover=False, environ={}) as host,
        provider.get_tracer("test").start_as_current_span("caller") as caller,
    ):
        account = {"api_key": "k", "base_url": url}
        said = host.run("openai.create_chat_completion", CHAT, connection=account).bundle["result"]
    provider.shutdown()

    traceparent, baggage = json.loads(str(said))
    assert baggage is None
    if asked:
        assert traceparent.split("-")[1] == format(caller.get_span_context().trace_id, "032x")
    else:
        assert traceparent is None


def test_callers_do_not_make_series_without_end(reader: InMemoryMetricReader, caplog: pytest.LogCaptureFixture) -> None:
    """They choose the model and where the service is; what are too many are told together, and the log says so once."""
    replay = Replay()
    tracing = Tracing(meter_provider=MeterProvider(metric_readers=[reader]), max_told_apart=2)
    modules: dict[str, AnyModule] = {"openai.create_chat_completion": create_chat_completion}
    with Host(plugins=[tracing, replay], modules=modules, discover=False, environ={}) as host:
        for number in (1, 2, 3, 4, 1):
            replay.reply(ANSWER)
            account = {"api_key": "k", "base_url": f"https://{number}.example:844{number}"}
            form = {**CHAT, "model": f"model-{number}" + "x" * 1000}
            host.run("openai.create_chat_completion", form, connection=account)

    found = points(reader)["gen_ai.client.operation.duration"]
    told = {
        (
            str(point.attributes["gen_ai.request.model"])[:7],
            point.attributes["server.address"],
            point.attributes.get("server.port"),
        ): point.count
        for point in found
    }
    assert told == {
        ("model-1", "1.example", 8441): 2,
        ("model-2", "2.example", 8442): 1,
        ("_OTHER", "_OTHER", None): 2,
    }
    assert max(len(str(point.attributes["gen_ai.request.model"])) for point in found) == 256
    assert caplog.text.count("gen_ai.request.model has more than max_told_apart=2") == 1
    with pytest.raises(InputError, match="max_told_apart"):
        Tracing(max_told_apart=0)
