"""One request over real sockets: what is sent, what comes back, and what happens to the connection."""

import threading
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from jackfield._http.body import read_whole
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield.errors import BrokenAnswerError, LimitError, UnreachableError, UnsafeRequestError

SETTINGS = HttpSettings()


def test_a_request_leaves_as_it_was_prepared(serve: Any, go: Any) -> None:
    """Method, path, query, headers and body arrive; Host names the service."""
    server = serve()

    response = go(f"{server.url}/v1/chat?a=b", method="POST", body=b"hello", headers={"X-One": "1"})

    body = read_whole(response, SETTINGS)
    (asked,) = server.asked
    assert (asked.line, asked.body) == ("POST /v1/chat?a=b HTTP/1.1", b"hello")
    assert asked.headers["host"] == f"127.0.0.1:{server.port}"
    assert asked.headers["x-one"] == "1"
    assert response.status_code == 200
    assert response.headers["content-TYPE"] == "application/json"
    assert b'"body": "hello"' in body


def test_a_connection_is_used_again(serve: Any, go: Any) -> None:
    """What was read to its end leaves a connection for the next request."""
    server = serve()

    for _ in range(5):
        read_whole(go(f"{server.url}/"), SETTINGS)

    assert (server.connections, len(server.asked)) == (1, 5)


@pytest.mark.parametrize("body", [b"", b"x"], ids=["empty", "full"])
def test_a_connection_is_used_again_after_any_kind_of_end(serve: Any, go: Any, body: bytes) -> None:
    """Lengths, chunks and statuses without a body all leave the connection clean."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.reply(body)
        talk.asked()
        talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\nTrailer: t\r\n\r\n")
        talk.asked()
        talk.send(b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n")
        talk.asked()
        talk.send(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!")

    server = serve(script)

    assert [read_whole(go(f"{server.url}/"), SETTINGS) for _ in range(4)] == [body, b"x", b"", b"!"]
    assert server.connections == 1


def test_head_has_no_body(serve: Any, go: Any) -> None:
    """The length that HEAD reports is not waited for."""

    def script(talk: Any) -> None:
        while talk.asked():
            talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")

    server = serve(script)

    bodies = [read_whole(go(f"{server.url}/", method="HEAD"), SETTINGS) for _ in range(2)]

    assert (bodies, server.connections) == ([b"", b""], 1)


def test_an_unread_answer_is_closed(serve: Any, go: Any) -> None:
    """What is left of an answer never becomes the beginning of the next."""
    server = serve()
    response = go(f"{server.url}/1")
    response.close()

    assert b"/2" in read_whole(go(f"{server.url}/2"), SETTINGS)
    assert server.connections == 2


def test_a_second_answer_that_nobody_asked_for_is_dropped(serve: Any, go: Any) -> None:
    """Bytes behind an answer end the connection; they answer nothing."""

    def script(talk: Any) -> None:
        talk.asked()
        one = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
        talk.send(one + b"a" + one + b"b")
        talk.wait()

    server = serve(script)

    assert [read_whole(go(f"{server.url}/"), SETTINGS) for _ in range(2)] == [b"a", b"a"]
    assert server.connections == 2


def test_a_connection_that_the_server_closed_is_not_used(serve: Any, go: Any) -> None:
    """A kept-alive connection whose other end is gone costs a new one, not an error."""
    closed = threading.Event()

    def script(talk: Any) -> None:
        talk.asked()
        talk.reply()
        talk.close()
        closed.set()

    server = serve(script)

    for _ in range(3):
        closed.clear()
        assert read_whole(go(f"{server.url}/", method="POST"), SETTINGS) == b"{}"
        assert closed.wait(5)
    assert server.connections == 3


def test_a_body_without_a_length_ends_with_the_connection(serve: Any, go: Any) -> None:
    """HTTP/1.0 servers close to say that it is all."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 100_000)

    server = serve(script)

    assert read_whole(go(f"{server.url}/"), SETTINGS) == b"x" * 100_000


CUTS = {
    "no head": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
    "no body": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
    "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
    "no last chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    "a chunk of no size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhalf\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "http/2": b"HTTP/2 200\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
    "an unknown coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "no header": b"HTTP/1.1 200 OK\r\nthis is none\r\n\r\n",
}


