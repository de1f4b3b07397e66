"""``jackfield connection``: what modules are authorized with."""

import click

from jackfield._cli.lazy import HelpfulGroup, completer
from jackfield._cli.output import format_option


@click.group(cls=HelpfulGroup)
def connection() -> None:
    """What modules are authorized with: see if it works."""


@connection.command("check")
@click.argument("type_id", metavar="TYPE", shell_complete=completer("types"))
@click.option("--connection", "name", metavar="NAME", help="Which connection to check; the nameless one without.")
@format_option("Without: a table.", ("table", "json", "plain"))
@click.pass_obj
def check(about: dict[str, str], *, type_id: str, name: str | None, form: str | None) -> None:
    """Prove that a connection works, by asking its service.

    TYPE is a connection type such as openai.openai; `jackfield connector show` names them.

    What is printed: the account, the address, which settings and secrets are set, and where each comes from. The value
    of a secret is never printed.
    """
    from jackfield._cli.checking import check_connection  # noqa: PLC0415  help must be quick

    about["connector"] = type_id.partition(".")[0]
    check_connection(type_id, name, form or "table")
