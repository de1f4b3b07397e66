"""The connection: where it goes, who it says it is, and how it is checked."""

import json
from collections.abc import Callable, Iterator

import pytest

from jackfield import (
    AnswerError,
    CredentialsError,
    Host,
    InvalidInputError,
    NotFoundError,
    QuotaError,
    Secret,
    UnreachableError,
    UnsafeRequestError,
)
from jackfield.testing import Replay
from jackfield_openai import openai
from jackfield_openai.connection import Account, is_openai
from jackfield_openai.models import get_models

NO_MODELS = {"object": "list", "data": []}


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        (None, "https://api.openai.com/v1/models"),
        ("https://api.openai.com", "https://api.openai.com/v1/models"),
        ("https://api.openai.com/", "https://api.openai.com/v1/models"),
        ("https://api.openai.com/v1", "https://api.openai.com/v1/models"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1/models"),
        ("http://localhost:11434", "http://localhost:11434/v1/models"),
        ("https://mine.openai.azure.com/", "https://mine.openai.azure.com/openai/v1/models"),
        ("https://mine.openai.azure.com/openai/v1/", "https://mine.openai.azure.com/openai/v1/models"),
        ("https://proxy.example/proxy/v1", "https://proxy.example/proxy/v1/models"),
        ("https://other.example/v1beta/openai/", "https://other.example/v1beta/openai/models"),
    ],
)
def test_a_base_url_gets_v1_only_where_it_has_no_path(
    host: Host, replay: Replay, base_url: str | None, url: str
) -> None:
    """With or without a slash at its end, and never /v1/v1."""
    replay.reply(NO_MODELS)
    connection = {"api_key": "k", "base_url": base_url} if base_url else {"api_key": "k"}

    host.run("openai.get_models", {}, connection=connection)

    assert replay.requests[0].url == url


def test_it_says_who_asks() -> None:
    """Key, organization and project go into their own headers; extra headers are sent too."""
    with Host(modules={"m.get": get_models}, discover=False, environ={}) as host:
        preview = host.run(
            "m.get",
            {},
            dry_run=True,
            connection={
                "api_key": "sk-canary",
                "organization_id": "org-1",
                "project_id": "proj_1",
                "headers": {"X-Team": "blue"},
            },
        )

    headers = preview.requests[0].headers
    assert headers["Authorization"] == "Bearer ***"
    assert headers["OpenAI-Organization"] == "org-1"
    assert headers["OpenAI-Project"] == "proj_1"
    assert headers["X-Team"] == "blue"
    assert "sk-canary" not in repr(preview)


def test_what_is_left_empty_is_not_sent() -> None:
    """Neither an empty key nor an empty organization."""
    with Host(modules={"m.get": get_models}, discover=False, environ={}) as host:
        preview = host.run("m.get", {}, dry_run=True, connection={"base_url": "http://localhost:8000"})

    names = {name.lower() for name in preview.requests[0].headers}
    assert not names & {"authorization", "openai-organization", "openai-project"}


@pytest.mark.parametrize(
    "name", ["Authorization", "authorization", "Host", "Content-Length", "Cookie", "Proxy-Authorization"]
)
def test_extra_headers_cannot_replace_the_key_or_frame_the_request(host: Host, name: str) -> None:
    """Nothing is sent then."""
    connection = {"api_key": "k", "headers": {name: "x"}}

    with pytest.raises(UnsafeRequestError):
        host.run("openai.get_models", {}, connection=connection, dry_run=True)


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({}, "$.api_key"),
        ({"api_key": ""}, "$.api_key"),
        ({"base_url": "https://eu.api.openai.com/v1"}, "$.api_key"),
        ({"api_key": "sk-canary\n"}, "$.api_key"),
        ({"api_key": "sk canary"}, "$.api_key"),
        ({"api_key": "sk-cänary"}, "$.api_key"),
        ({"api_key": "k", "base_url": "https://user@host.example/v1"}, "$.base_url"),
        ({"api_key": "k", "base_url": "https://host.example/v1?x=1"}, "$.base_url"),
        ({"api_key": "k", "base_url": "host.example/v1"}, "$.base_url"),
        ({"api_key": "k", "timeout_s": 0}, "$.timeout_s"),
    ],
)
def test_a_connection_that_cannot_work_is_refused_before_anything_is_sent(
    host: Host, replay: Replay, values: dict[str, object], path: str
) -> None:
    """The error names the field, and shows no key."""
    with pytest.raises(InvalidInputError) as caught:
        host.run("openai.get_models", {}, connection=values)

    assert path in [problem.path for problem in caught.value.problems]
    assert "canary" not in str(caught.value)
    assert not replay.requests


