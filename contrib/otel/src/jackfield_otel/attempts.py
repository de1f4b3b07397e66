"""One attempt to send a request, as a span and a measurement by the conventions for HTTP."""

from time import perf_counter
from urllib.parse import urlsplit

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, set_span_in_context

from jackfield_otel.harmless import harmless
from jackfield_otel.instruments import Attributes, Instruments
from jackfield_otel.words import place_words

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"})
_FAILED = 400


class Attempt:
    """From when a request may leave until the head of its answer is there, or nothing comes.

    Args:
        url: Without query and secrets, as the event AttemptStarted has it; empty if nobody may know.
        resends: How often it was sent before, for whatever reason.
        parent: Where its span belongs.
    """

    def __init__(
        self, tracer: Tracer, instruments: Instruments, *, method: str, url: str, resends: int, parent: Context | None
    ) -> None:
        self._instruments = instruments
        self._words: Attributes = {"http.request.method": method if method in _METHODS else "_OTHER"}
        self._words |= place_words(url)
        self.span = tracer.start_span(method if method in _METHODS else "HTTP", parent, SpanKind.CLIENT)
        self.context = set_span_in_context(self.span, parent)
        self._left = perf_counter()
        if self.span.is_recording():
            self._describe(method, url, resends)

    def _describe(self, method: str, url: str, resends: int) -> None:
        said = dict(self._words)
        if url:
            said["url.full"] = url
        if said["http.request.method"] == "_OTHER":
            said["http.request.method_original"] = method
        if resends:
            said["http.request.resend_count"] = resends
        self.span.set_attributes(said)

    def leaves(self) -> None:
        """Measure from now on: what it waited for its turn is not the service's time."""
        self._left = perf_counter()

    def answered(self, status: int, url: str) -> None:
        """End it with an answer."""
        self._words |= {"http.response.status_code": status, "url.scheme": urlsplit(url).scheme}
        self._end(str(status) if status >= _FAILED else "")

    def failed(self, error: BaseException) -> None:
        """End it without one."""
        self._end(type(error).__name__)

    def _end(self, error: str) -> None:
        if error:
            self._words["error.type"] = error
        took_s = perf_counter() - self._left
        harmless(lambda: self._instruments.request(took_s, self._words))
        harmless(lambda: self._close(failed=bool(error)))

    def _close(self, *, failed: bool) -> None:
        if self.span.is_recording():
            self.span.set_attributes(self._words)
            if failed:
                self.span.set_status(Status(StatusCode.ERROR))
        self.span.end()
