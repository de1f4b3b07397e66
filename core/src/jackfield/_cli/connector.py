"""``jackfield connector``: the services that can be reached."""

from pathlib import Path

import click

from jackfield._cli.lazy import HelpfulGroup, completer
from jackfield._cli.output import format_option


@click.group(cls=HelpfulGroup)
def connector() -> None:
    """Services that can be reached, and with what."""


@connector.command("list")
@format_option("Without: a table.")
def list_connectors(form: str | None) -> None:
    """List the connectors that are installed, without importing them."""
    from jackfield._cli.listing import print_connectors  # noqa: PLC0415  help must be quick

    print_connectors(form or "table")


@connector.command("show")
@click.argument("connector_id", metavar="CONNECTOR", shell_complete=completer("connectors"))
@format_option("Without: a table.", ("table", "json"))
@click.pass_obj
def show(about: dict[str, str], connector_id: str, form: str | None) -> None:
    """Show what a connection needs, which variables hold it, and what can be run."""
    from jackfield._cli.show_connector import show_connector  # noqa: PLC0415  help must be quick

    about["connector"] = connector_id
    show_connector(connector_id, form or "table")


@connector.command("new")
@click.argument("name")
@click.option("--path", "folder", type=click.Path(path_type=Path), help="Where; ./jackfield-NAME without.")
@click.option("--title", default="", help="What people read, such as a name in capitals; made from NAME without.")
def new(name: str, folder: Path | None, title: str) -> None:
    """Write the package of a new connector, with modules, tests and docs that work already.

    NAME is that of the service, in lower case: its ids begin with it. Nothing is fetched or overwritten.
    """
    from jackfield._cli.new_connector import new_connector  # noqa: PLC0415  help must be quick

    new_connector(name, folder, title)


@connector.command("check")
@click.argument("connector_id", metavar="CONNECTOR", shell_complete=completer("connectors"))
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Only this rule, such as JF101; may be repeated.")
@click.option(
    "--import-budget",
    type=click.FloatRange(min=0),
    default=0.5,
    show_default=True,
    metavar="SECONDS",
    help="Time of the processor that the import of one module may take.",
)
@format_option("Without: a table of what did not pass.", ("table", "json", "jsonl"))
@click.pass_obj
def check(
    about: dict[str, str], connector_id: str, rules: tuple[str, ...], import_budget: float, form: str | None
) -> None:
    """Try whether a connector keeps the rules that connectors keep. Nothing reaches the network.

    Ends with 1 if a rule is broken. A rule that had nothing to be tried on is told as not checked, with the reason.
    """
    from jackfield._cli.conformance import check_and_print  # noqa: PLC0415  help must be quick

    about["connector"] = connector_id
    code = check_and_print(connector_id, rules, form or "table", import_budget)
    if code:
        raise click.exceptions.Exit(code)


@connector.command("diff")
@click.argument("old")
@click.argument("new")
@format_option("Without: a table.", ("table", "json", "jsonl"))
def diff(old: str, new: str, form: str | None) -> None:
    """Tell what the version NEW of a connector breaks for those who have OLD.

    Each is a wheel, a folder (of a project, or of what pip installed there), or what is installed: weather,
    jackfield-weather==1.0. Neither gets installed, and nothing reaches the network.

    Ends with 1 if something breaks and the number of the new version does not say so, or if that number falls.
    """
    from jackfield._cli.diff import diff_and_print  # noqa: PLC0415  help must be quick

    code = diff_and_print(old, new, form or "table")
    if code:
        raise click.exceptions.Exit(code)
