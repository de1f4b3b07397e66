"""Logging in at GitHub on another device, instead of making a token."""

import os
import subprocess

import pytest
from program import JACKFIELD

from jackfield import Host, InputError, InvalidInputError, NoConnectionError, RefusedError
from jackfield_github.sandbox import Sandbox

TYPE = "github.account"


def logged_in(host: Host, values: dict[str, object]) -> dict[str, object]:
    """Log in, and give the connection with what that gave."""
    login = host.begin_device_login(TYPE, values)
    return {**values, **host.finish_device_login(TYPE, login, values, deadline_s=20)}


def test_a_person_logs_in_on_another_device(host: Host, github: Sandbox) -> None:
    """The page and the code are told; when it is allowed there, modules go with the login's token."""
    values: dict[str, object] = {"base_url": github.url, "client_id": "Iv1.1", "scopes": "repo read:user"}

    login = host.begin_device_login(TYPE, values)
    connection = logged_in(host, values)

    assert login.user_code == "WDJB-MJHT"
    assert login.verification_uri == github.url.replace("/api/v3", "/login/device")
    assert github.service.logins.begun["device-2"] == "repo read:user"
    assert connection["granted_scopes"] == "repo read:user"
    assert host.run("github.make_api_call", {"path": "/user"}, connection=connection).output.body["login"] == "octocat"


def test_an_app_that_is_not_known_is_told(host: Host, github: Sandbox) -> None:
    """By GitHub, with what to check."""
    with pytest.raises(RefusedError, match="Not Found") as caught:
        logged_in(host, {"base_url": github.url, "client_id": "wrong"})

    assert "Check the client ID" in caught.value.hint


def test_a_login_goes_over_tls_only(host: Host) -> None:
    """An address that a user named is told as what it is."""
    with pytest.raises(InputError, match=r"http://git\.example has no TLS"):
        host.begin_device_login(TYPE, {"base_url": "http://git.example/api/v3", "client_id": "Iv1.1"})


def test_a_connection_has_a_token_or_an_app(host: Host, github: Sandbox) -> None:
    """One of both must be there, and the token counts; without a login, the app alone is of no use."""
    with pytest.raises(InvalidInputError, match="or client_id, with which you log in"):
        host.run("github.make_api_call", {"path": "/user"}, connection={"base_url": github.url})
    with pytest.raises(NoConnectionError, match="Nobody has logged in yet"):
        host.run("github.make_api_call", {"path": "/user"}, connection={"base_url": github.url, "client_id": "Iv1.1"})

    both = {"base_url": github.url, "client_id": "Iv1.1", "token": "ghp_good"}
    assert host.run("github.make_api_call", {"path": "/user"}, connection=both).output.status == 200


def test_a_connection_is_added_with_a_login(github: Sandbox, environment: dict[str, str]) -> None:
    """At the command line, in one step; it is checked with what the login gave."""
    words = ["connection", "add", "work", TYPE, f"base_url={github.url}", "client_id=Iv1.1", "--device"]

    done = subprocess.run(
        [*JACKFIELD, *words], env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert "type the code WDJB-MJHT" in done.stderr
    assert "Saved work; it works: octocat" in done.stderr + done.stdout


@pytest.fixture
def environment(tmp_path: os.PathLike[str]) -> dict[str, str]:
    """Have a home of one's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "JACKFIELD_"))}
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    return {**kept, **home, "XDG_CONFIG_HOME": str(tmp_path)}
