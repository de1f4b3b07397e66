"""What a user hears while an operation runs: repeats and warnings, on stderr."""

import sys
from collections.abc import Callable, Iterable

from jackfield import Event, PollFailed, RetryScheduled, TurnAwaited, WaitBegun, WarningRaised, hookimpl
from jackfield._cli.terminal import say

_WORTH_TELLING_S = 1.0


class Talk:
    """A plugin that hears the events of one run, in its thread, and tells the user of them in another.

    Args:
        confidential: Whether what a warning says is for the eyes of a person only.
    """

    def __init__(self, *, confidential: bool = False) -> None:
        seen = sys.stderr.isatty()
        self._silent = confidential and not seen
        self._waits = confidential and seen
        self.pass_on: Callable[[object], None] = self.hear
        self._said: set[str] = set()

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Pass on what a user wants to know."""
        if isinstance(event, RetryScheduled | TurnAwaited | WaitBegun | WarningRaised | PollFailed):
            self.pass_on(event)

    def hear(self, told: object) -> None:
        """Tell the user of an event."""
        if isinstance(told, RetryScheduled):
            attempt = f"attempt {told.attempt + 1} of {told.max_attempts}"
            say(f"waiting {told.wait_s:.3g} s, {told.cause}, {attempt}: {told.reason}")
        elif isinstance(told, TurnAwaited):
            self._queue(told)
        elif isinstance(told, WaitBegun):
            self._once(f"waiting: {told.reason or 'the service is not done yet'}")
        elif isinstance(told, PollFailed):
            say(f"warning: {told.reason}")
            say(f"waiting {told.wait_s:.3g} s, then asking again: {told.failures} failed in a row.")
        elif isinstance(told, WarningRaised) and not self._waits:  # what it says comes with the result
            self.warn(told.message)

    def _queue(self, told: TurnAwaited) -> None:
        if told.wait_s is None:
            self._once(f"waiting until another request ends: {told.reason}")
        elif told.wait_s >= _WORTH_TELLING_S:
            say(f"waiting {told.wait_s:.3g} s for its turn: {told.reason}")

    def warn(self, message: str) -> None:
        """Tell the user something once."""
        self._once(f"warning: {message}")

    def warn_of(self, messages: Iterable[str]) -> None:
        """Tell the user of the warnings of a result, once each."""
        for message in () if self._silent else messages:
            self.warn(message)

    def _once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            say(line)
