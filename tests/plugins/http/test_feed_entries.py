"""What makes an entry of a feed that entry, and what of it comes out."""

from typing import Any

import pytest

from jackfield import Host
from jackfield.testing import Replay

GREETING = "<item><title>Grüße</title></item>"
RSS = {"Content-Type": "application/rss+xml"}


def rss(*items: str) -> str:
    """Write a feed."""
    return f'<rss version="2.0"><channel><title>News</title>{"".join(items)}</channel></rss>'


def polled(
    host: Host,
    replay: Replay,
    text: str | bytes,
    *,
    url: str = "https://a.example/feed",
    state: Any = None,
    **form: Any,
) -> Any:
    """Look once at a feed."""
    replay.reply(content=text if isinstance(text, bytes) else text.encode(), headers=RSS)
    return host.poll("http.watch_feed", {"url": url, **form}, state=state, start="all")


def entries(host: Host, replay: Replay, text: str | bytes) -> list[Any]:
    """Give the entries of a feed that is looked at for the first time."""
    return [item.output for item in polled(host, replay, text).items]


@pytest.mark.parametrize(
    "items",
    [
        ["<title>A</title><link>https://x.example/</link>", "<title>B</title><link>https://x.example/</link>"],
        [f"<title>Service down</title><pubDate>{day} Nov 2026 10:00:00 GMT</pubDate>" for day in (24, 25)],
        [f'<enclosure url="https://x.example/{n}.mp3" type="audio/mpeg"/>' for n in (1, 2)],
        ["<title>A</title><description>one</description>", "<title>A</title><description>two</description>"],
    ],
    ids=["one link", "one title on two days", "enclosures alone", "other texts"],
)
def test_entries_without_an_id_are_told_apart_by_all_that_they_say(
    host: Host, replay: Replay, items: list[str]
) -> None:
    """And are known again."""
    text = rss(*(f"<item>{item}</item>" for item in items))

    first = polled(host, replay, text)
    second = polled(host, replay, text, state=first.state)

    assert (len(first.items), len(second.items)) == (2, 0)


def test_an_entry_stays_the_same_wherever_the_feed_moves(host: Host, replay: Replay) -> None:
    """An id is what stands there, and no address of this server."""
    text = rss("<item><guid>post-1</guid><title>A</title></item>")

    first = polled(host, replay, text)
    replay.reply(status=302, headers={"Location": "https://b.example:8443/feed"})
    moved = polled(host, replay, text, state=first.state)

    assert first.items[0].output.key == ["post-1"]
    assert (len(moved.items), len(replay.requests)) == (0, 3)


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)], ids=["newest first", "oldest first"])
def test_of_two_entries_with_one_id_the_newer_is_given(host: Host, replay: Replay, order: slice) -> None:
    """By the dates that they say; in whatever order they stand."""
    items = [
        f"<item><guid>1</guid><title>{day}</title><pubDate>{day} Nov 2026 10:00:00 GMT</pubDate></item>"
        for day in (25, 24)
    ]

    (entry,) = entries(host, replay, rss(*items[order]))

    assert entry.title == "25"


def test_nothing_that_comes_out_of_a_feed_runs(host: Host, replay: Replay) -> None:
    """Neither an address nor a title nor HTML, however it is hidden."""
    bad = "java&#9;script:alert(1)"
    html = f"""&lt;a href="{bad}" onclick=x&gt;a&lt;/a&gt;&lt;img src=x onerror=y&gt;&lt;svg&gt;&lt;script&gt;z
    &lt;/script&gt;&lt;/svg&gt;&lt;p style="a:b" title='"&gt;&lt;script&gt;'&gt;b&lt;/div&gt;
    &lt;a href=" &amp;#106;avascript:q"&gt;c"""
    (entry,) = entries(
        host,
        replay,
        rss(
            f"<item><guid>1</guid><link>{bad}</link>"
            "<title>&lt;script&gt;alert(1)&lt;/script&gt;a &amp;lt;script&gt;</title>"
            f"<author>&lt;b&gt;Ada&lt;/b&gt;</author><description>{html}</description>"
            f'<enclosure url="{bad}" type="a/b"/><enclosure url="b.mp3" length="9"/></item>'
        ),
    )

    assert (entry.title, entry.link, entry.author) == ("a < script>", "", "Ada")
    assert entry.summary == (
        '<a>a</a><img src="https://a.example/x"><p title="&quot;&gt;&lt;script&gt;">b\n    <a>c</a></p>'
    )
    assert [(file.url, file.size) for file in entry.enclosures] == [("https://a.example/b.mp3", 9)]


