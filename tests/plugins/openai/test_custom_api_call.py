"""Create a Custom API Call: every spelling of a path, every kind of body, and no way out."""

import json
from typing import Any

import pytest

from jackfield import (
    AnswerError,
    BusyError,
    Effect,
    File,
    Host,
    InvalidInputError,
    Kind,
    NotFoundError,
    StreamBody,
    UnreachableError,
)
from jackfield.testing import Replay
from jackfield_openai.custom_api_call import CustomApiCall, create_custom_api_call

MODULE = "openai.create_custom_api_call"
CONNECTION = {"api_key": "sk-canary"}


def _url(host: Host, replay: Replay, url: str, **more: object) -> str:
    replay.reply({"ok": True})
    host.run(MODULE, {"url": url, **more}, connection=CONNECTION)
    return str(replay.requests[-1].url)


@pytest.mark.parametrize(
    "spelling",
    ["models", "/models", "v1/models", "/v1/models", "/v1/v1/models", "https://api.openai.com/v1/models"],
)
def test_all_spellings_of_a_path_mean_the_same(host: Host, replay: Replay, spelling: str) -> None:
    """And none becomes /v1/v1."""
    assert _url(host, replay, spelling) == "https://api.openai.com/v1/models"


@pytest.mark.parametrize(
    ("base_url", "spelling", "expected"),
    [
        ("https://h.example/proxy/v1", "/v1/models", "https://h.example/proxy/v1/models"),
        ("https://h.example/proxy/v1", "/proxy/v1/models", "https://h.example/proxy/v1/models"),
        ("https://h.example/v1beta/openai", "/v1/embeddings", "https://h.example/v1beta/openai/embeddings"),
        ("https://h.example/v1", "v1x/models", "https://h.example/v1/v1x/models"),
        ("https://h.example/v1", "/v1", "https://h.example/v1"),
    ],
)
def test_a_base_url_with_another_path_is_kept(
    host: Host, replay: Replay, base_url: str, spelling: str, expected: str
) -> None:
    """Imported scenarios say /v1 wherever they go."""
    replay.reply({})
    host.run(MODULE, {"url": spelling}, connection={"base_url": base_url, "api_key": "k"})

    assert replay.requests[0].url == expected


@pytest.mark.parametrize(
    ("url", "query", "expected"),
    [
        ("files", {"limit": 2, "order": "asc"}, "limit=2&order=asc"),
        ("files?limit=2", None, "limit=2"),
        ("files?limit=2&after=a", {"limit": 3}, "limit=3&after=a"),
        ("files", {"include": ["a", "b"]}, "include=a&include=b"),
        ("files", {"deep": True, "none": None, "share": 0.5}, "deep=true&share=0.5"),
        ("files", {"text": "a b&c=d/ü"}, "text=a+b%26c%3Dd%2F%C3%BC"),
    ],
)
def test_the_query_is_sent(
    host: Host, replay: Replay, url: str, query: dict[str, object] | None, expected: str
) -> None:
    """From its own field and from the URL; the field wins."""
    sent = _url(host, replay, url, query=query)

    assert sent.partition("?")[2].replace("%20", "+") == expected


@pytest.mark.parametrize(
    ("form", "body", "kind"),
    [
        ({"body": {"a": [1, None, "ü"]}}, b'{"a": [1, null, "\xc3\xbc"]}', "application/json"),
        ({"body": [1, 2]}, b"[1, 2]", "application/json"),
        ({"body": '{"a": 1}'}, b'{"a": 1}', "application/json"),
        ({"body": "hello"}, b"hello", "text/plain; charset=utf-8"),
        ({"body": "hello", "headers": {"content-type": "text/csv"}}, b"hello", "text/csv"),
        ({"body": "hello", "body_type": "json"}, b'"hello"', "application/json"),
        (
            {"body": {"a": 1, "b": True, "c": None}, "body_type": "form"},
            b"a=1&b=true",
            "application/x-www-form-urlencoded",
        ),
    ],
)
def test_a_body_is_json_text_or_a_form(
    host: Host, replay: Replay, form: dict[str, object], body: bytes, kind: str
) -> None:
    """What it is follows from the value, or is said."""
    replay.reply({})
    host.run(MODULE, {"url": "x", "method": "POST", **form}, connection=CONNECTION)

    (request,) = replay.requests
    sent = request.body.encode() if isinstance(request.body, str) else request.body or b""
    if kind == "application/json":
        assert json.loads(sent) == json.loads(body)
    else:
        assert sent == body
    assert request.headers["Content-Type"] == kind


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_every_method_is_sent(host: Host, replay: Replay, method: str) -> None:
    """Without a body if there is none."""
    replay.reply({})
    host.run(MODULE, {"url": "x", "method": method}, connection=CONNECTION)

    assert (replay.requests[0].method, replay.requests[0].body) == (method, None)


