"""Lists and feeds that are watched: what is new, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from jackfield import AnswerError, Host, HttpSettings, InvalidInputError, LimitError, WatchSettings
from jackfield.testing import Replay, ReplayServer

URL = "https://example.com/feed"


def polled(host: Host, module_id: str, state: Any = None, **form: object) -> Any:
    """Look once."""
    return host.poll(module_id, {"url": URL, **form}, state=state, start="all")


def feed(replay: Replay, content: bytes | str, media_type: str = "application/rss+xml", **more: Any) -> None:
    """Let the server answer with a feed."""
    body = content.encode() if isinstance(content, str) else content
    replay.reply(content=body, headers={"Content-Type": media_type}, **more)


def rss(*items: str) -> str:
    """Write a feed."""
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{"".join(items)}</channel></rss>'


def entry(guid: str, day: int = 25, title: str = "") -> str:
    """Write an entry of a feed."""
    date = f"<pubDate>{day} Nov 2026 10:00:00 GMT</pubDate>" if day else ""
    return f"<item><guid>urn:{guid}</guid><title>{title or guid}</title>{date}</item>"


def test_the_items_of_a_list_are_given_once_and_oldest_first(host: Host, replay: Replay) -> None:
    """In whatever order the server has them, and also if one comes late."""
    one, two, late = ({"id": n, "at": f"2026-11-2{day}T10:00:00Z"} for n, day in ((1, 4), (2, 5), (3, 1)))
    replay.reply({"data": [two, one]})
    replay.reply({"data": [two, late, two, one]})
    said = {"items_at": "data", "id_at": "id", "date_at": "at"}

    first = polled(host, "http.watch_list", **said)
    second = polled(host, "http.watch_list", first.state, **said)

    assert [item.bundle["item"]["id"] for item in first.items] == [1, 2]
    assert [item.bundle["item"] for item in second.items] == [late]
    assert second.items[0].bundle["date"] == "2026-11-21T10:00:00+00:00"


def test_without_an_id_the_whole_item_counts(host: Host, replay: Replay) -> None:
    """So any list can be watched."""
    replay.reply([{"a": 1}, "b"])
    replay.reply([{"a": 1}, {"a": 2}, "b"])

    first = polled(host, "http.watch_list")
    second = polled(host, "http.watch_list", first.state)

    assert [item.bundle["item"] for item in second.items] == [{"a": 2}]


def test_a_changed_item_is_new_if_that_is_wanted(host: Host, replay: Replay) -> None:
    """By its date."""
    said = {"id_at": "id", "date_at": "at", "changes": True}
    replay.reply([{"id": 1, "at": 1764064800}])
    replay.reply([{"id": 1, "at": 1764064800}])
    replay.reply([{"id": 1, "at": 1764064900000}])

    first = polled(host, "http.watch_list", **said)
    same = polled(host, "http.watch_list", first.state, **said)
    changed = polled(host, "http.watch_list", same.state, **said)

    assert [len(each.items) for each in (first, same, changed)] == [1, 0, 1]
    assert changed.items[0].bundle["date"] == "2025-11-25T10:01:40+00:00"


def test_a_list_in_pages_is_watched(host: Host, replay: Replay) -> None:
    """As it is listed."""
    replay.reply([1, 2])
    replay.reply([])

    assert len(polled(host, "http.watch_list", paging={"style": "page"}).items) == 2


@pytest.mark.parametrize(
    ("form", "items", "says"),
    [
        ({"id_at": "id"}, [{"id": 1}, {}], "Item 1 of the list has nothing at id"),
        ({"date_at": "at"}, [{"at": "yesterday"}], "Item 0 of the list has no date at at"),
        ({}, {"data": []}, "list"),
    ],
)
def test_a_list_that_is_not_as_it_was_said_is_an_error(
    host: Host, replay: Replay, form: dict[str, object], items: object, says: str
) -> None:
    """That names the place."""
    replay.reply(items)

    with pytest.raises(AnswerError, match=says):
        polled(host, "http.watch_list", **form)


def test_changes_need_to_be_seen(host: Host) -> None:
    """By an id and a date."""
    with pytest.raises(InvalidInputError, match=r"\$\.changes"):
        polled(host, "http.watch_list", changes=True)


def test_the_entries_of_a_feed_are_given_once_and_oldest_first(host: Host, replay: Replay) -> None:
    """One that has no date, one that comes late and one that comes twice, too."""
    feed(replay, rss(entry("b"), entry("a", 24)))
    feed(replay, rss(entry("d", 0), entry("b"), entry("c", 1), entry("c", 1), entry("a", 24)))

    first = polled(host, "http.watch_feed")
    second = polled(host, "http.watch_feed", first.state)

    assert [item.output.key for item in first.items] == [["urn:a"], ["urn:b"]]
    assert {item.output.key[0] for item in second.items} == {"urn:c", "urn:d"}
    assert first.items[0].output.feed_title == "News"
    assert "atom+xml" in str(replay.requests[0].headers["Accept"])


def test_an_atom_feed_says_all_that_it_has(host: Host, replay: Replay) -> None:
    """Scripts are taken out, addresses are whole, and what was left open is closed."""
    feed(
        replay,
        """<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><entry><id>urn:1</id><title>Hi</title>
        <link href="/hi"/><link rel="enclosure" href="/a.mp3" type="audio/mpeg" length="12"/>
        <author><name>Ada</name></author><category term="x"/><published>2026-11-25T10:00:00+01:00</published>
        <updated>2026-11-26T10:00:00Z</updated><summary type="html">&lt;p&gt;a&lt;script&gt;b()&lt;/script&gt;</summary>
        <content type="html">&lt;a href="/b" onclick="c()"&gt;d&lt;/a&gt;</content></entry></feed>""",
        "application/atom+xml; charset=utf-8",
    )

    (item,) = polled(host, "http.watch_feed").items

    assert dict(item.bundle) == {
        "key": ["urn:1"],
        "date": "2026-11-25T09:00:00+00:00",
        "title": "Hi",
        "link": "https://example.com/hi",
        "summary": "<p>a</p>",
        "content": '<a href="https://example.com/b">d</a>',
        "author": "Ada",
        "categories": ["x"],
        "updated": "2026-11-26T10:00:00+00:00",
        "enclosures": [{"url": "https://example.com/a.mp3", "media_type": "audio/mpeg", "size": 12}],
        "feed_title": "Blog",
    }


def test_an_updated_entry_is_new_if_that_is_wanted(host: Host, replay: Replay) -> None:
    """By its date."""
    for day in (24, 25):
        feed(replay, rss(entry("a", day)))

    first = polled(host, "http.watch_feed", changes=True)
    second = polled(host, "http.watch_feed", first.state, changes=True)

    assert len(second.items) == 1


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "head",
    [
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE rss [<!ENTITY l9 SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1:9/"> %x;]>',
    ],
    ids=["billion laughs", "external", "parameter"],
)
def test_a_feed_that_declares_entities_is_refused(host: Host, replay: Replay, head: str) -> None:
    """It may grow without end, or name files."""
    feed(replay, rss(entry("a", title="&l9;")).replace("<rss", f"{head}<rss"))

    with pytest.raises(AnswerError, match="entities"):
        polled(host, "http.watch_feed")


def test_a_feed_that_is_not_quite_xml_is_read_all_the_same(host: Host, replay: Replay) -> None:
    """Many are so."""
    feed(replay, rss(entry("a", title="Fish & Chips &nbsp;")))

    (item,) = polled(host, "http.watch_feed").items

    assert item.output.title.startswith("Fish & Chips")


@pytest.mark.parametrize(
    "content", [b"/etc/hostname", b"https://example.com/other", b"", b"<html><title>Log in</title>"]
)
def test_what_is_no_feed_is_an_error(host: Host, replay: Replay, content: bytes) -> None:
    """No name of a file is opened, and no address asked, though the library would."""
    feed(replay, content, "text/html")

    with pytest.raises(AnswerError, match="where a feed was expected"):
        polled(host, "http.watch_feed")

    assert len(replay.requests) == 1


def test_a_feed_in_another_charset_is_read(host: Host, replay: Replay) -> None:
    """As the server says."""
    feed(replay, rss(entry("a", title="Grüße")).encode("latin-1"), "application/rss+xml; charset=iso-8859-1")

    assert polled(host, "http.watch_feed").items[0].output.title == "Grüße"


def test_a_feed_that_is_too_large_names_the_limit(host: Host, replay: Replay) -> None:
    """Which the user can move."""
    feed(replay, rss(entry("a")))

    with pytest.raises(LimitError, match="larger than 100 bytes") as caught:
        polled(host, "http.watch_feed", max_bytes=100)

    assert caught.value.limit == "max_bytes"


def conditions(replay: Replay) -> list[dict[str, str]]:
    """Give what each request said of the state that is known."""
    names = ("If-None-Match", "If-Modified-Since")
    return [{name: each.headers[name] for name in names if name in each.headers} for each in replay.requests]


def feed_of(replay: Replay, *entries: str, status: int = 200, **headers: str) -> None:
    """Let the server answer, and say how it knows the feed's state."""
    said = {"Content-Type": "application/rss+xml", **{name.replace("_", "-"): text for name, text in headers.items()}}
    replay.reply(content=rss(*entries).encode() if status == 200 else b"", status=status, headers=said)


