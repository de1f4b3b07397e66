"""The script that makes a shell ask us for completions."""

import click
from click.shell_completion import ShellComplete, get_completion_class

from jackfield._cli.output import write_plain

_NAME = "jackfield"
_VARIABLE = "_JACKFIELD_COMPLETE"
"""The variable by which click knows that a shell asks."""


def print_script(program: click.Command, shell: str) -> None:
    """Print click's script for a shell that click knows."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  the command offers no other
    # Not the class's own way: for bash it runs the bash that it finds, to warn of old ones, and there may be none here.
    write_plain(ShellComplete.source(kind(program, {}, _NAME, _VARIABLE)))
