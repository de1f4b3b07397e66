"""Where an MCP server is, and who asks."""

from collections.abc import Mapping
from typing import Annotated

from attrs import frozen
from requests import PreparedRequest

from jackfield import Boolean, Client, ConnectionType, KeyValue, Password, Secret, Url, headers_from
from jackfield_mcp.connector.session import session

__all__ = ["Server", "url"]


@frozen(kw_only=True)
class Server:
    """Where a server is, and who asks."""

    base_url: Annotated[
        str,
        Url(
            label="Address",
            help="Of the server's streamable HTTP endpoint; what is sent goes there and nowhere else.",
            example="https://mcp.example.com/mcp",
            env="MCP_URL",
        ),
    ]
    token: Annotated[
        Secret | None,
        Password(label="Token", help="Sent as a bearer token, if there is one.", env="MCP_TOKEN"),
    ] = None
    headers: Annotated[
        Mapping[str, str] | None,
        KeyValue(label="Extra Headers", help="Sent with every request of this connection.", advanced=True),
    ] = None
    allow_local: Annotated[
        bool | None,
        Boolean(
            label="Allow Local Addresses",
            help="Yes: the server may be on this machine or in a private network.",
            env="MCP_ALLOW_LOCAL",
            advanced=True,
        ),
    ] = None


def _send_token(request: PreparedRequest, form: Server) -> None:
    if form.token:
        request.headers["Authorization"] = f"Bearer {form.token.reveal()}"


def _check(client: Client) -> str:
    """Give the name by which the server goes."""
    with session(client, lambda _within_s: client) as talk:
        return talk.name()


url = ConnectionType(
    label="MCP Server",
    help="The pages of the server say where it is, and whether it wants a token.",
    form=Server,
    origin=lambda form: form.base_url.rstrip("/"),
    allow_local=lambda form: bool(form.allow_local),
    authorize=(_send_token, headers_from("headers")),
    check=_check,
)
"""The connection type; its id is ``mcp.url``."""