def test_a_feed_is_asked_for_only_if_it_has_changed(host: Host, replay: Replay) -> None:
    """By what its server says; nothing is lost where it had nothing new in between."""
    moment = "Wed, 25 Nov 2026 10:00:00 GMT"
    feed_of(replay, entry("a"), ETag='W/"1"', Last_Modified=moment)
    feed_of(replay, status=304)
    feed_of(replay, entry("a"), entry("b"), ETag='"2"')
    feed_of(replay, status=304)
    first = polled(host, "http.watch_feed")
    same = polled(host, "http.watch_feed", first.state)
    more = polled(host, "http.watch_feed", same.state)
    last = polled(host, "http.watch_feed", more.state)

    assert [[item.bundle["title"] for item in each.items] for each in (first, same, more, last)] == [
        ["a"],
        [],
        ["b"],
        [],
    ]
    known = {"If-None-Match": 'W/"1"', "If-Modified-Since": moment}
    assert conditions(replay) == [{}, known, known, {"If-None-Match": '"2"'}]


def test_a_feed_of_which_not_all_was_taken_is_asked_for_again(host: Host, replay: Replay) -> None:
    """What is left would be taken for known; the same goes for more than one look gives."""
    few = WatchSettings(max_items=1)
    for _ in range(3):
        feed_of(replay, entry("a", 24), entry("b", 25), ETag='"1"')

    first = host.poll("http.watch_feed", {"url": URL}, start="all", settings=few)
    second = host.poll("http.watch_feed", {"url": URL}, state=first.state, settings=few)
    none_taken = polled(host, "http.watch_feed", second.state_after(0))

    assert (first.more, second.more) == (True, False)
    assert [each.items[0].bundle["title"] for each in (first, second, none_taken)] == ["a", "b", "b"]
    assert conditions(replay) == [{}, {}, {}]