@pytest.mark.parametrize("answer", CUTS.values(), ids=CUTS.keys())
def test_a_cut_or_wrong_answer_is_a_broken_one(serve: Any, go: Any, answer: bytes) -> None:
    """Less than was announced, or no HTTP at all, is never taken for a whole answer."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(answer)

    server = serve(script)

    with pytest.raises(BrokenAnswerError, match=f"127.0.0.1:{server.port}") as caught:
        read_whole(go(f"{server.url}/"), SETTINGS)

    assert caught.value.sent


def test_an_answer_before_the_upload_is_read_counts(serve: Any, go: Any) -> None:
    """A server may refuse a large body and hang up; its answer says why."""

    def script(talk: Any) -> None:
        talk.reply(b'"too large"', status="413 Content Too Large", Connection="close")

    server = serve(script)

    try:
        response = go(f"{server.url}/", method="POST", body=bytes(32 << 20))
    except BrokenAnswerError as error:  # the reset may outrun the answer; then nobody can know it
        assert error.sent  # noqa: PT017
    else:
        assert response.status_code == 413
        response.close()


def test_a_head_that_is_too_large_is_refused(serve: Any, go: Any) -> None:
    """Headers without end stop at max_header_bytes."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: yes\r\n" * 100)
        talk.wait()

    server = serve(script)

    with pytest.raises(LimitError, match="head of the answer") as caught:
        go(f"{server.url}/", max_header_bytes=1000)

    assert (caught.value.limit, caught.value.maximum) == ("max_header_bytes", 1000)


def test_a_head_may_be_as_large_as_allowed(serve: Any, go: Any) -> None:
    """The limit counts the head alone, to the byte."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Filler: " + b"x" * 200 + b"\r\n\r\n"

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(head + b"abc")

    server = serve(script)

    assert read_whole(go(f"{server.url}/", max_header_bytes=len(head)), SETTINGS) == b"abc"
    with pytest.raises(LimitError):
        go(f"{server.url}/", max_header_bytes=len(head) - 1)


def test_trailers_without_end_are_refused(serve: Any, go: Any) -> None:
    """What stands around a body counts as wire bytes too."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        while not talk._server.stopped.is_set():  # noqa: SLF001  the script's own server
            talk.send(b"X-Trailer: and so on\r\n" * 1000)

    server = serve(script)

    with pytest.raises(LimitError, match="max_wire_bytes"):
        read_whole(go(f"{server.url}/", max_wire_bytes=100_000), SETTINGS)


def test_nobody_listens(serve: Any, go: Any) -> None:
    """A refused connection says where, and that nothing was sent."""
    server = serve()
    server.stop()

    with pytest.raises(UnreachableError, match=f"Nobody listens at 127.0.0.1:{server.port}") as caught:
        go(f"{server.url}/")

    assert not caught.value.sent


def test_a_name_that_is_none(go: Any) -> None:
    """A host that no resolver can know is told as such."""
    with pytest.raises(UnreachableError, match="does not resolve") as caught:
        go("http://no-such-host.invalid/")

    assert not caught.value.sent


@pytest.mark.parametrize("value", ["sk-canary\r\nX-Evil: 1", "sk-canary\n", "sk-canary☃"])
def test_a_header_that_cannot_be_sent_is_named_and_not_shown(serve: Any, transport: Any, value: str) -> None:
    """A key with a line break, pasted carelessly, is neither sent nor printed."""
    server = serve()
    request = requests.Request("GET", f"{server.url}/").prepare()
    request.headers["Authorization"] = value

    with pytest.raises(UnsafeRequestError, match="'Authorization'") as caught:
        transport().send(request, deadline=Deadline(5), cancellation=Cancellation())

    assert "canary" not in str(caught.value)
    assert caught.value.__context__ is None
    assert server.asked == []


def test_what_frames_a_request_is_ours(serve: Any, transport: Any) -> None:
    """A plugin that changed the body, or the host, cannot make two requests of one."""
    server = serve()
    request = requests.Request("POST", f"{server.url}/", data=b"12345").prepare()
    request.body = b"123"
    request.headers.update({"content-length": "1", "Transfer-Encoding": "chunked", "HOST": "evil.example"})

    read_whole(transport().send(request, deadline=Deadline(5), cancellation=Cancellation()), SETTINGS)

    (asked,) = server.asked
    assert asked.body == b"123"
    assert asked.headers["host"] == f"127.0.0.1:{server.port}"
    assert "transfer-encoding" not in asked.headers


