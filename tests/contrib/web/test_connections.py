"""Connections over the API: each principal has their own, and no secret ever comes back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from asgi_server import logged
from web_desk import KEY, MODULES, Desk, desk_served
from web_under_test import Reply, WebHost, by_header, serving

from jackfield import HttpSettings, Store
from jackfield_web import Principal, Web, WebSettings

FAST = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001, max_attempts=1)
Ask = Callable[..., Reply]


class Stores:
    """The connections of each principal, in a file of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Store] = {}

    def __call__(self, principal: Principal) -> Store:
        """Give the same store again."""
        name = principal.id
        if name not in self._known:
            path, key = self._folder / name, self._folder / f"{name}.key"
            self._known[name] = Store(path, key_file=key, environ={})
        return self._known[name]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """The service."""
    with desk_served() as desk:
        yield desk


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebHost]:
    """A host that may reach this machine, since the service is here."""
    folder = tmp_path_factory.mktemp("web")
    web = Web(
        authorize=by_header,
        connections=Stores(folder),
        settings=WebSettings(allow_local=True, max_connections=2),
    )
    environ = {"JACKFIELD_HOME": str(folder)}
    with serving(web, discover=True, environ=environ, modules=MODULES, settings=FAST) as client:
        yield client


@pytest.fixture
def web(served: WebHost) -> Iterator[WebHost]:
    """Somebody who was never there before."""
    client = served.somebody(token_hex(8))
    yield client
    client.close()


@pytest.fixture
def add(web: WebHost, desk: Desk) -> Ask:
    """Save a connection to the service."""

    def add(name: str = "desk", *, user: str = "", check: bool = True, **values: object) -> Reply:
        given = {"api_key": KEY, "base_url": desk.url, **values}
        path = f"/connections/{name}?type=openai.openai"
        as_user = {"X-User": user} if user else {}
        return web.ask("PUT", path, {"values": given, "check": check}, also=as_user)

    return add


def test_types_have_forms_of_their_own(web: WebHost) -> None:
    """A page lists them, and draws the form of one; its secrets can only be written."""
    types = web.ask("GET", "/connection-types").json["types"]
    one = web.ask("GET", "/connection-types/openai.openai").json
    none = web.ask("GET", "/connection-types/openai.none")

    assert "openai.openai" in [each["id"] for each in types]
    assert one["form"]["properties"]["api_key"]["writeOnly"] is True
    assert (one["can_check"], none.status) == (True, 404)


def test_a_connection_is_saved_if_it_works(web: WebHost, add: Ask) -> None:
    """What comes back says which secrets are set; modules use it by its name."""
    reply = add(headers={"X-Second": "another key"})
    shown = web.ask("GET", "/connections/desk").json
    (listed,) = web.ask("GET", "/connections").json["connections"]
    ran = web.ask("POST", "/modules/openai.desk_order/run?connection=desk", {"input": {"drink": "tea"}})

    assert (reply.status, reply.json["check"]["verdict"]) == (201, "works")
    assert (shown["type"], shown["secrets"]) == ("openai.openai", {"api_key": True})
    assert shown["settings"]["headers"] == {"X-Second": "***"}
    assert (listed["name"], listed["secrets"], listed["verdict"]) == ("desk", ["api_key"], "works")
    assert ran.json["bundles"] == [{"text": "tea"}]


def test_a_connection_that_does_not_work_is_not_saved(web: WebHost, add: Ask) -> None:
    """Unless whoever saves it says so; the answer says what is wrong."""
    refused = add(api_key="canary-wrong-5519")
    nothing = web.ask("GET", "/connections").json["connections"]
    saved = add(api_key="canary-wrong-5519", check=False)
    checked = web.ask("POST", "/connections/desk/check", {}).json

    assert (refused.status, refused.json["error"]) == (422, "NotWorkingError")
    assert "bad_key" in refused.json["detail"]
    assert b"canary-wrong" not in refused.body
    assert nothing == []
    assert (saved.status, saved.json["check"]) == (201, None)
    assert (checked["verdict"], checked["error"]["error"]) == ("bad_key", "CredentialsError")