def test_a_feed_that_moved_is_read() -> None:
    """That another server has nothing newer says nothing of what it has."""
    local = HttpSettings(allow_local_downloads=True)
    with ReplayServer() as old, ReplayServer() as new, Host(environ={}, settings=local) as host:
        feed_of(old, entry("a"), ETag='"1"')
        old.reply(content=b"", status=302, headers={"Location": f"{new.url}/feed"})
        old.reply(content=b"", status=302, headers={"Location": f"{new.url}/feed"})
        feed_of(new, status=304)
        feed_of(new, entry("b"), ETag='"1"')
        form = {"url": f"{old.url}/feed"}
        first = host.poll("http.watch_feed", form, start="all")
        second = host.poll("http.watch_feed", form, state=first.state)

        assert [item.bundle["title"] for item in second.items] == ["b"]
        assert conditions(new) == [{"If-None-Match": '"1"'}, {}]


@pytest.mark.parametrize("name", ["if-none-match", "If-Modified-Since"])
def test_conditions_of_ones_own_are_left_alone(host: Host, replay: Replay, name: str) -> None:
    """Nothing is added, and nothing kept."""
    for _ in range(2):
        feed_of(replay, entry("a"), ETag='"1"')
    said = {"headers": {name: "mine"}}

    first = polled(host, "http.watch_feed", **said)
    polled(host, "http.watch_feed", first.state, **said)

    assert "bookmark" not in first.state
    assert [each.headers[name] for each in replay.requests] == ["mine", "mine"]


def test_a_watch_keeps_how_its_server_knows_the_feed(host: Host, replay: Replay, tmp_path: Path) -> None:
    """Over restarts, with the watch."""
    feed_of(replay, entry("a"), ETag='"1"')
    feed_of(replay, status=304)
    for _ in range(2):
        with host.watch("http.watch_feed", {"url": URL}, name="n", start="all", directory=tmp_path) as watch:
            found = [item.bundle["title"] for item in watch.once()]

    assert found == []
    assert conditions(replay) == [{}, {"If-None-Match": '"1"'}]


def test_a_confidential_look_keeps_nothing_of_it(host: Host, replay: Replay) -> None:
    """Nor does one whose server repeats a key in it."""
    feed_of(replay, entry("a"), ETag='"1"')
    feed_of(replay, entry("a"), ETag='"key-123456"')
    connection = {"base_url": "https://example.com", "scheme": "bearer", "secret": "key-123456"}

    quiet = host.poll("http.watch_feed", {"url": URL}, confidential=True)
    repeated = host.poll("http.watch_feed", {"url": URL}, connection=connection)

    assert "bookmark" not in quiet.state
    assert "key-123456" not in str(repeated.state)
