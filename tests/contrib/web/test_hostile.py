"""What goes wrong around a run: bodies that do not end, modules that do not look at the clock, defects of others."""

import threading
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from asgi_server import logged
from attrs import frozen
from contract_connector import MODULES as CONTRACT
from web_desk import MODULES as DESK
from web_under_test import WebHost, by_header, events_in, serving

from jackfield import AnyModule, Context, Effect, HttpSettings, InputError, Store, module
from jackfield_web import Principal, Web, WebSettings

PUBLIC = HttpSettings(allow_local=False)
_WAIT_S = 30
_free = threading.Event()


@frozen(kw_only=True)
class Nothing:
    """No input."""


@frozen(kw_only=True)
class Done:
    """Something was done."""

    text: str


@module(label="Old", effect=Effect.READ, aliases=["contract.another"])
def named(form: Nothing, context: Context) -> Done:
    """Have another name."""
    return Done(text="named")


@module(label="Compute", effect=Effect.READ)
def compute(form: Nothing, context: Context) -> Done:
    """Do not look at the clock for long."""
    _free.wait(_WAIT_S)
    return Done(text="late")


MODULES: dict[str, AnyModule] = {**CONTRACT, **DESK, "contract.compute": compute, "contract.named": named}


def _fail(principal: Principal) -> Store:
    if principal.id == "broken":
        message = "dsn=postgres://u:hunter2@db"
        raise RuntimeError(message)
    raise InputError("No store today.", hint="Come back tomorrow.")  # noqa: TRY003, EM101  as applications write


@pytest.fixture(scope="module")
def web() -> Iterator[WebHost]:
    """A host with little patience."""
    settings = WebSettings(max_body_s=0.2, max_deadline_s=0.5)
    with serving(Web(authorize=by_header, settings=settings), modules=MODULES, settings=PUBLIC) as client:
        yield client
        _free.set()


def test_a_deadline_holds_for_a_module_that_does_not_look_at_the_clock(web: WebHost) -> None:
    """The answer comes in time; its thread keeps its room until it ends."""
    reply = web.ask("POST", "/modules/contract.compute/run", {"deadline_s": 0.05})
    running = web.ask("GET", "/operations").json["operations"]
    _free.set()

    assert (reply.status, reply.json["error"], reply.json["deadline_s"]) == (504, "DeadlineError", 0.05)
    assert [one["of"] for one in running] == ["contract.compute"]
    _free.clear()


def _unfinished(web: WebHost, path: str, media_type: str) -> bytes:
    connection: HTTPConnection = web.connected()
    connection.putrequest("POST", path)
    for name, value in {**web.headers, "Content-Type": media_type, "Content-Length": "100"}.items():
        connection.putheader(name, value)
    connection.endheaders(b"{")
    answer = connection.getresponse()
    found = f"{answer.status} ".encode() + answer.read()
    connection.close()
    return found


def test_a_body_that_does_not_end_is_not_waited_for(web: WebHost) -> None:
    """A request in JSON, and an upload, of which nothing is left."""
    body = _unfinished(web, "/modules/contract.echo/run", "application/json")
    upload = _unfinished(web, "/files?name=a", "application/octet-stream")

    assert body.startswith(b"408")
    assert b"max_body_s" in body
    assert upload.startswith(b"408")
    assert b"max_deadline_s" in upload
    assert web.ask("GET", "/files").json["files"] == []


def test_one_content_type_counts(web: WebHost) -> None:
    """Of two, nobody knows which another program took."""
    connection = web.connected()
    connection.putrequest("POST", "/modules/contract.echo/run")
    for name, value in (
        ("X-User", "ada"),
        ("Content-Type", "application/json"),
        ("Content-Type", "text/plain"),
        ("Content-Length", "2"),
    ):
        connection.putheader(name, value)
    connection.endheaders(b"{}")

    assert connection.getresponse().status == 415
    connection.close()


def test_a_body_comes_as_it_is(web: WebHost) -> None:
    """One that is compressed could be any size, and is refused, not misread."""
    reply = web.ask("POST", "/modules/contract.echo/run", {"input": {"text": "x"}}, Content_Encoding="gzip")

    assert (reply.status, reply.json["remedy"]) == (415, "Send it uncompressed.")


def test_a_module_has_one_name_over_http(web: WebHost) -> None:
    """An application that refuses one by its id is not got around by an alias."""
    reply = web.ask("POST", "/modules/contract.another/run", {})

    assert (reply.status, reply.json["error"]) == (404, "UnknownModuleError")
    assert web.ask("POST", "/modules/contract.named/run", {}).status == 200


def test_a_defect_is_told_in_a_stream_as_in_a_run(web: WebHost) -> None:
    """The last event says so, and nothing of what was raised."""
    (*_, last) = events_in(web.ask("POST", "/modules/contract.break_down/stream", {}).body)

    assert (last.kind, last.data["error"], last.data["status"]) == ("error", "PluginError", 500)


def test_defects_of_an_application_are_logged_by_their_place() -> None:
    """What it raised may hold anything; an error of Jackfield's is told as it is."""
    web = Web(authorize=by_header, connections=_fail)
    with logged() as lines, serving(web, modules=MODULES, settings=PUBLIC, user="broken") as client:
        broken = client.ask("GET", "/connections")
        told = client.ask("GET", "/connections", X_User="ada")

    assert (broken.status, broken.json["detail"]) == (500, "The server has a defect.")
    assert any("RuntimeError at test_hostile.py:" in line for line in lines)
    assert b"hunter2" not in broken.body + "\n".join(lines).encode()
    assert (told.status, told.json["detail"], told.json["remedy"]) == (400, "No store today.", "Come back tomorrow.")


def test_half_of_a_letter_costs_nobody_a_result(web: WebHost) -> None:
    """Services send such texts, and UTF-8 has none; JSON can say them, in an answer, a stream and an error."""
    half = b'{"input": {"text": "\\ud83d"}}'
    ran = web.ask("POST", "/modules/contract.echo/run", raw=half)
    (*_, last) = events_in(web.ask("POST", "/modules/contract.echo/stream", raw=half).body)
    refused = web.ask("POST", "/modules/contract.echo/run", raw=b'{"in\\ud83dput": {}}')

    assert (ran.status, ran.json["bundles"][0]["text"]) == (200, "\ud83d")
    assert last.data["bundles"][0]["text"] == "\ud83d"
    assert (refused.status, refused.json["problems"][0]["rule"]) == (422, "unknown_field")


def test_whoever_goes_away_early_is_no_defect() -> None:
    """The log is for what the server did wrong."""
    with logged() as lines, serving(Web(authorize=by_header), modules=MODULES, settings=PUBLIC) as client:
        connection = client.connected()
        connection.putrequest("POST", "/modules/contract.echo/run")
        for name, value in {**client.headers, "Content-Length": "100"}.items():
            connection.putheader(name, value)
        connection.endheaders(b"{")
        connection.close()

    assert any("Finished server process" in line for line in lines)
    assert not [line for line in lines if "failed" in line]
