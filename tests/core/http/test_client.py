"""A client's whole way: attempts, redirects, answers, streams."""

import json
import threading
import time
from typing import Any

import pytest
import requests
from attrs import frozen
from requests.adapters import HTTPAdapter

from jackfield._http.limits import Cancellation
from jackfield.errors import (
    AnswerError,
    BrokenAnswerError,
    BusyError,
    CredentialsError,
    DeadlineError,
    LimitError,
    NotFoundError,
    OperationCancelledError,
    RefusedError,
    UnreachableError,
)


@frozen(kw_only=True)
class Thing:
    name: str


def answers(*replies: dict[str, Any]) -> Any:
    """Give one reply after the other, over however many connections; the last for ever."""
    queue = list(replies)
    lock = threading.Lock()

    def script(talk: Any) -> None:
        while talk.asked():
            with lock:
                reply = queue.pop(0) if len(queue) > 1 else queue[0]
            if not reply:
                return
            talk.reply(reply.get("body", b"{}"), **{key: value for key, value in reply.items() if key != "body"})

    return script


CUT: dict[str, Any] = {}
OK = {"body": b'{"name": "n"}', "X_Request_Id": "req_ok"}
BUSY = {"status": "503 Busy", "body": b'{"error": "busy"}', "X_Request_Id": "req_busy"}


def test_an_answer_is_read_as_json_or_as_a_class(serve: Any, bench: Any) -> None:
    """The request id of the service stands in it."""
    made = bench(f"{serve(answers(OK)).url}/v1")

    assert made.client.get("/things") == {"name": "n"}
    assert made.client.get("/things", into=Thing) == Thing(name="n")
    assert made.client.post("/things", json={}, into=Thing) == Thing(name="n")
    answer = made.client.request("GET", "things")
    assert (answer.status, answer.request_id, answer.json()) == (200, "req_ok", {"name": "n"})
    assert [entry.request_id for entry in made.log.answers] == ["req_ok"] * 4


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ({"body": b"<html><title>Log in</title>", "Content_Type": "text/html"}, r"an HTML page \('Log in'\)"),
        ({"body": b""}, "an empty body"),
        ({"body": b"hello", "Content_Type": "text/plain"}, "text/plain"),
        ({"body": b"", "status": "204 No Content"}, "204 with an empty body"),
    ],
)
def test_an_answer_that_is_no_json_says_so(serve: Any, bench: Any, reply: dict[str, Any], words: str) -> None:
    """And what to check; request() takes it as it is."""
    client = bench(serve(answers(reply)).url).client

    with pytest.raises(AnswerError, match=words) as caught:
        client.get("x")

    assert "base URL" in caught.value.hint
    assert client.request("GET", "x").body == reply["body"]


@pytest.mark.parametrize("trouble", [BUSY, CUT], ids=["busy", "cut"])
def test_a_failure_that_passes_is_repeated(serve: Any, bench: Any, trouble: dict[str, Any]) -> None:
    """The caller sees the answer; the watcher sees each attempt and each wait."""
    server = serve(answers(trouble, trouble, OK))
    made = bench(server.url)

    assert made.client.post("x", json={"a": 1}) == {"name": "n"}

    assert [attempt for _, _, attempt in made.log.attempts] == [1, 2, 3]
    assert [attempt for _, attempt, _ in made.log.waits] == [1, 2]
    assert {asked.body for asked in server.asked} == {b'{"a":1}'}


def test_a_failure_that_stays_is_raised(serve: Any, bench: Any) -> None:
    """After as many attempts as the setting allows, and the error says how many."""
    made = bench(serve(answers(BUSY)).url, max_attempts=2)

    with pytest.raises(BusyError) as caught:
        made.client.get("x")

    assert (caught.value.status, caught.value.request_id) == (503, "req_busy")
    assert "tried 2 times" in caught.value.hint
    assert len(made.log.attempts) == 2


