"""Questions to a person at a terminal: what is told and asked goes to stderr, so that stdout stays for data."""

import getpass
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

import click

from jackfield import Choice, Secret
from jackfield._cli.terminal import printable, say

_MOST_SHOWN = 20
_INDENT = "  "


def can_ask() -> bool:
    """Tell whether a person is there who sees a question and can answer."""
    streams = (getattr(sys, "stdin", None), getattr(sys, "stderr", None))
    return all(stream is not None and stream.isatty() for stream in streams)


def tell(text: str) -> None:
    """Tell something, wrapped to the terminal."""
    say("\n".join(textwrap.fill(line, shutil.get_terminal_size().columns) for line in text.splitlines()))


def ask(prompt: str, *, hidden: bool = False) -> str:
    """Ask for a line of text.

    Args:
        prompt: What stands before the answer.
        hidden: Whether the answer is not shown while it is typed.

    Raises:
        click.Abort: The input ended.
        KeyboardInterrupt: Ctrl-C.
    """
    try:
        if hidden:
            return getpass.getpass(f"{printable(prompt)}: ", sys.stderr)
        click.echo(f"{printable(prompt)}: ", nl=False, err=True)
        return _line()
    except (KeyboardInterrupt, EOFError) as stop:
        say("")  # what the shell prints next starts a line of its own
        if isinstance(stop, EOFError):
            raise click.Abort from stop
        raise


def ask_secret(prompt: str) -> Secret:
    """Ask for what nobody is to see; raises as ``ask``."""
    return Secret(ask(prompt, hidden=True))


def _line() -> str:
    # Not input(): it writes its prompt to stdout, which may be a file.
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


def confirm(question: str) -> bool:
    """Ask for yes or no; nothing means no."""
    while True:
        answer = ask(f"{question} [y/N]").strip().lower()
        if answer in ("", "n", "no"):
            return False
        if answer in ("y", "yes"):
            return True
        tell("Please answer y or n.")


def show_menu(choices: Sequence[Choice], *, first: int = 1) -> None:
    """Show choices with numbers, by groups."""
    shown = choices[:_MOST_SHOWN]
    group = ""
    digits = len(str(first + len(shown) - 1))
    for number, choice in enumerate(shown, first):
        if choice.group != group:
            group = choice.group
            say(f"{_INDENT}{group}")
        say(_wrapped(f"{number:>{digits}}  ", _words(choice)))
    if len(choices) > len(shown):
        say(f"{_INDENT}... and {len(choices) - len(shown)} more; a part of a name searches among them.")


def _wrapped(head: str, text: str) -> str:
    width = max(20, shutil.get_terminal_size().columns)
    return textwrap.fill(text, width, initial_indent=_INDENT + head, subsequent_indent=" " * len(_INDENT + head))


def _words(choice: Choice) -> str:
    value = str(choice.value)
    parts = [choice.label] if choice.label.startswith(value) else [value, *([choice.label] if choice.label else [])]
    parts += [choice.help] if choice.help else []
    return ": ".join(parts)


def picked(answer: str, choices: Sequence[Choice]) -> Choice | None:
    """Find the choice that an answer means: its value, its label, or its number in the menu."""
    wanted = answer.strip().casefold()
    for choice in choices:
        if wanted in (str(choice.value).casefold(), choice.label.casefold()):
            return choice
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < len(str(sys.maxsize)) else 0
    return choices[number - 1] if 0 < number <= min(len(choices), _MOST_SHOWN) else None


def matching(answer: str, choices: Iterable[Choice]) -> list[Choice]:
    """Find the choices with a text in their value or label."""
    wanted = answer.strip().casefold()
    return [choice for choice in choices if wanted in f"{choice.value}\n{choice.label}".casefold()]
