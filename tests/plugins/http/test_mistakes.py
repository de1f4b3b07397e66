"""What a user gets wrong, or a server: the place, the rule, and what helps."""

from collections.abc import Callable
from typing import Any

import pytest

from jackfield import (
    AnswerError,
    Host,
    InvalidInputError,
    JackfieldError,
    NoConnectionError,
    RefusedError,
    UnsafeRequestError,
)
from jackfield.testing import Replay, ReplayServer, Reply

URL = "https://example.com/a"


def made(host: Host, **form: object) -> Any:
    """Make a request, and give its bundle."""
    return host.run("http.make_request", {"url": URL, **form}).bundle


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ({"csv_delimiter": '"'}, "$.csv_delimiter"),
        ({"csv_delimiter": "\n"}, "$.csv_delimiter"),
        ({"csv_delimiter": "\r"}, "$.csv_delimiter"),
        ({"url": f"{URL}?q=\ud800"}, "$.url"),
        ({"query": {"q": "\ud800"}}, "$.query.q"),
        ({"method": "POST", "body": {"type": "text", "text": "\ud800"}}, "$.body.text"),
        ({"method": "POST", "body": {"type": "json", "value": {"a": "\ud800"}}}, "$.body.value"),
        ({"method": "POST", "body": {"type": "form", "fields": {"a": "\ud800"}}}, "$.body.fields"),
        ({"url": f"{URL}?q=%FF", "paging": {"style": "page"}}, "$.url"),
    ],
)
def test_bad_input_names_the_field_of_the_form(host: Host, replay: Replay, form: dict[str, object], path: str) -> None:
    """And is no defect of the connector; nothing is sent."""
    with pytest.raises(InvalidInputError) as caught:
        made(host, **form)

    assert [problem.path for problem in caught.value.problems] == [path]
    assert replay.requests == []


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "x-http-method", "X-Method-Override"])
def test_a_header_that_changes_the_method_counts_as_that_method(host: Host, replay: Replay, header: str) -> None:
    """So what would do something twice is not sent again by itself; the worse of both counts."""
    sent = []
    for method, said in (("GET", "patch"), ("POST", "GET"), ("GET", "DELETE"), ("GET", "HEAD")):
        before = len(replay.requests)
        replay.reply({}, status=500)
        with pytest.raises(JackfieldError):  # where it is sent again, no reply is left
            made(host, method=method, headers={header: said})
        sent.append(len(replay.requests) - before)

    assert [number > 1 for number in sent] == [False, False, True, True]


@pytest.mark.parametrize("module_id", ["http.download_file", "http.watch_list", "http.watch_feed"])
def test_what_only_reads_takes_no_header_that_changes_the_method(host: Host, replay: Replay, module_id: str) -> None:
    """Nor does a connection."""
    form = {"url": URL, "headers": {"X-Method-Override": "DELETE"}}
    connection = {"base_url": "https://example.com", "headers": {"X-HTTP-Method": "DELETE"}}

    with pytest.raises(InvalidInputError, match=r"\$\.headers\.X-Method-Override"):
        host.run(module_id, form)
    with pytest.raises((InvalidInputError, NoConnectionError), match=r"\$\.headers\.X-HTTP-Method"):
        host.run(module_id, {"url": URL}, connection=connection)

    assert replay.requests == []


def test_a_local_server_is_allowed_in_the_connection(real_host: Host, serve: Callable[..., ReplayServer]) -> None:
    """The error says so; where no connection names it, it says who can allow it."""
    url = serve().url

    with pytest.raises(UnsafeRequestError) as caught:
        real_host.run("http.make_request", {"url": "/"}, connection={"base_url": url})
    with pytest.raises(UnsafeRequestError) as strangers:
        real_host.run("http.make_request", {"url": url})

    assert "allow_local=yes in the connection" in caught.value.hint
    assert "allow_local_downloads" in strangers.value.hint


