"""What every host in the environment has, since the package is installed."""

from collections.abc import Generator
from functools import cached_property

from requests import PreparedRequest, Response

from jackfield import Event, Execution, Operation, hookimpl
from jackfield_otel.tracing import Tracing, claimed


class Installed:
    """Does what Tracing does, as the environment says; for operations of which none given in code tells already.

    Its wrappers are the innermost, so that the other one has been there first.
    """

    @cached_property
    def _tracing(self) -> Tracing:
        return Tracing.from_environment()

    def _keeps_still(self, operation: Operation) -> bool:
        return claimed.get() == operation.id

    @hookimpl
    def stand_aside(self) -> bool:
        """As Tracing."""
        return self._tracing.is_idle

    @hookimpl(wrapper=True, trylast=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """As Tracing."""
        execution = yield
        return execution if self._keeps_still(operation) else self._tracing.traced(operation, execution)

    @hookimpl(wrapper=True, trylast=True)
    def send(self, request: PreparedRequest, operation: Operation) -> Generator[None, Response, Response]:
        """As Tracing."""
        if self._keeps_still(operation):
            return (yield)
        return (yield from self._tracing.sent(request, operation))

    @hookimpl(trylast=True)
    def authorize(self, request: PreparedRequest) -> None:
        """As Tracing."""
        self._tracing.authorize(request)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """As Tracing."""
        self._tracing.on_event(event)


plugin = Installed()