def test_an_unsafe_request_is_not_repeated(serve: Any, bench: Any) -> None:
    """Unless the caller of this one request says that it is harmless."""
    made = bench(serve(answers(BUSY)).url, repeatable=False)

    with pytest.raises(BusyError):
        made.client.post("x", json={})
    assert len(made.log.attempts) == 1
    with pytest.raises(BusyError):
        made.client.request("POST", "x", repeatable=True)
    assert len(made.log.attempts) == 4


def test_nobody_there_is_tried_again(serve: Any, bench: Any) -> None:
    """Even if it is unsafe: nothing was sent."""
    server = serve()
    server.stop()
    made = bench(server.url, repeatable=False)

    with pytest.raises(UnreachableError, match="Nobody listens"):
        made.client.post("x")

    assert len(made.log.attempts) == 3


def test_the_service_s_wait_is_waited(serve: Any, bench: Any) -> None:
    """retry-after-ms before Retry-After."""
    busy = {**BUSY, "status": "429 Slow", "retry_after_ms": "20", "Retry_After": "60"}
    made = bench(serve(answers(busy, OK)).url)

    assert made.client.get("x") == {"name": "n"}
    assert made.log.waits == [("BusyError", 1, 0.02)]


def test_a_wait_beyond_the_deadline_is_not_begun(serve: Any, bench: Any) -> None:
    """The caller gets the service's own error at once, and learns why nothing was repeated."""
    made = bench(serve(answers({**BUSY, "Retry_After": "30"})).url, deadline_s=10)
    started = time.monotonic()

    with pytest.raises(BusyError, match="passed the deadline"):
        made.client.get("x")

    assert time.monotonic() - started < 5
    assert made.log.waits == []


def test_the_deadline_holds_over_all_attempts(serve: Any, bench: Any) -> None:
    """Attempts that each end in time do not add up to more."""
    made = bench(serve(answers(BUSY)).url, deadline_s=0.5, max_attempts=1000, retry_base_s=0.05, retry_cap_s=0.05)

    with pytest.raises((BusyError, DeadlineError)):
        made.client.get("x")

    assert 1 < len(made.log.attempts) < 50


def test_a_wait_is_cancelled(serve: Any, bench: Any) -> None:
    """Like everything else."""
    cancellation = Cancellation()
    made = bench(serve(answers(BUSY)).url, cancellation=cancellation, retry_base_s=60, retry_cap_s=60, deadline_s=600)
    timer = threading.Timer(0.2, cancellation.cancel)
    timer.start()

    with pytest.raises(OperationCancelledError):
        made.client.get("x")

    timer.join()
    assert len(made.log.attempts) == 1


def test_errors_may_be_answers(serve: Any, bench: Any) -> None:
    """With raise_errors=False the last attempt's answer is given, its body whole."""
    body = json.dumps({"error": "x" * 100_000}).encode()
    made = bench(serve(answers({**BUSY, "body": body})).url, max_error_bytes=100)

    answer = made.client.request("GET", "x", raise_errors=False)

    assert (answer.status, answer.body) == (503, body)
    assert len(made.log.attempts) == 3


def test_failures_are_read_and_the_connection_lives_on(serve: Any, bench: Any) -> None:
    """A 404 costs no connection."""
    server = serve(answers({"status": "404 Not Found", "body": b'{"error": {"message": "No such model."}}'}))
    client = bench(server.url).client

    for _ in range(3):
        with pytest.raises(NotFoundError, match="No such model"):
            client.get("x")

    assert server.connections == 1


def test_the_connection_type_reads_failures_first(serve: Any, bench: Any) -> None:
    """It gets the whole answer."""
    server = serve(answers({"status": "400 Bad", "body": b'{"odd": "shape"}'}))

    def read(answer: Any) -> CredentialsError:
        return CredentialsError(answer.json()["odd"], status=answer.status)

    with pytest.raises(CredentialsError, match="shape"):
        bench(server.url, read_error=read).client.get("x")


def test_any_adapter_may_send(serve: Any, bench: Any) -> None:
    """A plugin that goes out in its own way, with requests' own adapter, gives the same answers and errors."""
    server = serve(answers(CUT, OK))
    with HTTPAdapter() as adapter if hasattr(HTTPAdapter, "__enter__") else requests.Session() as session:
        del adapter if False else session
