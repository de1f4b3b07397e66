"""``jackfield plugin``: what is installed, and what of it may be used. Imports no plugin unless told to."""

import click

from jackfield._cli.lazy import HelpfulGroup
from jackfield._cli.output import format_option

_NAMES = click.argument("names", nargs=-1, metavar="DISTRIBUTION...")


@click.group(cls=HelpfulGroup)
def plugin() -> None:
    """What is installed: list, allow, deny, verify and pin it."""


@plugin.command("list")
@click.option("--load", is_flag=True, help="Import everything, to see what is broken.")
@format_option("Without: a table.")
def list_plugins(load: bool, form: str | None) -> None:
    """List the distributions that provide something, and what keeps them from being used.

    Status: ok, denied, changed (not what was pinned), incompatible (needs another version of jackfield), duplicate
    (another distribution provides the same), and with --load broken.
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

    _need(names)
    deny_names(names)


@plugin.command("verify")
@_NAMES
@click.option(
    "--all", "everything", is_flag=True, help="Whatever is installed beside, not only what provides something."
)
@click.option("--strict", is_flag=True, help="What cannot be compared counts as changed.")
@format_option("Without: a table.")
@click.pass_context
def verify(context: click.Context, names: tuple[str, ...], everything: bool, strict: bool, form: str | None) -> None:
    """Compare the files of distributions with what was installed. Imports none of them.

    Without names: jackfield, and all that provide something. Reads each file, and compares it with the hash in RECORD;
    looks for files that would be imported and that RECORD does not know; and compiles each source to see if the
    compiled file beside it is its own. Ends with exit code 1 if something was changed.

    RECORD lies beside the files, so whoever changed both is not found out: pin what must not change.
    """
    from jackfield._cli.verifying import print_verified  # noqa: PLC0415  help must be quick

    if names and everything:
        message = "Name distributions, or give --all."
        raise click.UsageError(message, context)
    context.exit(print_verified(names, form or "table", everything=everything, strict=strict))


@plugin.command("pin")
@_NAMES
@click.option("--version-only", is_flag=True, help="Pin the version, whatever is in the files.")
@click.option("--print", "printing", is_flag=True, help="Print the entries for config/plugins.json, and write nothing.")
def pin(names: tuple[str, ...], version_only: bool, printing: bool) -> None:
    """Refuse a distribution as soon as it is not what it is now, before any of its code is imported.

    A pin holds the version, and one SHA-256 over what is in its files. It is the same wherever the same wheel is
    installed.
    """
    from jackfield._cli.pinning import pin_names, print_pins  # noqa: PLC0415  help must be quick

    _need(names)
    (print_pins if printing else pin_names)(names, version_only=version_only)


@plugin.command("unpin")
@_NAMES
def unpin(names: tuple[str, ...]) -> None:
    """Let a distribution be changed again."""
    from jackfield._cli.pinning import unpin_names  # noqa: PLC0415  help must be quick

    _need(names)
    unpin_names(names)


def _need(names: tuple[str, ...]) -> None:
    if not names:
        message = "Name one distribution or more."
        raise click.UsageError(message, click.get_current_context())
