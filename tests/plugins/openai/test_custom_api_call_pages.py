"""A custom call follows the pages of a list, and gives the events of a stream."""

from collections.abc import Callable
from typing import Any

import pytest

from jackfield import BusyError, Host, InvalidInputError
from jackfield.testing import Replay

MODULE = "openai.create_custom_api_call"
CONNECTION = {"api_key": "sk-canary"}


@pytest.mark.parametrize(
    ("limit", "records", "requests", "more"),
    [(3, 3, 1, True), (10, 10, 1, True), (12, 12, 2, True), (25, 25, 3, False), (100, 25, 3, False)],
)
def test_a_limit_follows_the_pages(
    *, net_host: Host, account: Callable[..., Any], limit: int, records: int, requests: int, more: bool
) -> None:
    """Over real HTTP: as many requests as it takes and no more."""
    result = net_host.run(MODULE, {"url": "/v1/files", "limit": limit}, connection=account())

    body: Any = result.bundle["body"]
    ids = [file["id"] for file in body["data"]]
    assert len(set(ids)) == len(ids) == records
    assert result.attempts == requests
    assert body["has_more"] is more
    assert (body["first_id"], body["last_id"]) == (ids[0], ids[-1])


def test_the_query_is_the_same_on_every_page(host: Host, replay: Replay) -> None:
    """Beside the place where it goes on."""
    replay.reply({"data": [{"id": "a"}], "has_more": True})
    replay.reply({"data": [{"id": "b"}], "has_more": False})

    result = host.run(MODULE, {"url": "files?order=asc", "limit": 5}, connection=CONNECTION)

    assert replay.requests[1].url == "https://api.openai.com/v1/files?order=asc&after=a"
    assert result.bundle["body"] == {"data": [{"id": "a"}, {"id": "b"}], "has_more": False}


def test_without_a_limit_there_is_one_page(net_host: Host, account: Callable[..., Any]) -> None:
    """As the service gives it."""
    result = net_host.run(MODULE, {"url": "files"}, connection=account())

    body: Any = result.bundle["body"]
    assert len(body["data"]) == 10
    assert result.attempts == 1


@pytest.mark.parametrize(
    ("page", "body"),
    [
        ({"object": "list", "data": [{"id": "a"}, {"id": "b"}]}, {"object": "list", "data": [{"id": "a"}]}),
        ({"data": [], "has_more": True}, {"data": [], "has_more": True}),
        ({"data": [1], "has_more": True, "last_id": None}, {"data": [1], "has_more": True, "last_id": None}),
        ({"id": "x"}, {"id": "x"}),
        (["a", "b"], ["a", "b"]),
    ],
)
def test_a_limit_on_what_has_no_pages_ends(host: Host, replay: Replay, page: object, body: object) -> None:
    """A list without pages is cut; anything else is given as it is."""
    replay.reply(page)

    assert host.run(MODULE, {"url": "x", "limit": 1}, connection=CONNECTION).bundle["body"] == body


CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": True}


def test_a_stream_gives_its_events(net_host: Host, account: Callable[..., Any]) -> None:
    """Each as it comes, and all of them as the body at the end."""
    form = {"url": "chat/completions", "method": "POST", "body": CHAT}
    with net_host.stream(MODULE, form, connection=account()) as stream:
        pieces = list(stream)
        bundle = stream.result.bundle

    assert pieces[0].data["object"] == "chat.completion.chunk"
    assert bundle["body"] == [piece.data for piece in pieces]
    assert bundle["status_code"] == 200
    headers: Any = bundle["headers"]
    assert headers["content-type"].startswith("text/event-stream")


def test_a_stream_can_have_events_that_are_no_json(host: Host, replay: Replay) -> None:
    """They are texts; what ends the stream is not one of them."""
    replay.reply(events=["hello", {"a": 1}, "[DONE]"])
    form = {"url": "x", "method": "POST", "body": CHAT}

    with host.stream(MODULE, form, connection=CONNECTION) as stream:
        assert [piece.data for piece in stream] == ["hello", {"a": 1}]


def test_an_error_inside_a_stream_is_raised(net_host: Host, account: Callable[..., Any]) -> None:
    """Though the status was 200."""
    form = {"url": "chat/completions", "method": "POST", "body": CHAT}

    with net_host.stream(MODULE, form, connection=account("fail=1")) as stream, pytest.raises(BusyError):
        list(stream)


def test_a_failure_on_a_later_page_is_output_if_wanted(host: Host, replay: Replay) -> None:
    """And not a list that looks whole."""
    replay.reply({"data": [{"id": "a"}], "has_more": True})
    replay.reply({"error": {"message": "gone"}}, status=410)

    result = host.run(MODULE, {"url": "files", "limit": 5, "errors_as_output": True}, connection=CONNECTION)

    assert result.bundle["status_code"] == 410


def test_a_list_that_promises_more_and_has_none_ends(host: Host, replay: Replay) -> None:
    """It is not asked forever."""
    replay.reply({"data": [{"id": "a"}], "has_more": True})
    replay.reply({"data": [], "has_more": True})

    result = host.run(MODULE, {"url": "files", "limit": 5}, connection=CONNECTION)

    assert result.bundle["body"] == {"data": [{"id": "a"}], "has_more": True}
    assert len(replay.requests) == 2


def test_only_json_can_be_sent_for_a_stream(host: Host, replay: Replay) -> None:
    """Which is said before anything is sent."""
    form = {"url": "x", "method": "POST", "body": "hello"}

    with host.stream(MODULE, form, connection=CONNECTION) as stream, pytest.raises(InvalidInputError) as caught:
        list(stream)

    assert [problem.path for problem in caught.value.problems] == ["$.body"]
    assert not replay.requests
