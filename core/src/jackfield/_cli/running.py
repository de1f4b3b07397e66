"""``module run``: from the arguments to what is on stdout."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jackfield import (
    Cancellation,
    Event,
    Host,
    JackfieldError,
    ModuleHandle,
    Preview,
    Result,
)
from jackfield._cli.attend import Due, attend
from jackfield._cli.each import SEVERAL, run_each
from jackfield._cli.exits import OK
from jackfield._cli.filling import filled
from jackfield._cli.inlining import check_files_printed, with_content
from jackfield._cli.inputs import STDIN, read_inputs
from jackfield._cli.output import write_bundles
from jackfield._cli.pieces import Pieces
from jackfield._cli.previewing import print_curl, print_preview
from jackfield._cli.saved_input import save_input
from jackfield._cli.settings import open_host
from jackfield._cli.spending import Spending, said_usage
from jackfield._cli.talk import Talk
from jackfield._cli.terminal import on_terminal, say
from jackfield._cli.wishes import RunWishes
from jackfield._engine.conversion import dump
from jackfield._engine.withholding import withhold
from jackfield.settings import RunSettings, chosen


def run_module(module_id: str, arguments: Sequence[str], wishes: RunWishes, about: dict[str, str]) -> int:
    """Run a module and print what it gives.

    Returns:
        The exit code.

    Raises:
        JackfieldError: As ``Host.run``.
        click.UsageError: An argument is no field, or two wishes contradict each other.
    """
    wishes.check()
    talk = Talk(confidential=wishes.confidential)
    spending = Spending(wishes)
    with open_host(talk, *spending.plugins, files=wishes.files, connection=wishes.connection) as host:
        handle = host.module(module_id)
        about.update(module=handle.id, connector=handle.connection_type_id.partition(".")[0])
        try:
            return _run(host, handle, arguments, wishes, talk, spending)
        except JackfieldError as error:
            if wishes.confidential:
                withhold(error, handle.module)
            raise


def _run(  # noqa: PLR0917  what a run is made of
    host: Host, handle: ModuleHandle, arguments: Sequence[str], wishes: RunWishes, talk: Talk, spending: Spending
) -> int:
    values: Mapping[str, object] = read_inputs(
        arguments,
        handle.form,
        handle.id,
        stdin_is_free=wishes.input != STDIN,
        store=host.files,
        in_memory=wishes.confidential,
        deadline_s=wishes.deadline_s,
    )
    if wishes.each:
        return run_each(host, handle, values, wishes, talk, spending)
    values = filled(host, handle, values, arguments, wishes)
    if wishes.save is not None:
        save_input(handle, values, wishes)
        return OK
    _Run(host, handle, values, wishes, talk).print()
    return OK


class _Run:
    """One run of one module."""

    def __init__(
        self, host: Host, handle: ModuleHandle, values: Mapping[str, object], wishes: RunWishes, talk: Talk
    ) -> None:
        self._host = host
        self._handle = handle
        self._values = values
        self._wishes = wishes
        self._talk = talk
        self._cancellation = Cancellation()
        self._several = handle.kind in SEVERAL
        self._form = wishes.form or _usual_form(streaming=wishes.stream)
        # A list that comes in pages goes on page by page where each bundle has a line of its own.
        self._flows = wishes.stream or (self._several and self._form in ("jsonl", "plain"))
        self._has_result = handle.output.slot("result") is not None
        self._pieces = Pieces(self._form, several=self._several, has_result=self._has_result)
        if wishes.confidential:
            check_files_printed(handle, self._form)

    def print(self) -> None:
        """Run it, and print what it gives."""
        if self._handle.sunset:
            say(f"note: {self._handle.id}: {self._handle.sunset.words}")
        if self._wishes.stream and not (self._handle.streams or self._several):
            say(f"note: {self._handle.id} does not stream; its answer comes whole.")
        try:
            outcome = attend(self._work, self._hear, self._cancellation, Due(self._wishes.deadline_s))
        finally:
            self._pieces.end()
        if isinstance(outcome, Preview):
            self._print_preview(outcome)
            return
        if not self._pieces.told:
            bundles = outcome.bundles
            if self._wishes.confidential:
                bundles = with_content(bundles, self._host.files)
            write_bundles(bundles, self._form, several=self._several, has_result=self._has_result)
        self._talk.warn_of(outcome.warnings)
        if self._form == "table" and sys.stderr.isatty():
            say(_summary(outcome))

    def _work(self, tell: Callable[[object], None]) -> Result[Any] | Preview:
        self._talk.pass_on = tell
        options: dict[str, Any] = {
            "connection": self._wishes.connection,
            "deadline_s": self._wishes.deadline_s,
            "cancellation": self._cancellation,
            "confidential": self._wishes.confidential,
        }
        if self._wishes.dry_run or self._wishes.as_curl:
            return self._host.preview(self._handle.id, self._values, streaming=self._wishes.stream, **options)
        if not self._flows or self._form == "json":
            result: Result[Any] = self._host.run(self._handle.id, self._values, **options)
            return result
        inlines = self._wishes.confidential and self._form == "jsonl"
        with self._host.stream(self._handle.id, self._values, **options) as stream:
            for piece in stream:
                tell(with_content(dump(piece), self._host.files) if inlines else piece)
            return stream.result

    def _print_preview(self, preview: Preview) -> None:
        if self._wishes.as_curl:
            print_curl(preview, self._handle, self._wishes)
        else:
            print_preview(preview, self._form)

    def _hear(self, told: object) -> None:
        if isinstance(told, Event):
            self._talk.hear(told)
        else:
            self._pieces.hear(told)


def _usual_form(*, streaming: bool) -> str:
    usual = chosen(RunSettings).format
    if usual != "auto":
        return usual
    return "table" if on_terminal() else "jsonl" if streaming else "json"


def _summary(result: Result[Any]) -> str:
    parts = [f"{result.duration_s:.1f} s"]
    parts += said_usage(result)
    if result.attempts > 1:
        parts.append(f"{result.attempts} attempts")
    if result.request_id:
        parts.append(f"request {result.request_id}")
    return f"({', '.join(parts)})"
