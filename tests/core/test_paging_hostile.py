"""Services whose pages never end, lead elsewhere, or are not what they should be."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

import pytest
from paged_service import KEY, Asked, Listing, Reply, Service, connection_to, listing, serving, things

from jackfield import (
    AnswerError,
    BusyError,
    Host,
    HttpSettings,
    InvalidInputError,
    JackfieldError,
    LimitError,
    NotFoundError,
    paging,
)

NEXT = paging.LinkHeader()
NUMBERS = paging.PageNumber()
CURSOR = paging.Cursor(param="cursor", at="next")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Serve on loopback."""
    with serving() as service:
        yield service


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """Give a host that goes through few pages, and does not repeat."""
    with Host(discover=False, settings=HttpSettings(max_pages=20, max_attempts=1)) as host:
        yield host


class Walked(NamedTuple):
    """What came of a list."""

    given: list[int]
    error: JackfieldError


def walk(host: Host, service: Service, listed: Listing, answer: Callable[[Asked], Reply]) -> Walked:
    """List, and give the items that came before the error."""
    service.reset(answer)
    given: list[int] = []
    with pytest.raises(JackfieldError) as failed, host.stream(listed, {}, connection=connection_to(service)) as stream:
        given.extend(thing.number for thing in stream)
    assert KEY not in f"{failed.value!r} {failed.value}"
    return Walked(given, failed.value)


def endless_cursor(_: Asked) -> Reply:
    """Name the same page for ever."""
    return Reply({"data": things(1), "next": "same"})


def circle_of_cursors(asked: Asked) -> Reply:
    """Name three pages in turn."""
    index = int(asked.query.get("cursor", "3"))
    return Reply({"data": things(index), "next": str((index + 1) % 3)})


def circle_of_links(asked: Asked) -> Reply:
    """Name two pages in turn."""
    index = int(asked.query.get("n", "0"))
    return Reply(things(index), headers={"Link": f'</api/things?n={(index + 1) % 2}>; rel="next"'})


def deaf(_: Asked) -> Reply:
    """Give the same page whatever is asked."""
    return Reply(things(1, 2))


def deaf_with_more(_: Asked) -> Reply:
    """Give the same page, and say each time that there are more."""
    return Reply({"data": things(1), "has_more": True})


CIRCLES = {
    "a cursor that stays": (listing(CURSOR, at="data"), endless_cursor, [1], "Page 2: It is page 1 again"),
    "cursors in a circle": (listing(CURSOR, at="data"), circle_of_cursors, [3, 1, 2, 0], "Page 5: It was asked for"),
    "links in a circle": (listing(NEXT), circle_of_links, [0, 1, 0], "Page 4: It was asked for before"),
    "a number that is ignored": (listing(NUMBERS), deaf, [1, 2], "Page 2: It is page 1 again"),
    "an offset that is ignored": (listing(paging.Offset()), deaf, [1, 2], "seems to ignore which one"),
    "an id that is ignored": (listing(paging.LastId(), at="data"), deaf_with_more, [1], "Page 2: It is page 1 again"),
}


@pytest.mark.parametrize("case", CIRCLES)
def test_a_service_that_goes_round_in_a_circle_is_an_error(host: Host, service: Service, case: str) -> None:
    """As soon as it shows; what was given before stays given, and nothing is given twice by a service that is deaf."""
    listed, answer, given, words = CIRCLES[case]

    walked = walk(host, service, listed, answer)

    assert isinstance(walked.error, AnswerError)
    assert words in walked.error.message
    assert walked.given == given


def test_equal_pages_are_no_circle_where_the_author_says_so_or_items_are_plain(host: Host, service: Service) -> None:
    """Measurements may well be the same twice."""
    service.reset(lambda asked: Reply(things(7) if int(asked.query["page"]) < 4 else []))

    result = host.run(listing(paging.PageNumber(may_repeat=True)), {}, connection=connection_to(service))

    assert [thing.number for thing in result.outputs] == [7, 7, 7]


