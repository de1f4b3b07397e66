"""Redirects from a service that means no good, or that somebody took over: with every status and any Location."""

from collections.abc import Callable
from typing import Any

import pytest

from jackfield import AnswerError, BrokenAnswerError, Host, LimitError, RefusedError
from jackfield_openai.custom_api_call import create_custom_api_call

CUSTOM = "openai.create_custom_api_call"
STATUSES = ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]


def answering(head: bytes) -> Callable[[Any], None]:
    """Answer every request with the same head, and no body."""

    def script(talk: Any) -> None:
        while talk.asked():
            talk.send(head + b"Content-Length: 0\r\n\r\n")

    return script


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("scheme", ["http", "https", "ftp", "file"])
def test_no_body_follows_a_redirect_to_another_port(
    *, host: Callable[..., Host], serve: Any, canary: Any, status: str, scheme: str
) -> None:
    """307 and 308 would bring the whole body there, and custom headers go with every status in other clients."""
    place = f"{scheme}://127.0.0.1:{canary.port}/v1/x"
    service = serve(answering(f"HTTP/1.1 {status}\r\nLocation: {place}\r\n".encode()))
    form = {"url": "x", "method": "POST", "body": {"secret": "words"}, "headers": {"X-Other-Key": "words"}}
    connection = {"api_key": canary.key, "organization_id": "org", "base_url": service.url}

    with pytest.raises(RefusedError, match="which is not followed"):
        host({CUSTOM: create_custom_api_call}).run(CUSTOM, form, connection=connection)

    assert len(service.asked) == 1
    assert canary.connections == 0


@pytest.mark.parametrize("status", STATUSES)
def test_https_is_never_left_for_http(
    *, host: Callable[..., Host], serve: Any, canary: Any, server_context: Any, ca_bundle: Any, status: str
) -> None:
    """Not even at the same host and port."""
    service = serve(None, server_context)
    service._script = answering(  # noqa: SLF001  the port is known only now
        f"HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:{service.port}/x\r\n".encode()
    )

    with pytest.raises(RefusedError, match=r"from https://\S+ to http://"):
        host(ca_bundle=ca_bundle).run("service.ask", connection={"api_key": "k", "url": service.url})

    assert service.connections == 1


@pytest.mark.parametrize("status", [*STATUSES, "300 Choices", "304 Not Modified", "305 Use Proxy", "399 Odd"])
def test_a_redirect_to_nowhere_is_no_answer(host: Callable[..., Host], serve: Any, status: str) -> None:
    """Without Location, the module learns that something else came than it asked for."""
    service = serve(answering(f"HTTP/1.1 {status}\r\n".encode()))

    with pytest.raises(AnswerError, match=f"{status[:3]} with an empty body"):
        host().run("service.ask", connection={"api_key": "k", "url": service.url})

    assert len(service.asked) == 1


ODD = {
    "two places": (b"Location: /a\r\nLocation: /b\r\n", RefusedError),
    "a list": (b"Location: /a, /b\r\n", RefusedError),
    "nothing": (b"Location:\r\n", LimitError),
    "itself": (b"Location: /x\r\n", LimitError),
    "a query without end": (b"Location: ?" + b"a" * 60_000 + b"\r\n", LimitError),
    "a path without end": (b"Location: /" + b"a/" * 30_000 + b"\r\n", LimitError),
    "an address without end": (b"Location: http://" + b"a" * 60_000 + b"/\r\n", RefusedError),
    "many hops up": (b"Location: " + b"../" * 20_000 + b"\r\n", LimitError),
    "bytes that are no text": (b"Location: http://\xff\xfe\x80/\r\n", RefusedError),
    "a broken IPv6 address": (b"Location: http://[::1/\r\n", RefusedError),
    "a port of words": (b"Location: http://127.0.0.1:http/\r\n", RefusedError),
    "a folded place": (b"Location: http://127.0.0.1\r\n .evil.example/\r\n", RefusedError),
    "a zero byte": (b"Location: /a\x00b\r\n", BrokenAnswerError),
    "a refresh": (b"Refresh: 0; url=http://127.0.0.1:9/\r\n", AnswerError),
    "another header for it": (b"Content-Location: http://127.0.0.1:9/\r\n", AnswerError),
}


@pytest.mark.parametrize(("headers", "error"), ODD.values(), ids=ODD.keys())
def test_a_place_that_is_odd_ends_in_an_error(
    *, host: Callable[..., Host], serve: Any, headers: bytes, error: type[Exception]
) -> None:
    """In time, and without a request to anybody else."""
    service = serve(answering(b"HTTP/1.1 302 Found\r\n" + headers))
    connection = {"api_key": "k", "url": service.url}

    with pytest.raises(error) as caught:
        host(max_attempts=1).run("service.ask", connection=connection, deadline_s=20)

    assert type(caught.value) is error
    assert len(str(caught.value)) < 1000
