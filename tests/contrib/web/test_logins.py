"""Logins with OAuth 2 over the API: whoever began one finishes it, once, in time, and sees no token."""

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlencode

import pytest
from authorization_server import CLIENT, SECRET, AuthorizationServer
from browser import Browser
from web_under_test import Reply, WebHost, by_header, serving

from jackfield import HttpSettings, Store
from jackfield_web import Principal, Web, WebSettings

TYPE = "club.account"
BACK = "http://127.0.0.1:9/login"
FAST = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)
POINTS = "[jackfield.connectors]\nclub = club\n[jackfield.modules]\nclub.who_am_i = club:who_am_i\n"


class Stores:
    """A store for each user."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Store] = {}

    async def __call__(self, principal: Principal) -> Store:
        """Give it; as applications do that look for it in a database."""
        path = self._folder / principal.id
        return self._known.setdefault(principal.id, Store(path, key_file=path.with_suffix(".key"), environ={}))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place where the connector of the club is installed."""
    folder = tmp_path_factory.mktemp("logins")
    metadata = folder / "jackfield_club_web-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: jackfield-club-web\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(POINTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield folder


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    """A real authorization server, and the service that takes its tokens."""
    with AuthorizationServer() as running:
        yield running


def served(home: Path, **settings: object) -> "Iterator[WebHost]":
    """Serve the API for somebody who was never there before."""
    options: dict[str, object] = {"allow_local": True, "login_address": BACK, **settings}
    web = Web(authorize=by_header, connections=Stores(home), settings=WebSettings(**options))  # type: ignore[arg-type]
    environ = {"JACKFIELD_HOME": str(home)}
    with serving(web, discover=True, environ=environ, settings=FAST) as client:
        somebody = client.somebody(token_hex(8))
        yield somebody
        somebody.close()


@pytest.fixture
def web(home: Path) -> Iterator[WebHost]:
    """The API."""
    yield from served(home)


@pytest.fixture
def hasty(home: Path) -> Iterator[WebHost]:
    """The API, with no time for anybody."""
    yield from served(home, login_ttl_s=1e-6)


@pytest.fixture
def homeless(home: Path) -> Iterator[WebHost]:
    """The API of an application that has no address for logins."""
    yield from served(home, login_address="", max_logins=1)


@pytest.fixture
def single(home: Path) -> Iterator[WebHost]:
    """The API, with room for one login of each."""
    yield from served(home, max_logins=1)


def add(web: WebHost, server: AuthorizationServer) -> Reply:
    """Save a connection, to which nobody has logged in."""
    values = {"client_id": CLIENT, "client_secret": SECRET, "url": server.url}
    return web.ask("PUT", f"/connections/me?type={TYPE}", {"values": values})


def begin(web: WebHost, **body: str) -> str:
    """Begin a login; give the query with which the browser comes back."""
    begun = web.ask("POST", "/connections/me/login", body)
    assert begun.status == 201
    return urlencode(Browser().answer_of(begun.json["url"]), doseq=True)


def log_in(web: WebHost, server: AuthorizationServer) -> Reply:
    """Have a connection that works."""
    assert add(web, server).status == 201
    return web.ask("GET", f"/login?{begin(web)}")


def run(web: WebHost) -> Reply:
    """Use the connection."""
    return web.ask("POST", "/modules/club.who_am_i/run?connection=me", {})


def test_a_login_makes_a_connection_work(web: WebHost, server: AuthorizationServer) -> None:
    """What needs one is saved without a check; afterwards it is checked, and used. No token is ever shown."""
    saved = add(web, server)
    done = web.ask("GET", f"/login?{begin(web)}")
    listed = web.ask("GET", "/connections/me")

    assert (saved.status, saved.json["check"], saved.json["secrets"]["access_token"]) == (201, None, False)
    assert (done.status, done.json["check"]["verdict"], done.json["secrets"]["access_token"]) == (200, "works", True)
    assert run(web).json["bundles"] == [{"name": "ada"}]
    for token in server.tokens:
        assert token.access_token.encode() not in web.written()
        assert token.refresh_token.encode() not in web.written()
    assert listed.json["secrets"] == {"access_token": True, "refresh_token": True, "client_secret": True}


def test_the_browser_goes_back_to_the_page_that_wanted_it(web: WebHost, server: AuthorizationServer) -> None:
    """With how it ended in its query; also if the person did not allow it."""
    add(web, server)
    done = web.ask("GET", f"/login?{begin(web, return_to='/settings?tab=2#me')}")
    server.consents = False
    refused = web.ask("GET", f"/login?{begin(web, return_to='/settings')}")

    assert (done.status, done.headers["location"]) == (303, "/settings?tab=2&connection=me&login=done#me")
    assert refused.headers["location"] == "/settings?connection=me&login=failed&error=PermissionDeniedError"


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "settings", "/a b", "/a\n", "/ä"]
)
def test_the_browser_is_sent_to_no_other_site(web: WebHost, path: str) -> None:
    """Only to a path of the same host."""
    reply = web.ask("POST", "/connections/me/login", {"return_to": path})

    assert (reply.status, reply.json["problems"][0]["path"]) == (422, "$.return_to")


