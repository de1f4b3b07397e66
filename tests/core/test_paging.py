"""Lists that come in pages: every item once, in order, and no page more than is needed."""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paged_service import Asked, Reply, Service, Thing, Wish, account, connection_to, listing, serving, things

from jackfield import Context, Effect, Host, HttpSettings, InvalidInputError, PluginError, module, paging

Pages = Sequence[Sequence[dict[str, object]]]
Serve = Callable[[Asked, Pages], Reply]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Serve on loopback."""
    with serving() as service:
        yield service


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """Give a host that knows nothing but what it is given, and repeats without waiting."""
    with Host(discover=False, settings=HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)) as host:
        yield host


def page_at(pages: Pages, index: int) -> list[dict[str, object]]:
    """Give a page; an empty one behind the last."""
    return [*pages[index]] if index < len(pages) else []


def by_number(asked: Asked, pages: Pages) -> Reply:
    """Serve page 1, 2, 3..."""
    return Reply(page_at(pages, int(asked.query["page"]) - 1))


def by_number_with_count(asked: Asked, pages: Pages) -> Reply:
    """Serve page 0, 1, 2..., and say how many there are."""
    return Reply({"data": page_at(pages, int(asked.query["p"])), "meta": {"pages": len(pages)}})


def by_number_with_more(asked: Asked, pages: Pages) -> Reply:
    """Serve pages that may be empty before the end."""
    number = int(asked.query["page"])
    return Reply({"data": page_at(pages, number - 1), "more": number < len(pages)})


def by_offset(asked: Asked, pages: Pages) -> Reply:
    """Serve what stands behind so many items, as many as the service likes."""
    starts = [0, *accumulate(map(len, pages))]
    offset = int(asked.query["offset"])
    assert offset in starts
    return Reply(next((list(page) for page, start in zip(pages, starts, strict=False) if start == offset and page), []))


def by_offset_with_total(asked: Asked, pages: Pages) -> Reply:
    """Serve the same, and say how many items there are."""
    return Reply({"data": by_offset(asked, pages).body, "total": sum(map(len, pages))})


def by_cursor(asked: Asked, pages: Pages) -> Reply:
    """Serve pages that name the next one, the last one null."""
    index = int(asked.query.get("cursor", "c0")[1:])
    following = f"c{index + 1}" if index + 1 < len(pages) else None
    return Reply({"result": {"list": page_at(pages, index)}, "meta": {"next": following}})


def by_body_cursor(asked: Asked, pages: Pages) -> Reply:
    """Serve the same to who says the cursor deep in a body, beside what else is asked there."""
    assert asked.body["query"] == "all"
    index = asked.body.get("variables", {}).get("after", 0)
    return Reply({"list": page_at(pages, index), "next": index + 1 if index + 1 < len(pages) else 0})


def by_last_id(asked: Asked, pages: Pages) -> Reply:
    """Serve what follows an item."""
    ids = [[item["id"] for item in page] for page in pages]
    after = asked.query.get("after")
    index = 0 if after is None else next(place for place, page in enumerate(ids) if page and page[-1] == after) + 1
    return Reply({"data": page_at(pages, index), "has_more": index + 1 < len(pages)})


def by_named_id(asked: Asked, pages: Pages) -> Reply:
    """Serve pages that say themselves what the next one follows."""
    index = int(asked.query.get("starting_after", "-1")) + 1
    return Reply({"data": page_at(pages, index), "has_more": index + 1 < len(pages), "last_id": str(index)})


def by_link(asked: Asked, pages: Pages) -> Reply:
    """Serve pages whose header names the next one, among others."""
    index = int(asked.query.get("at", "0"))
    first = '<https://elsewhere.example/?a,b>; rel="first"; title="one, \\"two\\"; rel=next"'
    link = f'{first}, </api/things?at={index + 1}&x=%2B,y>; rel="prefetch NEXT"' if index + 1 < len(pages) else first
    return Reply(page_at(pages, index), headers={"Link": link})


def by_url(asked: Asked, pages: Pages) -> Reply:
    """Serve pages whose body names the whole address of the next one."""
    index = int(asked.query.get("at", "0"))
    whole = f"http://{asked.headers['Host']}/api/things?at={index + 1}"
    return Reply({"value": page_at(pages, index), "@odata.nextLink": whole if index + 1 < len(pages) else None})


def whole(asked: Asked, pages: Pages) -> Reply:
    """Serve all at once."""
    return Reply([item for page in pages for item in page])


FULL = {
    "page number": (listing(paging.PageNumber()), by_number),
    "offset": (listing(paging.Offset()), by_offset),
    "offset with a total": (listing(paging.Offset(total="total"), at="data"), by_offset_with_total),
    "last id": (listing(paging.LastId(), at="data"), by_last_id),
    "no pages": (listing(None), whole),
}
"""Where an empty page is always the last one."""

SPARSE = {
    "page number with a count": (
        listing(paging.PageNumber(param="p", first=0, pages="meta.pages", more=""), at="data"),
        by_number_with_count,
    ),
    "page number with more": (listing(paging.PageNumber(more="more"), at="$.data"), by_number_with_more),
    "cursor": (listing(paging.Cursor(param="cursor", at="meta.next"), at="result.list"), by_cursor),
    "cursor in the body": (
        listing(
            paging.Cursor(param="variables.after", at="next", into="body"),
            at="list",
            method="POST",
            json={"query": "all", "variables": {"kind": 1}},
        ),
        by_body_cursor,
    ),
    "id named by the page": (listing(paging.LastId(param="starting_after", at="last_id"), at="data"), by_named_id),
    "link header": (listing(paging.LinkHeader()), by_link),
    "next url": (listing(paging.NextUrl(at='["@odata.nextLink"]'), at="value"), by_url),
}
"""Where an empty page may stand before others."""
ALL = {**FULL, **SPARSE}
SIZES = st.lists(st.integers(0, 4), max_size=7)


def split(sizes: Sequence[int]) -> Pages:
    """Make pages of these sizes, whose items are numbered through."""
    ends = [*accumulate(sizes)]
    return [things(*range(end - size, end)) for size, end in zip(sizes, ends, strict=True)]


@pytest.mark.parametrize("style", ALL)
@settings(max_examples=25)
@given(sizes=SIZES, limit=st.none() | st.integers(0, 20))
def test_every_item_is_given_once_and_in_order(
    service: Service, host: Host, style: str, sizes: list[int], limit: int | None
) -> None:
    """However a service splits its items into pages, and whatever the limit; no page is asked for in vain."""
    listed, serve = ALL[style]
    pages = split([size for size in sizes if size or style in SPARSE])
    service.reset(lambda asked: serve(asked, pages))

    result = host.run(listed, {} if limit is None else {"limit": limit}, connection=connection_to(service))

    total = sum(map(len, pages))
    wanted = total if limit is None else min(limit, total)
    assert [thing.number for thing in result.outputs] == list(range(wanted))
    needed = sum(before < limit for before in [0, *accumulate(map(len, pages))][: len(pages)]) if limit else 0
    if limit is not None and limit <= total:
        assert len(service.asked) == (min(needed, 1) if style == "no pages" else needed)
    else:
        assert len(service.asked) <= max(len(pages), 1) + 1


def test_a_page_is_asked_for_when_it_is_needed(service: Service, host: Host) -> None:
    """Who takes one item causes one request; a page follows with its first item."""
    pages = split([2, 2])
    service.reset(lambda asked: by_link(asked, pages))
    listed, _ = ALL["link header"]

    with host.stream(listed, {}, connection=connection_to(service)) as stream:
        seen = [(thing.number, len(service.asked)) for thing in stream]

    assert seen == [(0, 1), (1, 1), (2, 2), (3, 2)]


def test_an_address_is_asked_for_as_the_service_spelled_it(service: Service, host: Host) -> None:
    """Its query is not taken apart and put together again, since a cursor in it may be signed."""
    pages = split([1, 1])
    service.reset(lambda asked: by_link(asked, pages))

    host.run(ALL["link header"][0], {}, connection=connection_to(service))

    assert service.asked[1].pairs == [("at", "1"), ("x", "+,y")]


def test_the_size_of_a_page_is_said_and_never_above_the_limit(service: Service, host: Host) -> None:
    """As long as one page does for all that is wanted."""
    styles: list[paging.Paging] = [
        paging.PageNumber(size=3, size_param="per_page", short_ends=True),
        paging.Offset(size=3, size_param="per_page", short_ends=True),
        paging.LastId(size=3, size_param="per_page", more=""),
        paging.LinkHeader(size=3, size_param="per_page"),
        paging.NextUrl(size=3, size_param="per_page"),
    ]
    for style in styles:
        for limit, size in ((None, "3"), (2, "2"), (5, "3")):
            service.reset(lambda _: Reply([]))
            host.run(listing(style), {} if limit is None else {"limit": limit}, connection=connection_to(service))
            assert [asked.query["per_page"] for asked in service.asked] == [size], (style, limit)


def test_a_short_page_ends_a_list_only_where_the_author_says_so(service: Service, host: Host) -> None:
    """It spares a request; and would cut the list of a service that never gives as many as it is asked for."""
    pages = split([2, 2, 1])
    asked = []
    for short_ends in (False, True):
        service.reset(lambda asked: by_number(asked, pages))
        style = paging.PageNumber(size=2, size_param="per_page", short_ends=short_ends)
        result = host.run(listing(style), {}, connection=connection_to(service))
        asked.append((len(result.outputs), len(service.asked)))

    assert asked == [(5, 4), (5, 3)]


def test_a_page_that_is_no_content_is_empty(service: Service, host: Host) -> None:
    """Some services answer 204 where there is nothing."""
    service.reset(lambda _: Reply(status=204))

    assert host.run(ALL["page number"][0], {}, connection=connection_to(service)).outputs == ()


def test_plain_json_is_given_without_a_class_and_a_missing_list_is_empty_if_so_declared(
    service: Service, host: Host
) -> None:
    """Google's services leave out lists that are empty."""
    found: list[object] = []

    @module(label="List", connection=account, effect=Effect.READ)
    def list_raw(form: Wish, context: Context) -> Thing:
        """List."""
        found.extend(paging.items(context.client, "/things", paging=None, at="items", may_lack_items=True))
        return Thing(id="", number=len(found))

    service.reset(lambda _: Reply({"kind": "list"}))
    assert host.run(list_raw, {}, connection=connection_to(service)).output.number == 0
    service.reset(lambda _: Reply({"items": [1, "two", None]}))
    host.run(list_raw, {}, connection=connection_to(service))

    assert found == [1, "two", None]