@pytest.mark.parametrize(
    ("method", "effect"),
    [
        ("GET", Effect.READ),
        ("PUT", Effect.IDEMPOTENT),
        ("DELETE", Effect.IDEMPOTENT),
        ("POST", Effect.UNSAFE),
        ("PATCH", Effect.UNSAFE),
    ],
)
def test_the_method_decides_what_a_repeat_leaves_behind(method: Any, effect: Effect) -> None:
    """As HTTP defines it."""
    assert create_custom_api_call.effect_of(CustomApiCall(url="x", method=method)) is effect


def test_it_is_universal_and_known_by_its_old_name() -> None:
    """An imported scenario finds it."""
    assert create_custom_api_call.kind is Kind.UNIVERSAL
    with Host(environ={}) as host:
        assert host.module("openai-gpt-3:makeApiCall").id == MODULE


def test_the_output_is_status_headers_and_body(host: Host, replay: Replay) -> None:
    """Names of headers are in lower case, so that a mapping finds them."""
    replay.reply({"a": [1]}, status=201, headers={"X-Request-Id": "req_1"})

    result = host.run(MODULE, {"url": "x", "method": "POST"}, connection=CONNECTION)

    assert result.bundle["status_code"] == 201
    assert result.bundle["body"] == {"a": [1]}
    headers: Any = result.bundle["headers"]
    assert headers["x-request-id"] == "req_1"
    assert result.request_id == "req_1"


@pytest.mark.parametrize(
    ("content", "kind", "body"),
    [
        (b"hello", "text/plain", "hello"),
        (b"h\xe9", "text/plain; charset=latin-1", "hé"),
        (b'{"a": 1}\n', "application/octet-stream", '{"a": 1}\n'),
        (b'{"a": 1}', "application/problem+json", {"a": 1}),
        (b"", "application/json", None),
    ],
)
def test_other_bodies_are_texts(host: Host, replay: Replay, content: bytes, kind: str, body: object) -> None:
    """An empty one is none."""
    replay.reply(content=content, headers={"Content-Type": kind})

    assert host.run(MODULE, {"url": "x"}, connection=CONNECTION).bundle.get("body") == body


def test_json_that_is_none_is_an_error(host: Host, replay: Replay) -> None:
    """Though the status is fine."""
    replay.reply(content=b"{", headers={"Content-Type": "application/json"})

    with pytest.raises(AnswerError):
        host.run(MODULE, {"url": "x"}, connection=CONNECTION)


PNG = b"\x89PNG\xff"


@pytest.mark.parametrize(
    ("headers", "name", "media_type"),
    [
        ({"Content-Type": "image/png"}, "content.png", "image/png"),
        ({"Content-Type": "application/octet-stream"}, "content", "application/octet-stream"),
        ({"Content-Type": ""}, "content", "application/octet-stream"),
        ({"Content-Type": "image/png", "Content-Disposition": "attachment; filename=a.png"}, "a.png", "image/png"),
    ],
)
def test_an_answer_that_is_no_text_is_a_file(
    host: Host, replay: Replay, headers: dict[str, str], name: str, media_type: str
) -> None:
    """The host keeps it, and the bundle refers to it."""
    replay.reply(content=PNG, headers=headers)

    result = host.run(MODULE, {"url": "files/7/content"}, connection=CONNECTION)

    file = result.output.file
    assert (file.name, file.media_type, file.read()) == (name, media_type, PNG)
    assert "body" not in result.bundle
    assert result.bundle["file"] == {
        "file": file.id,
        "name": name,
        "media_type": media_type,
        "size": 5,
        "path": str(file.path),
    }


def test_a_large_answer_of_no_stated_type_is_a_file(host: Host, replay: Replay) -> None:
    """Even if it is text: nobody wants megabytes in a bundle."""
    text = b"{}\n" * 500_000
    replay.reply(content=text, headers={"Content-Type": "application/octet-stream"})

    output = host.run(MODULE, {"url": "files/7/content"}, connection=CONNECTION).output

    assert output.body is None
    assert output.file.read() == text


