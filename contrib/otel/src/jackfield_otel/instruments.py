"""What is measured, and into which buckets: names, units and bounds are those of the conventions."""

import logging
from collections.abc import Iterable

from opentelemetry.metrics import MeterProvider, get_meter
from opentelemetry.util.types import AttributeValue

from jackfield import Usage

_S = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_HTTP_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
_TOKENS = tuple(4**power for power in range(14))
"""1, 4, 16 and so on, to 67108864."""

_FROM_CALLERS = {"gen_ai.request.model": (), "gen_ai.response.model": (), "server.address": ("server.port",)}
"""Words that callers choose, and what goes with each."""
_OTHER = "_OTHER"
_logger = logging.getLogger("jackfield_otel")

Attributes = dict[str, AttributeValue]


class Few:
    """Keeps words few that come from whoever calls: models, and where services are.

    Args:
        most: How many different ones of each are told apart.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: dict[str, set[tuple[AttributeValue | None, ...]]] = {}

    def of(self, attributes: Attributes) -> Attributes:
        """Give the same attributes, with ``_OTHER`` for what are too many."""
        kept = attributes
        for name, also in _FROM_CALLERS.items():
            if name in attributes and not self._has_room(name, tuple(attributes.get(each) for each in (name, *also))):
                kept = {key: value for key, value in kept.items() if key not in also} | {name: _OTHER}
        return kept

    def _has_room(self, name: str, found: tuple[AttributeValue | None, ...]) -> bool:
        seen = self._seen.setdefault(name, set())
        if found in seen:
            return True
        if len(seen) < self._most:
            seen.add(found)
            return True
        if len(seen) == self._most:
            seen.add(())  # said once
            _logger.warning("%s has more than max_told_apart=%d values; the others are %s.", name, self._most, _OTHER)
        return False


class Instruments:
    """The histograms of one plugin."""

    def __init__(self, provider: MeterProvider | None, max_told_apart: int) -> None:
        self._few = Few(max_told_apart)
        meter = get_meter("jackfield_otel", meter_provider=provider)
        self._operation = meter.create_histogram(
            "jackfield.operation.duration",
            "s",
            "How long runs of modules that ask no generative model take.",
            explicit_bucket_boundaries_advisory=_S,
        )
        self._genai = meter.create_histogram(
            "gen_ai.client.operation.duration",
            "s",
            "How long runs of modules that ask a generative model take.",
            explicit_bucket_boundaries_advisory=_S,
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            "{token}",
            "How many tokens a run uses, of its input and of its output.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )
        self._request = meter.create_histogram(
            "http.client.request.duration",
            "s",
            "How long a service takes until the head of its answer is there.",
            explicit_bucket_boundaries_advisory=_HTTP_S,
        )

    def operation(self, duration_s: float, attributes: Attributes, *, genai: bool) -> None:
        """Measure a run that is over."""
        (self._genai if genai else self._operation).record(duration_s, self._few.of(attributes))

    def tokens(self, used: Iterable[Usage], attributes: Attributes, *, confidential: bool) -> None:
        """Measure what each model used in a run; what the service does not count is not measured."""
        for usage in used:
            model: Attributes = {"gen_ai.response.model": usage.model} if usage.model and not confidential else {}
            for kind, count in (("input", usage.input_tokens), ("output", usage.output_tokens)):
                if count is not None:
                    self._tokens.record(count, self._few.of({**attributes, **model, "gen_ai.token.type": kind}))

    def request(self, duration_s: float, attributes: Attributes) -> None:
        """Measure an attempt."""
        self._request.record(duration_s, self._few.of(attributes))
