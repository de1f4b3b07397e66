"""Texts that were made to take long: they are read in time that grows as they do, and a deadline ends them."""

import time
from collections.abc import Callable

import pytest

from jackfield import Answer, AnswerError, Cancellation, Host, OperationCancelledError
from jackfield.testing import Replay
from jackfield_http.csv_text import read_csv
from jackfield_http.feed_text import read_feed
from jackfield_http.safe_html import harmless_html, harmless_text
from jackfield_http.xml_text import read_xml

SIZE = 256 * 1024
MOST_S = 20
"""Of CPU; what took the square of the size took minutes. The slowest takes about one second."""


def rss(content: str) -> str:
    """Write a feed."""
    return f'<rss version="2.0"><channel><title>T</title>{content}</channel></rss>'


def within(element: str, text: str) -> str:
    """Write a feed of one entry, that is full of a text."""
    return rss(f"<item><{element}><![CDATA[{text * (SIZE // len(text))}]]></{element}></item>")


FEEDS = {
    "an author": within("author", "a"),
    "an author with dots": within("author", "a."),
    "comments": within("description", "<!--"),
    "tags left open": within("description", "<a "),
    "quotes left open": within("description", "<a \"'"),
    "nested": within("description", "<div>"),
    "raw text": within("description", "<title></titl"),
    "a number": within("description", "1").replace("CDATA[", "CDATA[&#"),
    "a date": within("pubDate", "1 "),
    "categories": rss("<item>" + "".join(f"<category>{n}</category>" for n in range(SIZE // 26)) + "</item>"),
    "blank lines": "\n" * SIZE + rss("<item/>"),
    "bases": "<rss>" + '<item xml:base="b/c"><link>x</link></item>' * (SIZE // 44) + "</rss>",
    "not quite xml": '<rss version="2.0"><channel>' + "<item <" * (SIZE // 7),
    "entries left open": '<rss version="2.0"><channel>' + "<item>" * (SIZE // 6),
    "declarations left open": '<rss version="2.0"><channel><item/>' + "<!" * (SIZE // 2),
}


@pytest.mark.parametrize("name", FEEDS)
def test_a_hostile_feed_takes_no_longer_than_its_size(host: Host, replay: Replay, name: str) -> None:
    """It gives at most one entry."""
    replay.reply(content=FEEDS[name].encode(), headers={"Content-Type": "application/rss+xml"})

    start = time.process_time()
    poll = host.poll("http.watch_feed", {"url": "https://example.com/feed"}, start="all")

    assert len(poll.items) <= 1
    assert time.process_time() - start < MOST_S


DECLARED = f'<!DOCTYPE r [<!ATTLIST a x CDATA "{"A" * 200_000}">]><r>{"<a/>" * 20_000}</r>'


@pytest.mark.parametrize("module_id", ["http.make_request", "http.watch_feed"])
def test_xml_that_declares_attributes_is_refused(host: Host, replay: Replay, module_id: str) -> None:
    """280 kB of it would become four gigabytes: each element has what is declared once."""
    replay.reply(content=DECLARED.encode(), headers={"Content-Type": "application/xml"})

    with pytest.raises(AnswerError, match="declares entities or attributes"):
        host.run(module_id, {"url": "https://example.com/a"})


def answered(content: str) -> Answer:
    """Give an answer that came whole."""
    return Answer(status=200, headers={}, body=content.encode(), url="https://example.com/")


READS: dict[str, Callable[[Callable[[], None]], object]] = {
    "a feed": lambda check: read_feed(answered(rss("<item/>" * 2000)), check),
    "a feed that is not quite xml": lambda check: read_feed(answered("<item>" * 2000), check),
    "xml": lambda check: read_xml(answered(f"<r>{'<a/>' * 2000}</r>"), check),
    "csv": lambda check: read_csv("a\n" * 20_000, delimiter=",", has_header=False, max_cells=10**6, check=check),
    "html": lambda check: harmless_html("<b>" * 2000, "", check),
    "a title": lambda check: harmless_text("<b>" * 2000, check),
}


@pytest.mark.parametrize("what", READS)
def test_who_cancels_need_not_wait_until_all_is_read(what: str) -> None:
    """Nor does a deadline: it is looked for in the same places."""
    cancellation = Cancellation()
    READS[what](cancellation.check)
    cancellation.cancel()

    with pytest.raises(OperationCancelledError):
        READS[what](cancellation.check)
