"""From what a module gives to the request that leaves."""

import enum
import json
import math
from typing import Any

import pytest
import requests
from attrs import frozen
from requests import PreparedRequest, Response

from jackfield.errors import InvalidInputError, UnsafeRequestError

BASE = "https://api.example.com/v1"


class Color(enum.Enum):
    RED = "red"


@frozen(kw_only=True)
class Place:
    latitude: float
    name: str | None = None


@frozen(kw_only=True)
class Secretive:
    key: object


class Captured:
    """Answers everything with an empty object, and remembers."""

    def __init__(self) -> None:
        self.sent: list[PreparedRequest] = []

    def __call__(self, request: PreparedRequest) -> Response:
        """Remember and answer."""
        self.sent.append(request)
        response = requests.Response()
        response.status_code, response.url = 200, request.url or ""
        response._content = b"{}"  # noqa: SLF001  as responses are made in memory
        return response

    @property
    def last(self) -> PreparedRequest:
        """Give the last one."""
        return self.sent[-1]


@pytest.fixture
def captured() -> Captured:
    """What was sent."""
    return Captured()


@pytest.fixture
def client(bench: Any, captured: Captured) -> Any:
    """A client that sends there."""
    return bench(BASE, send=captured).client


def test_a_get_is_a_real_prepared_request(client: Any, captured: Captured) -> None:
    """A plugin may read, copy and send it as any other."""
    client.get("/models")

    request = captured.last
    assert (request.method, request.url, request.body) == ("GET", f"{BASE}/models", None)
    assert request.headers == {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "jackfield"}
    assert request.copy().path_url == "/v1/models"
    assert client.base_url == BASE


def test_json_is_written_compactly(client: Any, captured: Captured) -> None:
    """In UTF-8, with attrs objects anywhere; what is None in them is left out, elsewhere it is null."""
    client.post("x", json={"a": [Place(latitude=1.5), None], "ä": True})

    assert captured.last.body == '{"a":[{"latitude":1.5},null],"ä":true}'.encode()
    assert captured.last.headers["Content-Type"] == "application/json"
    assert captured.last.headers["Content-Length"] == str(len(captured.last.body or ""))
    client.post("x", json=Place(latitude=2, name="n"))
    assert json.loads(captured.last.body or "") == {"latitude": 2, "name": "n"}


LOOP: dict[str, object] = {}
LOOP["self"] = LOOP
DEEP: object = 1
for _ in range(100_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"a": [1, math.nan]}, r"\$\.json\.a\[1\]: must be a finite number"),
        ({"p": Place(latitude=math.inf)}, r"\$\.json\.p\.latitude: must be a finite number"),
        (LOOP, "hold itself|too deep"),
        (DEEP, "nested too deep"),
        ({"a": {1, 2}}, "has a value that is no JSON"),
        ({"a": b"canary"}, "has a value that is no JSON"),
        ({"a": "\ud800"}, "not Unicode"),
    ],
    ids=["nan", "inf", "loop", "deep", "set", "bytes", "surrogate"],
)
def test_what_is_no_json_is_not_sent(client: Any, captured: Captured, value: object, problem: str) -> None:
    """The error says where."""
    with pytest.raises(InvalidInputError, match=problem) as caught:
        client.post("x", json=value)

    assert captured.sent == []
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("params", "query"),
    [
        ({"a": "b c", "d": 1, "e": 2.5, "f": True, "g": False}, "?a=b%20c&d=1&e=2.5&f=true&g=false"),
        ({"a": ["x", "y"], "n": None, "m": [1, None]}, "?a=x&a=y&m=1"),
        ([("a", 1), ("a", 2)], "?a=1&a=2"),
        (Place(latitude=52.5), "?latitude=52.5"),
        ({"c": Color.RED}, "?c=red"),
        ({"ä": "ü&=?#/"}, "?%C3%A4=%C3%BC%26%3D%3F%23%2F"),
        ({}, ""),
        ({"a": None}, ""),
    ],
)
def test_a_query_is_written(client: Any, captured: Captured, params: object, query: str) -> None:
    """Booleans as JSON has them, a list as one pair for each item, nothing for None."""
    client.get("x", params=params)

    assert captured.last.url == f"{BASE}/x{query}"