def test_a_busy_page_is_asked_for_again(service: Service, host: Host) -> None:
    """Repeats are the client's, page by page."""
    pages = split([1, 1])

    def busy_once(asked: Asked) -> Reply:
        refused = len(service.asked) == 2
        return Reply({}, status=503) if refused else by_number(asked, pages)

    service.reset(busy_once)

    assert len(host.run(ALL["page number"][0], {}, connection=connection_to(service)).outputs) == 2
    assert [asked.query["page"] for asked in service.asked] == ["1", "2", "2", "3"]


def odd_styles() -> dict[str, tuple[Callable[[], object], str]]:
    """Give declarations that cannot be meant."""
    return {
        "size of nothing": (lambda: paging.PageNumber(size=0), "size is 0"),
        "no size": (lambda: paging.LinkHeader(size_param="n"), "size_param is said, and no size"),
        "no name": (lambda: paging.Offset(param=""), "param is ''"),
        "one name for both": (lambda: paging.Offset(param="n", size=1, size_param="n"), "Give two names"),
        "short without size": (lambda: paging.PageNumber(short_ends=True), "short_ends is said, and no size"),
        "no path": (lambda: paging.Cursor(param="c", at="a..b"), "no path into an answer"),
        "a path that is none": (lambda: paging.NextUrl(at="a[x]"), "no path into an answer"),
        "no path in a body": (lambda: paging.Cursor(param="a[0]", at="n", into="body"), "no path of names"),
    }


