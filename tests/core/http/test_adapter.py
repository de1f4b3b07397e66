"""The adapter in a Session of requests: everything that requests promises still holds."""

import gzip
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import InsecureRequestWarning

from jackfield.errors import DeadlineError, UnreachableError


def test_a_session_works_over_it(serve: Any, mounted: requests.Session) -> None:
    """JSON in, JSON out, over one kept-alive connection."""
    server = serve()

    answers = [mounted.post(f"{server.url}/x", json={"a": index}) for index in range(3)]

    assert [answer.json()["body"] for answer in answers] == ['{"a": 0}', '{"a": 1}', '{"a": 2}']
    assert server.connections == 1
    assert answers[0].encoding == "utf-8"
    assert answers[0].text.startswith("{")
    assert answers[0].ok
    assert answers[0].reason == "OK"
    assert answers[0].raw.version == 11


def test_cookies_are_kept_by_the_session(serve: Any, mounted: requests.Session) -> None:
    """Both in the response and in the session, and sent the next time."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n")
        talk.asked()
        talk.reply()

    server = serve(script)

    first = mounted.get(f"{server.url}/")
    mounted.get(f"{server.url}/")

    assert dict(first.cookies) == {"a": "1", "b": "2"}
    assert first.headers["Set-Cookie"] == "a=1, b=2"
    assert server.asked[1].headers["cookie"] == "a=1; b=2"


def test_redirects_are_the_session_s_business(serve: Any, mounted: requests.Session) -> None:
    """The adapter gives the redirect; the session follows."""

    def script(talk: Any) -> None:
        while asked := talk.asked():
            if "/old" in asked.line:
                talk.reply(b"", status="302 Found", Location="/new")
            else:
                talk.reply(b'"here"')

    server = serve(script)

    answer = mounted.get(f"{server.url}/old")

    assert (answer.json(), len(answer.history)) == ("here", 1)


def test_a_stream_is_read_as_it_comes(serve: Any, mounted: requests.Session) -> None:
    """iter_content and iter_lines work, and gzip is decoded for them."""

    def script(talk: Any) -> None:
        while asked := talk.asked():
            packed = "gzip" in asked.line
            body = gzip.compress(b"one\ntwo\n") if packed else b"one\ntwo\n"
            talk.reply(body, **({"Content_Encoding": "gzip"} if packed else {}))

    server = serve(script)

    for path in ("plain", "gzip"):
        with mounted.get(f"{server.url}/{path}", stream=True) as answer:
            assert list(answer.iter_lines()) == [b"one", b"two"]
        with mounted.get(f"{server.url}/{path}", stream=True) as answer:
            assert b"".join(answer.iter_content(3)) == b"one\ntwo\n"
    assert server.connections == 1


def test_the_raw_body_reads_like_a_file(serve: Any, mounted: requests.Session) -> None:
    """With urllib3's names and defaults, so that what is written for one works with the other."""
    packed = gzip.compress(b"0123456789")

    def script(talk: Any) -> None:
        while talk.asked():
            talk.reply(packed, Content_Encoding="gzip")

    server = serve(script)

    def raw() -> Any:
        return mounted.get(f"{server.url}/", stream=True).raw

    assert raw().read(decode_content=True) == b"0123456789"
    assert raw().read() == packed
    with raw() as body:
        assert (body.read(4, decode_content=True), body.read1(3, decode_content=True)) == (b"0123", b"456")
        assert body.readable()
        assert (body.status, body.reason) == (200, "OK")
    assert body.closed
    assert b"".join(raw()) == packed
    part = raw()
    assert (part.read(2), part.tell()) == (packed[:2], len(packed))
    part.release_conn()
    assert part.read1() == b""


def test_an_upload_of_unknown_length_is_sent_in_chunks(serve: Any, mounted: requests.Session) -> None:
    """A generator as the body leaves as requests frames it."""
    seen: list[bytes] = []

    def script(talk: Any) -> None:
        talk.asked()
        seen.append(talk._file.read(len(b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")))  # noqa: SLF001  the script's own file
        talk.reply()

    server = serve(script)

    assert mounted.post(f"{server.url}/", data=(part for part in (b"one", b"two"))).ok
    assert seen == [b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"]


def test_its_timeout_is_the_whole_time(serve: Any, mounted: requests.Session) -> None:
    """One number for everything; a pair bounds the connecting by itself."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.wait()

    server = serve(script)

    with pytest.raises(DeadlineError):
        mounted.get(f"{server.url}/", timeout=0.3)
    with pytest.raises(DeadlineError):
        mounted.get(f"{server.url}/", timeout=(0.2, 0.1))
    with pytest.raises(UnreachableError, match=r"within 0\.2 s"):
        mounted.get(f"https://127.0.0.1:{serve(lambda talk: talk.wait()).port}/", timeout=(0.2, None))


@pytest.mark.parametrize("verify", [None, "", 0], ids=repr)
def test_only_false_itself_trusts_anybody(serve: Any, lean: Any, server_context: Any, verify: object) -> None:
    """An empty setting is not a wish to be fooled; and who wishes for it hears each time what it means."""
    server = serve(context=server_context)
    request = requests.Request("GET", f"{server.url}/").prepare()

    with pytest.raises(UnreachableError, match="not trusted"):
        lean.send(request, verify=verify, timeout=5)
    with (
        pytest.warns(InsecureRequestWarning, match="certificate is not checked"),
        lean.send(request, verify=False, timeout=5) as answer,
    ):
        assert answer.status_code == 200


def test_a_path_to_trust(serve: Any, mounted: requests.Session, server_context: Any, ca_bundle: Path) -> None:
    """As everywhere in requests, verify may name a file."""
    server = serve(context=server_context)

    assert mounted.get(f"{server.url}/", verify=str(ca_bundle)).ok


def test_another_adapter_answers_the_same(serve: Any, mounted: requests.Session) -> None:
    """What requests' own adapter gives for an answer, ours gives too."""

    def script(talk: Any) -> None:
        while talk.asked():
            talk.send(
                b"HTTP/1.1 404 Not\tFound here\r\nX-A: 1\r\nx-a: 2\r\nX-B:  b\r\n"
                b"Content-Type: text/plain; charset=latin-1\r\nContent-Length: 2\r\n\r\n\xe4!"
            )

    server = serve(script)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter())
        theirs = session.get(f"{server.url}/")
    ours = mounted.get(f"{server.url}/")

    for name in ("status_code", "reason", "text", "encoding", "url", "ok", "is_redirect", "links", "content"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert dict(ours.headers.lower_items()) == dict(theirs.headers.lower_items())
