"""``jackfield mcp``: serve modules to MCP clients, and print the settings that clients want."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from jackfield import FileSettings, InputError, user_files, user_host
from jackfield_mcp.clients import CLIENTS, http_settings_for, settings_for
from jackfield_mcp.options import offer_of, offered, over_http
from jackfield_mcp.reached import OVER_HTTP, serving_options

__all__ = ["mcp"]

_tell = partial(click.echo, err=True)


@click.group()
def mcp() -> None:
    """Offer modules as tools to MCP clients: Claude, VS Code, Cursor and others."""


@mcp.command()
@offered
@over_http
def serve(*, http: str | None, **given: Any) -> None:
    """Serve modules: one client over stdin and stdout, as clients start it themselves, or many with --http.

    See `jackfield mcp config` for the settings of clients. A module that leaves something behind at its service is run
    only if the person at the client approves of the call, or --approve names it. A passphrase of saved connections
    comes from JACKFIELD_PASSPHRASE.

    Over HTTP each request must bring a token; the first start makes one, and shows it.
    """
    from jackfield_mcp.gateway import Gateway  # noqa: PLC0415  `config` and help need none of the protocol

    reached = {name: given.pop(name) for name in OVER_HTTP}
    needless = next((option for name, option in OVER_HTTP.items() if reached[name] and http is None), None)
    if needless:
        message = f"{needless} means something over HTTP alone."
        raise InputError(message, hint="--http [HOST:]PORT serves over HTTP.")
    files = FileSettings(directory=given["files"] or user_files(), input_roots=given["roots"])
    gateway = Gateway()
    with user_host(plugins=[gateway], files=files) as host:
        gateway.offer = offer_of(host, given)
        served = gateway.served(host)
        for note in served.notes:
            _tell(f"note: {note}")
        _over_stdio(served) if http is None else _over_http(served, serving_options(http, reached, _tell))


def _over_stdio(served: Any) -> None:
    from jackfield_mcp.stdio import serve_stdio  # noqa: PLC0415  as above

    _tell(f"Serving {_counted(served)} over stdin and stdout.")
    serve_stdio(served)


def _over_http(served: Any, options: Mapping[str, Any]) -> None:
    from jackfield_mcp.http_server import HttpServer, HttpServing  # noqa: PLC0415  as above

    server = HttpServer(served, HttpServing(**options))
    server.serve(lambda: _tell(f"Serving {_counted(served)} at {server.url}; Ctrl+C ends it."))


def _counted(served: Any) -> str:
    count = len(served.tools)
    return f"{count} module{'s' if count != 1 else ''}"


@mcp.command()
@click.argument("client", type=click.Choice(sorted(CLIENTS)))
@click.option("--name", default="jackfield", show_default=True, help="What the client calls the server.")
@click.option("--http", "url", metavar="URL", help="For a server that runs already: what `jackfield mcp serve` says.")
@offered
def config(*, client: str, name: str, url: str | None, **options: Any) -> None:
    """Print the settings with which CLIENT starts the server; most options are those of `jackfield mcp serve`."""
    typed = _typed(options)
    if url is None:
        with user_host() as host:  # as the server would: a client shows nobody why one does not start
            for note in offer_of(host, options).chosen(host)[1]:
                _tell(f"note: {note}")
        text, steps = settings_for(client, name, typed)
    elif typed:
        message = f"{typed[0]} belongs to the server at {url}, which runs already."
        raise InputError(message, hint="Give it to `jackfield mcp serve --http`.")
    else:
        text, steps = http_settings_for(client, name, url)
    click.echo(text)
    _tell(steps)


def _typed(given: Mapping[str, Any]) -> list[str]:
    """Give options as they are typed; paths as a whole, since clients start servers anywhere."""
    typed: list[str] = []
    for option in serve.params:
        value = given.get(option.name or "")
        if isinstance(value, bool):
            typed += option.opts if value else []
            continue
        for each in value if isinstance(value, tuple) else () if value is None else (value,):
            typed += [option.opts[0], str(each.absolute() if isinstance(each, Path) else each)]
    return typed
