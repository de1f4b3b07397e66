"""``jackfield mcp``: serve modules to MCP clients, and print the settings that clients want."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from jackfield import FileSettings, Host, InputError, user_files, user_host
from jackfield_mcp.clients import CLIENTS, settings_for
from jackfield_mcp.offer import MAX_RESULT_BYTES, Offer

__all__ = ["mcp"]


@click.group()
def mcp() -> None:
    """Offer modules as tools to MCP clients: Claude, VS Code, Cursor and others."""


_OFFERED = [
    click.option(
        "--module", "modules", multiple=True, metavar="ID|PATTERN", help="Offer these only: openai.*; may be repeated."
    ),
    click.option(
        "--connection", "connections", multiple=True, metavar="TYPE=NAME", help="The saved connection for a type."
    ),
    click.option(
        "--approve",
        "approved",
        multiple=True,
        metavar="ID|PATTERN",
        help="Run these unasked, though they leave something behind at the service.",
    ),
    click.option("--allow-universal", is_flag=True, help="Offer modules that can call anything of a service, too."),
    click.option("--max-result-bytes", type=click.IntRange(min=1024), help="The most JSON that one result has."),
    click.option("--deadline", "deadline_s", type=click.FloatRange(min=0.001), help="Seconds that one call may take."),
    click.option(
        "--input-root",
        "roots",
        multiple=True,
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A directory whose files a client may name; none without.",
    ),
    click.option(
        "--files",
        type=click.Path(file_okay=False, path_type=Path),
        help="Where files go that modules make; without it, where `jackfield module run` puts them.",
    ),
]


def _offered(command: Any) -> Any:
    for option in reversed(_OFFERED):
        command = option(command)
    return command


@mcp.command()
@_offered
def serve(
    *,
    modules: Sequence[str],
    connections: Sequence[str],
    approved: Sequence[str],
    allow_universal: bool,
    max_result_bytes: int | None,
    deadline_s: float | None,
    roots: Sequence[Path],
    files: Path | None,
) -> None:
    """Serve one client over stdin and stdout, as clients start it themselves: see `jackfield mcp config`.

    A module that leaves something behind at its service is run only if the person at the client approves of the call,
    or --approve names it. A passphrase of saved connections comes from JACKFIELD_PASSPHRASE.
    """
    from jackfield_mcp.gateway import Gateway  # noqa: PLC0415  `config` and help need none of the protocol
    from jackfield_mcp.stdio import serve as serve_stdio  # noqa: PLC0415

    kept = FileSettings(directory=files or user_files(), input_roots=roots)
    named = dict(map(_named_connection, connections))
    if len(named) < len(connections):
        message = "--connection names two connections for one type."
        raise InputError(message, hint="Start a second server for the other one.")
    gateway = Gateway()
    with user_host(plugins=[gateway], files=kept) as host:
        gateway.offer = Offer(
            modules=modules,
            connections={_type_id(host, type_id): name for type_id, name in named.items()},
            approved=approved,
            allow_universal=allow_universal,
            deadline_s=deadline_s,
            max_result_bytes=max_result_bytes or MAX_RESULT_BYTES,
        )
        served = gateway.served(host)
        for note in served.notes:
            click.echo(f"note: {note}", err=True)
        count = len(served.tools)
        click.echo(f"Serving {count} module{'s' if count != 1 else ''} over stdin and stdout.", err=True)
        serve_stdio(served)


def _named_connection(text: str) -> tuple[str, str]:
    type_id, equals, name = text.partition("=")
    if not (type_id and equals and name):
        message = f"--connection {text}: must be TYPE=NAME, such as openai.openai=work."
        raise InputError(message, hint="`jackfield connection list` lists names and types.")
    return type_id, name


def _type_id(host: Host, given: str) -> str:
    """Give the id of a connection type; a connector that has one type may stand for it."""
    types = host.connector(given.partition(".")[0]).connection_types
    if given in types:
        return given
    if "." not in given and len(types) == 1:
        return next(iter(types))
    message = f"There is no connection type {given!r}. There are: {', '.join(types) or 'none'}."
    raise InputError(message, hint="`jackfield connector show` lists the connection types of a connector.")


@mcp.command()
@click.argument("client", type=click.Choice(sorted(CLIENTS)))
@click.option("--name", default="jackfield", show_default=True, help="What the client calls the server.")
@_offered
def config(*, client: str, name: str, **options: Any) -> None:
    """Print the settings with which CLIENT starts the server; most options are those of `jackfield mcp serve`."""
    text, place = settings_for(client, name, _typed(options))
    click.echo(text)
    click.echo(f"Put it into {place}, and start the client again.", err=True)


def _typed(given: Mapping[str, Any]) -> list[str]:
    """Give options as they are typed; paths as a whole, since clients start servers anywhere."""
    typed: list[str] = []
    for option in serve.params:
        value = given[option.name or ""]
        if isinstance(value, bool):
            typed += option.opts if value else []
            continue
        for each in value if isinstance(value, tuple) else () if value is None else (value,):
            typed += [option.opts[0], str(each.absolute() if isinstance(each, Path) else each)]
    return typed
