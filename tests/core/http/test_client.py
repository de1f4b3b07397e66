"""A client's whole way: attempts, redirects, answers, streams."""

import json
import threading
import time
from typing import Any

import pytest
from attrs import frozen
from requests.adapters import HTTPAdapter

from jackfield._http.limits import Cancellation
from jackfield.errors import (
    AnswerError,
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
    assert made.client.read(answer, Thing) == Thing(name="n")
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
    adapter = HTTPAdapter()

    made = bench(server.url, send=lambda request: adapter.send(request, stream=True, timeout=5))
    try:
        assert made.client.get("x", into=Thing) == Thing(name="n")
    finally:
        adapter.close()
    assert [name for name, _, _ in made.log.waits] == ["BrokenAnswerError"]


def test_what_another_adapter_cannot_reach_is_unreachable(serve: Any, bench: Any) -> None:
    """Its own error, which shows the whole URL, is not."""
    server = serve(lambda talk: talk.reply(status="400 Bad Request"))
    adapter = HTTPAdapter()
    url = server.url.replace("http://", "https://")

    made = bench(url, send=lambda request: adapter.send(request, stream=True, timeout=5), max_attempts=1)
    try:
        with pytest.raises(UnreachableError) as caught:
            made.client.get("x", params={"key": "canary"})
    finally:
        adapter.close()

    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__


# Redirects.


def redirecting(*routes: tuple[str, str, str]) -> Any:
    """Redirect from a path to a place with a status; show what arrives anywhere else."""
    table = {path: (status, place) for path, status, place in routes}

    def script(talk: Any) -> None:
        while asked := talk.asked():
            method, target, _ = asked.line.split(" ")
            if target in table:
                status, place = table[target]
                talk.reply(b"" if method == "HEAD" else b"elsewhere", status=status, Location=place)
            elif method == "HEAD":
                talk.reply(b"")
            else:
                shown = {"method": method, "target": target, "body": asked.body.decode()}
                talk.reply(json.dumps({**shown, "type": asked.headers.get("content-type")}).encode())

    return script


@pytest.mark.parametrize(
    ("status", "method", "kept"),
    [
        ("301 Moved", "POST", False),
        ("302 Found", "POST", False),
        ("303 See Other", "POST", False),
        ("303 See Other", "PUT", False),
        ("302 Found", "PUT", True),
        ("307 Temporary", "POST", True),
        ("308 Permanent", "POST", True),
        ("301 Moved", "GET", True),
        ("303 See Other", "HEAD", True),
    ],
)
def test_a_redirect_within_the_base_is_followed(
    *, serve: Any, bench: Any, status: str, method: str, kept: bool
) -> None:
    """Method and body change as the standard says."""
    server = serve(redirecting(("/v1/old", status, "/v1/new?a=b#c")))
    made = bench(f"{server.url}/v1")

    made.client.request(method, "old", json={"a": 1} if method in {"POST", "PUT"} else None)

    assert [(seen, url, number) for seen, url, number in made.log.attempts] == [
        (method, f"{server.url}/v1/old", 1),
        (method if kept else "GET", f"{server.url}/v1/new?a=b", 1),
    ]
    arrived = server.asked[1]
    assert arrived.body == (b'{"a":1}' if kept and method in {"POST", "PUT"} else b"")
    assert ("content-type" in arrived.headers) is (kept and method in {"POST", "PUT"})
    assert server.connections == 1
    assert [answer.status for answer in made.log.answers] == [int(status[:3]), 200]


@pytest.mark.parametrize("location", ["new", "./new", "../v1/new", "/v1/new", "?", "{url}/v1/new", "/v1/nÃ¤"])
def test_a_redirect_may_be_relative(serve: Any, bench: Any, location: str) -> None:
    """To where it was found, also with letters beyond ASCII."""
    server = serve(redirecting(("/v1/old", "302 Found", "")))
    place = location.replace("{url}", server.url) if location != "?" else "new?x=1"
    server._script = redirecting(("/v1/old", "302 Found", place))  # noqa: SLF001  the address is known only now

    assert bench(f"{server.url}/v1").client.get("old")["target"].startswith("/v1/n")


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://evil.example/v1/new", "to https://evil.example,"),
        ("//evil.example/v1", "to http://evil.example,"),
        ("http://127.0.0.1:1/v1/new", "to http://127.0.0.1:1,"),
        ("https://127.0.0.1:{port}/v1/new", "to https://127.0.0.1:"),
        ("http://user:canary@127.0.0.1:{port}/v1", "an address that cannot be read"),
        ("/admin", "out of the base URL"),
        ("../admin", "out of the base URL"),
        ("/v10/x", "out of the base URL"),
        ("/v1/%2e%2e/canary", "out of the base URL"),
        ("\\\\evil.example", "an address that cannot be read"),
        ("http:\\\\evil.example", "an address that cannot be read"),
        ("http://[evil", "an address that cannot be read"),
        ("file:///etc/passwd", "an address that cannot be read"),
    ],
)
def test_a_redirect_elsewhere_is_not_followed(serve: Any, bench: Any, location: str, words: str) -> None:
    """Both origins are named; no key goes there, and no body."""
    server = serve()
    place = location.replace("{port}", str(server.port))
    server._script = redirecting(("/v1/old", "307 Temporary", place))  # noqa: SLF001  the port is known only now
    made = bench(f"{server.url}/v1")

    with pytest.raises(RefusedError, match=words) as caught:
        made.client.post("old", json={})

    assert caught.value.status == 307
    assert f"from {server.url} to" in caught.value.message or f"within {server.url}" in caught.value.message
    assert "canary" not in str(caught.value)
    assert len(server.asked) == 1


def test_redirects_come_to_an_end(serve: Any, bench: Any) -> None:
    """The setting says after how many."""
    server = serve(redirecting(("/loop", "302 Found", "/loop")))
    made = bench(server.url, max_redirects=3)

    with pytest.raises(LimitError, match="max_redirects"):
        made.client.get("loop")

    assert len(server.asked) == 4


def test_a_3xx_that_leads_nowhere_is_an_answer(serve: Any, bench: Any) -> None:
    """304, or a redirect without a place."""
    client = bench(serve(answers({"status": "304 Not Modified", "body": b""})).url).client

    assert client.request("GET", "x").status == 304
