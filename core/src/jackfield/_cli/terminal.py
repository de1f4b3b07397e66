"""The three streams: data goes to stdout, talk to stderr, and neither is surprised by what it is given."""

import contextlib
import errno
import functools
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ParamSpec, TextIO, TypeVar

import click

P = ParamSpec("P")
T = TypeVar("T")

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
"""A service's text must not move the cursor or retitle the window of whoever reads it."""


class ClosedOutputError(Exception):
    """Whoever read our output has enough of it (``| head``)."""


def printable(text: str) -> str:
    """Show control characters instead of obeying them; line feeds and tabs stay."""
    return text.translate(_CONTROLS)


def prepare_streams() -> None:
    r"""Let stdout take any text.

    A pipe or file gets UTF-8 whatever the locale (Windows pipes are cp1252), since JSON is UTF-8; a lone surrogate is
    written as in JSON: ``\ud800``. A terminal keeps its own encoding and shows a mark for what it lacks.
    """
    if getattr(sys, "stdout", None) is None:  # started without one: ``>&-``, pythonw
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  it is open as long as we run
    if isinstance(sys.stdout, io.TextIOWrapper):
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="replace")
        else:
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


_data: list[TextIO] = []
"""Where data goes while ``sys.stdout`` is somebody else's, in every thread; else empty."""


def _out() -> TextIO:
    return _data[-1] if _data else sys.stdout


def data_apart(function: Callable[P, T]) -> Callable[P, T]:
    """Have what modules print while a command runs go to stderr: a program that reads our data must not find it."""

    @functools.wraps(function)
    def command(*args: P.args, **options: P.kwargs) -> T:
        _data.append(sys.stdout)
        try:
            with contextlib.redirect_stdout(sys.stderr):
                return function(*args, **options)
        finally:
            _data.pop()

    return command


def on_terminal() -> bool:
    """Tell whether a person reads stdout."""
    return _out().isatty()


def write(text: str) -> None:
    """Write data to stdout, at once.

    Raises:
        ClosedOutputError: Nobody reads it any more.
    """
    try:
        _out().write(text)
        _out().flush()
    except OSError as error:
        # Windows says "invalid argument" for a pipe whose reader has gone.
        if error.errno in (errno.EPIPE, errno.EINVAL):
            raise ClosedOutputError from None
        raise


@contextlib.contextmanager
def closing_told() -> Iterator[None]:
    """Tell a reader who has enough from a failure: click ends the process with 1 for it, if it sees it."""
    try:
        yield
    except BrokenPipeError:
        raise ClosedOutputError from None


def say(text: str) -> None:
    """Tell the user something that is no data."""
    with contextlib.suppress(OSError):
        click.echo(printable(text), err=True)


def give_up_output() -> None:
    """Keep Python from complaining at its end that what is left in stdout cannot be written."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
