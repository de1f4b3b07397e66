"""Streams, and what runs at once."""

import socket
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from attrs import frozen
from contract_connector import CANARY, Service
from contract_connector import MODULES as CONTRACT
from web_desk import KEY, MODULES, Desk, desk_served
from web_under_test import WebHost, by_header, events_in, serving

from jackfield import Context, Effect, HttpSettings, module
from jackfield_web import Web, WebSettings

PUBLIC = HttpSettings(allow_local=False)
FAST = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)
SLOW = "/modules/contract.ask"
BODY = {"input": {"path": "/slow"}}
_WAIT_S = 30


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """A service."""
    with desk_served() as desk:
        yield desk


@pytest.fixture(scope="module")
def web(desk: Desk) -> Iterator[WebHost]:
    """A host whose connection is that of the server."""
    web = Web(authorize=by_header, settings=WebSettings(allow_local=True, allow_environment=True))
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": desk.url}
    with serving(web, modules=MODULES, environ=environ, settings=FAST) as client:
        yield client


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Service, str]]:
    """A service that does not answer."""
    service = Service()
    with service.served() as url:
        yield service, url
        service.released.set()


@pytest.fixture
def slow(service: tuple[Service, str]) -> Iterator[WebHost]:
    """A host with room for two."""
    service[0].forget()
    settings = WebSettings(
        allow_local=True,
        allow_environment=True,
        max_operations=2,
        max_operations_per_principal=1,
        max_stream_s=0.3,
        heartbeat_s=0.05,
    )
    environ = {"CONTRACT_URL": service[1], "CONTRACT_KEY": CANARY}
    with serving(Web(authorize=by_header, settings=settings), modules=CONTRACT, environ=environ) as client:
        yield client


def test_a_stream_tells_what_happens_in_order(web: WebHost) -> None:
    """First its id, then warnings and pieces as they come, then the result as a run would have given it."""
    reply = web.ask("POST", "/modules/openai.desk_tell/stream", {"input": {"words": ["one", "zwölf", "a\nb"]}})
    told = events_in(reply.body)

    assert reply.headers["content-type"] == "text/event-stream"
    assert [event.kind for event in told] == ["operation", "warning", "piece", "piece", "piece", "result"]
    assert [event.data["text"] for event in told[2:5]] == ["one", "zwölf", "a\nb"]
    assert told[-1].data["bundles"] == [{"text": "one zwölf a\nb"}]
    assert told[-1].data["operation"] == told[0].data["operation"]


def test_a_stream_says_why_it_waits(web: WebHost) -> None:
    """For the next attempt, since the first failed."""
    told = events_in(web.ask("POST", "/modules/openai.desk_try_again/stream", {}).body)

    assert [event.kind for event in told] == ["operation", "waiting", "result"]
    assert (told[1].data["for"], told[1].data["attempt"]) == ("retry", 1)
    assert told[2].data["attempts"] == 2


def test_what_is_wrong_before_the_run_is_an_ordinary_answer(web: WebHost) -> None:
    """With its status, so that nobody must read a stream to learn it."""
    reply = web.ask("POST", "/modules/openai.desk_tell/stream", {"input": {"words": 5}})

    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    assert reply.json["problems"][0]["path"] == "$.words"


def test_a_stream_ends_with_its_limit(slow: WebHost, service: tuple[Service, str]) -> None:
    """Comments keep it alive until then; the last event names the limit, and the service sees that nobody waits."""
    reply = slow.ask("POST", f"{SLOW}/stream", BODY)
    last = events_in(reply.body)[-1]

    assert b": still there\n\n" in reply.body
    assert (last.kind, last.data["limit"], last.data["status"]) == ("error", "max_stream_s", 504)
    assert service[0].left.wait(_WAIT_S)


def test_whoever_goes_away_cancels(slow: WebHost, service: tuple[Service, str]) -> None:
    """A run that is waited for, too."""
    connection = slow.connected()
    connection.request("POST", f"{SLOW}/run", b'{"input": {"path": "/slow"}}', slow.headers)
    assert service[0].asked.wait(_WAIT_S)

    connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()

    assert service[0].left.wait(_WAIT_S)


