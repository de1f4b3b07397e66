"""Logging in with OAuth 2 at a real authorization server, and what is refused."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from authorization_server import AuthorizationServer

from jackfield import (
    CredentialsError,
    DeadlineError,
    Host,
    InputError,
    NoConnectionError,
    PermissionDeniedError,
    Secret,
    Store,
)

MakeHost = Callable[..., Host]


def test_a_person_logs_in_with_a_browser(club: Any, make_host: MakeHost) -> None:
    """What it gives works at once; client ID and secret are encoded as the standard says."""
    host = make_host()

    tokens = club.log_in(host, club.values)

    assert host.run(club.module_id, {}, connection={**club.values, **tokens}).bundle == {"name": "ada"}
    assert tokens["granted_scopes"] == "read write"
    assert isinstance(tokens["access_token"], Secret)
    assert isinstance(tokens["refresh_token"], Secret)
    assert 3500 < float(str(tokens["expires_at"])) - time.time() <= 3600


def test_a_public_client_logs_in_without_a_secret(club: Any, make_host: MakeHost) -> None:
    """Its proof is PKCE alone."""
    host = make_host()

    tokens = club.log_in(host, club.public)

    assert host.run(club.module_id, {}, connection={**club.public, **tokens}).bundle == {"name": "ada"}


def test_the_page_is_asked_with_pkce_and_a_state_of_its_own(club: Any, make_host: MakeHost) -> None:
    """Two logins have nothing in common that could be guessed, and the address holds no secret."""
    host = make_host()

    one, two = (host.begin_login(club.type_id, club.values, redirect_uri=club.redirect_uri) for _ in range(2))

    query = parse_qs(urlsplit(one.url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"]
    assert query["redirect_uri"] == [club.redirect_uri]
    assert len(one.state) >= 40
    assert one.state != two.state
    assert query["code_challenge"] != parse_qs(urlsplit(two.url).query)["code_challenge"]
    assert one.verifier.reveal() not in one.url
    assert "client_secret" not in one.url
    assert one.verifier.reveal() not in repr(one)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": ["of-another-login"]}, "another login"),
        ({"state": []}, "another login"),
        ({"state": ["one", "two"]}, "more than once"),
        ({"code": []}, "no code"),
        ({"code": ["one", "two"]}, "more than once"),
    ],
    ids=["another state", "no state", "two states", "no code", "two codes"],
)
def test_what_does_not_belong_to_the_login_goes_nowhere(
    club: Any, make_host: MakeHost, browser: Any, change: dict[str, Any], message: str
) -> None:
    """Nothing is sent, and the login that was begun can still be finished."""
    host = make_host()
    login = host.begin_login(club.type_id, club.values, redirect_uri=club.redirect_uri)
    answer = browser.answer_of(login.url)

    with pytest.raises(InputError, match=message):
        host.finish_login(club.type_id, login, {**answer, **change}, club.values)

    assert club.server.counts["authorization_code"] == 0
    assert host.finish_login(club.type_id, login, answer, club.values)["access_token"]


def test_a_code_of_somebody_else_is_of_no_use(club: Any, make_host: MakeHost, browser: Any) -> None:
    """Injected into another login, it fails at the server by PKCE; the code is not in the error."""
    host = make_host()
    mine, theirs = (host.begin_login(club.type_id, club.values, redirect_uri=club.redirect_uri) for _ in range(2))
    stolen = browser.answer_of(theirs.url)["code"]

    with pytest.raises(CredentialsError) as refused:
        host.finish_login(club.type_id, mine, {"state": mine.state, "code": stolen}, club.values)

    assert refused.value.code == "invalid_grant"
    assert stolen[0] not in str(refused.value)


def test_a_code_is_good_once(club: Any, make_host: MakeHost, browser: Any) -> None:
    """A second time the server refuses."""
    host = make_host()
    login = host.begin_login(club.type_id, club.values, redirect_uri=club.redirect_uri)
    answer = browser.answer_of(login.url)
    host.finish_login(club.type_id, login, answer, club.values)

    with pytest.raises(CredentialsError):
        host.finish_login(club.type_id, login, answer, club.values)


def test_a_person_who_refuses_is_heard(
    club: Any, make_host: MakeHost, browser: Any, server: AuthorizationServer
) -> None:
    """The error says that access was denied."""
    server.consents = False
    host = make_host()
    login = host.begin_login(club.type_id, club.values, redirect_uri=club.redirect_uri)

    with pytest.raises(PermissionDeniedError, match="access_denied"):
        host.finish_login(club.type_id, login, browser.answer_of(login.url), club.values)

    assert server.counts["authorization_code"] == 0


def test_a_wrong_secret_is_told_as_such(club: Any, make_host: MakeHost, browser: Any) -> None:
    """By the remedy: look at the client's ID and secret, which are not shown."""
    host = make_host()
    values = {**club.values, "client_secret": Secret("not-the-secret-of-this-client")}
    login = host.begin_login(club.type_id, values, redirect_uri=club.redirect_uri)

    with pytest.raises(CredentialsError, match="client ID") as refused:
        host.finish_login(club.type_id, login, browser.answer_of(login.url), values)

    assert "not-the-secret" not in str(refused.value)


