"""Club: a connector for the tests of OAuth 2."""

from typing import Annotated

from attrs import frozen

from jackfield import ConnectionType, Context, Effect, OAuth2, Password, Secret, Text, Tokens, Url, module


@frozen(kw_only=True)
class Account(Tokens):
    """Who asks."""

    url: Annotated[str, Url(label="Address")]
    client_id: Annotated[str, Text(label="Client ID")]
    client_secret: Annotated[Secret | None, Password(label="Client secret")] = None


@frozen(kw_only=True)
class Nothing:
    """Nothing to be said."""


@frozen(kw_only=True)
class Member:
    """Who one is there."""

    name: str


account = ConnectionType(
    label="Club",
    form=Account,
    origin=lambda form: f"{form.url}/api",
    authorize=OAuth2(
        token_url=lambda form: f"{form.url}/token",
        authorize_url=lambda form: f"{form.url}/authorize",
        device_url=lambda form: f"{form.url}/device",
        revocation_url=lambda form: f"{form.url}/revoke",
        client_id="{client_id}",
        client_secret="{client_secret}",
        scopes=["read", "write"],
    ),
    check="/me",
)
service = ConnectionType(
    label="Club's robots",
    form=Account,
    origin=lambda form: f"{form.url}/api",
    authorize=OAuth2(
        token_url=lambda form: f"{form.url}/token",
        client_id="{client_id}",
        client_secret="{client_secret}",
        client_authentication="post",
        scopes=["read"],
    ),
    check="/me",
)


@module(label="Who am I", connection=account, effect=Effect.UNSAFE)
def who_am_i(form: Nothing, context: Context) -> Member:
    """Ask who one is there."""
    del form
    return context.client.get("/me", into=Member)


@module(label="Which robot", connection=service, effect=Effect.UNSAFE)
def robot(form: Nothing, context: Context) -> Member:
    """Ask which robot one is there."""
    del form
    return context.client.get("/me", into=Member)
