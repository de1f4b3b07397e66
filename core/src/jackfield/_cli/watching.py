"""``module watch``: what is new, as JSON Lines."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import attrs
import click

from jackfield import (
    Cancellation,
    Event,
    Host,
    InvalidInputError,
    JackfieldError,
    ModuleHandle,
    NewItem,
    OperationFinished,
    OperationStarted,
    Watch,
    WatchSettings,
    hookimpl,
)
from jackfield._cli.attend import Due, attend, uninterrupted
from jackfield._cli.exits import OK
from jackfield._cli.filling import filled
from jackfield._cli.inlining import with_content
from jackfield._cli.inputs import STDIN, read_inputs
from jackfield._cli.output import write_lines
from jackfield._cli.settings import open_host
from jackfield._cli.talk import Talk
from jackfield._cli.terminal import say
from jackfield._cli.wishes import WatchWishes
from jackfield._engine.moments import moment_reader
from jackfield._engine.problems import WrongValueError
from jackfield._engine.withholding import withhold
from jackfield.fields import FromText
from jackfield.forms import ScalarKind
from jackfield.polls import Start
from jackfield.settings import chosen

_POLL_S = 0.2


def watch_module(module_id: str, arguments: Sequence[str], wishes: WatchWishes, about: dict[str, str]) -> int:
    """Watch a trigger, and print what is new.

    Returns:
        The exit code.

    Raises:
        JackfieldError: As ``Host.watch``.
        click.UsageError: An option cannot be used.
    """
    start, settings = _start(wishes.start), chosen(WatchSettings)
    if wishes.every is not None:
        settings = _with_interval(settings, wishes.every)
    talk, due = Talk(confidential=wishes.confidential), LookDue(wishes.deadline_s)
    with open_host(talk, due, connection=wishes.connection) as host:
        handle = host.module(module_id)
        about.update(module=handle.id, connector=handle.connection_type_id.partition(".")[0])
        try:
            values: Mapping[str, object] = read_inputs(
                arguments,
                handle.form,
                handle.id,
                stdin_is_free=wishes.input != STDIN,
                store=host.files,
                in_memory=wishes.confidential,
                deadline_s=wishes.deadline_s,
            )
            _Watching(host, handle, filled(host, handle, values, arguments, wishes), wishes, talk).run(
                start, settings, due
            )
        except JackfieldError as error:
            if wishes.confidential:
                withhold(error, handle.module)
            raise
    return OK


def _start(text: str) -> Start:
    if text in ("now", "all"):
        return "now" if text == "now" else "all"
    try:
        found: datetime = moment_reader(ScalarKind.DATETIME, (), lenient=True)(FromText(text))
    except WrongValueError as error:
        message = f"--from: {error.problems[0].message}; or now, or all."
        raise click.UsageError(message, click.get_current_context(silent=True)) from None
    return found


def _with_interval(settings: WatchSettings, seconds: float) -> WatchSettings:
    try:
        return attrs.evolve(settings, interval_s=seconds)
    except InvalidInputError as error:
        message = f"--every: {error.problems[0].message}."
        raise click.UsageError(message, click.get_current_context(silent=True)) from None


def _tell_beginning(watch: Watch[Any], wishes: WatchWishes) -> None:
    """Say what a user might not expect: that nothing is printed yet, or that it is not where he thinks it is."""
    if not watch.is_new:
        if wishes.start != "now":
            say("note: this watch goes on where it was; --from counts when it begins: --reset begins anew.")
        return
    where = {"now": "from now on; what is there already is not printed", "all": "with all that is there"}
    say(f"note: a new watch, {where.get(wishes.start, f'from {wishes.start} on')}.")
    if watch.others:
        one = watch.others == 1
        what = "is another watch" if one else f"are {watch.others} other watches"
        stays = "that stays as it is" if one else "those stay as they are"
        say(f"note: there {what} of this module, with other fields or another connection; {stays}.")


class LookDue(Due):
    """A plugin that gives each look at the service its time, and none to the wait between two."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(seconds)
        self.deadline = None  # of the time in which somebody is asked for what is missing, too

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Begin with a look, and end with it."""
        if isinstance(event, OperationStarted):
            self.begin()
        elif isinstance(event, OperationFinished):
            self.deadline = None


class _Watching:
    """A watch, seen from the thread that works and from the one that prints."""

    def __init__(
        self, host: Host, handle: ModuleHandle, values: Mapping[str, object], wishes: WatchWishes, talk: Talk
    ) -> None:
        self._host = host
        self._handle = handle
        self._values = values
        self._wishes = wishes
        self._talk = talk
        self._cancellation = Cancellation()
        self._printed = threading.Semaphore(0)
        self._count = 0

    def run(self, start: Start, settings: WatchSettings, due: Due) -> None:
        """Print what is new, until somebody stops it."""
        wishes = self._wishes
        with self._host.watch(
            self._handle.id,
            self._values,
            name=wishes.name,
            start=start,
            reset=wishes.reset,
            settings=settings,
            connection=wishes.connection,
            deadline_s=wishes.deadline_s,
            cancellation=self._cancellation,
            confidential=wishes.confidential,
        ) as watch:
            _tell_beginning(watch, wishes)
            try:
                hear = partial(self._hear, watch)
                attend(lambda tell: self._work(watch, tell), hear, self._cancellation, due)
            except KeyboardInterrupt:
                say(f"stopped: {self._count} printed; the same command goes on from here.")
                raise

    def _work(self, watch: Watch[Any], tell: Callable[[object], None]) -> None:
        self._talk.pass_on = tell
        for item in watch.once() if self._wishes.once else watch:
            tell(item)
            while not self._printed.acquire(timeout=_POLL_S):
                if self._cancellation.cancelled:
                    return

    def _hear(self, watch: Watch[Any], told: object) -> None:
        if isinstance(told, Event):
            self._talk.hear(told)
        elif isinstance(told, NewItem):
            confidential = self._wishes.confidential
            bundle = with_content(told.bundle, self._host.files) if confidential else told.bundle
            with uninterrupted():  # else it could be printed and not remembered
                write_lines([bundle])
                watch.ack()
                self._count += 1
            self._printed.release()