@pytest.mark.parametrize(("method", "length"), [("POST", "0"), ("PUT", "0"), ("GET", None), ("DELETE", None)])
def test_no_body_has_a_length_where_one_is_expected(
    serve: Any, transport: Any, method: str, length: str | None
) -> None:
    """Some servers wait for a body else."""
    server = serve()
    request = requests.Request(method, f"{server.url}/").prepare()

    read_whole(transport().send(request, deadline=Deadline(5), cancellation=Cancellation()), SETTINGS)

    assert server.asked[0].headers.get("content-length") == length


def test_a_body_of_text_and_a_file_are_sent(serve: Any, mounted: requests.Session, tmp_path: Path) -> None:
    """Text in UTF-8, a file with the length that requests found."""
    server = serve()
    path = tmp_path / "file"
    path.write_bytes(b"x" * 200_000)

    mounted.post(f"{server.url}/", data="ä", headers={"X-Bytes": b"as they are"})
    with path.open("rb") as file:
        mounted.post(f"{server.url}/", data=file)

    assert server.asked[0].body == "ä".encode()
    assert server.asked[0].headers["x-bytes"] == "as they are"
    assert server.asked[1].body == b"x" * 200_000
    assert "transfer-encoding" not in server.asked[1].headers


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "http://127.0.0.1/#x", "http:///x", ""])
def test_a_url_that_is_not_ours_to_send_is_refused(transport: Any, url: str) -> None:
    """The transport reads URLs as strictly as the check before it."""
    request = requests.PreparedRequest()
    request.method, request.url, request.headers = "GET", url, requests.structures.CaseInsensitiveDict()

    with pytest.raises(UnsafeRequestError):
        transport().send(request, deadline=Deadline(5), cancellation=Cancellation())


def test_ipv6_works(serve: Any, go: Any) -> None:
    """An address in brackets is spoken to, and named with brackets."""
    with pytest.raises(UnreachableError, match=r"\[::1\]:9\b"):
        go("http://[0:0::1]:9/")
    assert serve().connections == 0


def test_many_threads_never_cross_answers(serve: Any, transport: Any) -> None:
    """Each of many threads gets the answer to its own request, over a pool smaller than their number."""

    def script(talk: Any) -> None:
        while asked := talk.asked():
            talk.reply(asked.line.split()[1].encode())
            if len(asked.line) % 7 == 0:
                return

    server = serve(script)
    line = transport(pool_size=4)
    wrong: list[object] = []

    def work(name: int) -> None:
        for index in range(40):
            request = requests.Request("GET", f"{server.url}/{name}/{'x' * index}").prepare()
            try:
                response = line.send(request, deadline=Deadline(20), cancellation=Cancellation())
                if index % 5 == 0:
                    response.close()
                    continue
                body = read_whole(response, SETTINGS).decode()
            except BrokenAnswerError:  # the server hung up between two requests
                continue
            if body != f"/{name}/{'x' * index}":
                wrong.append((name, index, body))

    run_all([partial(work, name) for name in range(12)])

    assert wrong == []


def run_all(jobs: list[Callable[[], None]]) -> None:
    """Run jobs, each in a thread."""
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


@pytest.mark.parametrize("answer", [b"", b"ICY 200 OK\r\n\r\n"], ids=["none", "no HTTP"])
def test_no_error_shows_the_head_that_was_sent(serve: Any, go: Any, answer: bytes) -> None:
    """Some programs log the variables of every frame of an error; in those below were the credentials."""
    server = serve(lambda talk: talk.asked() and talk.send(answer))

    with pytest.raises(BrokenAnswerError) as caught:
        go(f"{server.url}/", headers={"X-Key": "canary"})

    places = {Path(frame.filename).name for frame in traceback.extract_tb(caught.value.__traceback__)}
    assert places.isdisjoint({"adapter.py", "wire.py", "heads.py"})
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.__traceback__ is None
