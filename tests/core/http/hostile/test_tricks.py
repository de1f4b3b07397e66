"""Ways to write an address so that one program reads it otherwise than another: none leads a key, or a byte, elsewhere.

Each is tried as a path, as the place of a redirect, and as the URL of a custom API call. ``{port}`` is where another
origin listens, ``{here}`` where the service does.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from jackfield import BrokenAnswerError, Host, InputError, LimitError, RefusedError
from jackfield_openai.custom_api_call import create_custom_api_call

CUSTOM = "openai.create_custom_api_call"
FOLLOWED = {
    "./x",
    "a/.",
    "//",
    "x//y",
    "x//127.0.0.1:{port}/v1/x",
    "@127.0.0.1:{port}/v1/x",
    ":x@127.0.0.1:{port}/v1/x",
    ".evil@127.0.0.1:{port}/v1/x",
    "\u00a0//127.0.0.1:{port}/x",
    "\u3000//127.0.0.1:{port}/x",
    "\ufeff//127.0.0.1:{port}/x",
    "http\uff1a//127.0.0.1:{port}/x",
    "http:\u2215\u2215127.0.0.1:{port}/x//y",
    "#//127.0.0.1:{port}/x",
    "#@127.0.0.1:{port}/x",
    "x" * 9000,
}
"""As the place of a redirect these are relative, and stay below the base URL: no key can leave with them."""

TRICKS = {
    "another origin": [
        "http://127.0.0.1:{port}/v1/x",
        "//127.0.0.1:{port}/v1/x",
        "///127.0.0.1:{port}/v1/x",
        "////127.0.0.1:{port}/v1/x",
        "http:///127.0.0.1:{port}/v1/x",
        "HTTP://127.0.0.1:{port}/v1/x",
        "hTtP://127.0.0.1:{port}",
        "//127.0.0.1:{here}.127.0.0.1:{port}/",
        "x//127.0.0.1:{port}/v1/x",
    ],
    "schemes": [
        "https://127.0.0.1:{port}/v1/x",
        "ftp://127.0.0.1:{port}/v1/x",
        "file:///etc/passwd",
        "file://127.0.0.1:{port}/etc/passwd",
        "gopher://127.0.0.1:{port}/_GET",
        "ws://127.0.0.1:{port}/v1/x",
        "dict://127.0.0.1:{port}/info",
        "javascript://127.0.0.1:{port}/%0aalert(1)",
        "view-source:http://127.0.0.1:{port}/v1/x",
        "jar:http://127.0.0.1:{port}/v1/x!/y",
        "url:http://127.0.0.1:{port}/v1/x",
    ],
    "user and password": [
        "@127.0.0.1:{port}/v1/x",
        ":x@127.0.0.1:{port}/v1/x",
        "user:word@127.0.0.1:{port}/v1/x",
        "//user:word@127.0.0.1:{port}/v1/x",
        "http://127.0.0.1:{here}@127.0.0.1:{port}/v1/x",
        "http://127.0.0.1:{here}:x@127.0.0.1:{port}/v1/x",
        "http://127.0.0.1:{here}%2f@127.0.0.1:{port}/v1/x",
        "http://127.0.0.1:{port}%2f@127.0.0.1:{here}/v1/x",
        "http://a@b@127.0.0.1:{port}/v1/x",
        ".evil@127.0.0.1:{port}/v1/x",
    ],
    "dot segments": [
        "../x",
        "..",
        "a/../../x",
        "./x",
        "a/.",
        "%2e%2e/x",
        "%2E./x",
        ".%2e/x",
        "%252e%252e/x",
        "%25252e%25252e/x",
        "a%2f..%2f..%2fx",
        "a%252f..%252fx",
        "..;/x",
        "..;a=b/x",
        "..%3b/x",
        "..%20/x",
        "..%09/x",
        "%ef%bc%8e%ef%bc%8e/x",
        "\uff0e\uff0e/x",
        "\u2025/x",
        "%c0%ae%c0%ae/x",
        "%e0%80%ae%e0%80%ae/x",
    ],
    "backslashes": [
        "\\\\127.0.0.1:{port}\\x",
        "/\\127.0.0.1:{port}/x",
        "\\/127.0.0.1:{port}/x",
        "http:\\\\127.0.0.1:{port}\\x",
        "http:/\\127.0.0.1:{port}/x",
        "http://127.0.0.1:{port}\\@127.0.0.1:{here}/v1/x",
        "http://127.0.0.1:{here}\\@127.0.0.1:{port}/v1/x",
        "..\\x",
        "a\\..\\..\\x",
        "a%5c..%5cx",
        "a%255c..%255cx",
    ],
    "control characters": [
        "\t//127.0.0.1:{port}/x",
        "/\t/127.0.0.1:{port}/x",
        "ht\ttp://127.0.0.1:{port}/x",
        "\r//127.0.0.1:{port}/x",
        "/\n/127.0.0.1:{port}/x",
        "x\r\nHost: 127.0.0.1:{port}\r\n\r\nGET / HTTP/1.1",
        "x HTTP/1.1\r\nX-Evil: 1\r\n\r\n",
        "x\x00",
        "x\x0b",
        "x\x7f",
        "x\x85",
        "x\u2028y",
        "x%00",
        "x%0d%0aHost:%20127.0.0.1:{port}",
        "x%250d%250a",
        "x\ud800",
    ],
    "whitespace": [
        " //127.0.0.1:{port}/x",
        "//127.0.0.1:{port}/x ",
        "\u00a0//127.0.0.1:{port}/x",
        "\u3000//127.0.0.1:{port}/x",
        "http: //127.0.0.1:{port}/x",
        "http:// 127.0.0.1:{port}/x",
        "\ufeff//127.0.0.1:{port}/x",
        ".. /x",
    ],
    "integers and octals": [
        "//2130706433:{port}/x",
        "http://2130706433:{port}/x",
        "http://0x7f000001:{port}/x",
        "http://017700000001:{port}/x",
        "http://0177.0.0.1:{port}/x",
        "http://0x7f.0x0.0x0.0x1:{port}/x",
        "http://127.1:{port}/x",
        "http://127.0.1:{port}/x",
        "http://0:{port}/x",
        "http://0.0.0.0:{port}/x",
        "http://127.000.000.001:{port}/x",
        "http://127.0.0.1.:{port}/x",
        "http://127.1:{here}/v1/x",
        "http://2130706433:{here}/v1/x",
        "http://4294967296127.0.0.1:{port}/x",
        "http://127.0.0.257:{port}/x",
    ],
    "embedded IPv4": [
        "http://[::ffff:127.0.0.1]:{port}/x",
        "http://[::ffff:7f00:1]:{port}/x",
        "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/x",
        "http://[::127.0.0.1]:{port}/x",
        "http://[64:ff9b::7f00:1]:{port}/x",
        "http://[64:ff9b::127.0.0.1]:{port}/x",
        "http://[2002:7f00:1::]:{port}/x",
        "http://[::1]:{port}/x",
        "http://[::]:{port}/x",
        "http://[::ffff:127.0.0.1]:{here}/v1/x",
        "http://[::1%25lo]:{port}/x",
        "http://[v1.a]:{port}/x",
        "http://[127.0.0.1]:{port}/x",
    ],
    "names": [
        "http://localhost:{port}/x",
        "http://LOCALHOST:{here}/v1/x",
        "http://localhost.:{port}/x",
        "http://127.0.0.1.nip.io:{port}/x",
        "http://127.0.0.1.evil.example:{port}/x",
        "//localhost:{port}/x",
    ],
    "ports": [
        "http://127.0.0.1/v1/x",
        "http://127.0.0.1:/v1/x",
        "http://127.0.0.1:0{port}/v1/x",
        "http://127.0.0.1:{here}0/v1/x",
        "http://127.0.0.1:+{port}/v1/x",
        "http://127.0.0.1:{port}:{here}/v1/x",
        "http://127.0.0.1:{here}:{port}/v1/x",
        "http://127.0.0.1:99999999/v1/x",
        "http://127.0.0.1:\uff11/v1/x",
        "//127.0.0.1",
    ],
    "other alphabets": [
        "http://\uff11\uff12\uff17.0.0.1:{port}/x",
        "http://127\u30020\u30020\u30021:{port}/x",
        "//\u2460\u2461\u2466.0.0.1:{port}/x",
        "http://loc\u00adalhost:{port}/x",
        "http://\u24db\u24de\u24d2alhost:{port}/x",
        "http://xn--localhost-:{port}/x",
        "http\uff1a//127.0.0.1:{port}/x",
        "http:\u2215\u2215127.0.0.1:{port}/x//y",
    ],
    "fragments": [
        "#//127.0.0.1:{port}/x",
        "#@127.0.0.1:{port}/x",
        "http://127.0.0.1:{port}#@127.0.0.1:{here}/v1/x",
        "http://127.0.0.1:{here}#@127.0.0.1:{port}/v1/x",
        "http://127.0.0.1:{port}?@127.0.0.1:{here}/v1/x",
    ],
    "path prefix": ["/%", "x%2", "x%zz", "//", "x//y", "x" * 9000],
}
CASES = [pytest.param(trick, id=f"{kind}: {ascii(trick)[:60]}") for kind, tricks in TRICKS.items() for trick in tricks]

STAYING = {
    "/v1/x": "/v1/v1/x",
    ":{port}/x": "/v1/:{port}/x",
    ".127.0.0.1:{port}/x": "/v1/.127.0.0.1:{port}/x",
    "http:127.0.0.1:{port}/x": "/v1/http:127.0.0.1:{port}/x",
    "http:/127.0.0.1:{port}/x": "/v1/http:/127.0.0.1:{port}/x",
    "%2f%2f127.0.0.1:{port}/x": "/v1/%2f%2f127.0.0.1:{port}/x",
    "http%3a%2f%2f127.0.0.1:{port}/x": "/v1/http%3a%2f%2f127.0.0.1:{port}/x",
    "\uff0f\uff0f127.0.0.1:{port}/x": "/v1/%EF%BC%8F%EF%BC%8F127.0.0.1:{port}/x",
    "x%40127.0.0.1:{port}": "/v1/x%40127.0.0.1:{port}",
    "x%3f%23": "/v1/x%3f%23",
    "...": "/v1/...",
    "..x/x..": "/v1/..x/x..",
    "javascript:alert(1)": "/v1/javascript:alert(1)",
}


def spelled(trick: str, canary: Any, service: Any) -> str:
    """Fill in the ports."""
    return trick.replace("{port}", str(canary.port)).replace("{here}", str(service.port))


def redirecting(place: str) -> Any:
    """Redirect what is asked first, and answer what follows."""

    def script(talk: Any) -> None:
        talk.asked()
        head = b"HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\nSet-Cookie: a=b; Path=/\r\nLocation: "
        talk.send(head + place.encode("utf-8", "surrogatepass") + b"\r\n\r\n")
        while talk.asked():
            talk.reply()

    return script


@pytest.mark.parametrize("trick", CASES)
def test_no_path_leads_elsewhere(host: Callable[..., Host], serve: Any, canary: Any, trick: str) -> None:
    """It is refused, and nobody hears a byte."""
    service = serve()
    connection = {"api_key": canary.key, "url": f"{service.url}/v1"}

    with pytest.raises(InputError):
        host().run("service.ask", {"path": spelled(trick, canary, service)}, connection=connection)

    assert (service.connections, canary.connections) == (0, 0)


@pytest.mark.parametrize("trick", CASES)
def test_no_custom_call_leads_elsewhere(host: Callable[..., Host], serve: Any, canary: Any, trick: str) -> None:
    """Whatever a scenario maps into its URL."""
    service = serve()
    connection = {"api_key": canary.key, "base_url": f"{service.url}/v1"}
    one = host({CUSTOM: create_custom_api_call})

    with pytest.raises(InputError):
        one.run(CUSTOM, {"url": spelled(trick, canary, service)}, connection=connection)

    assert (service.connections, canary.connections) == (0, 0)


@pytest.mark.parametrize(("trick", "path"), STAYING.items(), ids=map(ascii, STAYING))
def test_what_only_looks_like_an_address_is_a_path(
    *, host: Callable[..., Host], serve: Any, canary: Any, trick: str, path: str
) -> None:
    """It goes to the service, below the base URL, and nowhere else."""
    service = serve()
    connection = {"api_key": canary.key, "url": f"{service.url}/v1"}

    host().run("service.ask", {"path": spelled(trick, canary, service)}, connection=connection)

    assert [asked.line for asked in service.asked] == [f"GET {spelled(path, canary, service)} HTTP/1.1"]
    assert canary.connections == 0


@pytest.mark.parametrize("trick", [case for case in CASES if not {"\r", "\n"} & set(str(case.values[0]))])
def test_no_redirect_leads_elsewhere(host: Callable[..., Host], serve: Any, canary: Any, trick: str) -> None:
    """Not the key, not the body, not a cookie; what is followed stays below the base URL."""
    service = serve()
    service._script = redirecting(spelled(trick, canary, service))  # noqa: SLF001  the ports are known only now
    connection = {"api_key": canary.key, "url": f"{service.url}/v1"}

    if trick in FOLLOWED:
        host().run("service.ask", {"path": "start"}, connection=connection)
    else:
        with pytest.raises((RefusedError, BrokenAnswerError, LimitError)):
            host(max_attempts=1).run("service.ask", {"path": "start"}, connection=connection)

    assert canary.connections == 0
    assert len(service.asked) == (2 if trick in FOLLOWED else 1)
    for asked in service.asked:
        assert unquote(asked.line.split(" ")[1]).startswith("/v1/")
        assert "cookie" not in asked.headers
