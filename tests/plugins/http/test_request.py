"""Requests: what is sent, and how answers are read."""

import base64
import json
from typing import Any

import pytest

from jackfield import AnswerError, Effect, Host, InvalidInputError, LimitError, NotFoundError
from jackfield.testing import Replay

URL = "https://example.com/a"


def made(host: Host, **form: object) -> Any:
    """Make a request, and give its bundle."""
    return host.run("http.make_request", {"url": URL, **form}).bundle


def answer(replay: Replay, content: bytes | str, media_type: str = "", **more: Any) -> None:
    """Let the server answer with a body of a type."""
    body = content.encode() if isinstance(content, str) else content
    replay.reply(content=body, headers={"Content-Type": media_type}, **more)


def file(text: str, name: str = "a.txt") -> dict[str, str]:
    """Give a file as JSON has it."""
    return {"data": base64.b64encode(text.encode()).decode(), "name": name}


@pytest.mark.parametrize(
    ("body", "media_type", "sent"),
    [
        ({"type": "json", "value": {"a": None, "b": [1]}}, "application/json", {"a": None, "b": [1]}),
        ({"type": "json", "value": None}, "application/json", None),
        ({"type": "json", "value": False}, "application/json", False),
        (
            {"type": "form", "fields": {"a": 1, "b": [True, "x y"]}},
            "application/x-www-form-urlencoded",
            "a=1&b=true&b=x+y",
        ),
        ({"type": "text", "text": "Grüße"}, "text/plain; charset=utf-8", "Grüße"),
        ({"type": "text", "text": "<a/>", "media_type": "application/xml"}, "application/xml; charset=utf-8", "<a/>"),
        ({"type": "text", "text": ""}, "text/plain; charset=utf-8", None),
        (None, None, None),
    ],
    ids=["json", "null", "false", "form", "text", "xml", "empty text", "nothing"],
)
def test_a_body_is_sent_as_it_was_said(
    host: Host, replay: Replay, body: object, media_type: str | None, sent: object
) -> None:
    """With its type."""
    replay.reply(1)

    made(host, method="POST", **({"body": body} if body else {}))

    (request,) = replay.requests
    assert request.headers.get("Content-Type") == media_type
    assert replay.bodies == [sent]
    if body == {"type": "json", "value": None}:
        assert request.body == b"null"


def test_files_are_sent_in_a_form_and_as_they_are(host: Host, replay: Replay) -> None:
    """Several of one name, too."""
    replay.reply(1)
    replay.reply(1)
    files = {"docs": [file("one"), file("two", "b.txt")]}

    made(host, method="POST", body={"type": "multipart", "fields": {"a": 1}, "files": files})
    made(host, method="PUT", body={"type": "file", "file": file("raw")})

    fields, raw = replay.bodies
    assert [(each["name"], each.get("value") or each["file"]["name"]) for each in fields] == [
        ("a", "1"),
        ("docs", "a.txt"),
        ("docs", "b.txt"),
    ]
    assert raw["file"]["size"] == 3


def test_headers_and_query_are_the_users(host: Host, replay: Replay) -> None:
    """The URL's own query stays as it is spelled, if nothing is added; a name that is given again wins."""
    replay.reply(1)
    replay.reply(1)

    made(host, url=f"{URL}?sig=a%2Bb+c&x=1", headers={"Accept": "text/csv", "X-Wish": "y"})
    made(host, url=f"{URL}?x=1&y=2", query={"x": [3, True]})

    first, second = replay.requests
    assert first.url == f"{URL}?sig=a%2Bb+c&x=1"
    assert (first.headers["Accept"], first.headers["X-Wish"]) == ("text/csv", "y")
    assert second.url == f"{URL}?y=2&x=3&x=true"
    assert second.headers["Accept"] == "*/*"


@pytest.mark.parametrize("name", ["Host", "Authorization", "Cookie", "Content-Length", "Proxy-Authorization", "X\r\nY"])
def test_headers_that_frame_a_request_are_refused(host: Host, replay: Replay, name: str) -> None:
    """Before anything is sent."""
    with pytest.raises(Exception, match="header"):
        made(host, headers={name: "x"})

    assert replay.requests == []


