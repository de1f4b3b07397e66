"""Who may use the API, from where, and what it takes from them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from contract_connector import MODULES
from starlette.exceptions import HTTPException
from starlette.requests import Request
from web_under_test import WebHost, by_header, serving

from jackfield import FileSettings, Host, HttpSettings, InputError, RefusedByPolicyError
from jackfield_web import Action, Asked, Principal, Web, WebSettings

PUBLIC = HttpSettings(allow_local=False)
ECHO = "/modules/contract.echo/run"
EVERYTHING = (
    ("GET", "/openapi.json"),
    ("GET", "/modules"),
    ("GET", "/modules/contract.echo"),
    ("GET", "/modules/contract.echo/schema"),
    ("POST", "/modules/contract.echo/form"),
    ("POST", "/modules/contract.echo/choices"),
    ("POST", "/modules/contract.echo/dry-run"),
    ("POST", "/modules/contract.echo/run"),
    ("POST", "/modules/contract.echo/stream"),
    ("GET", "/operations"),
    ("DELETE", "/operations/x"),
    ("GET", "/connection-types"),
    ("GET", "/connection-types/x"),
    ("GET", "/connections"),
    ("GET", "/connections/x"),
    ("PUT", "/connections/x"),
    ("PATCH", "/connections/x"),
    ("DELETE", "/connections/x"),
    ("POST", "/connections/x/check"),
    ("POST", "/connections/x/rename"),
    ("POST", "/connections/x/login"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/files"),
    ("POST", "/files"),
    ("GET", "/files/x"),
    ("DELETE", "/files/x"),
)


class Door:
    """An application that lets in whom it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[], Principal | None] = lambda: Principal(id="ada")

    def __call__(self, request: Request, asked: Asked) -> Principal | None:
        """Answer as told."""
        self.asked.append(asked)
        return self.answer()


@pytest.fixture(scope="module")
def door() -> Door:
    """The application."""
    return Door()


@pytest.fixture(scope="module")
def web(door: Door) -> Iterator[WebHost]:
    """Its API."""
    web = Web(authorize=door, settings=WebSettings(max_body_bytes=2000, trusted_origins=["https://app.example/"]))
    with serving(web, modules=MODULES, settings=PUBLIC) as client:
        yield client


@pytest.fixture(autouse=True)
def opened(door: Door) -> None:
    """Each test begins with an open door."""
    door.asked.clear()
    door.answer = lambda: Principal(id="ada")


def test_nothing_is_served_before_somebody_says_who_may_use_it() -> None:
    """The error says what to give."""
    with pytest.raises(InputError, match="authorize"):
        Web()


def test_an_api_of_a_host_that_does_not_know_it_is_refused() -> None:
    """Without the plugin nobody's connections would be found."""
    with Host(discover=False, settings=PUBLIC) as host, pytest.raises(InputError, match=r"plugins=\[web\]"):
        Web(authorize=by_header).served(host)


def test_one_host_that_knows_it_does_not_speak_for_another() -> None:
    """Or strangers would use the connections of the other's environment."""
    web = Web(authorize=by_header)
    with Host(plugins=[web], discover=False, settings=PUBLIC) as host:
        web.served(host)
        with Host(discover=False, settings=PUBLIC) as other, pytest.raises(InputError, match="plugin"):
            web.served(other)


def test_a_mistake_of_the_application_is_not_the_callers() -> None:
    """An id that is a number, or something that is no store."""
    numbers = Web(authorize=lambda _request, _asked: Principal(id=5))  # type: ignore[arg-type]
    names = Web(authorize=by_header, connections=lambda _principal: "store")  # type: ignore[arg-type, return-value]
    with serving(numbers, settings=PUBLIC) as client:
        wrong = client.ask("GET", "/modules")
    with serving(names, settings=PUBLIC) as client:
        other = client.ask("GET", "/connections")

    assert (wrong.status, "id of a Principal" in wrong.json["detail"]) == (500, True)
    assert (other.status, "not with a Store" in other.json["detail"]) == (500, True)


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({}, "allow_local=False"),
        ({"settings": HttpSettings(allow_local=False, allow_local_downloads=True)}, "allow_local"),
        ({"settings": PUBLIC, "files": FileSettings(input_anywhere=True)}, "input_anywhere"),
    ],
    ids=["base URLs", "downloads", "files"],
)
def test_a_host_that_strangers_could_misuse_is_refused(options: Mapping[str, Any], remedy: str) -> None:
    """They would name addresses of the private network, or files of the server."""
    web = Web(authorize=by_header)
    with Host(plugins=[web], discover=False, **options) as host, pytest.raises(InputError) as caught:
        web.served(host)

    assert remedy in caught.value.hint


