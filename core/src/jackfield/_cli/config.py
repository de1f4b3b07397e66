"""``jackfield config``: what is set once, for every run."""

import click

from jackfield._cli.lazy import HelpfulGroup, completer
from jackfield._cli.output import format_option

_NAME = click.argument("name", metavar="NAME", shell_complete=completer("settings"))


@click.group(cls=HelpfulGroup)
def config() -> None:
    """Settings for every run: list them, set them, unset them.

    An option of a command outranks the environment, which outranks the file; what is in none of them has a default.
    Programs that embed Jackfield go by none of this unless they ask for it.
    """


@config.command("list")
@format_option("Without: a table.", ("table", "json"))
def list_settings(form: str | None) -> None:
    """List what can be set, what counts now, and where it comes from."""
    from jackfield._cli.configuring import print_settings  # noqa: PLC0415  help must be quick

    print_settings(form or "table")


@config.command("get")
@_NAME
def get(name: str) -> None:
    """Print the value that counts, and nothing else."""
    from jackfield._cli.configuring import print_value  # noqa: PLC0415  help must be quick

    print_value(name)


@config.command("set", context_settings={"ignore_unknown_options": True})
@_NAME
@click.argument("value")
def set_value(name: str, value: str) -> None:
    """Write a value to the file.

    It is checked first. The file is not encrypted, so it takes no password.
    """
    from jackfield._cli.configuring import set_setting  # noqa: PLC0415  help must be quick

    set_setting(name, value)


@config.command("unset")
@_NAME
def unset(name: str) -> None:
    """Take a value out of the file, so that the default counts."""
    from jackfield._cli.configuring import unset_setting  # noqa: PLC0415  help must be quick

    unset_setting(name)


@config.command("path")
def path() -> None:
    """Print where the file is, or would be."""
    from jackfield._cli.configuring import print_path  # noqa: PLC0415  help must be quick

    print_path()
