"""Base URLs as people type them, or are made to: one origin hears the key, or nobody hears a byte."""

from collections.abc import Callable
from typing import Any

import pytest

from jackfield import Host, InputError, RefusedError

REFUSED = {
    "user and password": [
        "http://127.0.0.1:{here}@127.0.0.1:{port}",
        "http://127.0.0.1:{here}@127.0.0.1:{port}/v1",
        "http://user@127.0.0.1:{port}",
        "http://user:word@127.0.0.1:{port}",
        "http://@127.0.0.1:{port}",
        "http://:@127.0.0.1:{port}",
        "http://127.0.0.1:{here}%40127.0.0.1:{port}",
        "http://127.0.0.1:{here}#@127.0.0.1:{port}",
        "http://127.0.0.1:{here}?@127.0.0.1:{port}",
        "http://127.0.0.1:{here}\\@127.0.0.1:{port}",
        "http://127.0.0.1:{here}\uff20127.0.0.1:{port}",
    ],
    "schemes": [
        "127.0.0.1:{port}",
        "//127.0.0.1:{port}",
        "ftp://127.0.0.1:{port}",
        "file://127.0.0.1:{port}",
        "ws://127.0.0.1:{port}",
        "http:127.0.0.1:{port}",
        "http:/127.0.0.1:{port}",
        "http:///127.0.0.1:{port}",
        "http:\\\\127.0.0.1:{port}",
        "http+unix://127.0.0.1:{port}",
        "javascript://127.0.0.1:{port}",
        "url:http://127.0.0.1:{port}",
    ],
    "ports": [
        "http://127.0.0.1:{port}:{port}",
        "http://127.0.0.1:{port}x",
        "http://127.0.0.1:-{port}",
        "http://127.0.0.1:+{port}",
        "http://127.0.0.1:0x50",
        "http://127.0.0.1:0",
        "http://127.0.0.1:65536",
        "http://127.0.0.1: {port}",
        "http://127.0.0.1:\uff18\uff10",
    ],
    "dot segments": [
        "http://127.0.0.1:{port}/v1/../x",
        "http://127.0.0.1:{port}/v1/%2e%2e",
        "http://127.0.0.1:{port}/..;/x",
        "http://127.0.0.1:{port}/%252e%252e/x",
        "http://127.0.0.1:{port}/./v1",
        "http://127.0.0.1:{port}/v1//x",
    ],
    "queries and fragments": [
        "http://127.0.0.1:{port}/v1?",
        "http://127.0.0.1:{port}/v1?x=",
        "http://127.0.0.1:{port}/v1#",
        "http://127.0.0.1:{port}?url=",
        "http://127.0.0.1:{port};x@127.0.0.1:{here}",
    ],
    "control characters and blanks": [
        "http://127.0.0.1:{port}/v1\r\nX-Evil: 1",
        "http://127.0.0.1:{port}\t",
        "http://127.0.0.1\t:{port}",
        "ht\ntp://127.0.0.1:{port}",
        " http://127.0.0.1:{port}",
        "http://127.0.0.1:{port} ",
        "http://127.0.0.1:{port}\x00",
        "http://127.0.0.1:{port}/\u2028",
        "\ufeffhttp://127.0.0.1:{port}",
    ],
    "hosts": [
        "http://[127.0.0.1]:{port}",
        "http://[::1%25lo]:{port}",
        "http://[::1%lo]:{port}",
        "http://[v1.x]:{port}",
        "http://[::1]x:{port}",
        "http://127..0.0.1:{port}",
        "http://.127.0.0.1:{port}",
        "http://127.0.0.1,127.0.0.2:{port}",
        "http://127.0.0.1%2e:{port}",
        "http://127.0.0.1%00.example:{port}",
        "http://*:{port}",
        "http://:{port}",
    ],
}
TYPED = [pytest.param(base, id=f"{kind}: {base!a}") for kind, bases in REFUSED.items() for base in bases]


