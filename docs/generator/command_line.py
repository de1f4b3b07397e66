"""The page of the command line: every command's own help, and what each exit code says."""

from collections.abc import Iterator

import click

from generator.markdown import docstring, link, table
from jackfield import errors
from jackfield._cli.exits import EXIT_CODES, FAILURE, INTERRUPTED, OK, USAGE
from jackfield._cli.main import cli

_WIDTH = 100
_HEAD = """# Command line

`jackfield` and `python -m jackfield` are the same program.
Data goes to standard output, everything else to standard error.
Every error says what to type next."""


def page() -> str:
    """Write the page."""
    parts = [_HEAD, *_described(_context(cli, "jackfield", None)), _exit_codes()]
    return "\n\n".join(parts) + "\n"


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(command, info_name=name, parent=parent, terminal_width=_WIDTH, max_content_width=_WIDTH)


def _described(context: click.Context) -> Iterator[str]:
    command = context.command
    yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None  # noqa: S101  it was listed
            yield from _described(_context(inner, name, context))


def _exit_codes() -> str:
    meanings = {OK: ["It worked."], FAILURE: ["Anything that has no code of its own."]}
    for kind, number in EXIT_CODES.items():
        meanings.setdefault(number, []).append(_meaning(kind))
    rows = [(str(number), " ".join(meanings[number])) for number in sorted(meanings)]
    return "## Exit codes\n\n" + table(["Code", "When"], rows)


def _meaning(kind: type[BaseException]) -> str:
    special = {USAGE: "The command itself is wrong.", INTERRUPTED: "Interrupted with Ctrl-C."}
    if hasattr(errors, kind.__name__):
        first = docstring(kind.__doc__).text.partition("\n")[0]
        return f"{link(kind.__name__)}: {first}"
    return special[EXIT_CODES[kind]]