def test_a_pattern_that_fits_no_module_is_an_error() -> None:
    """Nobody offers less than they think."""
    web = Web(authorize=by_header, modules=["contract.ekko"])
    with Host(plugins=[web], discover=False, modules=MODULES) as host, pytest.raises(InputError, match="ekko"):
        web.served(host)


@pytest.mark.parametrize(("method", "path"), EVERYTHING, ids=lambda each: each.replace("/", "."))
def test_every_request_is_authorized_before_its_body_is_read(web: WebHost, door: Door, method: str, path: str) -> None:
    """Somebody unknown gets 401 whatever they send, with no trace of what is there."""
    door.answer = lambda: None
    reply = web.ask(method, path, raw=b"{{{{")

    assert (reply.status, reply.headers["content-type"]) == (401, "application/problem+json")
    assert "www-authenticate" in reply.headers
    assert reply.json["detail"] == "Nobody has logged in."
    assert len(door.asked) == 1


def test_an_application_is_told_what_is_asked(web: WebHost, door: Door) -> None:
    """The action, and the module, connection, type, file or operation that it is about."""
    web.ask("POST", "/modules/contract.ask/run?connection=mine", {})
    web.ask("PUT", "/connections/mine?type=x.y", {"values": {}})
    web.ask("GET", "/files/abc")
    web.ask("GET", "/modules?connection=mine")

    assert door.asked == [
        Asked(action=Action.RUN, module_id="contract.ask", connection="mine"),
        Asked(action=Action.ADD_CONNECTION, connection="mine", connection_type="x.y"),
        Asked(action=Action.DOWNLOAD, item="abc"),
        Asked(action=Action.LIST_MODULES),
    ]


def test_an_application_may_refuse_in_its_own_words(web: WebHost, door: Door) -> None:
    """With an error of Jackfield's, or with an exception of its framework, status and headers included."""

    def forbid() -> Principal:
        message = "Ada may not run this."
        raise RefusedByPolicyError(message, hint="Ask Grace.")

    def teapot() -> Principal:
        raise HTTPException(418, "No coffee.", headers={"X-Pot": "tea"})

    door.answer = forbid
    refused = web.ask("POST", ECHO, {})
    door.answer = teapot
    odd = web.ask("POST", ECHO, {})

    assert (refused.status, refused.json["detail"], refused.json["remedy"]) == (
        403,
        "Ada may not run this.",
        "Ask Grace.",
    )
    assert (odd.status, odd.json["detail"], odd.headers["x-pot"]) == (418, "No coffee.", "tea")


def test_a_defect_of_the_application_lets_nobody_in(web: WebHost, door: Door) -> None:
    """An exception, or an answer that is no principal, is 500, and tells nothing."""

    def fail() -> Principal:
        message = "password=hunter2"
        raise RuntimeError(message)

    door.answer = fail
    failed = web.ask("POST", ECHO, {"input": {"text": "x"}})
    door.answer = lambda: True  # type: ignore[assignment, return-value]
    odd = web.ask("POST", ECHO, {"input": {"text": "x"}})

    assert (failed.status, odd.status) == (500, 500)
    assert b"hunter2" not in failed.body
    assert "bundles" not in odd.json


def test_a_principal_needs_an_id() -> None:
    """All who had none would share their files."""
    with pytest.raises(InputError, match="id"):
        Principal(id="")


OTHERS = {
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "a site beside": {"Sec-Fetch-Site": "same-site", "Origin": "https://blog.example"},
    "no origin": {"Origin": "null"},
    "an old browser": {"Origin": "https://evil.example"},
    "half the name": {"Origin": "http://127.0.0.1"},
}


@pytest.mark.parametrize("headers", OTHERS.values(), ids=OTHERS)
def test_no_page_of_another_site_changes_anything(web: WebHost, door: Door, headers: Mapping[str, str]) -> None:
    """The browser would send the cookies of whoever looks at it; the application is not even asked."""
    replies = [
        web.ask("POST", ECHO, {"input": {"text": "x"}}, also=headers),
        web.ask("PUT", "/connections/x?type=x.y", {"values": {}}, also=headers),
        web.ask("DELETE", "/files/x", also=headers),
    ]

    assert [reply.status for reply in replies] == [403, 403, 403]
    assert "trusted_origins" in replies[0].json["remedy"]
    assert door.asked == []


OWN = {
    "a program": {},
    "the same origin": {"Sec-Fetch-Site": "same-origin"},
    "an address that was typed": {"Sec-Fetch-Site": "none"},
    "a trusted origin": {"Sec-Fetch-Site": "cross-site", "Origin": "https://app.example"},
}


@pytest.mark.parametrize("headers", OWN.values(), ids=OWN)
def test_pages_of_the_application_may(web: WebHost, headers: Mapping[str, str]) -> None:
    """So may programs, which are no browsers."""
    assert web.ask("POST", ECHO, {"input": {"text": "x"}}, also=headers).status == 200