def test_a_way_of_paging_that_the_server_does_not_know_is_told(host: Host, replay: Replay) -> None:
    """It is the user's choice, and no fault of the connector."""
    for _ in range(2):
        replay.reply({"items": [{"id": 1}]})

    with pytest.raises(AnswerError, match="page 1 again") as caught:
        made(host, paging={"style": "page"}, items_at="items")

    assert "paging.style" in caught.value.hint
    assert "authors" not in caught.value.hint


@pytest.mark.parametrize("module_id", ["http.make_request", "http.watch_list"])
def test_a_wrong_path_to_the_list_is_told_with_the_field(host: Host, replay: Replay, module_id: str) -> None:
    """And what it may be."""
    replay.reply({"items": []})

    with pytest.raises(AnswerError, match=r"\$\.nope: must be a list") as caught:
        host.run(module_id, {"url": URL, "items_at": "nope"})

    assert "items_at" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "HTTPS://api.example.com/v1/items",
        "https://API.example.com/v1/items",
        "https://api.example.com:443/v1/items",
    ],
)
def test_a_url_is_below_the_base_url_however_its_host_is_spelled(host: Host, replay: Replay, url: str) -> None:
    """Scheme, host and the usual port mean the same in capitals, or said."""
    replay.reply([])

    host.run("http.make_request", {"url": url}, connection={"base_url": "https://api.example.com:443/v1"})

    assert str(replay.requests[0].url).endswith("/v1/items")


def test_bytes_in_a_query_are_sent_as_they_are(host: Host, replay: Replay) -> None:
    """Also where other names stand beside it, and where a list is read."""
    replay.reply([])
    replay.reply([])

    made(host, url=f"{URL}?q=%FF&a=1", query={"a": [2, True], "n": None, "b c": "d&"})
    made(host, url=f"{URL}?q=%FF", items_at="$")

    assert [request.url for request in replay.requests] == [
        f"{URL}?q=%FF&a=2&a=true&b%20c=d%26",
        f"{URL}?q=%FF",
    ]


@pytest.mark.parametrize("scheme", ["bearer", "header", "query", "basic", "oauth2"])
def test_a_key_that_ends_in_a_line_break_is_refused(host: Host, replay: Replay, scheme: str) -> None:
    """Wherever it would be sent: it was read from a file."""
    more = {"user": "u", "token_url": "https://example.com/t"} if scheme in {"basic", "oauth2"} else {}
    connection = {"base_url": "https://example.com", "scheme": scheme, "secret": "key\n", **more}

    with pytest.raises((InvalidInputError, NoConnectionError), match=r"\$\.secret: has line breaks"):
        host.run("http.make_request", {"url": URL}, connection=connection)

    assert replay.requests == []


def test_several_cookies_are_told_apart(real_host: Host, serve: Callable[..., ReplayServer]) -> None:
    """Commas stand between them as in their dates."""
    dated = "a=1; Expires=Wed, 25 Nov 2026 10:00:00 GMT"
    server = serve(Reply(json=1, headers={"Set-Cookie": f"{dated}, b=2; Path=/"}), Reply(json=1))
    connection = {"base_url": server.url, "allow_local": True}

    several, none = (real_host.run("http.make_request", {"url": "/"}, connection=connection).bundle for _ in range(2))

    assert several["cookies"] == [dated, "b=2; Path=/"]
    assert "cookies" not in none


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            "<Error><Code>NoSuchKey</Code><Message>The key &quot;a&quot; does not exist.</Message></Error>",
            'The key "a" does',
        ),
        ('<e:Envelope xmlns:e="u"><faultstring xml:lang="en">Bad &#233;</faultstring></e:Envelope>', "Bad é"),
        ("<error><a/></error>", "answered with application/xml"),
    ],
)
def test_a_failure_in_xml_is_told_in_its_words(host: Host, replay: Replay, body: str, says: str) -> None:
    """As one in JSON is."""
    replay.reply(content=body.encode(), status=400, headers={"Content-Type": "application/xml"})

    with pytest.raises(RefusedError) as caught:
        made(host)

    assert says in caught.value.message
    assert caught.value.code == ("NoSuchKey" if "Code" in body else "")