def test_there_is_room_for_so_many(slow: WebHost, service: tuple[Service, str]) -> None:
    """Of one principal, and of all; the answer names the limit and asks to come again. Other things go on."""
    with ThreadPoolExecutor(2) as pool:
        path = f"{SLOW}/run"
        ids = {user: f"operation-of-{user}-0001" for user in ("ada", "bob")}
        runs = [pool.submit(slow.ask, "POST", path, {**BODY, "operation": ids[user]}, X_User=user) for user in ids]
        for user in ids:
            while not slow.ask("GET", "/operations", X_User=user).json["operations"]:
                continue
        mine = slow.ask("POST", path, BODY, X_User="ada")
        all_of_us = slow.ask("POST", path, BODY, X_User="eve")
        foreign = slow.ask("DELETE", f"/operations/{ids['ada']}", X_User="eve")
        listed = slow.ask("GET", "/modules").status
        stopped = [slow.ask("DELETE", f"/operations/{ids[user]}", X_User=user).status for user in ids]
        ended = [run.result(_WAIT_S) for run in runs]

    assert (mine.status, mine.json["limit"]) == (429, "max_operations_per_principal")
    assert (all_of_us.status, all_of_us.json["limit"], all_of_us.headers["retry-after"]) == (503, "max_operations", "1")
    assert (foreign.status, listed, stopped) == (404, 200, [204, 204])
    assert [(one.status, one.json["error"]) for one in ended] == [(409, "OperationCancelledError")] * 2
    assert slow.ask("POST", "/modules/contract.echo/run", {"input": {"text": "x"}}, X_User="ada").status == 200


def test_an_id_of_a_running_operation_is_taken(slow: WebHost, service: tuple[Service, str]) -> None:
    """Whoever cancels knows which one it is."""
    body = {**BODY, "operation": "operation-of-ada-0002"}
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(slow.ask, "POST", f"{SLOW}/run", body)
        assert service[0].asked.wait(_WAIT_S)
        second = slow.ask("POST", f"{SLOW}/run", body)
        slow.ask("DELETE", "/operations/operation-of-ada-0002")
        first.result(_WAIT_S)

    assert (second.status, "Choose another id" in second.json["remedy"]) == (409, True)


@frozen(kw_only=True)
class Nothing:
    """No input."""


@frozen(kw_only=True)
class Number:
    """A number."""

    text: str


class Counter:
    """A module that computes, asks nobody, and never ends by itself.

    Attributes:
        ended: Set when it has ended.
        module: It.
    """

    def __init__(self) -> None:
        self.ended = Event()
        self.module = module(label="Count", effect=Effect.READ)(self._function())

    def _function(self) -> Callable[[Nothing, Context], Generator[Number, None, Number]]:
        def count(form: Nothing, context: Context) -> Generator[Number, None, Number]:
            """Count."""
            del form, context
            try:
                while True:
                    yield Number(text="1" * 1000)
            finally:
                self.ended.set()

        return count


@pytest.mark.parametrize("how", ["leaves", "cancels"])
def test_a_stream_that_only_computes_ends_with_its_caller(how: str) -> None:
    """It asks no service that would be hung up on, so it ends at its next piece."""
    counter = Counter()
    operation = "operation-of-ada-0003"
    with serving(Web(authorize=by_header), modules={"count.up": counter.module}, settings=PUBLIC) as web:
        connection = web.connected()
        body = f'{{"operation": "{operation}"}}'.encode()
        connection.request("POST", "/modules/count.up/stream", body, web.headers)
        answer = connection.getresponse()
        assert answer.read(5000)
        if how == "leaves":
            connection.sock.shutdown(socket.SHUT_RDWR)
            connection.close()
            answer.close()
            assert counter.ended.wait(_WAIT_S)
        else:
            assert web.ask("DELETE", f"/operations/{operation}").status == 204
            last = answer.read().split(b"event: ")[-1]
            connection.close()
            assert last.startswith(b"error\n")
            assert b"OperationCancelledError" in last
        while web.ask("GET", "/operations").json["operations"]:
            continue
