"""A failure in words: what happened, then what to type next; and the exit code that says it to a program."""

import os
import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path

import click

from jackfield._cli.exits import FAILURE, INTERRUPTED, USAGE, exit_code
from jackfield._cli.terminal import say
from jackfield.errors import (
    AnswerError,
    BrokenAnswerError,
    BusyError,
    CredentialsError,
    InputError,
    InvalidInputError,
    JackfieldError,
    NoConnectionError,
    NotFoundError,
    PermissionDeniedError,
    PluginError,
    QuotaError,
    RefusedByPolicyError,
    RefusedError,
    RemoteError,
    UnknownModuleError,
    UnreachableError,
)
from jackfield.secrets import Redactor, Secret

_BETTER: Mapping[type[JackfieldError], str] = {
    UnknownModuleError: "jackfield module list",
    InvalidInputError: "jackfield module show {module}",
}
"""What the command line knows better than the error's own hint."""

_NEXT: Mapping[type[JackfieldError], str] = {
    InputError: "jackfield module show {module}",
    NoConnectionError: "jackfield connector show {connector}",
    RefusedByPolicyError: "jackfield plugin list shows which plugins extend this host.",
    CredentialsError: "Check the key; jackfield connector show {connector} names the variables that hold it.",
    PermissionDeniedError: "Use a key that may do this; jackfield connector show {connector} names the variables.",
    NotFoundError: "Check the names and ids in the input: jackfield module show {module}",
    QuotaError: "Add credit or raise the limit at the service; a repeat does not help.",
    RefusedError: "Compare the input with: jackfield module show {module}",
    BusyError: "Run it again later; --deadline SECONDS says how long repeats may take.",
    RemoteError: "Run it again later.",
    UnreachableError: "Check the address and the network; jackfield doctor shows settings that are ignored.",
    BrokenAnswerError: "Run it again.",
    AnswerError: "Check that the address is the service's; jackfield connector show {connector} says where it is set.",
    PluginError: "jackfield plugin list --load",
}
"""For errors that bring no hint."""

_SECRET_NAME = re.compile("KEY|TOKEN|SECRET|PASS", re.IGNORECASE)


def report(error: BaseException, about: Mapping[str, str]) -> int:
    """Tell the user of a failure.

    Args:
        error: What happened.
        about: What the command is about: ``module`` and ``connector`` ids, where it has them.

    Returns:
        The exit code.
    """
    if os.environ.get("JACKFIELD_DEBUG", "0") not in ("", "0"):
        _show_traceback(error)
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, click.Abort):
        return _report_abort(error)
    if isinstance(error, click.ClickException):
        return _report_click(error)
    if isinstance(error, JackfieldError):
        _tell(_said(error), _next_step(error, about), request_id=str(getattr(error, "request_id", "")))
        if error.withheld is not None and not sys.stderr.isatty():
            say("note: the run is confidential, so what exactly was said is shown on a terminal only.")
        return exit_code(error)
    if isinstance(error, OSError):
        _tell(
            f"{error.strerror or type(error).__name__} ({error.filename or 'writing the output'})", "jackfield doctor"
        )
        return FAILURE
    _tell(
        f"{type(error).__name__} at {_place(error)}: this is a bug, in Jackfield or in a plugin.",
        "Set the environment variable JACKFIELD_DEBUG=1 and run it again to see the traceback; report that.",
    )
    return FAILURE


def _said(error: JackfieldError) -> str:
    # A terminal is read by who runs it; any other stderr may end in a log.
    return error.withheld.reveal() if error.withheld is not None and sys.stderr.isatty() else error.message


def _tell(message: str, next_step: str, request_id: str = "") -> None:
    first, *others = message.splitlines() or [""]
    say(f"error: {first}")
    for line in others:
        say(f"  {line}")
    if request_id:
        say(f"request: {request_id} (quote it to the service's support)")
    if next_step:
        say(f"next: {next_step}")


def _report_abort(error: click.Abort) -> int:
    # click turns Ctrl-C, the end of input at a prompt and a "no" into this; only the cause tells them apart.
    cause = error.__cause__ or error.__context__
    if isinstance(cause, KeyboardInterrupt):
        return INTERRUPTED
    _tell("The input ended before an answer was given." if isinstance(cause, EOFError) else "Stopped as asked.", "")
    return FAILURE


def _report_click(error: click.ClickException) -> int:
    context = error.ctx if isinstance(error, click.UsageError) else None
    _tell(Redactor().scrub(error.format_message()), f"{context.command_path if context else 'jackfield'} --help")
    return USAGE if isinstance(error, click.UsageError) else FAILURE


def _next_step(error: JackfieldError, about: Mapping[str, str]) -> str:
    kinds = type(error).__mro__
    if isinstance(error, InvalidInputError) and error.subject not in ("", about.get("module", "")):
        better = error.hint or _NEXT[NoConnectionError]  # it is the connection's form that is broken
    elif isinstance(error, InvalidInputError) and error.hint:
        better = error.hint  # whoever wrote one knows more than where the fields are listed
    else:
        better = next((_BETTER[kind] for kind in kinds if kind in _BETTER), "")
    steps = [better, error.hint, *(_NEXT[kind] for kind in kinds if kind in _NEXT)]
    if isinstance(error, PluginError) and error.__cause__ is not None and error.hint:
        steps.insert(0, f"{error.hint} JACKFIELD_DEBUG=1 shows the traceback.")
    last = "jackfield connector list" if about.get("connector") else "jackfield --help"
    return next((filled for step in steps if (filled := _filled(step, about))), last)


def _filled(step: str, about: Mapping[str, str]) -> str:
    """Fill in what the command is about; empty if that is not known."""
    for name in ("module", "connector"):
        place = "{" + name + "}"
        if place in step and not about.get(name):
            return ""
        step = step.replace(place, about.get(name, ""))
    return step


def _place(error: BaseException) -> str:
    # The exception's own text may hold input or output; its class and place are enough to report it.
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"


def _show_traceback(error: BaseException) -> None:
    # Never with local variables, which may hold a key; what the environment holds is masked in the texts of errors too.
    held = (Secret(value) for name, value in os.environ.items() if _SECRET_NAME.search(name))
    say(Redactor(held).scrub("".join(traceback.format_exception(error)).rstrip()))
