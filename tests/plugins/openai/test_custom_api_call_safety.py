"""A custom call cannot be made to leave its connection, or to smuggle anything past it."""

import pytest

from jackfield import Host, InvalidInputError, JackfieldError, UnsafeRequestError
from jackfield.testing import Replay

MODULE = "openai.create_custom_api_call"
CONNECTION = {"api_key": "sk-canary"}


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v1/models",
        "http://api.openai.com/v1/models",
        "//evil.example/models",
        "https://api.openai.com@evil.example/",
        "https://api.openai.com.evil.example/v1/models",
        "https://api.openai.com/v1/../admin",
        "https://api.openai.com/v1/https://evil.example/",
        "@evil.example/",
        "\thttps://evil.example",
        "\\\\evil.example\\models",
        "/\\evil.example/",
        "../admin",
        "models/../../admin",
        "v1/../admin",
        "%2e%2e/admin",
        "models/%2e%2e/%2E%2E/admin",
        "models/..%2f..%2fadmin",
        "%252e%252e/admin",
        "./models",
        "models//admin",
        "models\r\nHost: evil.example",
        "models\x00",
        "models#fragment",
        "javascript:alert(1)//",
    ],
)
def test_it_cannot_leave_the_connection(host: Host, replay: Replay, url: str) -> None:
    """Whatever a scenario maps into the URL, the key goes nowhere else."""
    with pytest.raises((UnsafeRequestError, InvalidInputError)):
        host.run(MODULE, {"url": url}, connection=CONNECTION)

    assert not replay.requests


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer other"),
        ("authorization", "Bearer other"),
        ("Host", "evil.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("Cookie", "a=b"),
        ("Proxy-Authorization", "x"),
        ("X A", "x"),
        ("", "x"),
        ("X-A", "x\r\nHost: evil.example"),
        ("X-A", "x\nY: z"),
        ("X-A\r\nHost", "x"),
        ("X-A", "\u0100"),
    ],
)
def test_headers_cannot_be_smuggled(host: Host, replay: Replay, name: str, value: str) -> None:
    """Nor can a credential be replaced."""
    with pytest.raises(UnsafeRequestError):
        host.run(MODULE, {"url": "models", "headers": {name: value}}, connection=CONNECTION)

    assert not replay.requests


def test_a_query_cannot_end_the_request_line(host: Host, replay: Replay) -> None:
    """It is quoted."""
    replay.reply({})
    form = {"url": "models", "query": {"a": "b HTTP/1.1\r\nHost: evil.example"}}
    host.run(MODULE, form, connection=CONNECTION)

    sent = str(replay.requests[0].url)
    assert "\r" not in sent
    assert "%0D%0A" in sent


def test_a_redirect_elsewhere_is_not_followed(host: Host, replay: Replay) -> None:
    """The key would go with it."""
    replay.reply({}, status=302, headers={"Location": "https://evil.example/"})

    with pytest.raises(JackfieldError):
        host.run(MODULE, {"url": "models"}, connection=CONNECTION)

    assert len(replay.requests) == 1