@pytest.mark.parametrize("case", odd_styles())
def test_a_style_that_cannot_be_meant_is_refused_when_it_is_made(case: str) -> None:
    """The message says what is wrong, and what would be right."""
    make, words = odd_styles()[case]

    with pytest.raises(PluginError) as refused:
        make()

    assert words in str(refused.value)
    assert refused.value.hint


class EveryThird:
    """A style of one's own: three requests, whose numbers are letters."""

    def turn(self, last: paging.Page | None, limit: int | None) -> paging.Turn | None:
        """Ask for a, b and c."""
        number = last.number if last else 0
        return paging.Turn(query={"letter": "abc"[number]}) if number < 3 else None


def test_a_style_may_be_ones_own(service: Service, host: Host) -> None:
    """Any object that says what to ask for next."""
    service.reset(lambda asked: Reply(things("abc".index(asked.query["letter"]))))

    result = host.run(listing(EveryThird()), {}, connection=connection_to(service))

    assert [thing.number for thing in result.outputs] == [0, 1, 2]


def test_what_is_asked_besides_the_page_may_be_a_form(service: Service, host: Host) -> None:
    """What is not set in it is not sent; what cannot have a page put into it is refused."""
    given: list[object] = [Wish(limit=4), Wish(), [("limit", 4)]]

    @module(label="List", connection=account, effect=Effect.READ)
    def list_with(form: Wish, context: Context) -> Iterator[Thing]:
        """List."""
        pages = paging.PageNumber(short_ends=True, size=2)
        return paging.items(context.client, "/things", paging=pages, params=given[form.limit or 0], into=Thing)

    service.reset(lambda _: Reply([]))
    for number in range(2):
        host.run(list_with, {"limit": number}, connection=connection_to(service))
    with pytest.raises(InvalidInputError, match=r"\$\.params: must be an object, to be asked page by page"):
        host.run(list_with, {"limit": 2}, connection=connection_to(service))

    assert [asked.query for asked in service.asked] == [{"page": "1", "limit": "4"}, {"page": "1"}]