def spelled(base: str, canary: Any, service: Any) -> str:
    """Fill in the ports."""
    return base.replace("{port}", str(canary.port)).replace("{here}", str(service.port))


@pytest.mark.parametrize("base", TYPED)
def test_a_base_url_with_two_meanings_is_refused(host: Callable[..., Host], serve: Any, canary: Any, base: str) -> None:
    """Nobody hears a byte, and the error says nothing of what stood in it."""
    service = serve()
    connection = {"api_key": canary.key, "url": spelled(base, canary, service)}

    with pytest.raises(InputError) as caught:
        host().run("service.ask", {"path": "x"}, connection=connection)

    assert (service.connections, canary.connections) == (0, 0)
    assert "word" not in caught.value.message.replace("password", "")


SPOKEN_TO = {
    "http://127.0.0.1:{port}": "127.0.0.1:{port}",
    "HTTP://127.0.0.1:{port}/": "127.0.0.1:{port}",
    "http://localhost:{port}": "localhost:{port}",
    "http://LOCALHOST:{port}/v1/": "localhost:{port}",
    "http://127.1:{port}": "127.1:{port}",
    "http://2130706433:{port}": "2130706433:{port}",
}


@pytest.mark.parametrize(("base", "named"), SPOKEN_TO.items())
def test_a_base_url_has_one_origin(
    *, host: Callable[..., Host], serve: Any, canary: Any, base: str, named: str
) -> None:
    """It hears the key, under the name that was typed; another origin does not, also not by another name for it."""
    service = serve()
    connection = {"api_key": canary.key, "url": spelled(base, canary, service)}

    host().run("service.ask", {"path": "x"}, connection=connection)

    lines = canary.heard.decode().splitlines()
    assert f"Host: {spelled(named, canary, service)}" in lines
    assert f"X-Key: {canary.key}" in lines
    assert service.connections == 0


@pytest.mark.parametrize("other", ["localhost", "127.1", "2130706433", "0x7f.1", "127.0.0.2", "[::1]", "127.0.0.1."])
def test_another_name_for_the_same_machine_is_another_origin(
    host: Callable[..., Host], serve: Any, canary: Any, other: str
) -> None:
    """Names change hands; a service that redirects from one to the other gets no key there."""

    def script(talk: Any) -> None:
        talk.asked()
        talk.reply(b"", status="308 Moved", Location=f"http://{other}:{service.port}/x")

    service = serve(script)

    with pytest.raises(RefusedError, match="not followed"):
        host().run("service.ask", {"path": "x"}, connection={"api_key": canary.key, "url": service.url})

    assert service.connections == 1


def test_a_cookie_goes_nowhere(host: Callable[..., Host], serve: Any, canary: Any) -> None:
    """Nothing is kept from one answer for the next request, whatever domain it names."""

    def script(talk: Any) -> None:
        while talk.asked():
            talk.reply(Set_Cookie="session=1; Domain=127.0.0.1; Path=/")

    service = serve(script)
    one = host()
    for url in (service.url, service.url, f"http://127.0.0.1:{canary.port}"):
        one.run("service.ask", {"path": "x"}, connection={"api_key": canary.key, "url": url})

    assert all("cookie" not in asked.headers for asked in service.asked)
    assert b"ookie" not in canary.heard
    assert len(service.asked) == 2


def test_connections_do_not_share_keys(host: Callable[..., Host], serve: Any, canary: Any) -> None:
    """Two connections of one host to two places: each place hears its own key."""
    service = serve()
    one = host()

    one.run("service.ask", {"path": "x"}, connection={"api_key": "first-key", "url": service.url})
    one.run(
        "service.ask", {"path": "x"}, connection={"api_key": "second-key", "url": f"http://127.0.0.1:{canary.port}"}
    )

    assert service.asked[0].headers["x-key"] == "first-key"
    assert b"X-Key: second-key" in canary.heard
    assert b"first-key" not in canary.heard
