"""``jackfield plugin``: what is installed, and what of it may be used. Imports no plugin unless told to."""

import click

from jackfield._cli.lazy import HelpfulGroup
from jackfield._cli.output import format_option

_NAMES = click.argument("names", nargs=-1, metavar="DISTRIBUTION...")


@click.group(cls=HelpfulGroup)
def plugin() -> None:
    """What is installed: list it, allow it, deny it."""


@plugin.command("list")
@click.option("--load", is_flag=True, help="Import everything, to see what is broken.")
@format_option("Without: a table.")
def list_plugins(load: bool, form: str | None) -> None:
    """List the distributions that provide something, and what keeps them from being used.

    Status: ok, denied, incompatible (needs another version of jackfield), duplicate (another distribution provides the
    same), and with --load broken.
    """
    from jackfield._cli.installed import print_plugins  # noqa: PLC0415  help must be quick

    print_plugins(form or "table", load=load)


@plugin.command("allow")
@_NAMES
@click.option("--only", is_flag=True, help="These and no others, from now on.")
@click.option(
    "--all", "everything", is_flag=True, help="Whatever is installed: forgets everything that was said before."
)
def allow(names: tuple[str, ...], only: bool, everything: bool) -> None:
    """Let a distribution be used that was denied."""
    from jackfield._cli.policy import allow_all, allow_names, allow_only  # noqa: PLC0415  help must be quick

    if everything == bool(names) or (only and everything):
        message = "Name distributions, or give --all."
        raise click.UsageError(message, click.get_current_context())
    if everything:
        allow_all()
    elif only:
        allow_only(names)
    else:
        allow_names(names)


@plugin.command("deny")
@_NAMES
def deny(names: tuple[str, ...]) -> None:
    """Keep a distribution from being used: nothing of it is listed or imported."""
    from jackfield._cli.policy import deny_names  # noqa: PLC0415  help must be quick

    if not names:
        message = "Name one distribution or more."
        raise click.UsageError(message, click.get_current_context())
    deny_names(names)