@pytest.mark.parametrize(
    ("method", "effect"),
    [("GET", Effect.READ), ("PUT", Effect.IDEMPOTENT), ("POST", Effect.UNSAFE), ("PATCH", Effect.UNSAFE)],
)
def test_what_a_repeat_leaves_behind_follows_from_the_method(
    host: Host, replay: Replay, method: str, effect: Effect
) -> None:
    """So a failure of a POST is not repeated by itself, and one of a GET is."""
    replay.reply({}, status=503)
    replay.reply({}, status=200)

    repeated = effect.repeatable
    if repeated:
        made(host, method=method)
    else:
        with pytest.raises(Exception, match="503"):
            made(host, method=method)

    assert len(replay.requests) == (2 if repeated else 1)


@pytest.mark.parametrize(
    ("content", "media_type", "body"),
    [
        ('{"a": [1]}', "application/json", {"a": [1]}),
        ('{"a": 1}', "application/vnd.api+json; charset=utf-8", {"a": 1}),
        ("[1]", "", [1]),
        ("{no json", "", "{no json"),
        ("", "application/json", None),
        ("Grüße", "text/plain", "Grüße"),
        ("Grüße".encode("latin-1"), "text/plain; charset=iso-8859-1", "Grüße"),
        ("\ufeffGrüße", "text/plain", "Grüße"),
        ("Grüße".encode("utf-16"), "text/plain; charset=utf-8", "Grüße"),
        (b"\xff\xfe\x00", "text/plain; charset=no-such", "\ufffd"),
        ("<p>hi</p>", "text/html", "<p>hi</p>"),
        ('a,b\r\n1,"x\ny"\n\n2,z\n', "text/csv", [{"a": "1", "b": "x\ny"}, {"a": "2", "b": "z"}]),
        (
            "a\ta\t\n1\t2\t3\t4\n5\n",
            "text/tab-separated-values",
            [
                {"a": "1", "a_2": "2", "column_3": "3", "column_4": "4"},
                {"a": "5"},
            ],
        ),
        (
            '<a x="1"><b>1</b><b>2</b><c/>t</a>',
            "application/xml",
            {"a": {"@x": "1", "b": ["1", "2"], "c": None, "#text": "t"}},
        ),
        ('<d:a xmlns:d="u"/>', "application/atom+xml", {"d:a": {"@xmlns:d": "u"}}),
        ('<?xml version="1.0" encoding="iso-8859-1"?><a>\xfc</a>'.encode("latin-1"), "text/xml", {"a": "ü"}),
        ('<?xml version="1.0" encoding="iso-8859-1"?><a>ü</a>', "text/xml; charset=utf-8", {"a": "ü"}),
    ],
)
def test_an_answer_is_read_as_what_it_is(
    host: Host, replay: Replay, content: bytes | str, media_type: str, body: object
) -> None:
    """By its type, its charset and its byte order mark."""
    answer(replay, content, media_type)

    assert made(host).get("body") == body


def test_what_is_no_text_is_a_file(host: Host, replay: Replay) -> None:
    """An image that is XML, too; and anything, if it is asked for so."""
    for media_type in ("image/png", "image/svg+xml", "text/plain"):
        answer(replay, b"<svg/>", media_type)

    found = [made(host, **more) for more in ({}, {}, {"parse": "file"})]

    assert [(each["file"]["media_type"], each["file"]["size"]) for each in found] == [
        ("image/png", 6),
        ("image/svg+xml", 6),
        ("text/plain", 6),
    ]
    assert all("body" not in each for each in found)


def test_it_is_read_as_the_user_says(host: Host, replay: Replay) -> None:
    """Whatever the server calls it."""
    for content in ("a;b\n1;2\n", "<a/>", "[1]", "[1]"):
        answer(replay, content, "application/octet-stream")
    csv = {"parse": "csv", "csv_delimiter": ";", "csv_header": False}

    bodies = [made(host, **more)["body"] for more in (csv, {"parse": "xml"}, {"parse": "json"}, {"parse": "text"})]

    assert bodies == [[["a", "b"], ["1", "2"]], {"a": None}, [1], "[1]"]