def test_what_breaks_the_form_names_the_place(web: WebHost, add: Ask) -> None:
    """Each of them; nothing is sent."""
    reply = add(timeout_s="soon", more=1)

    assert reply.status == 422
    assert {one["path"] for one in reply.json["problems"]} == {"$.timeout_s", "$.more"}


def test_a_name_is_taken_once_and_there_is_a_limit(web: WebHost, add: Ask) -> None:
    """Nothing is replaced by accident."""
    assert add().status == 201
    taken, odd = add(), add("../x".replace("/", "%2F"))
    assert add("second").status == 201
    third = add("third")

    assert (taken.status, odd.status) == (409, 404)
    assert (third.status, third.json["limit"]) == (429, "max_connections")


def test_an_edit_keeps_what_is_not_named(web: WebHost, add: Ask) -> None:
    """An empty secret stays, null takes a value away."""
    add(organization_id="org-1")
    kept = web.ask("PATCH", "/connections/desk", {"values": {"api_key": "", "project_id": "p"}})
    less = web.ask("PATCH", "/connections/desk", {"values": {"organization_id": None}})

    assert (kept.status, kept.json["secrets"], kept.json["check"]["verdict"]) == (200, {"api_key": True}, "works")
    assert less.json["settings"]["project_id"] == "p"
    assert "organization_id" not in less.json["settings"]


def test_a_changed_address_asks_for_its_secrets_again(web: WebHost, add: Ask, desk: Desk) -> None:
    """Whoever may edit a connection cannot send its key to a server of their own."""
    add()
    before = len(desk.asked)
    other = desk.url.replace("127.0.0.1", "localhost")
    reply = web.ask("PATCH", "/connections/desk", {"values": {"base_url": other}})
    again = web.ask("PATCH", "/connections/desk", {"values": {"base_url": other, "api_key": KEY}, "check": False})

    assert [(one["path"], one["rule"]) for one in reply.json["problems"]] == [("$.api_key", "origin")]
    assert len(desk.asked) == before
    assert (again.status, again.json["base_url"]) == (200, other)


def test_a_mask_is_no_value(web: WebHost, add: Ask) -> None:
    """A page that sends back what it was shown saves no asterisks."""
    add(headers={"X-Second": "another key"})
    reply = web.ask("PATCH", "/connections/desk", {"values": {"headers": {"X-Second": "***"}}})

    assert [(one["path"], one["rule"]) for one in reply.json["problems"]] == [("$.values.headers", "masked")]


def test_a_connection_is_renamed_and_removed(web: WebHost, add: Ask) -> None:
    """A name that is taken stays whose it is."""
    add()
    add("second", check=False)
    taken = web.ask("POST", "/connections/desk/rename", {"name": "second"})
    renamed = web.ask("POST", "/connections/desk/rename", {"name": "first"})
    removed = web.ask("DELETE", "/connections/first")

    assert (taken.status, renamed.status, renamed.json["name"]) == (409, 200, "first")
    assert removed.status == 204
    assert [each["name"] for each in web.ask("GET", "/connections").json["connections"]] == ["second"]


def test_nobody_sees_or_uses_the_connections_of_another(web: WebHost, add: Ask, desk: Desk) -> None:
    """For somebody else they are not there, whatever is asked of them."""
    add()
    before = len(desk.asked)
    replies = [
        web.ask("GET", "/connections/desk", X_User="eve"),
        web.ask("PATCH", "/connections/desk", {"values": {"base_url": "https://evil.example"}}, X_User="eve"),
        web.ask("POST", "/connections/desk/check", {}, X_User="eve"),
        web.ask("POST", "/connections/desk/rename", {"name": "mine"}, X_User="eve"),
        web.ask("DELETE", "/connections/desk", X_User="eve"),
    ]
    module = "/modules/openai.desk_order"
    used = [
        web.ask("POST", f"{module}/run?connection=desk", {"input": {"drink": "tea"}}, X_User="eve"),
        web.ask("POST", f"{module}/stream?connection=desk", {"input": {"drink": "tea"}}, X_User="eve"),
        web.ask("POST", f"{module}/choices?connection=desk", {"field": "table"}, X_User="eve"),
        web.ask("POST", f"{module}/form?connection=desk", {"values": {"drink": "tea"}}, X_User="eve"),
        web.ask("POST", f"{module}/dry-run?connection=desk", {"input": {"drink": "tea"}}, X_User="eve"),
    ]

    assert [reply.status for reply in replies] == [404] * 5
    assert [reply.json["error"] for reply in used] == ["NoConnectionError"] * 5
    assert web.ask("GET", "/connections", X_User="eve").json["connections"] == []
    assert len(desk.asked) == before
    assert web.ask("GET", "/connections/desk").json["name"] == "desk"


