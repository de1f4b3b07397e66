"""What a user hears while an operation runs: repeats and warnings, on stderr."""

from collections.abc import Callable

from jackfield import Event, RetryScheduled, WarningRaised, hookimpl
from jackfield._cli.terminal import say


class Talk:
    """A plugin that hears the events of one run, in its thread, and tells the user of them in another."""

    def __init__(self) -> None:
        self.pass_on: Callable[[object], None] = self.hear
        self._warned: set[str] = set()

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Pass on what a user wants to know."""
        if isinstance(event, RetryScheduled | WarningRaised):
            self.pass_on(event)

    def hear(self, told: object) -> None:
        """Tell the user of an event."""
        if isinstance(told, RetryScheduled):
            attempt = f"attempt {told.attempt + 1} of {told.max_attempts}"
            say(f"waiting {told.wait_s:.3g} s before {attempt}: {told.reason}")
        elif isinstance(told, WarningRaised):
            self.warn(told.message)

    def warn(self, message: str) -> None:
        """Tell the user something once."""
        if message not in self._warned:
            self._warned.add(message)
            say(f"warning: {message}")
