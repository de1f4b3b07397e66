"""Watch a Feed: what is new in an RSS or Atom feed."""

import io
import math
from calendar import timegm
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from attrs import frozen

from jackfield import Answer, AnswerError, Boolean, Context, Effect, Integer, LimitError, Problem, Trigger, module
from jackfield_http.connection import http
from jackfield_http.target import Headers, Query, Where, target_of, where_flaws
from jackfield_http.texts import refuse_entities

__all__ = ["Enclosure", "FeedItem", "WatchFeed", "watch_feed"]

_ACCEPTED = "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5"
_MOST_BYTES = 2 * 1024 * 1024
_MOST_DIGITS = 18


@frozen(kw_only=True)
class WatchFeed:
    """Which feed."""

    url: Where
    query: Query = None
    headers: Headers = None
    changes: Annotated[
        bool | None,
        Boolean(label="Changes, Too", help="Yes: an entry that says that it was updated is new again."),
    ] = None
    max_bytes: Annotated[
        int | None,
        Integer(
            label="Largest Feed",
            help="A larger one is refused. Left empty: 2 MiB.",
            unit="bytes",
            minimum=1,
            advanced=True,
        ),
    ] = None


@frozen(kw_only=True)
class Enclosure:
    """A file that an entry names.

    Attributes:
        url: Where it is.
        media_type: What it is said to be; may be empty.
        size: In bytes, if that is said.
    """

    url: str
    media_type: str
    size: int | None = None


@frozen(kw_only=True)
class FeedItem:
    """An entry that is new; what it does not say is empty.

    Attributes:
        key: What it is known by: its id, else its link, else its title and text.
        date: When it was published, else updated, in UTC; ``None`` if it does not say.
        title: As text or HTML.
        link: Of the page that it is about.
        summary: HTML, without scripts and the like.
        content: The same, if there is more than a summary.
        author: Who wrote it.
        categories: What it is filed under.
        updated: When it was changed last, in UTC.
        enclosures: Files that it names, such as those of a podcast.
        feed_title: Of the feed.
    """

    key: Sequence[str]
    date: str | None
    title: str
    link: str
    summary: str
    content: str
    author: str
    categories: Sequence[str]
    updated: str | None
    enclosures: Sequence[Enclosure]
    feed_title: str


def _problems(form: WatchFeed) -> Sequence[Problem]:
    return [*where_flaws(form.query)]


# However late an entry shows up, it is new: dates of feeds say little of when an entry was put there.
@module(
    label="Watch a Feed",
    connection=http,
    effect=Effect.READ,
    validate=_problems,
    trigger=Trigger(key="key", date="date", look_back_s=math.inf),
)
def watch_feed(form: WatchFeed, context: Context) -> Iterator[FeedItem]:
    """Give the entries of an RSS or Atom feed that were not there the last time.

    A feed that declares entities is refused. HTML in entries is made harmless.
    """
    target = target_of(context, form.url, form.query, form.headers, accept=_ACCEPTED)
    answer = target.client.request("GET", target.path, params=target.params, headers=target.headers)
    feed = _parsed(answer, form.max_bytes or _MOST_BYTES)
    title = _text(feed.feed, "title")
    for entry in reversed(feed.entries):  # most feeds begin with the newest; what has no date keeps the order
        yield _item(entry, title, changes=bool(form.changes))


def _parsed(answer: Answer, most: int) -> Any:
    if len(answer.body) > most:
        message = f"The feed is larger than {most} bytes."
        raise LimitError(message, limit="max_bytes", maximum=most, hint="Allow more with the field max_bytes.")
    refuse_entities(answer)
    import feedparser  # noqa: PLC0415  it is slow to import, and other modules do without

    # A stream: of bytes and of text it would find out whether they are the name of a file or a URL, and open that.
    said = {"content-type": answer.headers.get("Content-Type", ""), "content-location": answer.url}
    feed = feedparser.parse(
        io.BytesIO(answer.body), response_headers=said, sanitize_html=True, resolve_relative_uris=True
    )
    if not feed.get("version") and not feed.entries:
        message = f"The server answered {answer.status} with {answer.described} where a feed was expected."
        hint = "Is it the address of the feed itself, and not of the page that names it?"
        raise AnswerError(message, request_id=answer.request_id, hint=hint)
    return feed


def _item(entry: dict[str, Any], feed_title: str, *, changes: bool) -> FeedItem:
    title, link, summary = _text(entry, "title"), _text(entry, "link"), _text(entry, "summary")
    # Not `entry.get`, which gives one date for the other, and warns of it.
    published, updated = (_moment(dict.get(entry, name)) for name in ("published_parsed", "updated_parsed"))
    own = _text(entry, "id") or link
    key = [own] if own else [title, summary]
    return FeedItem(
        key=[*key, updated or published or ""] if changes else key,
        date=published or updated,
        title=title,
        link=link,
        summary=summary,
        content="\n".join(_text(part, "value") for part in entry.get("content", ())),
        author=_text(entry, "author"),
        categories=[term for tag in entry.get("tags", ()) if (term := _text(tag, "term"))],
        updated=updated,
        enclosures=[_enclosure(each) for each in entry.get("enclosures", ()) if _text(each, "href")],
        feed_title=feed_title,
    )


def _enclosure(said: Mapping[str, Any]) -> Enclosure:
    length = _text(said, "length").strip()
    # Python refuses to read thousands of digits; no file has that many bytes.
    size = int(length) if length.isascii() and length.isdigit() and len(length) <= _MOST_DIGITS else None
    return Enclosure(url=_text(said, "href"), media_type=_text(said, "type"), size=size)


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _moment(parsed: object) -> str | None:
    """Give the moment that the library read, which is in UTC; ``None`` if it could not."""
    if not isinstance(parsed, tuple):
        return None
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None