def test_a_robot_gets_its_tokens_by_itself(club: Any, make_host: MakeHost, server: AuthorizationServer) -> None:
    """Client credentials: one request for a token, then as many as one likes with it."""
    host = make_host()

    for _ in range(3):
        assert host.run("club.robot", {}, connection=club.values).bundle == {"name": "ada"}

    assert server.counts["client_credentials"] == 1
    with pytest.raises(InputError, match="with a browser"):
        host.begin_login("club.service", club.values, redirect_uri=club.redirect_uri)


def test_a_person_logs_in_on_another_device(club: Any, make_host: MakeHost, server: AuthorizationServer) -> None:
    """It is asked again while the person is on the way, more slowly if the server says so."""
    server.device_polls, server.slowed = 2, False
    host = make_host()
    login = host.begin_device_login(club.type_id, club.values)

    tokens = host.finish_device_login(club.type_id, login, club.values)

    assert login.user_code
    assert login.verification_uri == f"{server.url}/activate"
    assert login.device_code.reveal() not in repr(login)
    assert host.run(club.module_id, {}, connection={**club.values, **tokens}).bundle == {"name": "ada"}
    assert server.counts["urn:ietf:params:oauth:grant-type:device_code"] == 3


def test_a_server_that_wants_to_be_asked_less_is_asked_less(
    club: Any, make_host: MakeHost, server: AuthorizationServer
) -> None:
    """It said to slow down once, so five seconds lie between two questions, and only one more comes before the end."""
    server.device_polls, server.slowed = 10_000, True
    host = make_host()
    login = attrs.evolve(host.begin_device_login(club.type_id, club.values), interval_s=0.01, ends_at=time.time() + 1.0)

    with pytest.raises(CredentialsError):
        host.finish_device_login(club.type_id, login, club.values)

    assert not server.slowed
    assert server.counts["urn:ietf:params:oauth:grant-type:device_code"] in {1, 2}


def test_a_person_who_refuses_on_the_other_device_is_heard(
    club: Any, make_host: MakeHost, server: AuthorizationServer
) -> None:
    """The waiting ends at once."""
    server.device_polls, server.device_denied = 0, True
    host = make_host()
    login = host.begin_device_login(club.type_id, club.values)

    with pytest.raises(PermissionDeniedError, match="access_denied"):
        host.finish_device_login(club.type_id, login, club.values)


def test_a_device_login_that_took_too_long_has_ended(
    club: Any, make_host: MakeHost, server: AuthorizationServer
) -> None:
    """The server's word counts."""
    server.device_life_s = 0
    host = make_host()
    login = host.begin_device_login(club.type_id, club.values)

    with pytest.raises(CredentialsError, match="expired_token"):
        host.finish_device_login(club.type_id, login, club.values)


def test_waiting_for_the_other_device_has_a_deadline(
    club: Any, make_host: MakeHost, server: AuthorizationServer
) -> None:
    """As every operation."""
    server.device_polls = 100
    host = make_host()
    login = host.begin_device_login(club.type_id, club.values)

    with pytest.raises(DeadlineError):
        host.finish_device_login(club.type_id, login, club.values, deadline_s=1.5)


def test_before_a_login_nothing_is_sent(club: Any, make_host: MakeHost, store: Store) -> None:
    """The error says how to log in."""
    host = make_host(store)
    store.add("mine", club.type_id, host.connector("club").connection_types[club.type_id], club.values)

    with pytest.raises(NoConnectionError) as missing:
        host.run(club.module_id, {}, connection="mine")

    assert missing.value.hint == "jackfield connection login mine"
    assert not club.server.counts


def test_a_login_can_be_given_back(club: Any, make_host: MakeHost, server: AuthorizationServer) -> None:
    """After that its tokens are good for nothing."""
    host = make_host()
    tokens = club.log_in(host, club.values)

    assert host.revoke_login(club.type_id, {**club.values, **tokens})

    assert all(token.revoked for token in server.tokens)
    assert not host.revoke_login("club.service", club.values)
