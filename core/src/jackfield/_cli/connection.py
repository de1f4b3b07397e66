"""``jackfield connection``: what modules are authorized with."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from jackfield._cli.deadlines import deadline_option
from jackfield._cli.lazy import HelpfulGroup, completer
from jackfield._cli.output import format_option

F = TypeVar("F", bound=Callable[..., Any])

_NAME = click.argument("name", shell_complete=completer("saved"))
_FIELDS = click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
_TARGET = click.argument("target", metavar="NAME_OR_TYPE", shell_complete=completer("targets"))
_CONNECTION = click.option(
    "--connection",
    "name",
    metavar="NAME",
    help="Which one, if a type is given.",
    shell_complete=completer("saved"),
)
_READABLE = "Without: a table."


def _sources(command: F) -> F:
    """Add the ways in which values are given."""
    options = (
        click.option(
            "--reference",
            "references",
            multiple=True,
            metavar="FIELD=REF",
            help="Save where the secret is kept: env:NAME, file:/PATH, keyring:SERVICE/NAME, command:PROGRAM...",
        ),
        click.option("--stdin", is_flag=True, help="Take the secret from standard input."),
        click.option("--from-env", is_flag=True, help="Take values from the variables that the fields name."),
        click.option("--no-check", "unchecked", is_flag=True, help="Save it without asking its service if it works."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _login_options(command: F) -> F:
    """Add how a person logs in."""
    options = (
        click.option("--device", is_flag=True, help="Log in on another device: a code is shown to be typed there."),
        click.option(
            "--no-browser", "browser", flag_value=False, default=True, help="Print the address; open nothing."
        ),
        click.option(
            "--timeout",
            "timeout_s",
            type=click.FloatRange(min=1),
            metavar="SECONDS",
            default=300.0,
            show_default=True,
            help="How long to wait for you to log in.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group(cls=HelpfulGroup)
def connection() -> None:
    """What modules are authorized with: save it, see if it works."""


@connection.command("add")
@click.argument("name")
@click.argument("type_id", metavar="TYPE", shell_complete=completer("types"))
@_FIELDS
@_sources
@_login_options
@click.pass_obj
def add(
    about: dict[str, str],
    *,
    name: str,
    type_id: str,
    fields: tuple[str, ...],
    references: tuple[str, ...],
    stdin: bool,
    from_env: bool,
    unchecked: bool,
    device: bool,
    browser: bool,
    timeout_s: float,
) -> None:
    """Save a connection under a name.

    TYPE is a connection type such as openai.openai; `jackfield connector show` names them and their fields.

    Secrets are never given as arguments: they are asked for, without being shown, or come from --stdin, --from-env,
    FIELD=@FILE or --reference. Before anything is saved, the service is asked if the connection works. Where a type
    needs a login (OAuth 2), you are sent to the service's page first.
    """
    from jackfield._cli.credentials import Wishes  # noqa: PLC0415  help must be quick
    from jackfield._cli.keeping import add_connection  # noqa: PLC0415
    from jackfield._cli.login import LoginWishes  # noqa: PLC0415

    about["connector"] = type_id.partition(".")[0]
    wishes = Wishes(fields, references, stdin, from_env)
    add_connection(name, type_id, wishes, LoginWishes(device, browser, timeout_s), check=not unchecked)


@connection.command("login")
@_NAME
@_login_options
def login(*, name: str, device: bool, browser: bool, timeout_s: float) -> None:
    """Log in to the service of a saved connection, for the first time or anew.

    The page of the service is opened in your browser, and its address is printed for another one on this machine. On a
    machine without a browser: --device, if the service has such a login.
    """
    from jackfield._cli.login import LoginWishes, login_again  # noqa: PLC0415  help must be quick

    login_again(name, LoginWishes(device, browser, timeout_s))


@connection.command("list")
@format_option(_READABLE)
def list_saved(form: str | None) -> None:
    """List the connections that are saved, and which secrets are set."""
    from jackfield._cli.kept import list_connections  # noqa: PLC0415  help must be quick

    list_connections(form or "table")


@connection.command("show")
@_NAME
@format_option(_READABLE, ("table", "json"))
def show(name: str, form: str | None) -> None:
    """Show what is saved of a connection; of secrets, which are set."""
    from jackfield._cli.kept import show_connection  # noqa: PLC0415  help must be quick

    show_connection(name, form or "table")


@connection.command("edit")
@_NAME
@_FIELDS
@click.option("--secret", "secrets", multiple=True, metavar="FIELD", help="Ask for a new value of this secret.")
@click.option("--unset", multiple=True, metavar="FIELD", help="Take this value away.")
@_sources
def edit(
    *,
    name: str,
    fields: tuple[str, ...],
    secrets: tuple[str, ...],
    unset: tuple[str, ...],
    references: tuple[str, ...],
    stdin: bool,
    from_env: bool,
    unchecked: bool,
) -> None:
    """Change a saved connection; what is not named stays as it is.

    If the address changes, its secrets must be given again: nobody shall learn a key by pointing it elsewhere.
    """
    from jackfield._cli.credentials import Wishes  # noqa: PLC0415  help must be quick
    from jackfield._cli.keeping import edit_connection  # noqa: PLC0415

    edit_connection(name, Wishes(fields, references, stdin, from_env, secrets, unset), check=not unchecked)


@connection.command("check")
@_TARGET
@_CONNECTION
@click.option("--offline", is_flag=True, help="Check the values alone, and send nothing.")
@deadline_option("it")
@format_option(_READABLE, ("table", "json", "plain"))
@click.pass_obj
def check(
    about: dict[str, str], *, target: str, name: str | None, offline: bool, deadline: float | None, form: str | None
) -> None:
    """Prove that a connection works, by asking its service.

    NAME_OR_TYPE is the name of a saved connection, or a connection type such as openai.openai; `jackfield connector
    show` names them.

    What is printed: the account, the address, which settings and secrets are set, and where each comes from. The value
    of a secret is never printed. What does not work is told in one word, with how far the check came.
    """
    from jackfield._cli.checking import CheckWishes, check_connection  # noqa: PLC0415  help must be quick

    check_connection(target, name, CheckWishes(form or "table", offline, deadline), about)


@connection.command("explain")
@_TARGET
@_CONNECTION
@format_option("Without: text.", ("table", "json"))
def explain(*, target: str, name: str | None, form: str | None) -> None:
    """Tell where a connection is looked for, and what is there; never a value."""
    from jackfield._cli.kept import explain_connection  # noqa: PLC0415  help must be quick

    explain_connection(target, name, form or "table")


@connection.command("rename")
@_NAME
@click.argument("new_name")
def rename(name: str, new_name: str) -> None:
    """Give a saved connection another name."""
    from jackfield._cli.keeping import rename_connection  # noqa: PLC0415  help must be quick

    rename_connection(name, new_name)


@connection.command("remove")
@_NAME
@click.option("--yes", "sure", is_flag=True, help="Do not ask.")
@click.option("--no-revoke", "revoke", flag_value=False, default=True, help="Leave its login good at the service.")
def remove(name: str, *, sure: bool, revoke: bool) -> None:
    """Remove a saved connection, and overwrite where it lay.

    If its service has a place for it, the login is ended there too (OAuth 2).
    """
    from jackfield._cli.keeping import remove_connection  # noqa: PLC0415  help must be quick

    remove_connection(name, sure=sure, revoke=revoke)


@connection.command("export")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completer("saved"))
@click.option("--output", required=True, metavar="FILE", help="Where to write it; - is standard output.")
@click.option("--without-secrets", is_flag=True, help="Leave out secrets and headers, and do not encrypt.")
@click.option("--stdin", is_flag=True, help="Take the passphrase from standard input.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export(names: tuple[str, ...], *, output: str, without_secrets: bool, stdin: bool, force: bool) -> None:
    """Write saved connections to a file, encrypted with a passphrase; all of them without NAME."""
    from jackfield._cli.carrying import export_connections  # noqa: PLC0415  help must be quick

    export_connections(names, output, without_secrets=without_secrets, stdin=stdin, force=force)


@connection.command("import")
@click.argument("source", metavar="FILE")
@click.option("--replace", is_flag=True, help="Replace connections of the same name.")
@click.option("--references", is_flag=True, help="Take references too: you trust whoever made the file.")
@click.option("--stdin", is_flag=True, help="Take the passphrase from standard input.")
def import_file(source: str, *, replace: bool, references: bool, stdin: bool) -> None:
    """Save the connections that a file holds, all of them or none.

    Nothing is run, fetched or loaded for it.
    """
    from jackfield._cli.carrying import import_connections  # noqa: PLC0415  help must be quick

    import_connections(source, replace=replace, references=references, stdin=stdin)


@connection.command("rotate-key")
@click.option(
    "--protect",
    "method",
    type=click.Choice(("file", "keyring", "passphrase", "environment")),
    help="What shall protect the new key; as before without.",
)
@click.option("--stdin", is_flag=True, help="Take the new passphrase from standard input.")
def rotate(method: str | None, *, stdin: bool) -> None:
    """Seal everything that is saved with a new key.

    \b
    file         a key file that only you can read
    keyring      the keyring of the operating system; pip install 'jackfield[keyring]'
    passphrase   asked for, or in JACKFIELD_PASSPHRASE
    environment  JACKFIELD_STORE_KEY: 32 bytes in base64; NEW,OLD to change it
    """  # noqa: D301  click takes the character itself for "keep these lines"
    from jackfield._cli.keeping import rotate_key  # noqa: PLC0415  help must be quick

    rotate_key(method, stdin=stdin)
