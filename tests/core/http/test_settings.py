"""Limits that can be none are refused when they are set, and every limit that is hit has its name."""

import math
from typing import Any

import attrs
import pytest

from jackfield._http.body import read_whole
from jackfield._http.limits import HttpSettings
from jackfield._http.sse import events
from jackfield.errors import InvalidInputError, LimitError

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_in_flight": 0}, r"\$\.max_in_flight: must be greater than 0, was 0"),
        ({"max_requests_per_s": -1}, r"\$\.max_requests_per_s: must be greater than 0, was -1"),
        ({"deadline_s": math.nan}, r"\$\.deadline_s: must be greater than 0, was nan"),
        ({"max_attempts": 0}, r"\$\.max_attempts: must be greater than 0"),
        ({"retry_cap_s": -0.5}, r"\$\.retry_cap_s: must be at least 0, was -0\.5"),
        ({"max_json_depth": "200"}, r"\$\.max_json_depth: must be a number, was a str"),
        ({"max_body_bytes": None}, r"\$\.max_body_bytes: must be a number, was a NoneType"),
        ({"pool_size": True}, r"\$\.pool_size: must be a number, was a bool"),
        ({"allow_local": "no"}, r"\$\.allow_local: must be True or False"),
        ({"proxy_filters": 1}, r"\$\.proxy_filters: must be True or False"),
        ({"max_ratio": 0, "max_lookups": 0}, r"2 problems"),
    ],
)
def test_what_is_no_limit_is_refused(settings: dict[str, Any], message: str) -> None:
    """With its name, the rule and what was given; before a host is made of it."""
    with pytest.raises(InvalidInputError, match=message) as caught:
        HttpSettings(**settings)

    assert caught.value.subject == "HTTP settings"


def test_what_can_be_a_limit_is_taken() -> None:
    """Nothing at all where that has a meaning, and infinity."""
    settings = HttpSettings(retry_base_s=0, max_redirects=0, pool_size=0, deadline_s=math.inf, max_in_flight=None)

    assert attrs.evolve(settings, max_requests_per_s=0.5).max_requests_per_s == 0.5


@pytest.mark.parametrize(
    ("limit", "answer"),
    [
        ("max_headers", JSON_HEAD + b"A: b\r\n" * 30 + b"Content-Length: 2\r\n\r\n{}"),
        ("max_header_bytes", JSON_HEAD + b"A: " + b"b" * 900 + b"\r\nContent-Length: 2\r\n\r\n{}"),
        ("max_wire_bytes", JSON_HEAD + b"Content-Length: 900\r\n\r\n" + b" " * 900),
        ("max_body_bytes", JSON_HEAD + b"Content-Length: 400\r\n\r\n" + b" " * 400),
    ],
)
def test_the_limit_that_was_hit_is_named(serve: Any, go: Any, limit: str, answer: bytes) -> None:
    """In the message's remedy and as an attribute, with what it was set to."""
    settings: dict[str, Any] = {
        "max_headers": 20,
        "max_header_bytes": 700,
        "max_wire_bytes": 600,
        "max_body_bytes": 300,
    }

    def script(talk: Any) -> None:
        talk.asked()
        talk.send(answer)

    server = serve(script)

    with pytest.raises(LimitError, match=f"Raise the setting {limit} ") as caught:
        read_whole(go(f"{server.url}/", **settings), HttpSettings(**settings))

    assert (caught.value.limit, caught.value.maximum) == (limit, settings[limit])


def test_the_depth_of_an_event_has_its_limit() -> None:
    """The same setting as for whole answers."""
    (event,) = events([b"data: [[[1]]]\n\n"], max_event_bytes=100, max_json_depth=2)

    with pytest.raises(LimitError, match="max_json_depth"):
        event.json()