def test_html_in_the_place_of_json_is_an_error_that_says_so(host: Host, replay: Replay) -> None:
    """Many a proxy answers 200 with a page."""
    for media_type in ("application/json", "text/html"):
        answer(replay, "<html><title>Log in</title>", media_type)

    for parse in ("auto", "json"):
        with pytest.raises(AnswerError, match="Log in"):
            made(host, parse=parse)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>',
    "external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><a/>',
    "quadratic": f'<!DOCTYPE a [<!ENTITY x "{"x" * 10_000}">]><a>{"&x;" * 1000}</a>',
}


@pytest.mark.parametrize("name", BOMBS)
def test_xml_that_declares_entities_is_refused(host: Host, replay: Replay, name: str) -> None:
    """It may grow without end, or name files."""
    answer(replay, BOMBS[name], "application/xml")

    with pytest.raises(AnswerError, match="entities"):
        made(host)


def test_a_document_type_without_entities_does_no_harm(host: Host, replay: Replay) -> None:
    """Nothing is fetched for it."""
    answer(replay, '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a>1</a>', "application/xml")

    assert made(host)["body"] == {"a": "1"}


def test_xml_that_is_too_deep_or_none_is_an_error(host: Host, replay: Replay) -> None:
    """The limit is named; what is no XML is told with its line."""
    answer(replay, "<a>" * 10_000, "application/xml")
    answer(replay, "<a>\n<b></a>", "application/xml")

    with pytest.raises(LimitError, match="200 deep"):
        made(host)
    with pytest.raises(AnswerError, match=r"XML was expected \(line 2\)"):
        made(host)


def test_csv_that_is_too_large_names_the_limit(host: Host, replay: Replay) -> None:
    """And who can raise it; empty lines and the end of the last one are no cells."""
    answer(replay, "a,b\n" + "1,2\n" * 10, "text/csv")
    answer(replay, "a,b\n\n" + "1,2\n" * 9, "text/csv")

    with pytest.raises(LimitError, match="more than 20 cells") as caught:
        made(host, max_cells=20)

    assert caught.value.limit == "max_cells"
    assert len(made(host, max_cells=20)["body"]) == 9


def test_a_cell_of_csv_may_be_long(host: Host, replay: Replay) -> None:
    """Only the whole answer and the number of cells are bounded."""
    text = 'x"\n' * 100_000
    answer(replay, 'a,b\n"{}",2'.format(text.replace('"', '""')), "text/csv")

    assert made(host)["body"] == [{"a": text, "b": "2"}]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("column_2,,x\n1,2,3\n", [{"column_2": "1", "column_2_2": "2", "x": "3"}]),
        ("a,a,a_2\n1,2,3\n", [{"a": "1", "a_2": "2", "a_2_2": "3"}]),
        ("a\r1\r\n2", [{"a": "1"}, {"a": "2"}]),
        ('a,b\n"x" y,z"\n', [{"a": "x y", "b": 'z"'}]),
        ('a\n""\n"open\n', [{"a": ""}, {"a": "open\n"}]),
        ("", None),
    ],
    ids=["a name like a place", "a name twice", "line ends", "quotes inside", "left open", "nothing"],
)
def test_csv_is_read_however_odd_it_is(host: Host, replay: Replay, text: str, rows: object) -> None:
    """No column is lost, whatever the names are."""
    answer(replay, text, "text/csv")

    assert made(host).get("body") == rows


def test_a_failure_can_be_output(host: Host, replay: Replay) -> None:
    """In whatever shape; without the switch it is an error."""
    replay.reply({"code": 7}, status=404)
    answer(replay, "<html>", "application/json", status=500)
    replay.reply({"code": 7}, status=404)

    found = made(host, errors_as_output=True)
    broken = made(host, method="POST", errors_as_output=True)
    with pytest.raises(NotFoundError):
        made(host)

    assert (found["status_code"], found["body"]) == (404, {"code": 7})
    assert (broken["status_code"], broken["body"]) == (500, "<html>")
    assert found["headers"]["content-type"] == "application/json"