def test_an_old_browser_on_a_page_of_the_same_host_may(web: WebHost) -> None:
    """Behind a proxy for TLS the scheme differs; the host is what counts."""
    reply = web.ask("POST", ECHO, {"input": {"text": "x"}}, Host="here.example", Origin="https://here.example")

    assert reply.status == 200


@pytest.mark.parametrize("said", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_what_a_form_of_a_page_can_send_is_not_taken(web: WebHost, said: str) -> None:
    """JSON says that it is JSON."""
    reply = web.ask("POST", ECHO, {"input": {"text": "x"}}, Content_Type=said)

    assert (reply.status, "application/json" in reply.json["remedy"]) == (415, True)


BAD_BODIES = {
    "a list": (b"[]", "$", "type"),
    "no JSON": (b"{", "$", "json"),
    "a key twice": (b'{"input": {}, "input": {}}', "$", "json"),
    "something more": (b'{"input": {}, "scenario": 1}', "$.scenario", "unknown_field"),
    "credentials": (b'{"input": {}, "connection": {"api_key": "x"}}', "$.connection", "unknown_field"),
    "no object": (b'{"input": "x"}', "$.input", "type"),
    "too long": (b'{"input": {}, "deadline_s": 601}', "$.deadline_s", "maximum"),
    "a switch": (b'{"input": {}, "deadline_s": true}', "$.deadline_s", "type"),
    "a short id": (b'{"input": {}, "operation": "x"}', "$.operation", "min_length"),
    "an odd id": (b'{"input": {}, "operation": "../../../../../../etc"}', "$.operation", "pattern"),
}


@pytest.mark.parametrize(("body", "path", "rule"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_bodies_are_closed(web: WebHost, body: bytes, path: str, rule: str) -> None:
    """What is not expected is refused, with its place and the rule."""
    reply = web.ask("POST", ECHO, raw=body)

    assert reply.status == 422
    assert [(one["path"], one["rule"]) for one in reply.json["problems"]] == [(path, rule)]


def test_a_body_that_is_too_large_or_too_deep_names_the_limit(web: WebHost) -> None:
    """Whether its size is announced or not."""
    large = web.ask("POST", ECHO, {"input": {"text": "x" * 3000}})
    silent = web.ask("POST", ECHO, raw=iter([b"x" * 1000] * 3))
    deep = web.ask("POST", ECHO, raw=b"[" * 200 + b"]" * 200)

    assert (large.status, large.json["limit"], large.json["maximum"]) == (413, "max_body_bytes", 2000)
    assert (silent.status, silent.json["limit"]) == (413, "max_body_bytes")
    assert "WebSettings(max_body_bytes=...)" in large.json["remedy"]
    assert (deep.status, deep.json["limit"]) == (413, "max_json_depth")


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("page_size=x", "$.page_size"),
        ("page_size=0", "$.page_size"),
        ("kind=magic", "$.kind"),
        ("deprecated=1", "$.deprecated"),
    ],
)
def test_queries_are_checked(web: WebHost, query: str, path: str) -> None:
    """As bodies are."""
    reply = web.ask("GET", f"/modules?{query}")

    assert (reply.status, [one["path"] for one in reply.json["problems"]]) == (422, [path])


def test_every_answer_is_for_whoever_asked(web: WebHost) -> None:
    """No cache keeps it, no browser takes it for something else, no page of another origin reads it."""
    for reply in (web.ask("GET", "/modules"), web.ask("POST", ECHO, {}), web.ask("GET", "/nowhere")):
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cross-origin-resource-policy"] == "same-origin"
        assert not [name for name in reply.headers if name.startswith("access-control")]


def test_what_is_not_there_is_a_problem_like_any_other(web: WebHost) -> None:
    """A path, and a method; the answer says which there are."""
    nowhere = web.ask("GET", "/nowhere")
    method = web.ask("DELETE", "/modules")
    preflight = web.ask("OPTIONS", ECHO, Origin="https://evil.example", Access_Control_Request_Method="POST")

    assert (nowhere.status, nowhere.headers["content-type"]) == (404, "application/problem+json")
    assert (method.status, method.headers["allow"]) == (405, "GET, HEAD")
    assert preflight.status == 405


def test_an_async_application_is_asked_too() -> None:
    """Authorization may be a coroutine function, or an object that gives one."""

    async def authorize(request: Request, asked: Asked) -> Principal | None:
        return by_header(request, asked)

    with serving(Web(authorize=authorize), modules=MODULES, settings=PUBLIC) as client:
        assert client.ask("GET", "/modules").status == 200
        assert client.ask("GET", "/modules", X_User="").status == 401
