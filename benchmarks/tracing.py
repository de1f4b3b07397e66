"""What jackfield-otel costs in CPU: one call of a module, with the plugin and without.

1.0 is ``Host.run`` of a host that has no plugin. "no provider" is a program that has the plugin installed, and did not
set OpenTelemetry up; "not sampled" one whose provider keeps no span; "kept in memory" one that keeps all. The service
runs in another process. All cases run in turn; the ratios are medians of those within a round.

Run ``python benchmarks/tracing.py``; with ``--check`` it fails if the goal is missed.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import completion
from one_call import Call, compared
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from jackfield_otel import Tracing

GOAL = 1.1
BASE = "no plugin"
UNHEARD = "no provider"


def main() -> int:
    """Measure, print, and give the exit code."""
    return compared(__doc__ or "", cases, base=BASE, ours=UNHEARD, goal=GOAL)


@contextmanager
def cases(url: str) -> Iterator[dict[str, Call]]:
    """Make what is measured; all of it runs the same module."""
    kept, spans = TracerProvider(), InMemorySpanExporter()
    kept.add_span_processor(SimpleSpanProcessor(spans))
    metrics = MeterProvider([InMemoryMetricReader()])
    plugins: dict[str, list[object]] = {
        BASE: [],
        UNHEARD: [Tracing()],
        "not sampled": [Tracing(tracer_provider=TracerProvider(sampler=ALWAYS_OFF))],
        "kept in memory": [Tracing(tracer_provider=kept, meter_provider=metrics)],
    }
    with ExitStack() as stack:
        stack.callback(spans.clear)
        yield {name: call_of(stack, given, url) for name, given in plugins.items()}


def call_of(stack: ExitStack, plugins: list[object], url: str) -> Call:
    """Make a call by a host of its own."""
    host = stack.enter_context(completion.host(plugins=plugins))
    account = {"api_key": "key", "base_url": url}
    return lambda: host.run("benchmark.complete", completion.PROMPT, connection=account).output


if __name__ == "__main__":
    sys.exit(main())