def test_files_are_sent_in_a_form(host: Host, replay: Replay) -> None:
    """Several of one name too; the fields of the body come before them."""
    replay.reply({"id": "file-1"})
    form = {
        "url": "images/edits",
        "method": "POST",
        "body": {"prompt": "a cat", "n": 2},
        "files": {
            "image[]": [File.from_bytes(PNG, name="1.png"), File.from_bytes(PNG, name="2.png")],
            "mask": {"data": "aGVsbG8=", "name": "mask.png"},
        },
    }

    result = host.run(MODULE, form, connection=CONNECTION)

    body: Any = replay.requests[0].body
    assert isinstance(body, StreamBody)
    assert [(name, value if isinstance(value, str) else value.name) for name, value in body.fields] == [
        ("prompt", "a cat"),
        ("n", "2"),
        ("image[]", "1.png"),
        ("image[]", "2.png"),
        ("mask", "mask.png"),
    ]
    assert replay.requests[0].headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert result.bundle["body"] == {"id": "file-1"}


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"method": "GET"}, "$.files: cannot be sent with GET"),
        ({"body_type": "json"}, "$.body_type: must be form"),
        ({"body": "text"}, "$.body: must be an object of texts"),
        ({"body": {"a": {"b": 1}}}, "$.body: must be an object of texts"),
    ],
)
def test_files_go_with_a_form_only(host: Host, more: dict[str, object], problem: str) -> None:
    """Anything else is refused before it is sent."""
    form = {"url": "x", "method": "POST", "files": {"a": {"data": "", "name": "a"}}, **more}

    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, form, connection=CONNECTION)

    assert str(caught.value.problems[0]).startswith(problem)


def test_a_failure_is_an_error(host: Host, replay: Replay) -> None:
    """As for any module."""
    replay.reply({"error": {"message": "x", "type": "t", "param": None, "code": "unknown_url"}}, status=404)

    with pytest.raises(NotFoundError):
        host.run(MODULE, {"url": "x"}, connection=CONNECTION)


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_failure_can_be_output(host: Host, replay: Replay, status: int) -> None:
    """For those who look at the status themselves."""
    for _ in range(3):
        replay.reply({"error": {"message": "x"}}, status=status, headers={"retry-after-ms": "1"})

    result = host.run(MODULE, {"url": "x", "errors_as_output": True}, connection=CONNECTION)

    assert result.bundle["status_code"] == status
    assert result.bundle["body"] == {"error": {"message": "x"}}


def test_a_failure_of_an_unsafe_call_is_not_repeated(host: Host, replay: Replay) -> None:
    """The service may have acted on it."""
    replay.reply({}, status=500)

    with pytest.raises(BusyError):
        host.run(MODULE, {"url": "x", "method": "POST"}, connection=CONNECTION)

    assert len(replay.requests) == 1


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ({"url": ""}, "$.url"),
        ({"url": "x", "method": "TRACE"}, "$.method"),
        ({"url": "x", "method": "get"}, "$.method"),
        ({"url": "x", "query": {"a": {"b": 1}}}, "$.query.a"),
        ({"url": "x", "query": {"a": [[1]]}}, "$.query.a"),
        ({"url": "x", "method": "POST", "body": [1], "body_type": "form"}, "$.body"),
        ({"url": "x", "method": "POST", "body": {"a": {}}, "body_type": "form"}, "$.body"),
        ({"url": "x", "method": "POST", "body": {"a": 1}, "body_type": "text"}, "$.body"),
        ({"url": "x", "method": "POST", "limit": 3}, "$.limit"),
        ({"url": "x", "limit": 0}, "$.limit"),
    ],
)
def test_what_breaks_the_form_is_named(host: Host, replay: Replay, form: dict[str, object], path: str) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, form, connection=CONNECTION)

    assert path in [problem.path for problem in caught.value.problems]
    assert not replay.requests


def test_a_server_that_is_away_is_unreachable(net_host: Host, unused_port: int) -> None:
    """And not a wrong key."""
    connection = {"base_url": f"http://127.0.0.1:{unused_port}", "api_key": "k"}

    with pytest.raises(UnreachableError):
        net_host.run(MODULE, {"url": "models"}, connection=connection, deadline_s=5)
