"""What can be asked about modules before one is run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from web_desk import KEY, MODULES, Desk, desk_served
from web_under_test import WebHost, by_header, serving

from jackfield import HttpSettings, Store
from jackfield_web import Web, WebSettings

FAST = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """The service."""
    with desk_served() as desk:
        yield desk


@pytest.fixture(scope="module")
def web(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebHost]:
    """A host with a saved connection to the service."""
    folder = tmp_path_factory.mktemp("web")
    store = Store(folder / "store", key_file=folder / "key", environ={})
    web = Web(
        authorize=by_header,
        connections=store,
        modules=["openai.desk_*"],
        settings=WebSettings(allow_local=True, max_page_size=3),
    )
    environ = {"JACKFIELD_HOME": str(folder)}
    with serving(web, discover=True, environ=environ, modules=MODULES, settings=FAST) as client:
        added = client.ask(
            "PUT", "/connections/desk?type=openai.openai", {"values": {"api_key": KEY, "base_url": desk.url}}
        )
        assert added.status == 201, added.body
        yield client


def _ids(client: WebHost, query: str) -> list[str]:
    return [each["id"] for each in client.ask("GET", f"/modules?{query}").json["modules"]]


def test_modules_are_listed_in_pages(web: WebHost) -> None:
    """Each page says how many there are in all, and where the next one begins."""
    first = web.ask("GET", "/modules?page_size=3").json
    second = web.ask("GET", f"/modules?page_size=3&after={first['next']}").json

    assert [each["id"] for each in first["modules"] + second["modules"]] == sorted(MODULES)
    assert (first["total"], second["total"], second["next"]) == (5, 5, None)


def test_modules_are_found_by_what_they_are(web: WebHost) -> None:
    """By text, kind, effect, connector, and whether they should no longer be used."""
    assert _ids(web, "query=DRINK") == ["openai.desk_order"]
    assert _ids(web, "effect=unsafe") == ["openai.desk_order"]
    assert _ids(web, "kind=search") == []
    assert _ids(web, "connector=none") == []
    assert _ids(web, "deprecated=true") == ["openai.desk_old"]
    assert "openai.desk_old" not in _ids(web, "deprecated=false")


def test_a_module_says_what_it_is(web: WebHost) -> None:
    """Kind, effect, connection type, end; what it takes and what it gives."""
    order = web.ask("GET", "/modules/openai.desk_order").json
    old = web.ask("GET", "/modules/openai.desk_old").json

    assert (order["kind"], order["effect"], order["connection_type"]) == ("action", "unsafe", "openai.openai")
    assert order["form"]["properties"]["drink"]["x-jackfield"]["choices"]["options"][0]["label"] == "Tea"
    assert [*order["output"]["properties"]] == ["text"]
    assert old["sunset"] == {"date": "2026-01-01", "replacement": "openai.desk_tell", "reason": "it was slow"}


def test_the_schema_of_a_module_is_json_schema(web: WebHost) -> None:
    """With a media type of its own; any validator takes it."""
    reply = web.ask("GET", "/modules/openai.desk_order/schema")

    assert reply.headers["content-type"] == "application/schema+json"
    Draft202012Validator.check_schema(reply.json)
    assert not Draft202012Validator(reply.json).is_valid({"drink": "tea", "sugar": 9})


def test_a_form_fits_what_is_filled_in(web: WebHost) -> None:
    """Fields come and go with the values; those that only a service knows come with a connection."""
    path = "/modules/openai.desk_order/form"
    bare = web.ask("POST", path, {}).json
    tea = web.ask("POST", path, {"values": {"drink": "tea"}}).json
    known = web.ask("POST", f"{path}?connection=desk", {"values": {"drink": "tea"}}).json

    assert "sugar" not in bare["properties"]
    assert tea["properties"]["sugar"]["maximum"] == 3
    assert [*known["properties"]["extras"]["properties"]] == ["tea_strength"]


def test_choices_are_asked_for_with_a_connection(web: WebHost, desk: Desk) -> None:
    """Those of the service are searched; those that are fixed need no connection."""
    path = "/modules/openai.desk_order/choices"
    found = web.ask("POST", f"{path}?connection=desk", {"field": "table", "query": "WIN"}).json
    fixed = web.ask("POST", path, {"field": "drink"}).json
    nobody = web.ask("POST", path, {"field": "table"})

    assert [choice["value"] for choice in found["choices"]] == ["window"]
    assert (found["stale"], "/tables" in desk.asked) == (False, True)
    assert [choice["value"] for choice in fixed["choices"]] == ["tea", "coffee"]
    assert (nobody.status, nobody.json["error"]) == (409, "NoConnectionError")


def test_old_choices_say_so_when_the_service_is_away(web: WebHost, desk: Desk) -> None:
    """The last good list is given, with the reason."""
    path = "/modules/openai.desk_order/choices?connection=desk"
    web.ask("POST", path, {"field": "table"})
    desk.away = True
    found = web.ask("POST", path, {"field": "table", "max_age_s": 0}).json
    desk.away = False

    assert (found["stale"], len(found["choices"])) == (True, 2)
    assert found["stale_because"]


def test_a_dry_run_shows_the_request_without_the_key(web: WebHost, desk: Desk) -> None:
    """Nothing is sent."""
    before = len(desk.asked)
    reply = web.ask("POST", "/modules/openai.desk_order/dry-run?connection=desk", {"input": {"drink": "tea"}})

    (request,) = reply.json["requests"]
    assert (request["method"], request["body"]) == ("POST", {"text": "tea"})
    assert request["headers"]["Authorization"].endswith("***")
    assert KEY.encode() not in reply.body
    assert len(desk.asked) == before


def test_a_result_has_all_that_is_known_of_the_run(web: WebHost) -> None:
    """Bundles, attempts, warnings, time; an id of the caller's choice comes back."""
    body = {"input": {"drink": "tea"}, "operation": "chosen-by-the-caller"}
    told = web.ask("POST", "/modules/openai.desk_order/run?connection=desk", body).json
    warned = web.ask("POST", "/modules/openai.desk_tell/run", {"input": {"words": ["a"]}}).json

    assert (told["operation"], told["bundles"], told["attempts"]) == ("chosen-by-the-caller", [{"text": "tea"}], 1)
    assert warned["warnings"] == ["words may be long"]
    assert told["duration_s"] >= 0


