"""Fetching a URL that anybody named."""

from pathlib import Path
from typing import Any

import pytest

from jackfield._http.answers import Answer
from jackfield._http.body import read_whole
from jackfield._http.foreign import fetch
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.reach import NamedBy
from jackfield.errors import LimitError, NotFoundError, RefusedError, UnsafeRequestError


@pytest.fixture
def get(transport: Any) -> Any:
    """Fetch a URL over a transport with settings; give the head and the body."""

    def go(url: str, **settings: Any) -> tuple[Answer, bytes]:
        limits = {"retry_base_s": 0.01, "allow_local_downloads": True, **settings}
        line, deadline, stop = transport(**limits), Deadline(5), Cancellation()
        answer, response = fetch(
            url,
            settings=HttpSettings(**limits),
            deadline=deadline,
            cancellation=stop,
            send=lambda request: line.send(request, deadline=deadline, cancellation=stop, named_by=NamedBy.STRANGER),
            watcher=Silent(),
        )
        return answer, read_whole(response, HttpSettings())

    return go


class Silent:
    """A watcher that does not care."""

    def attempt(self, *_: object) -> None:
        """Ignore it."""

    waiting = answered = attempt


def redirecting(location: str, status: str = "302 Found") -> Any:
    """Make a script that sends every request elsewhere."""

    def script(talk: Any) -> None:
        while talk.asked():
            talk.reply(status=status, Location=location)

    return script


def test_a_file_is_fetched_without_a_credential(get: Any, serve: Any) -> None:
    """Only what says who asks and what is understood is sent, and no fragment."""
    server = serve()

    answer, body = get(f"{server.url}/a/b.png?x=1#part")

    (asked,) = server.asked
    assert asked.line == "GET /a/b.png?x=1 HTTP/1.1"
    assert sorted(asked.headers) == ["accept", "accept-encoding", "host", "user-agent"]
    assert (answer.status, answer.body) == (200, b"")
    assert b"/a/b.png?x=1" in body


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_redirects_to_another_origin_are_followed(get: Any, serve: Any, status: str) -> None:
    """Nothing secret travels, so a service may send us to its store."""
    store = serve()
    server = serve(redirecting(f"{store.url}/file", status))

    answer, _ = get(f"{server.url}/x")

    assert answer.url == f"{store.url}/file"
    assert [asked.line for asked in store.asked] == ["GET /file HTTP/1.1"]


def test_each_hop_is_looked_at(get: Any, serve: Any) -> None:
    """A redirect to a metadata service ends there, and nothing is sent to it."""
    server = serve(redirecting("http://169.254.169.254/latest/meta-data"))

    with pytest.raises(UnsafeRequestError, match="link-local"):
        get(f"{server.url}/x")


def test_a_public_address_is_wanted_by_default(get: Any, serve: Any) -> None:
    """A URL in an input does not reach what runs on this machine."""
    server = serve()

    with pytest.raises(UnsafeRequestError, match="this machine"):
        get(server.url, allow_local_downloads=False)

    assert server.connections == 0


def test_tls_is_gained_and_never_lost(get: Any, serve: Any, server_context: Any, ca_bundle: Path) -> None:
    """From http:// to https:// is followed, the other way is not."""
    safe, plain = serve(context=server_context), serve()
    up, down = serve(redirecting(f"{safe.url}/up")), serve(redirecting(f"{plain.url}/down"), server_context)

    assert get(f"{up.url}/x", ca_bundle=ca_bundle)[0].url == f"{safe.url}/up"
    with pytest.raises(RefusedError, match=r"redirects from https://.* to http://.*not followed") as caught:
        get(f"{down.url}/x", ca_bundle=ca_bundle)

    assert "TLS" in caught.value.hint
    assert plain.asked == []


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://x.example/", "http://user:pw@x.example/", "data:,x", "http:\\\\x.example"]
)
def test_only_the_web_is_followed(get: Any, serve: Any, location: str) -> None:
    """Whatever else a server names is refused."""
    server = serve(redirecting(location))

    with pytest.raises(RefusedError, match="not followed"):
        get(f"{server.url}/x")

    assert len(server.asked) == 1


def test_a_circle_ends(get: Any, serve: Any) -> None:
    """After as many redirects as the setting max_redirects allows."""
    server = serve(redirecting("/again"))

    with pytest.raises(LimitError, match="more than 5 times") as caught:
        get(f"{server.url}/x")

    assert caught.value.limit == "max_redirects"
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://x.example/a",
        "x.example/a",
        "http://user:pw@x.example/a",
        "http://x.example\\@y.example/",
        "http://x.example/a b",
        "http://x.example/\r\nX-Key: 1",
        "http://x.exa\tmple/é",
        "//x.example/a",
        "",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(get: Any, url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(UnsafeRequestError):
        get(url)


def test_other_letters_are_spelled_in_ascii(get: Any, serve: Any) -> None:
    """As a browser does."""
    server = serve()

    get(f"{server.url}/bücher.png")

    assert server.asked[0].line == "GET /b%C3%BCcher.png HTTP/1.1"


def test_a_file_that_is_gone_says_so(get: Any, serve: Any) -> None:
    """As what the service answered, with a hint that has nothing to do with keys."""
    server = serve(lambda talk: talk.asked() and talk.reply(status="404 Not Found"))

    with pytest.raises(NotFoundError) as caught:
        get(f"{server.url}/x")

    assert "short time" in caught.value.hint


def test_a_busy_store_is_asked_again(get: Any, serve: Any) -> None:
    """As every request that only reads."""

    def script(talk: Any) -> None:
        while talk.asked():
            talk.reply(status="200 OK" if len(server.asked) > 1 else "503 Busy")

    server = serve(script)

    get(f"{server.url}/x")

    assert len(server.asked) == 2