def test_a_login_is_good_once_and_for_whoever_began_it(web: WebHost, server: AuthorizationServer) -> None:
    """Somebody else, who was sent the address, does not take it away either, nor a program that only looks."""
    add(web, server)
    query = begin(web)
    looked = web.ask("HEAD", f"/login?{query}")
    foreign = web.ask("GET", f"/login?{query}", X_User="eve")
    own = web.ask("GET", f"/login?{query}")
    again = web.ask("GET", f"/login?{query}")

    assert [reply.status for reply in (looked, foreign, own, again)] == [405, 404, 200, 404]
    assert server.counts["authorization_code"] == 1
    assert "login_ttl_s" in again.json["remedy"]


def test_a_page_of_the_application_may_be_where_the_browser_comes_back(
    web: WebHost, server: AuthorizationServer
) -> None:
    """It posts the query that it was opened with."""
    add(web, server)
    done = web.ask("POST", "/login", {"query": f"?{begin(web)}"})

    assert (done.status, done.json["check"]["verdict"]) == (200, "works")


def test_a_login_ends_with_its_time(hasty: WebHost, server: AuthorizationServer) -> None:
    """Nothing is sent then."""
    reply = log_in(hasty, server)

    assert (reply.status, server.counts["authorization_code"]) == (404, 0)


def test_only_the_latest_logins_are_kept(single: WebHost, server: AuthorizationServer) -> None:
    """Of one principal; who begins more and more fills nobody's memory."""
    add(single, server)
    first, second = begin(single), begin(single)

    assert [single.ask("GET", f"/login?{query}").status for query in (first, second)] == [404, 200]


@pytest.mark.parametrize("how", ["changed", "made anew"])
def test_a_code_goes_nowhere_else(web: WebHost, server: AuthorizationServer, how: str) -> None:
    """If the connection is another one meanwhile, its address may be that of somebody else."""
    add(web, server)
    query = begin(web)
    with AuthorizationServer() as other:
        if how == "changed":
            values = {"url": other.url, "client_secret": SECRET}
            assert web.ask("PATCH", "/connections/me", {"values": values}).status == 200
        else:
            assert web.ask("DELETE", "/connections/me").status == 204
            assert add(web, other).status == 201
        reply = web.ask("GET", f"/login?{query}")

    assert (reply.status, reply.json["remedy"]) == (409, "Log in again.")
    assert (server.counts["authorization_code"], other.counts["authorization_code"]) == (0, 0)


def test_what_stands_twice_is_refused(web: WebHost, server: AuthorizationServer) -> None:
    """Of two codes, two programs may read different ones."""
    add(web, server)
    reply = web.ask("GET", f"/login?{begin(web)}&code=another")

    assert (reply.status, server.counts["authorization_code"]) == (400, 0)
    assert "code more than once" in reply.json["detail"]


def test_a_changed_connection_keeps_its_login(web: WebHost, server: AuthorizationServer) -> None:
    """A check of what is changed would renew tokens that nobody keeps."""
    log_in(web, server)
    server.expire()
    changed = web.ask("PATCH", "/connections/me", {"values": {"client_secret": SECRET}})

    assert (changed.status, changed.json["check"]) == (200, None)
    assert run(web).status == 200


def test_a_login_that_ended_can_be_begun_anew(web: WebHost, server: AuthorizationServer) -> None:
    """The error says how; the connection stays as it is."""
    log_in(web, server)
    server.expire()
    server.end_logins()
    ended = run(web)
    done = web.ask("GET", f"/login?{begin(web)}")

    assert (ended.status, ended.json["remedy"]) == (502, "Log in again: POST connections/me/login.")
    assert done.status == run(web).status == 200


def test_a_removed_connection_ends_its_login(web: WebHost, server: AuthorizationServer) -> None:
    """At the service as well, as the command line does it."""
    log_in(web, server)
    removed = web.ask("DELETE", "/connections/me")

    assert (removed.status, server.counts["revoke"]) == (204, 1)
    assert all(token.revoked for token in server.tokens)


def test_an_application_says_where_browsers_come_back(homeless: WebHost, server: AuthorizationServer) -> None:
    """Never a header of the request, which anybody can write; without it the answer names the setting."""
    add(homeless, server)
    reply = homeless.ask("POST", "/connections/me/login", {})

    assert (reply.status, "login_address" in reply.json["remedy"]) == (404, True)


def test_what_needs_no_login_has_none(web: WebHost) -> None:
    """A key is typed."""
    web.ask("PUT", "/connections/me?type=openai.openai", {"values": {"api_key": "k-1234"}, "check": False})
    reply = web.ask("POST", "/connections/me/login", {})

    assert (reply.status, reply.json["remedy"]) == (409, "Change the connection with PATCH.")
