"""What a module asks of addresses that are no connection's."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from attrs import frozen

from jackfield import (
    AnswerError,
    ConnectionType,
    Context,
    Effect,
    Host,
    HttpSettings,
    NotFoundError,
    OAuth2,
    RefusedError,
    Secret,
    Tokens,
    UnsafeRequestError,
    header,
    module,
    paging,
)
from jackfield.testing import Replay, ReplayServer, Reply, context

LOCAL = HttpSettings(allow_local_downloads=True, retry_base_s=0.001)


@frozen(kw_only=True)
class Ask:
    url: str
    options: Mapping[str, object] = {}
    method: str = "GET"


@frozen(kw_only=True)
class Answered:
    value: object


@module(label="Ask the Web", effect=Effect.READ)
def ask_web(form: Ask, context: Context) -> Answered:
    """Ask an address that an input names."""
    options: dict[str, Any] = dict(form.options)
    return Answered(value=context.web.request(form.method, form.url, **options).json())


@module(label="List the Web", effect=Effect.READ)
def list_web(form: Ask, context: Context) -> Iterator[Answered]:
    """List what an address has in pages."""
    for item in paging.items(context.web, form.url, paging=paging.NextUrl(at="next"), at="items"):
        yield Answered(value=item)


@pytest.fixture
def serve() -> Iterator[Callable[..., ReplayServer]]:
    """Start servers that answer from memory."""
    with ExitStack() as stack:
        yield lambda *replies: stack.enter_context(ReplayServer(*replies))


def run(module: Any, settings: HttpSettings = LOCAL, **form: object) -> Any:
    """Run a module on a host of its own."""
    with Host(discover=False, environ={}, settings=settings) as host:
        return host.run(module, form)


def test_a_whole_url_is_asked_with_body_query_and_headers(serve: Callable[..., ReplayServer]) -> None:
    """A query that is spelled already stays as it is, and what is given beside it is added."""
    server = serve(Reply(json=1))

    run(
        ask_web,
        method="POST",
        url=f"{server.url}/@me/a?sig=a%2Bb+c#part",
        options={"params": {"page": 2}, "json": {"x": 1}, "headers": {"X-Wish": "y"}},
    )

    (request,) = server.requests
    assert request.url == f"{server.url}/@me/a?sig=a%2Bb+c&page=2"
    assert (request.method, request.headers["X-Wish"]) == ("POST", "y")
    assert server.bodies == [{"x": 1}]


def test_headers_stay_with_the_server_that_was_named(serve: Callable[..., ReplayServer]) -> None:
    """A redirect to another origin takes none along that a user typed: it may be a key."""
    there = serve(Reply(json="there"))
    here = serve(Reply(status=302, headers={"Location": f"{there.url}/b"}))

    result = run(ask_web, url=f"{here.url}/a", options={"headers": {"X-Api-Key": "mine"}})

    assert result.bundle["value"] == "there"
    assert here.requests[0].headers["X-Api-Key"] == "mine"
    assert "X-Api-Key" not in there.requests[0].headers
    assert there.requests[0].headers["Accept"] == "application/json"


def test_a_redirect_within_one_origin_keeps_the_headers(serve: Callable[..., ReplayServer]) -> None:
    """They were meant for it."""
    here = serve(Reply(status=307, headers={"Location": "/b"}), Reply(json=1))

    run(ask_web, method="POST", url=f"{here.url}/a", options={"json": 1, "headers": {"X-Api-Key": "mine"}})

    assert here.requests[1].headers["X-Api-Key"] == "mine"
    assert here.bodies == [1, 1]


def test_a_body_goes_to_no_other_server(serve: Callable[..., ReplayServer]) -> None:
    """However a server redirects."""
    there = serve(Reply(json="there"))
    here = serve(Reply(status=308, headers={"Location": f"{there.url}/b"}))

    with pytest.raises(RefusedError, match="not followed"):
        run(ask_web, method="POST", url=f"{here.url}/a", options={"json": "private"})

    assert there.requests == []


def test_an_address_of_this_machine_is_refused() -> None:
    """Unless whoever runs the host allows it; nothing is sent."""
    with ReplayServer(Reply(json=1)) as server:
        with pytest.raises(UnsafeRequestError, match="named"):
            run(ask_web, HttpSettings(), url=f"{server.url}/a")

        assert server.requests == []


@pytest.mark.parametrize("query", ["a b", "a#b", "\u00e4", "a\r\nX: 1", "a\\b"], ids=ascii)
def test_a_spelled_query_holds_what_a_url_may_hold(query: str) -> None:
    """Anything else could be read in two ways."""
    with context(ask_web) as given, pytest.raises(UnsafeRequestError, match="query"):
        given.context.web.request("GET", "https://example.com/a", params=query)


def test_a_failure_is_raised_as_any() -> None:
    """By what it means."""
    with context(ask_web, Reply(status=404, json={})) as given, pytest.raises(NotFoundError):
        given.context.web.get("https://example.com/a")


def test_a_list_is_paged_within_one_origin() -> None:
    """A page that names another server is an error, since headers would go there."""
    replay = Replay()
    replay.reply({"items": [1], "next": "/list?page=2"})
    replay.reply({"items": [2], "next": "https://elsewhere.example/list"})

    with (
        Host(plugins=[replay], discover=False, environ={}) as host,
        host.stream(list_web, {"url": "https://example.com/list?size=1"}) as found,
    ):
        assert [next(found).value, next(found).value] == [1, 2]
        with pytest.raises(AnswerError, match=r"would leave https://example\.com for https://elsewhere\.example"):
            next(found)

    assert [request.url for request in replay.requests] == [
        "https://example.com/list?size=1",
        "https://example.com/list?page=2",
    ]


def test_any_answer_can_be_kept_as_a_file() -> None:
    """Text, too."""
    with context(ask_web, Reply(content=b"a", headers={"Content-Type": "text/plain"})) as given:
        answer = given.context.web.request("GET", "https://example.com/a.txt", store_files="always")

        assert answer.file is not None
        assert (answer.file.name, answer.file.read(), answer.body) == ("a.txt", b"a", b"")


@frozen(kw_only=True)
class Account(Tokens):
    base_url: str
    key: Secret | None = None
    secret: Secret | None = None
    local: bool = False


account = ConnectionType(
    label="Club",
    form=Account,
    origin=lambda form: form.base_url,
    allow_local=lambda form: form.local,
    authorize=(
        header("X-Key", "{key}"),
        OAuth2(
            token_url=lambda form: f"{form.base_url}/token",
            client_id="me",
            client_secret="{secret}",
            when=lambda form: form.secret is not None,
        ),
    ),
)


@frozen(kw_only=True)
class Nothing:
    pass


@module(label="Ask the Club", connection=account, effect=Effect.READ)
def ask_club(form: Nothing, context: Context) -> Answered:
    """Ask the club."""
    return Answered(value=context.client.get("/me"))


def asked_club(server: ReplayServer, settings: HttpSettings = LOCAL, **values: object) -> Any:
    """Ask the club with a connection."""
    with Host(discover=False, environ={}, settings=settings) as host:
        return host.run(ask_club, {}, connection={"base_url": server.url, **values}).bundle["value"]


def test_a_connection_says_whether_its_host_may_be_local(serve: Callable[..., ReplayServer]) -> None:
    """Left unsaid, it may not, whatever the host allows; no byte is sent."""
    server = serve(Reply(json="hello"))

    with pytest.raises(UnsafeRequestError, match="this machine"):
        asked_club(server, key="k")

    assert server.requests == []
    assert asked_club(server, key="k", local=True) == "hello"


def test_the_host_must_allow_a_local_address_too(serve: Callable[..., ReplayServer]) -> None:
    """A stranger who fills in a connection cannot allow it to himself."""
    server = serve()

    with pytest.raises(UnsafeRequestError, match="this machine"):
        asked_club(server, HttpSettings(allow_local=False), key="k", local=True)


def test_a_connection_may_go_with_a_key_or_with_tokens(serve: Callable[..., ReplayServer]) -> None:
    """Where a service takes both, nobody logs in for a key."""
    by_key, by_token = serve(Reply(json=1)), serve(Reply(json={"access_token": "t"}), Reply(json=2))

    assert asked_club(by_key, key="k", local=True) == 1
    assert asked_club(by_token, secret="s", local=True) == 2

    assert by_key.requests[0].headers["X-Key"] == "k"
    assert "Authorization" not in by_key.requests[0].headers
    assert by_token.requests[1].headers["Authorization"] == "Bearer t"


def test_a_token_is_not_asked_of_a_local_address_that_is_not_allowed(serve: Callable[..., ReplayServer]) -> None:
    """The place of tokens is one that the user named, too: no secret leaves."""
    server = serve(Reply(json={"access_token": "t"}))

    with pytest.raises(UnsafeRequestError, match="this machine"):
        asked_club(server, secret="s")

    assert server.requests == []