def test_an_empty_key_is_fine_elsewhere(host: Host, replay: Replay) -> None:
    """Servers on one's own machine ask for none."""
    replay.reply(NO_MODELS)

    host.run("openai.get_models", {}, connection={"base_url": "http://127.0.0.1:8080"})

    assert "Authorization" not in replay.requests[0].headers


def test_its_fields_come_from_the_variables_that_openai_names(replay: Replay) -> None:
    """As for OpenAI's own programs."""
    environ = {
        "OPENAI_API_KEY": "sk-canary",
        "OPENAI_ORG_ID": "org-1",
        "OPENAI_PROJECT_ID": "proj_1",
        "OPENAI_BASE_URL": "https://host.example",
    }
    with Host(plugins=[replay], modules={"m.get": get_models}, discover=False, environ=environ) as host:
        preview = host.run("m.get", {}, dry_run=True)

    assert preview.requests[0].url == "https://host.example/v1/models"
    assert preview.requests[0].headers["OpenAI-Organization"] == "org-1"


def test_its_timeout_is_the_deadline_of_each_operation() -> None:
    """Left empty, the host's counts."""
    assert openai.timeout_s is not None
    assert openai.timeout_s(Account(timeout_s=3.0)) == 3.0
    assert openai.timeout_s(Account()) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://API.OpenAI.com", True),
        ("https://api.openai.com.evil.example/v1", False),
        ("https://notapi.openai.com/v1", False),
        ("https://evilapi.openai.com.example", False),
        ("http://localhost:8000/v1", False),
    ],
)
def test_openai_is_known_by_its_host(*, url: str, expected: bool) -> None:
    """Data regions are OpenAI's too."""
    assert is_openai(url) is expected


@pytest.fixture
def checking() -> Iterator[Host]:
    """Installed as users have it: the connection type is found by its id."""
    with Host(environ={}) as host:
        yield host


def test_a_check_gives_a_label(checking: Host, account: Callable[..., dict[str, object]]) -> None:
    """The organization that the service names, and how much it offers."""
    check = checking.check_connection("openai.openai", account(organization_id="org-mine"))

    assert check.label.startswith("org-mine (5 models)")  # a plugin that is installed too may add to it
    assert check.view.secrets == {"api_key": True}


@pytest.mark.parametrize(
    ("orders", "error"),
    [
        ("code=invalid_api_key", CredentialsError),
        ("code=insufficient_quota", QuotaError),
        ("html", AnswerError),
        ("empty", AnswerError),
        ("status=404; html", NotFoundError),
    ],
)
def test_a_check_tells_apart_what_is_wrong(
    checking: Host, account: Callable[..., dict[str, object]], orders: str, error: type[Exception]
) -> None:
    """A wrong key, no quota, and a server that is no OpenAI-compatible one."""
    with pytest.raises(error):
        checking.check_connection("openai.openai", account(orders))


def test_a_check_says_where_the_base_url_may_be_wrong(
    checking: Host, account: Callable[..., dict[str, object]]
) -> None:
    """If something else answers there."""
    with pytest.raises(AnswerError) as caught:
        checking.check_connection("openai.openai", account("html"))

    assert "base URL" in caught.value.hint


def test_a_check_of_a_server_that_answers_other_json_fails() -> None:
    """JSON alone does not make it compatible."""
    replay = Replay()
    replay.reply({"hello": "world"})
    with Host(plugins=[replay], environ={}) as host, pytest.raises(AnswerError) as caught:
        host.check_connection("openai.openai", {"api_key": "k"})

    assert "OpenAI-compatible" in caught.value.message


def test_a_check_of_a_port_where_nobody_listens_is_unreachable(checking: Host, unused_port: int) -> None:
    """Not a wrong key."""
    connection = {"base_url": f"http://127.0.0.1:{unused_port}", "api_key": "k"}

    with pytest.raises(UnreachableError):
        checking.check_connection("openai.openai", connection, deadline_s=5)


def test_an_account_shows_no_key() -> None:
    """Wherever it is printed."""
    account = Account(api_key=Secret("sk-canary"))

    assert "sk-canary" not in repr(account)
    assert "sk-canary" not in json.dumps(repr(openai))