def test_a_text_that_only_looks_like_html_stays(host: Host, replay: Replay) -> None:
    """It is told from tags by what HTML has."""
    title = "Use List&lt;String&gt; if 1 &lt; 2 &amp;amp; &lt;b&gt;3&lt;/b&gt;"

    (entry,) = entries(host, replay, rss(f"<item><guid>1</guid><title>{title}</title></item>"))

    assert entry.title == "Use List< String> if 1 < 2 & 3"


def test_a_feed_is_read_by_what_its_modules_say(host: Host, replay: Replay) -> None:
    """Dublin Core, content, iTunes and Media RSS, by whatever prefix, where the feed itself says nothing."""
    (entry,) = entries(
        host,
        replay,
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:c="http://purl.org/rss/1.0/modules/content/"
        xmlns:m="http://search.yahoo.com/mrss/"><channel rdf:about="x"><title>News</title></channel>
        <image><title>Logo</title><link>https://logo.example/</link></image>
        <item rdf:about="urn:1"><m:group><m:title>other</m:title></m:group><title>A</title><link>/a</link>
        <d:creator>Ada</d:creator><d:creator>Bob</d:creator><d:date>2026-11</d:date><d:subject>x</d:subject>
        <c:encoded><![CDATA[<p>long]]></c:encoded></item></rdf:RDF>""",
    )

    assert (entry.key, entry.title, entry.link) == (["urn:1"], "A", "https://a.example/a")
    assert (entry.author, entry.date, entry.categories) == ("Ada, Bob", "2026-11-01T00:00:00+00:00", ["x"])
    assert (entry.summary, entry.content, entry.feed_title) == ("<p>long</p>", "<p>long</p>", "News")


def test_an_atom_entry_says_text_html_or_xhtml(host: Host, replay: Replay) -> None:
    """Each becomes HTML; what is of another kind is left out."""
    texts = {
        "text": "a &lt; b",
        "html": "&lt;b&gt;a&lt;/b&gt;&lt;script&gt;x&lt;/script&gt;",
        "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">a &lt; <h:i xmlns:h="u">b</h:i></div>',
        "image/png": "iVBORw0KGgo=",
    }
    summaries = [
        entries(
            host,
            replay,
            f'<feed xmlns="http://www.w3.org/2005/Atom"><entry xml:base="/b/"><id>1</id><link href="c"/>'
            f'<author><name>Ada</name><email>a@x.example</email></author><summary type="{kind}">{text}</summary>'
            "</entry></feed>",
        )[0]
        for kind, text in texts.items()
    ]

    assert [entry.summary for entry in summaries] == ["a &lt; b", "<b>a</b>", "<div>a &lt; <i>b</i></div>", ""]
    assert {(entry.author, entry.link) for entry in summaries} == {("Ada (a@x.example)", "https://a.example/b/c")}


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (
            b'<?xml version="1.0" encoding="iso-8859-1"?>' + rss("<item><title>Grüße</title></item>").encode("latin-1"),
            "Grüße",
        ),
        (rss("<item><title>„Grüße“</title></item>").encode("cp1252"), "„Grüße“"),
        (rss(GREETING).encode("utf-16"), "Grüße"),
        (b"\n <?xml version='1.0'?>" + rss("<item><title>a &nbsp;&copy; <b>b</title>").encode(), "a © b"),
        (rss("<item><title>a</title><description>b < c <!-- </description></item><item><title>d").encode(), "a"),
    ],
    ids=["declared", "not declared", "by its mark", "names of HTML", "a comment left open"],
)
def test_a_feed_is_read_however_it_is_written(host: Host, replay: Replay, content: bytes, title: str) -> None:
    """In its charset, and if it is not quite XML."""
    assert entries(host, replay, content)[0].title == title