ENDLESS = {
    "numbers": (listing(NUMBERS), lambda asked: Reply(things(int(asked.query["page"])))),
    "offsets": (listing(paging.Offset()), lambda asked: Reply(things(int(asked.query["offset"]) + 1))),
    "new cursors": (
        listing(CURSOR, at="data"),
        lambda asked: Reply({"data": things(n := int(asked.query.get("cursor", "0")) + 1), "next": n}),
    ),
    "new links": (
        listing(NEXT),
        lambda asked: Reply(
            things(n := int(asked.query.get("n", "0")) + 1), headers={"Link": f"<things?n={n}>; rel=next"}
        ),
    ),
}


@pytest.mark.parametrize("case", ENDLESS)
def test_a_list_without_end_hits_a_limit_that_has_a_name(host: Host, service: Service, case: str) -> None:
    """After as many pages as the setting max_pages allows."""
    listed, answer = ENDLESS[case]

    walked = walk(host, service, listed, answer)

    assert isinstance(walked.error, LimitError)
    assert (walked.error.limit, walked.error.maximum) == ("max_pages", 20)
    assert "max_pages (now 20)" in walked.error.hint
    assert walked.given == list(range(1, 21))
    assert len(service.asked) == 20


def test_empty_pages_without_end_hit_the_limit_too(host: Host, service: Service) -> None:
    """A cursor that changes, and nothing behind it."""
    numbers = count()

    walked = walk(host, service, listing(CURSOR, at="data"), lambda _: Reply({"data": [], "next": f"c{next(numbers)}"}))

    assert isinstance(walked.error, LimitError)
    assert walked.given == []


LEADING_AWAY = {
    "another host": "http://evil.example/api/things?page=2",
    "another port": "http://127.0.0.1:1/api/things",
    "another scheme": "https:{own}/api/things",
    "no scheme": "//evil.example/api/things",
    "a user": "http://127.0.0.1@evil.example/api/things",
    "out of the base path": "/things",
    "dots": "/api/../things",
    "quoted dots": "/api/%2e%2e/things",
    "a neighbour": "/api2/things",
    "a backslash": "/api/\\evil.example",
    "a line break": "/api/things\r\nX-Evil: 1",
    "no web": "file:///etc/passwd",
}


@pytest.mark.parametrize("case", LEADING_AWAY)
def test_a_next_page_elsewhere_is_never_asked_for(host: Host, service: Service, case: str) -> None:
    """The credential goes to the connection's own origin and path only; the page before it is given."""
    target = LEADING_AWAY[case].replace("{own}", service.origin.partition(":")[2])
    listed = listing(paging.NextUrl(), at="data")

    walked = walk(host, service, listed, lambda _: Reply({"data": things(1), "next": target}))

    assert isinstance(walked.error, AnswerError)
    assert walked.error.message.startswith("Page 2: Page 1 says that it stands where it is not asked for: ")
    assert walked.given == [1]
    assert len(service.asked) == 1


def test_a_link_elsewhere_is_not_asked_for_either(host: Host, service: Service) -> None:
    """In the header as in a body; the message names both origins."""
    link = '<https://evil.example/api/things>; rel="next"'

    walked = walk(host, service, listing(NEXT), lambda _: Reply(things(1), headers={"Link": link}))

    assert f"would leave {service.origin} for https://evil.example" in walked.error.message
    assert (walked.given, len(service.asked)) == ([1], 1)


