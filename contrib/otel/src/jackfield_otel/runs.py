"""One run of a module, as a span and measurements."""

import json
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from attrs import evolve
from opentelemetry import context as otel_context
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, set_span_in_context

from jackfield import Execution, JackfieldError, Operation, Result, Usage
from jackfield_otel.harmless import harmless
from jackfield_otel.instruments import Attributes, Instruments
from jackfield_otel.words import (
    genai_of,
    masked,
    metric_words,
    model_of,
    result_words,
    run_words,
    span_name,
    usage_words,
)


class Run:
    """From when a run begins until it is over.

    Args:
        max_content_chars: How much is recorded of what is said to the model, and of what it says; 0 for nothing.
    """

    def __init__(
        self, tracer: Tracer, instruments: Instruments, operation: Operation, *, max_content_chars: int = 0
    ) -> None:
        self._operation = operation
        self._instruments = instruments
        self._genai = genai_of(operation)
        self._most = 0 if operation.confidential else max_content_chars
        model = model_of(operation, self._genai)
        self._words = metric_words(operation, self._genai, model)
        kind = SpanKind.CLIENT if self._genai else SpanKind.INTERNAL
        # The words that samplers decide by.
        self.span = tracer.start_span(span_name(operation, self._genai, model), kind=kind, attributes=self._words)
        self.context = set_span_in_context(self.span)
        self._began = perf_counter()
        if self.span.is_recording():
            self.span.set_attributes(run_words(operation, self._genai))

    @property
    def shows_content(self) -> bool:
        """Whether what is said in a run may be recorded."""
        return self._most > 0

    def steps(self, execution: Execution) -> Execution:
        """Give the same run; its span is the current one while the module works, and not while pieces are read."""
        first = True
        try:
            while True:
                token = otel_context.attach(self.context)
                try:
                    piece = next(execution)
                except StopIteration as stop:
                    return self._over(stop.value)
                finally:
                    otel_context.detach(token)
                if first and self._genai and self._operation.streaming and self.span.is_recording():
                    self.span.set_attribute("gen_ai.response.time_to_first_chunk", perf_counter() - self._began)
                first = False
                yield piece
        except GeneratorExit:
            self.span.set_attribute("jackfield.closed", True)  # whoever read it had enough: no failure
            self._end(self._words)
            raise
        except BaseException as error:
            self._failed(error)
            raise
        finally:
            execution.close()

    def _over(self, result: Result[Any]) -> Result[Any]:
        if self.span.is_recording():
            told = None if self._operation.confidential else self._genai
            harmless(lambda: self.span.set_attributes(self._masked(result_words(result, told))))
            if self._genai and self._most:
                self._record("gen_ai.input.messages", self._genai.input_messages, self._operation.form)
                for output in result.outputs:
                    self._record("gen_ai.output.messages", self._genai.output_messages, output)
        self._used(result.used)
        self._end(self._words)
        return result

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, JackfieldError):
            self._used(error.used)
        if self.span.is_recording():
            # What an error says may quote the input, so its class must do.
            told = error.message if self._most and isinstance(error, JackfieldError) else None
            self.span.set_status(Status(StatusCode.ERROR, told))
            if self._genai and self._most:
                self._record("gen_ai.input.messages", self._genai.input_messages, self._operation.form)
            self.span.set_attribute("error.type", type(error).__name__)
        self._end({**self._words, "error.type": type(error).__name__})

    def _used(self, used: tuple[Usage, ...]) -> None:
        if not self._genai:
            return
        confidential = self._operation.confidential
        harmless(
            lambda: self._instruments.tokens(
                [*map(self._without_secrets, used)], self._words, confidential=confidential
            )
        )
        if self.span.is_recording():
            harmless(lambda: self.span.set_attributes(self._masked(usage_words(used, confidential=confidential))))

    def _masked(self, words: Attributes) -> Attributes:
        return masked(words, self._operation.connection)

    def _without_secrets(self, usage: Usage) -> Usage:
        return evolve(usage, model=str(self._masked({"": usage.model})[""]))

    def _end(self, words: Attributes) -> None:
        took_s = perf_counter() - self._began
        harmless(lambda: self._instruments.operation(took_s, words, genai=self._genai is not None))
        harmless(self.span.end)

    def _record(self, name: str, messages: Callable[[Any], Sequence[Any]] | None, said: object) -> None:
        if messages is not None:
            harmless(lambda: self._set_messages(name, messages, said))

    def _set_messages(self, name: str, messages: Callable[[Any], Sequence[Any]], said: object) -> None:
        text = json.dumps([*messages(said)], ensure_ascii=False, default=str)
        if self._operation.connection:
            text = self._operation.connection.redactor.scrub(text)
        if len(text) > self._most:
            text = text[: self._most]
            self.span.set_attribute("jackfield.content_cut_by", f"max_content_chars={self._most}")
        self.span.set_attribute(name, text)