def test_a_key_that_a_service_says_back_is_not_shown(web: WebHost) -> None:
    """Whoever may use a connection learns nothing of its key: a result, a piece and an error have *** in its place."""
    path = "/modules/openai.desk_say_back"
    ran = web.ask("POST", f"{path}/run?connection=desk", {})
    streamed = web.ask("POST", f"{path}/stream?connection=desk", {})

    assert "Bearer ***" in ran.json["bundles"][0]["text"]
    assert b"Bearer ***" in streamed.body
    assert KEY.encode() not in ran.body + streamed.body


def test_a_module_that_is_not_offered_is_not_there(web: WebHost) -> None:
    """Though the host has it."""
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/schema", None),
        ("POST", "/run", {"input": {}}),
        ("POST", "/stream", {}),
        ("POST", "/form", {}),
    ):
        reply = web.ask(method, f"/modules/openai.get_models{path}", body)
        assert (reply.status, reply.json["error"]) == (404, "UnknownModuleError")


def test_the_environment_of_the_server_is_nobodys_connection(desk: Desk, tmp_path: Path) -> None:
    """A call that names no connection never gets the server's own, nor one that variables spell."""
    environ = {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": desk.url,
        "JACKFIELD_CONNECTION__MINE__API_KEY": KEY,
        "JACKFIELD_HOME": str(tmp_path),
    }
    web = Web(authorize=by_header, settings=WebSettings(allow_local=True))
    with serving(web, discover=True, environ=environ, modules=MODULES) as client:
        before = len(desk.asked)
        for query in ("", "?connection=mine", "?connection="):
            reply = client.ask("POST", f"/modules/openai.desk_say_back/run{query}", {})
            assert (reply.status, reply.json["error"]) == (409, "NoConnectionError")

    assert len(desk.asked) == before