LAST_ID = paging.LastId()
MISSHAPEN = {
    "no list": (listing(NUMBERS), {"items": []}, "$: must be a list, was an object"),
    "no items": (listing(NUMBERS, at="data"), {"items": []}, "$.data: must be a list, was null"),
    "items are text": (listing(CURSOR, at="data"), {"data": "abc"}, "$.data: must be a list, was text of"),
    "more without items": (
        listing(LAST_ID, at="data"),
        {"data": [], "has_more": True},
        "$.has_more says that there are more, and nothing says where: there is no id",
    ),
    "more without an id": (
        listing(LAST_ID, at="data"),
        {"data": [{"number": 1}], "has_more": True},
        "$.data[0]: The answer is not what Thing declares",
    ),
    "more is a text": (
        listing(LAST_ID, at="data"),
        {"data": [], "has_more": "yes"},
        "$.has_more: must be true or false, was text of",
    ),
    "a cursor that is an object": (
        listing(CURSOR, at="data"),
        {"data": [], "next": {"a": 1}},
        "$.next: must be a text or a whole number, was an object",
    ),
    "a cursor that is true": (
        listing(CURSOR, at="data"),
        {"data": [], "next": True},
        "$.next: must be a text or a whole number, was true",
    ),
    "more and no cursor": (
        listing(paging.Cursor(param="c", at="next", more="more"), at="data"),
        {"data": [], "more": True, "next": None},
        "$.more says that there are more, and nothing says where: there is no next",
    ),
    "an address that is a number": (
        listing(paging.NextUrl(), at="data"),
        {"data": [], "next": 7},
        "$.next: must be an address, was a number",
    ),
    "a total that is a text": (
        listing(paging.Offset(total="total"), at="data"),
        {"data": [{"id": "a", "number": 1}], "total": "1"},
        "$.total: must be a whole number, was text of",
    ),
}


@pytest.mark.parametrize("case", MISSHAPEN)
def test_a_page_that_is_not_what_was_declared_is_an_error(host: Host, service: Service, case: str) -> None:
    """It names the place in the answer and what was expected there; nothing is taken for an empty list."""
    listed, body, words = MISSHAPEN[case]

    walked = walk(host, service, listed, lambda _: Reply(body))

    assert isinstance(walked.error, AnswerError)
    assert words in walked.error.message
    assert "Page" not in walked.error.message


def test_an_item_that_is_misshapen_is_named_by_page_and_place(host: Host, service: Service) -> None:
    """The items before it were given, those of its own page too."""

    def answer(asked: Asked) -> Reply:
        page = asked.query["page"]
        return Reply(things(1, 2) if page == "1" else [*things(3), {"id": "t4"}, *things(5)])

    walked = walk(host, service, listing(NUMBERS), answer)

    assert walked.error.message.startswith("Page 2: $[1]: The answer is not what Thing declares")
    assert "$.number: is required" in walked.error.message
    assert walked.given == [1, 2, 3]


@pytest.mark.parametrize(("status", "kind"), [(503, BusyError), (404, NotFoundError)])
def test_a_page_that_fails_is_named_and_what_came_before_stays(
    host: Host, service: Service, status: int, kind: type[JackfieldError]
) -> None:
    """The class of the error is that of any other request."""

    def answer(asked: Asked) -> Reply:
        page = int(asked.query["page"])
        return Reply(things(page)) if page < 3 else Reply({"error": {"message": "broken"}}, status=status)

    walked = walk(host, service, listing(NUMBERS), answer)

    assert isinstance(walked.error, kind)
    assert walked.error.message.startswith("Page 3: The service ")
    assert walked.given == [1, 2]


def test_a_first_page_that_fails_is_a_request_like_any_other(host: Host, service: Service) -> None:
    """Nobody who lists one page wants to hear of pages."""
    walked = walk(host, service, listing(NUMBERS), lambda _: Reply({}, status=401))

    assert walked.error.message.startswith("The service does not accept the credentials (401)")


def test_a_limit_below_nothing_is_refused(service: Service, host: Host) -> None:
    """Before anything is asked."""
    service.reset(deaf)
    with pytest.raises(InvalidInputError, match=r"\$\.limit: must be at least 0, was -1"):
        host.run(listing(NUMBERS), {"limit": -1}, connection=connection_to(service))

    assert service.asked == []