PAGES: dict[str, tuple[dict[str, object], list[tuple[dict[str, object], dict[str, str]]], str]] = {
    "page": (
        {"style": "page", "size": 2},
        [({"items": [1, 2]}, {}), ({"items": [3]}, {}), ({"items": []}, {})],
        "limit=2&page=2",
    ),
    "offset": (
        {"style": "offset", "param": "skip"},
        [({"items": [1, 2]}, {}), ({"items": [3]}, {}), ({"items": []}, {})],
        "skip=2",
    ),
    "cursor": (
        {"style": "cursor", "at": "meta.next"},
        [({"items": [1, 2], "meta": {"next": "n"}}, {}), ({"items": [3]}, {})],
        "cursor=n",
    ),
    "link": (
        {"style": "link_header"},
        [({"items": [1, 2]}, {"Link": '</a?p=2>; rel="next"'}), ({"items": [3]}, {})],
        "p=2",
    ),
    "next url": ({"style": "next_url"}, [({"items": [1, 2], "next": f"{URL}?p=2"}, {}), ({"items": [3]}, {})], "p=2"),
    "after item": (
        {"style": "after_item"},
        [({"items": [{"id": 1}, {"id": 2}], "has_more": True}, {}), ({"items": [{"id": 3}], "has_more": False}, {})],
        "after=2",
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_of_a_list_become_one(host: Host, replay: Replay, name: str) -> None:
    """However the server pages."""
    said, pages, second = PAGES[name]
    for body, headers in pages:
        replay.reply(body, headers=headers)

    bundle = made(host, paging=said, items_at="items")

    assert [item["id"] if isinstance(item, dict) else item for item in bundle["body"]] == [1, 2, 3]
    query = set(str(replay.requests[1].url).partition("?")[2].split("&"))
    assert query == set(second.split("&"))
    assert bundle["status_code"] == 200


def test_a_list_ends_at_its_limit(host: Host, replay: Replay) -> None:
    """No further page is asked for; a list may also be whole in one answer."""
    replay.reply({"items": [1, 2, 3]})

    assert made(host, items_at="items", limit=2)["body"] == [1, 2]
    assert len(replay.requests) == 1


def test_a_cursor_may_go_into_the_body(host: Host, replay: Replay) -> None:
    """As GraphQL and its like want it."""
    replay.reply({"items": [1], "next": "n"})
    replay.reply({"items": [2]})
    said = {"style": "cursor", "param": "variables.after", "at": "next", "in_body": True}

    made(host, method="POST", body={"type": "json", "value": {"q": 1}}, paging=said, items_at="items")

    assert replay.bodies == [{"q": 1}, {"q": 1, "variables": {"after": "n"}}]


def test_a_page_on_another_server_is_not_asked_for(host: Host, replay: Replay) -> None:
    """A header may be a key."""
    replay.reply({"items": [1], "next": "https://elsewhere.example/"})

    with pytest.raises(AnswerError, match="leave"):
        made(host, paging={"style": "next_url"}, items_at="items", headers={"X-Api-Key": "mine"})

    assert len(replay.requests) == 1


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ({"query": {"a": {"b": 1}}}, "$.query.a"),
        ({"method": "POST", "body": {"type": "form", "fields": {"a": {}}}}, "$.body.fields.a"),
        ({"method": "HEAD", "body": {"type": "text", "text": "a"}}, "$.body"),
        ({"items_at": "a..b"}, "$.items_at"),
        ({"paging": {"style": "cursor", "at": "a["}}, "$.paging"),
        ({"paging": {"style": "page", "size_param": "n"}}, "$.paging.size"),
        ({"paging": {"style": "page"}, "parse": "xml"}, "$.parse"),
        ({"limit": 1, "errors_as_output": True}, "$.errors_as_output"),
        ({"limit": 1, "method": "POST", "body": {"type": "text", "text": "a"}}, "$.body"),
        ({"method": "TRACE"}, "$.method"),
        ({"body": {"type": "yaml"}}, "$.body.type"),
        ({"url": "ftp://example.com/"}, "$.url"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_is_sent(
    host: Host, replay: Replay, form: dict[str, object], path: str
) -> None:
    """With the field at fault."""
    with pytest.raises(InvalidInputError) as caught:
        made(host, **form)

    assert path in [problem.path for problem in caught.value.problems]
    assert replay.requests == []


def test_an_output_is_json(host: Host, replay: Replay) -> None:
    """Whatever was read."""
    answer(replay, "<a><b>1</b></a>", "application/xml")

    assert json.loads(json.dumps(made(host)))["url"] == URL
