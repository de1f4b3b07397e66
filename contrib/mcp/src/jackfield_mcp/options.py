"""The options of the commands: what is offered, and how it is reached over HTTP."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from jackfield import Host, InputError
from jackfield_mcp.offer import MAX_AT_ONCE, MAX_RESULT_BYTES, Offer

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
    click.option("--max-at-once", type=click.IntRange(min=1), help="How many calls run at once."),
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

_OVER_HTTP = [
    click.option("--http", metavar="[HOST:]PORT", help="Serve many clients over HTTP, here; 0 for any port."),
    click.option(
        "--token-file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="A file with the token that clients must bring, made if it is missing; one of yours without.",
    ),
    click.option("--token-env", metavar="NAME", help="The environment variable with that token, instead of a file."),
    click.option("--allow-remote", is_flag=True, default=None, help="Listen where other machines reach it, too."),
    click.option(
        "--allow-host",
        "allowed_hosts",
        multiple=True,
        metavar="NAME[:PORT]",
        help="Another name by which clients call the server; may be repeated.",
    ),
    click.option(
        "--allow-origin",
        "allowed_origins",
        multiple=True,
        metavar="ORIGIN",
        help="Web pages that may ask: https://app.example; may be repeated.",
    ),
    click.option("--max-body-bytes", type=click.IntRange(min=1024), help="The largest request."),
    click.option("--max-sessions", type=click.IntRange(min=1), help="The most clients at once."),
    click.option(
        "--idle-timeout",
        "idle_timeout_s",
        type=click.FloatRange(min=0.001),
        help="Seconds after which a client that asks nothing is forgotten.",
    ),
]


def offered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say what is offered."""
    return _with(_OFFERED, command)


def over_http(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how a server is reached over HTTP."""
    return _with(_OVER_HTTP, command)


def _with(options: Sequence[Any], command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(options):
        command = option(command)
    return command


def offer_of(host: Host, given: Mapping[str, Any]) -> Offer:
    """Make the offer that was typed.

    Raises:
        InputError: A connection is named twice, or is of a type that is not there.
    """
    connections: Sequence[str] = given["connections"]
    named = dict(map(_named_connection, connections))
    if len(named) < len(connections):
        message = "--connection names two connections for one type."
        raise InputError(message, hint="Start a second server for the other one.")
    return Offer(
        modules=given["modules"],
        connections={_type_id(host, type_id): name for type_id, name in named.items()},
        approved=given["approved"],
        allow_universal=given["allow_universal"],
        deadline_s=given["deadline_s"],
        max_result_bytes=given["max_result_bytes"] or MAX_RESULT_BYTES,
        max_at_once=given["max_at_once"] or MAX_AT_ONCE,
    )


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
