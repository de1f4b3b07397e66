"""Going through a proxy: requests are handed to it, TLS goes through its tunnel."""

import select
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from jackfield._http.body import read_whole
from jackfield._http.limits import HttpSettings
from jackfield._http.routes import parse_proxy
from jackfield.errors import InvalidInputError, LimitError, UnreachableError

SETTINGS = HttpSettings()


def tunnel(talk: Any) -> None:
    """Connect as asked, and pass bytes in both directions until one side ends."""
    asked = talk.asked()
    host, _, port = asked.line.split()[1].rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=5) as onward:
        talk.send(b"HTTP/1.1 200 Connection established\r\nProxy-Agent: test\r\n\r\n")
        ends = {talk._connection: onward, onward: talk._connection}  # noqa: SLF001  the script's own connection
        while True:
            for end in select.select(list(ends), [], [], 5)[0]:
                data = b""
                with suppress(OSError):
                    data = end.recv(65536)
                if not data:
                    return
                ends[end].sendall(data)


def test_plain_requests_are_handed_to_the_proxy(serve: Any, go: Any) -> None:
    """With the whole URL, the service's Host, and the credentials that stand in the proxy's URL."""
    proxy = serve()
    url = f"http://us%3Aer:p%40ss@127.0.0.1:{proxy.port}"

    read_whole(go("http://service.example/v1?a=b", proxy=url), SETTINGS)
    read_whole(go("http://service.example/2"), SETTINGS)

    assert [asked.line for asked in proxy.asked] == [
        "GET http://service.example/v1?a=b HTTP/1.1",
        "GET http://service.example/2 HTTP/1.1",
    ]
    assert proxy.asked[0].headers["host"] == "service.example"
    assert proxy.asked[0].headers["proxy-authorization"] == "Basic dXM6ZXI6cEBzcw=="
    assert proxy.connections == 1


def test_the_proxy_s_credentials_do_not_stay_on_the_request(serve: Any, go: Any) -> None:
    """Neither the caller's request nor the response shows them."""
    proxy = serve()

    response = go("http://service.example/", proxy=f"http://user:canary@127.0.0.1:{proxy.port}")

    read_whole(response, SETTINGS)
    assert proxy.asked[0].headers["proxy-authorization"] == "Basic dXNlcjpjYW5hcnk="
    assert "Proxy-Authorization" not in response.request.headers


def test_tls_goes_through_a_tunnel(serve: Any, go: Any, server_context: Any, ca_bundle: Path) -> None:
    """The certificate is the service's; the proxy sees its name and port and no more."""
    server, proxy = serve(context=server_context), serve(tunnel)

    first = go(f"{server.url}/secret", proxy=f"http://u:p@127.0.0.1:{proxy.port}", ca_bundle=ca_bundle)
    assert b"/secret" in read_whole(first, SETTINGS)
    assert b"/secret" in read_whole(go(f"{server.url}/secret"), SETTINGS)

    (connect,) = proxy.asked
    assert connect.line.startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.")
    assert connect.headers["host"] == f"127.0.0.1:{server.port}"
    assert connect.headers["proxy-authorization"] == "Basic dTpw"
    assert "proxy-authorization" not in server.asked[0].headers
    assert (proxy.connections, server.connections) == (1, 1)


def test_a_proxy_that_refuses_is_named(serve: Any, go: Any) -> None:
    """407 from the proxy is no answer of the service; nothing was sent there."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.reply(status="407 Proxy Authentication Required")

    proxy = serve(script)

    with pytest.raises(UnreachableError, match=r"through the proxy .*407") as caught:
        go("https://service.example/", proxy=f"http://user:canary@127.0.0.1:{proxy.port}")

    assert not caught.value.sent
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0\r\n", b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000])
def test_a_proxy_that_is_none(serve: Any, go: Any, answer: bytes) -> None:
    """Whatever listens there instead, no request is sent."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(answer)

    proxy = serve(script)

    with pytest.raises((UnreachableError, LimitError)):
        go("https://service.example/", proxy=proxy.url)


def test_a_session_s_proxies_are_used(serve: Any, mounted: requests.Session) -> None:
    """By scheme, as in requests."""
    proxy = serve()

    answer = mounted.get("http://service.example/x", proxies={"http": proxy.url})

    assert answer.json()["line"] == "GET http://service.example/x HTTP/1.1"


@pytest.mark.parametrize(
    "url", ["socks5://127.0.0.1:1080", "https://127.0.0.1:1", "http://", "127.0.0.1:99999", "http://h:1/\r\nX: 1"]
)
def test_a_proxy_that_cannot_be_used_is_a_wrong_setting(url: str) -> None:
    """What is not supported is said at once, without the credentials that stood in it."""
    with pytest.raises(InvalidInputError, match=r"\$\.proxy") as caught:
        parse_proxy(url.replace("://", "://user:canary@"))

    assert "canary" not in str(caught.value)


def test_a_proxy_shows_no_credentials() -> None:
    """Nor does it need a scheme; without one it is plain HTTP."""
    proxy = parse_proxy("user:canary@127.0.0.1:3128")

    assert proxy is not None
    assert repr(proxy) == "Proxy(http://127.0.0.1:3128)"
    assert parse_proxy("") is None
