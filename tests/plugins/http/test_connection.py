"""Credentials: how they are sent, and where alone they go."""

from collections.abc import Callable, Generator
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest
from requests import PreparedRequest, Response

from jackfield import (
    CredentialsError,
    Host,
    InvalidInputError,
    NoConnectionError,
    UnsafeRequestError,
    Verdict,
    hookimpl,
)
from jackfield.testing import Replay, ReplayServer, Reply

Serve = Callable[..., ReplayServer]


class Urls:
    """Keeps where requests go to, and where their answers came from."""

    def __init__(self) -> None:
        self.urls: list[str | None] = []

    @hookimpl(wrapper=True)
    def send(self, request: PreparedRequest) -> Generator[None, Response, Response]:
        """Keep it."""
        response = yield
        self.urls += [request.url, response.url]
        return response


def asked(host: Host, server: ReplayServer, **connection: object) -> ReplayServer:
    """Make a request with a connection to a server on this machine."""
    values = {"base_url": f"{server.url}/api", "allow_local": True, **connection}
    host.run("http.make_request", {"url": "items?a=1"}, connection=values)
    return server


@pytest.mark.parametrize(
    ("connection", "sent"),
    [
        ({"scheme": "basic", "user": "ada", "secret": "pä:ss"}, "Basic YWRhOnDDpDpzcw=="),
        ({"scheme": "basic", "secret": "sk_live"}, "Basic c2tfbGl2ZTo="),
        ({"scheme": "bearer", "secret": "t0ken"}, "Bearer t0ken"),
        ({"secret": "t0ken"}, "Bearer t0ken"),
        ({"scheme": "header", "key_name": "Authorization", "secret": "Token abc"}, "Token abc"),
        ({"scheme": "header", "secret": "abc"}, None),
        ({"scheme": "none"}, None),
        ({}, None),
    ],
    ids=["basic", "key as user", "bearer", "left empty", "own scheme", "own header", "none", "nothing"],
)
def test_a_request_is_authorized_as_the_server_wants_it(
    real_host: Host, serve: Serve, connection: dict[str, object], sent: str | None
) -> None:
    """What arrives is seen through a real socket."""
    (request,) = asked(real_host, serve(Reply(json=1)), **connection).requests

    assert request.headers.get("Authorization") == sent
    assert request.headers.get("X-API-Key") == ("abc" if connection.get("secret") == "abc" else None)
    assert urlsplit(request.url).path == "/api/items"


def test_a_key_goes_in_the_query(real_host: Host, serve: Serve) -> None:
    """Beside what stands there, and quoted."""
    server = serve(Reply(json=1))

    (request,) = asked(real_host, server, scheme="query", key_name="key", secret="a&b=c d").requests

    assert parse_qs(str(urlsplit(request.url).query)) == {"a": ["1"], "key": ["a&b=c d"]}


def test_a_key_in_the_query_is_in_nothing_that_comes_out(real_host: Host, serve: Serve) -> None:
    """Not in the URL of an answer, nor in links that are completed by it."""
    text = '&lt;a href="#b"&gt;b&lt;/a&gt;'
    page = f'<rss version="2.0"><channel><item><title>a</title><description>{text}</description></item></channel></rss>'
    feed = Reply(content=page.encode(), headers={"Content-Type": "application/rss+xml"})
    url = serve(Reply(json=1), feed).url
    connection = {"base_url": f"{url}/api", "scheme": "query", "secret": "key of ours", "allow_local": True}

    result = real_host.run("http.make_request", {"url": "items"}, connection=connection)
    poll = real_host.poll("http.watch_feed", {"url": "feed"}, connection=connection, start="all")

    assert result.bundle["url"] == f"{url}/api/items"
    assert poll.items[0].bundle["summary"] == f'<a href="{url}/api/feed#b">b</a>'
    assert "ours" not in repr((result, poll))


def test_a_key_in_the_query_is_said_once_where_a_service_sends_us_on_with_it(serve: Serve) -> None:
    """By a redirect or a link to the next page that repeats the query; neither the output nor a plugin sees it."""
    moved = Reply(status=301, headers={"Location": "/api/items/?k%65y=the+key&a=1"})
    first = Reply(json=[1], headers={"Link": '</api/items/?page=2&key=the%20key>; rel="next"'})
    live = serve(moved, first, Reply(json=[2]))
    connection = {"base_url": f"{live.url}/api", "scheme": "query", "secret": "the key", "key_name": "key"}
    form = {"url": "items", "query": {"a": "1"}, "paging": {"style": "link_header"}}
    seen = Urls()

    with Host(environ={}, plugins=[seen]) as host:
        result = host.run("http.make_request", form, connection={**connection, "allow_local": True})

    asked = [parse_qs(str(urlsplit(request.url).query)) for request in live.requests]
    assert asked == [{"a": ["1"], "key": ["the key"]}] * 2 + [{"page": ["2"], "key": ["the key"]}]
    assert "the key" not in unquote_plus(repr((result, seen.urls)))


