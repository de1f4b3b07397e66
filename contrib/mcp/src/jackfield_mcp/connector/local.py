"""MCP servers that are programs of this machine: what is sent to one becomes lines of its input.

The messages are those that go to a server over HTTP, so that the modules know of no difference; a hook takes the
requests of this connection type before they would leave, and starts a program for each. Only programs that whoever
runs the host allowed are started.
"""

from collections.abc import Mapping
from typing import Annotated

from attrs import frozen

from jackfield import (
    Array,
    Client,
    ConnectionType,
    KeyValue,
    Password,
    Program,
    Secret,
    Text,
)
from jackfield_mcp.connector.session import session

__all__ = ["LocalServer", "command", "program_of"]

_SECRET_VARIABLE = "MCP_TOKEN"  # noqa: S105  the name of a variable


@frozen(kw_only=True)
class LocalServer:
    """Which program is the server."""

    program: Annotated[
        str,
        Text(
            label="Program",
            help="A name or a whole path; whoever runs the host must allow it by the setting programs.allow.",
            example="uvx",
            env="MCP_PROGRAM",
            min_length=1,
        ),
    ]
    arguments: Annotated[
        list[Annotated[str, Text()]] | None,
        Array(label="Arguments", help="As the pages of the server say; no shell reads them."),
    ] = None
    secret: Annotated[
        Secret | None,
        Password(label="Secret", help="A token that the server wants, if it wants one.", env="MCP_SECRET"),
    ] = None
    secret_variable: Annotated[
        str | None,
        Text(
            label="Variable of the Secret",
            help=f"The environment variable in which the server looks for it; {_SECRET_VARIABLE} without.",
            example="GITHUB_TOKEN",
            env="MCP_SECRET_VARIABLE",
        ),
    ] = None
    variables: Annotated[
        Mapping[str, str] | None,
        KeyValue(label="Variables", help="More environment variables of the server.", advanced=True),
    ] = None
    directory: Annotated[
        str | None, Text(label="Folder", help="Where the server starts; where we are without.", advanced=True)
    ] = None


def program_of(form: LocalServer) -> Program:
    """Say what is to be started."""
    secret = {form.secret_variable or _SECRET_VARIABLE: form.secret} if form.secret else {}
    return Program(
        words=[form.program, *(form.arguments or ())],
        environ={**(form.variables or {}), **secret},
        directory=form.directory or "",
    )


def _check(client: Client) -> str:
    """Give the name by which the server goes."""
    with session(client, lambda _within_s: client, shakes=False) as talk:
        return talk.name()


command = ConnectionType(
    label="Local MCP Server",
    help="The pages of the server say which program it is, and which variables it reads.",
    form=LocalServer,
    origin="https://program.invalid",  # goes nowhere: the hook answers; RFC 6761 keeps this name from being one
    check=_check,
)
"""The connection type; its id is ``mcp.command``."""
