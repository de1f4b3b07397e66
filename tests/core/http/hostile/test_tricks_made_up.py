"""Addresses that nobody thought of: put together at random, from what has fooled somebody before."""

import ipaddress
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from urllib3.util import parse_url

from jackfield import Host, JackfieldError, UnsafeRequestError
from jackfield._http.url import join, split
from jackfield_openai.custom_api_call import create_custom_api_call

CUSTOM = "openai.create_custom_api_call"
PARTS = [
    *("http://", "https://", "HTTP:", "//", "/", "\\", ":", "@", "#", "?", ";", "%", ".", "..", "&", "[", "]", "%25"),
    *("%2f", "%5c", "%2e", "%40", "%23", "%3f", "%3a", "%00", "%0d%0a", "%252e", "%c0%af", "%e2%80%a5"),
    *("127.0.0.1:{port}", "127.0.0.1:{here}", "localhost:{port}", "2130706433:{port}", "[::ffff:127.0.0.1]:{port}"),
    *("v1", "x", "user", "evil.example", "\t", "\n", "\r\n", " ", "\x00", "\u3002", "\uff0f", "\uff20", "\u2024"),
]
texts = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), min_size=1, max_size=9).map("".join)
# One service and one canary serve all examples: what an example leaves behind there is what the next must not add to.
many = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def spoken(host: str | None) -> str:
    """Give a host as we write it: an IPv6 address without brackets, in its shortest form."""
    bare = (host or "").strip("[]")
    return ipaddress.IPv6Address(bare).compressed if ":" in bare else bare


class Ground:
    """A service, another origin, and a host with a key for the service alone."""

    def __init__(self, host: Host, service: Any, canary: Any) -> None:
        self.service = service
        self._host = host
        self._canary = canary

    def spelled(self, text: str) -> str:
        """Fill in the ports."""
        return text.replace("{port}", str(self._canary.port)).replace("{here}", str(self.service.port))

    def run(self, module_id: str, form: dict[str, str], base: str) -> bool:
        """Run; tell whether it was refused."""
        connection = {"api_key": self._canary.key, "url" if module_id == "service.ask" else "base_url": base}
        try:
            self._host.run(module_id, form, connection=connection)
        except JackfieldError:
            return True
        return False

    def check(self, heard: int, *, refused: bool) -> None:
        """Nothing went elsewhere; and what was refused did not even arrive at the service."""
        assert self._canary.connections == 0
        if refused:
            assert len(self.service.asked) == heard
        for asked in self.service.asked[heard:]:
            path = once = asked.line.split(" ")[1].partition("?")[0]
            while (path := unquote(once)) != once:
                once = path
            assert path == "/v1" or path.startswith("/v1/")
            assert not {".", ".."} & set(path.replace("\\", "/").split("/"))
            assert asked.headers["host"] == f"127.0.0.1:{self.service.port}"


@pytest.fixture
def ground(host: Callable[..., Host], serve: Any, canary: Any) -> Ground:
    """Make it. Every answer of the service is JSON."""
    return Ground(host({CUSTOM: create_custom_api_call}, max_attempts=1), serve(), canary)


@many
@given(texts)
def test_no_made_up_path_leads_elsewhere(ground: Ground, text: str) -> None:
    """It is refused before a byte leaves, or stays below the base URL, however often somebody decodes it."""
    heard = len(ground.service.asked)

    refused = ground.run("service.ask", {"path": ground.spelled(text)}, f"{ground.service.url}/v1")

    ground.check(heard, refused=refused)


@many
@given(texts)
def test_no_made_up_custom_call_leads_elsewhere(ground: Ground, text: str) -> None:
    """The same for what a user types as the URL of a custom API call."""
    heard = len(ground.service.asked)

    refused = ground.run(CUSTOM, {"url": ground.spelled(text)}, f"{ground.service.url}/v1")

    ground.check(heard, refused=refused)


@many
@given(texts)
def test_no_made_up_redirect_leads_elsewhere(ground: Ground, text: str) -> None:
    """A service, or who took it over, may write what it likes into Location."""
    place = ground.spelled(text).encode("utf-8", "replace").replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
    heard = len(ground.service.asked)

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(b"HTTP/1.1 307 Moved\r\nContent-Length: 0\r\nLocation: " + place + b"\r\n\r\n")
        while talk.asked():
            talk.reply(Connection="close")
            return

    ground.service._script = script  # noqa: SLF001  the place is known only now
    ground.run("service.ask", {"path": "start"}, f"{ground.service.url}/v1")

    ground.check(heard, refused=False)
    assert 1 <= len(ground.service.asked) - heard <= 2


@many
@given(st.sampled_from(["http://127.0.0.1:81", "http://127.0.0.1:81/v1", "http://", ""]), texts)
def test_a_made_up_base_url_means_the_same_to_everybody(start: str, text: str) -> None:
    """What we speak to is what two other readers of URLs find in it, or it is refused: none is taken for another."""
    base = (start + text).replace("{port}", "82").replace("{here}", "81")
    try:
        origin = split(join(base, "x")).origin
    except UnsafeRequestError:
        return

    if base.isascii():  # what is not, we spell as requests does
        assert (spoken(urlsplit(base).hostname), urlsplit(base).port or origin.port) == (origin.host, origin.port)
    other = parse_url(base)
    assert (other.scheme, other.port or origin.port) == (origin.scheme, origin.port)
    assert spoken(other.host) == origin.host
    assert other.auth is None