@pytest.mark.parametrize(
    "params", [{"a": {"b": 1}}, {"a": math.nan}, {"a": ...}, 5, {"a": "\ud800"}, {"a": [[1]]}], ids=repr
)
def test_a_query_takes_no_other_values(client: Any, captured: Captured, params: object) -> None:
    """They would be written in a way that nobody means."""
    with pytest.raises(InvalidInputError, match=r"\$\.params"):
        client.get("x", params=params)

    assert captured.sent == []


def test_a_form_and_a_plain_body(client: Any, captured: Captured) -> None:
    """As a browser sends a form; content as it is, with the type that the caller names."""
    client.request("POST", "x", data={"a": "b c", "d": True})
    assert captured.last.body == b"a=b+c&d=true"
    assert captured.last.headers["Content-Type"] == "application/x-www-form-urlencoded"

    client.request("PUT", "x", content=b"\0\1", headers={"content-type": "application/octet-stream"})
    assert captured.last.body == b"\0\1"
    assert captured.last.headers["Content-Type"] == "application/octet-stream"

    client.request("POST", "x")
    assert captured.last.headers["Content-Length"] == "0"
    client.request("DELETE", "x")
    assert "Content-Length" not in captured.last.headers


def test_only_one_body_is_sent(client: Any, captured: Captured) -> None:
    """Two are a mistake."""
    with pytest.raises(InvalidInputError, match="at most one"):
        client.request("POST", "x", json={}, content=b"")

    assert captured.sent == []


def test_headers_of_the_caller_win(client: Any, captured: Captured) -> None:
    """Over what would be sent without, whatever their case; each stands there once."""
    client.post("x", json={}, headers={"accept": "text/csv", "X-One": "1", "CONTENT-TYPE": "application/vnd.x+json"})

    assert sorted(name.lower() for name in captured.last.headers) == [
        "accept",
        "accept-encoding",
        "content-length",
        "content-type",
        "user-agent",
        "x-one",
    ]
    assert captured.last.headers["Accept"] == "text/csv"
    assert captured.last.headers["Content-Type"] == "application/vnd.x+json"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "evil.example"),
        ("authorization", "Bearer canary"),
        ("Cookie", "a=b"),
        ("Content-Length", "3"),
        ("transfer-encoding", "chunked"),
        ("Content_Length", "5"),
        ("Connection", "close"),
        ("Proxy-Authorization", "Basic canary"),
        ("Expect", "100-continue"),
        ("X A", "1"),
        ("X:A", "1"),
        ("", "1"),
        ("X-Ä", "1"),
        ("X-A", "canary\r\nX-B: 1"),
        ("X-A", "canary\n"),
        ("X-A", "canary\0"),
        ("X-A", "canary☃"),
        ("X-A", " canary"),
    ],
    ids=repr,
)
def test_a_header_that_could_do_harm_is_refused(client: Any, captured: Captured, name: str, value: str) -> None:
    """None that frames the request, names its host or carries a credential; the value is not shown."""
    with pytest.raises(UnsafeRequestError) as caught:
        client.get("x", headers={name: value})

    assert captured.sent == []
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("method", ["get", "G ET", "GET\r\n", "", "GETÄ", "X" * 33])
def test_a_method_is_a_word_in_capitals(client: Any, captured: Captured, method: str) -> None:
    """Anything else could end the request line."""
    with pytest.raises(UnsafeRequestError, match="capitals"):
        client.request(method, "x")

    assert captured.sent == []


def test_a_path_that_leads_out_is_refused(client: Any, captured: Captured) -> None:
    """Before anything is sent."""
    with pytest.raises(UnsafeRequestError, match="dot segment"):
        client.get("../admin")

    assert captured.sent == []


def test_what_one_attempt_changes_the_next_does_not_see(bench: Any, captured: Captured) -> None:
    """Credentials are added downstream; the client's own request never holds them."""
    keys: list[bool] = []

    def send(request: PreparedRequest) -> Response:
        keys.append("Authorization" in request.headers)
        request.headers["Authorization"] = "Bearer canary"
        request.url = "https://elsewhere.example/"
        if len(keys) < 3:
            raise ConnectionResetError
        return captured(request)

    made = bench(BASE, send=send)
    made.client.get("x")

    assert keys == [False, False, False]
    assert [url for _, url, _ in made.log.attempts] == [f"{BASE}/x"] * 3
