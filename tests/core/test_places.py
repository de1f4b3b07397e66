"""A service that takes some requests at a host of its own: a connection declares it, and credentials go there, too."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import (
    AppTokens,
    ConnectionType,
    Context,
    CredentialsError,
    Effect,
    Host,
    InvalidInputError,
    OAuth2,
    Password,
    PluginError,
    RefusedError,
    Secret,
    Text,
    UnsafeRequestError,
    Url,
    header,
    module,
)
from jackfield._cli.login import needs_login
from jackfield.references import Reference
from jackfield.testing import ReplayServer


@frozen(kw_only=True)
class Account(AppTokens):
    key: Annotated[Secret | None, Password(label="Key")] = None
    url: Annotated[str, Url(label="Address")]
    depot: Annotated[str, Url(label="Depot")]


account = ConnectionType(
    label="Yard",
    form=Account,
    origin=lambda form: f"{form.url}/api",
    also_at={"depot": lambda form: f"{form.depot}/in"},
    authorize=[
        header("X-Key", "{key}"),
        OAuth2(token_url=lambda form: f"{form.url}/token", client_id="{client_id}", instead_of="key"),
    ],
)


@frozen(kw_only=True)
class Asked:
    place: Annotated[str, Text(label="Place")] = "depot"
    path: Annotated[str, Text(label="Path")] = "crates"


@frozen(kw_only=True)
class Answered:
    value: Any


@module(label="Deliver", connection=account, effect=Effect.UNSAFE)
def deliver(form: Asked, context: Context) -> Answered:
    """Send something to the depot."""
    return Answered(value=context.client_at(form.place).post(form.path, json={"a": 1}))


@module(label="Look", connection=account, effect=Effect.READ)
def look(form: Asked, context: Context) -> Answered:
    """Ask the yard itself."""
    return Answered(value=context.client.get(form.path))


@pytest.fixture
def servers() -> Iterator[tuple[ReplayServer, ReplayServer]]:
    """Start the yard and its depot."""
    with ReplayServer() as yard, ReplayServer() as depot:
        yield yard, depot


def run(servers: tuple[ReplayServer, ReplayServer], what: Any = deliver, **form: object) -> Any:
    """Run a module with a key."""
    yard, depot = servers
    connection = {"key": "k-123", "url": yard.url, "depot": depot.url}
    with Host(discover=False, environ={}) as host:
        return host.run(what, form, connection=connection).bundle["value"]


def test_credentials_go_to_a_declared_place(servers: tuple[ReplayServer, ReplayServer]) -> None:
    """Below its path, and to the origin as ever."""
    yard, depot = servers
    depot.reply("taken")
    yard.reply("seen")

    assert (run(servers), run(servers, look)) == ("taken", "seen")
    assert [(each.path_url, each.headers["X-Key"]) for each in depot.requests] == [("/in/crates", "k-123")]
    assert [(each.path_url, each.headers["X-Key"]) for each in yard.requests] == [("/api/crates", "k-123")]


@pytest.mark.parametrize("path", ["../out", "//127.0.0.1/in", "%2e%2e/out"])
def test_no_path_leads_out_of_a_place(servers: tuple[ReplayServer, ReplayServer], path: str) -> None:
    """As none leads out of the origin."""
    with pytest.raises(UnsafeRequestError):
        run(servers, path=path)

    assert servers[1].requests == []


def test_a_place_redirects_nowhere(servers: tuple[ReplayServer, ReplayServer]) -> None:
    """Not even to the origin: each client stays where it is."""
    yard, depot = servers
    depot.reply(None, status=307, headers={"Location": f"{yard.url}/api/crates"})

    with pytest.raises(RefusedError, match="not followed"):
        run(servers)

    assert yard.requests == []


def test_a_place_that_was_not_declared_is_a_defect_of_the_connector(servers: tuple[ReplayServer, ReplayServer]) -> None:
    """Nothing is sent."""
    with pytest.raises(PluginError, match="has no place 'attic'"):
        run(servers, place="attic")


def test_what_would_be_sent_there_is_shown(servers: tuple[ReplayServer, ReplayServer]) -> None:
    """With the address, and without the key."""
    yard, depot = servers
    with Host(discover=False, environ={}) as host:
        connection = {"key": "k-123", "url": yard.url, "depot": depot.url}
        (request,) = host.preview(deliver, {}, connection=connection).requests

    assert (request.url, request.headers["X-Key"]) == (f"{depot.url}/in/crates", "***")


def test_tokens_that_were_renewed_on_the_way_there_are_masked(servers: tuple[ReplayServer, ReplayServer]) -> None:
    """A place that repeats one in its refusal gives nothing away."""
    yard, depot = servers
    yard.reply({"access_token": "fresh-token-1", "token_type": "Bearer"})
    yard.reply({"access_token": "fresh-token-2", "token_type": "Bearer"})
    for token in ("fresh-token-1", "fresh-token-2"):
        depot.reply({"error": {"message": f"I do not know {token}"}}, status=401)
    connection = {"client_id": "me", "url": yard.url, "depot": depot.url}

    with Host(discover=False, environ={}) as host, pytest.raises(CredentialsError) as caught:
        host.run(deliver, {}, connection=connection)

    assert depot.requests[0].headers["Authorization"] == "Bearer fresh-token-1"
    assert "fresh-token" not in str(caught.value)


def test_a_key_or_an_app_must_be_there(servers: tuple[ReplayServer, ReplayServer]) -> None:
    """The error says both."""
    connection = {"url": servers[0].url, "depot": servers[1].url}

    with (
        Host(discover=False, environ={}) as host,
        pytest.raises(InvalidInputError, match=r"\$\.key: is required, or client_id, with which you log in"),
    ):
        host.run(look, {}, connection=connection)


def test_who_gives_a_key_is_not_asked_to_log_in() -> None:
    """Where a type takes both; also if the key is kept elsewhere."""
    by_device = OAuth2(
        token_url="https://a.example/t",
        device_url="https://a.example/d",
        client_id="{client_id}",
        instead_of="key",
    )
    kind = ConnectionType(label="Yard", form=Account, origin="https://a.example", authorize=by_device)
    places = {"url": "https://a.example", "depot": "https://b.example"}
    with_key: list[dict[str, object]] = [
        {"key": "k"},
        {"key": Secret("k"), "client_id": "me"},
        {"key": Reference(scheme="env", place="KEY")},
    ]
    with_login: dict[str, object] = {"client_id": "me", "access_token": Secret("t")}

    assert [needs_login(kind, {**places, **each}) for each in (*with_key, with_login)] == [False] * 4
    assert needs_login(kind, {**places, "client_id": "me"})