@pytest.mark.parametrize("way", ["basic", "post"])
def test_tokens_are_got_with_the_clients_secret(real_host: Host, serve: Serve, way: str) -> None:
    """Once, however many requests are made with the connection; the secret goes to the token URL alone."""
    tokens = serve(Reply(json={"access_token": "t", "expires_in": 3600}))
    server = serve(Reply(json=1), Reply(json=2))
    said = {"scheme": "oauth2", "user": "me", "secret": "s", "token_url": f"{tokens.url}/token", "scope": "a b"}

    for _ in range(2):
        asked(real_host, server, client_authentication=way, **said)

    (asked_for,) = tokens.requests
    form = parse_qs(tokens.bodies[0])
    assert (form["grant_type"], form["scope"]) == (["client_credentials"], ["a b"])
    assert form.get("client_secret") == (["s"] if way == "post" else None)
    assert ("Authorization" in asked_for.headers) == (way == "basic")
    assert [request.headers["Authorization"] for request in server.requests] == ["Bearer t"] * 2


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/items",
        "https://api.example.com/v10/items",
        "https://api.example.com@evil.example/v1/",
        "//evil.example/items",
        "https://api.example.com/v1/../admin",
        "../admin",
        "%2e%2e/admin",
        "http://api.example.com/v1/items",
    ],
)
@pytest.mark.parametrize("module_id", ["http.make_request", "http.download_file", "http.watch_list", "http.watch_feed"])
def test_a_credential_goes_nowhere_but_below_the_base_url(host: Host, replay: Replay, module_id: str, url: str) -> None:
    """However the address is spelled; nothing is sent."""
    connection = {"base_url": "https://api.example.com/v1", "secret": "s"}

    with pytest.raises((InvalidInputError, UnsafeRequestError)):
        host.run(module_id, {"url": url}, connection=connection)

    assert replay.requests == []


@pytest.mark.parametrize(
    "url", ["items", "/items", "https://api.example.com/v1/items", "https://api.example.com/v1/items#part"]
)
def test_a_path_and_a_whole_url_mean_the_same(host: Host, replay: Replay, url: str) -> None:
    """As long as it stands below the base URL."""
    replay.reply([])

    host.run("http.make_request", {"url": url}, connection={"base_url": "https://api.example.com/v1/"})

    assert [request.url for request in replay.requests] == ["https://api.example.com/v1/items"]


def test_a_local_server_needs_a_word_of_the_connection(real_host: Host, serve: Serve) -> None:
    """Without it, nothing is sent; a metadata service of a cloud is refused in any case."""
    server = serve()

    with pytest.raises(UnsafeRequestError, match="this machine"):
        asked(real_host, server, allow_local=False, secret="s")
    with pytest.raises(UnsafeRequestError, match="nothing was sent"):
        asked(real_host, server, base_url="http://169.254.169.254/latest", secret="s")

    assert server.requests == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://2130706433:9/", "http://[::ffff:127.0.0.1]:9/"])
def test_without_a_connection_only_public_servers_are_reached(real_host: Host, url: str) -> None:
    """However an address of this machine is spelled."""
    for module_id in ("http.make_request", "http.download_file", "http.watch_list", "http.watch_feed"):
        with pytest.raises(UnsafeRequestError, match="nothing was sent"):
            real_host.run(module_id, {"url": url})


def test_a_path_needs_a_base_url(host: Host) -> None:
    """The error says so."""
    with pytest.raises(InvalidInputError, match=r"\$\.url: must be a whole URL"):
        host.run("http.make_request", {"url": "/items"})


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"secret": "s"}, "$.base_url"),
        ({"headers": {"X-Key": "s"}}, "$.base_url"),
        ({"scheme": "basic", "user": "u"}, "$.base_url"),
        ({"base_url": "https://a.example", "scheme": "bearer"}, "$.secret"),
        ({"base_url": "https://a.example", "scheme": "none", "secret": "s"}, "$.secret"),
        ({"base_url": "https://a.example", "secret": "s\n"}, "$.secret"),
        ({"base_url": "https://a.example?x=1", "secret": "s"}, "$.base_url"),
        ({"base_url": "https://a.example", "scheme": "header", "secret": "s", "key_name": "Host"}, "$.key_name"),
        ({"base_url": "https://a.example", "scheme": "basic", "secret": "s", "user": "a:b"}, "$.user"),
        ({"base_url": "https://a.example", "scheme": "oauth2", "secret": "s", "user": "u"}, "$.token_url"),
        (
            {
                "base_url": "https://a.example",
                "scheme": "oauth2",
                "secret": "s",
                "user": "u",
                "token_url": "http://b.example/t",
            },
            "$.token_url",
        ),
    ],
)
def test_what_does_not_go_together_is_told_before_anything_is_sent(
    host: Host, replay: Replay, values: dict[str, object], path: str
) -> None:
    """With the field at fault."""
    with pytest.raises((InvalidInputError, NoConnectionError)) as caught:
        host.run("http.make_request", {"url": "https://a.example/x"}, connection=values)

    assert path in str(caught.value)
    assert replay.requests == []


def test_a_connection_is_checked_at_its_base_url(host: Host, replay: Replay) -> None:
    """Any answer shows that the server is there; one that wants other credentials is a failure."""
    connection = {"base_url": "https://api.example.com/v1", "secret": "s"}
    replay.reply({}, status=404)
    replay.reply({}, status=401)

    works, denied = (host.diagnose_connection("http.http", connection) for _ in range(2))

    assert (works.verdict, works.label) == (Verdict.WORKS, "api.example.com")
    assert isinstance(denied.error, CredentialsError)
    assert host.diagnose_connection("http.http", {}).label == "any public server"


def test_no_secret_is_shown(host: Host) -> None:
    """A preview has a mask wherever it goes."""
    for scheme in ("bearer", "basic", "header", "query"):
        connection = {"base_url": "https://a.example", "scheme": scheme, "secret": "Canary7391"}
        preview = host.preview("http.make_request", {"url": "x"}, connection=connection)
        assert "Canary7391" not in repr(preview)