def test_two_principals_have_connections_of_the_same_name(web: WebHost, add: Ask) -> None:
    """Each gets their own, one after the other."""
    add(user="ada")
    add(user="bob", api_key="canary-wrong-5519", check=False)
    path = "/modules/openai.desk_order/run?connection=desk"
    ada, bob, again = (
        web.ask("POST", path, {"input": {"drink": "tea"}}, X_User=user) for user in ("ada", "bob", "ada")
    )

    assert (ada.status, again.status) == (200, 200)
    assert (bob.status, bob.json["error"], bob.json["service_status"]) == (502, "CredentialsError", 401)


def test_no_secret_stands_in_any_answer_or_log(web: WebHost, add: Ask) -> None:
    """Of all that can be done with it, mistakes and echoes included."""
    with logged() as lines:
        add()
        add()
        for method, path, body in (
            ("GET", "/connections", None),
            ("GET", "/connections/desk", None),
            ("POST", "/connections/desk/check", {}),
            ("POST", "/connections/desk/check", {"offline": True}),
            ("PATCH", "/connections/desk", {"values": {"api_key": KEY, "base_url": 1}}),
            ("PATCH", "/connections/desk", {"values": {"api_key": [KEY]}}),
            ("PATCH", "/connections/desk", {"values": {"timeout_s": KEY}, "check": False}),
            ("PATCH", "/connections/desk", {"values": {"api_key": f"{KEY}\n"}}),
            ("PATCH", "/connections/desk", {"values": {"headers": {"X-K": KEY}}}),
            ("PUT", "/connections/other?type=openai.openai", {"values": {"api_key": KEY, "base_url": "http://[x"}}),
            ("POST", "/modules/openai.desk_order/dry-run?connection=desk", {"input": {"drink": "tea"}}),
            ("POST", "/modules/openai.desk_order/form?connection=desk", {"values": {"drink": "tea"}}),
            ("POST", "/modules/openai.desk_say_back/run?connection=desk", {}),
            ("POST", "/modules/openai.desk_say_back/stream?connection=desk", {}),
            ("GET", "/openapi.json", None),
        ):
            web.ask(method, path, body)

    written = web.written() + "\n".join(lines).encode()
    assert b"/connections/desk" in written
    assert KEY.encode() not in written


PRIVATE = ("http://127.0.0.1:1/v1", "http://localhost:1", "http://169.254.169.254/v1", "http://[::ffff:127.0.0.1]:1/v1")


@pytest.mark.parametrize("address", PRIVATE)
def test_users_name_no_address_in_a_private_network(tmp_path: Path, address: str) -> None:
    """Unless the application allows it; nothing is sent there."""
    web = Web(authorize=by_header, connections=Stores(tmp_path))
    settings = HttpSettings(allow_local=False)
    with serving(web, discover=True, environ={"JACKFIELD_HOME": str(tmp_path)}, settings=settings) as client:
        values = {"api_key": KEY, "base_url": address}
        reply = client.ask("PUT", "/connections/x?type=openai.openai", {"values": values})
        client.ask("PUT", "/connections/x?type=openai.openai", {"values": values, "check": False})
        ran = client.ask("POST", "/modules/openai.get_models/run?connection=x", {"input": {}})

    assert reply.status == 422
    assert "No request goes there whose host a user named" in reply.json["detail"]
    assert (ran.status, ran.json["error"]) == (422, "UnsafeRequestError")


def test_an_application_without_connections_says_so() -> None:
    """A module that needs one says what is missing."""
    with serving(Web(authorize=by_header), settings=HttpSettings(allow_local=False)) as client:
        reply = client.ask("GET", "/connections")

    assert (reply.status, "Web(connections=...)" in reply.json["remedy"]) == (404, True)
