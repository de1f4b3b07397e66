"""Watch a Feed: what is new in an RSS or Atom feed."""

import math
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Annotated

from attrs import frozen

from jackfield import Answer, AnswerError, Boolean, Context, Effect, Integer, LimitError, Problem, Trigger, module
from jackfield_http.changed import fetched_if_changed
from jackfield_http.connection import http
from jackfield_http.feed_parts import Entry, Feed, Said
from jackfield_http.feed_text import read_feed
from jackfield_http.moments import moment_of
from jackfield_http.safe_html import harmless_html, harmless_text, harmless_url
from jackfield_http.target import Headers, Query, Where, target_of, where_flaws

__all__ = ["Enclosure", "FeedItem", "WatchFeed", "watch_feed"]

_ACCEPTED = "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5"
_MOST_BYTES = 2 * 1024 * 1024
_MOST_DIGITS = 18
_LONGEST_KEY = 200
_DATES = ("published", "updated")


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
        key: What it is known by: its id; without one, its link, title, dates and first file, or its text.
        date: When it was published, else updated, in UTC; ``None`` if it does not say.
        title: Text.
        link: Of the page that it is about; empty if that is no address of the web.
        summary: HTML, without scripts and the like.
        content: The same, if there is more than a summary.
        author: Who wrote it, as text.
        categories: What it is filed under, as text.
        updated: When it was changed last, in UTC.
        enclosures: Files that it names, such as those of a podcast.
        feed_title: Of the feed, as text.
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
    return [*where_flaws(form.query, form.headers)]


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

    A server that says how it knows a state (ETag, Last-Modified) is asked for the feed only if it has changed. A feed
    that declares entities or attributes is refused. HTML in entries is made harmless: scripts and the like are taken
    out, addresses are whole.
    """
    target = target_of(context, form.url, form.query, form.headers, accept=_ACCEPTED)
    answer = fetched_if_changed(target, context)
    if answer is None:
        return
    feed = _read(_checked(answer, form.max_bytes or _MOST_BYTES), context)
    title = _plain([feed.title] if feed.title else [], context)
    for key, entry in _newest(feed.entries, context).items():
        context.check()
        yield _item(key, entry, title, context, changes=bool(form.changes))


def _checked(answer: Answer, most: int) -> Answer:
    if len(answer.body) > most:
        message = f"The feed is larger than {most} bytes."
        raise LimitError(message, limit="max_bytes", maximum=most, hint="Allow more with the field max_bytes.")
    return answer


def _read(answer: Answer, context: Context) -> Feed:
    feed = read_feed(answer, context.check)
    if not feed.is_feed and not feed.entries:
        message = f"The server answered {answer.status} with {answer.described} where a feed was expected."
        hint = "Is it the address of the feed itself, and not of the page that names it?"
        raise AnswerError(message, request_id=answer.request_id, hint=hint)
    return feed


def _newest(entries: Sequence[Entry], context: Context) -> Mapping[tuple[str, ...], Entry]:
    """Give the entries by their keys, the oldest first; of those of one key, the one that was changed last."""
    found: dict[tuple[str, ...], Entry] = {}
    for entry in reversed(entries):  # most feeds begin with the newest; what has no date keeps the order
        context.check()
        key = _key(entry)
        other = found.get(key)
        if other is None or _changed(entry) >= _changed(other):
            found[key] = entry
    return found


def _key(entry: Entry) -> tuple[str, ...]:
    """Give what an entry is known by: as its id is written, so that it stays the same wherever the feed moves."""
    said = entry.words("id")
    if said:
        return (said,)
    link, files = entry.link, [_href(each) for each in entry.files or ()]
    more = "" if link or files else entry.words("summary")
    if len(more) > _LONGEST_KEY:
        more = sha256(more.encode()).hexdigest()
    return (link, entry.words("title"), *(_moment(entry, name) or "" for name in _DATES), *files[:1], more)


def _changed(entry: Entry) -> str:
    return _moment(entry, "updated") or _moment(entry, "published") or ""


def _item(key: Sequence[str], entry: Entry, feed_title: str, context: Context, *, changes: bool) -> FeedItem:
    published, updated = (_moment(entry, name) for name in _DATES)
    texts = [harmless_html(said.html, said.base, context.check) for said in entry.contents]
    others = texts[1:] if entry.texts("summary") else texts
    return FeedItem(
        key=[*key, updated or published or ""] if changes else [*key],
        date=published or updated,
        title=_plain(entry.texts("title"), context),
        link=harmless_url(entry.link, entry.base),
        summary=texts[0] if texts else "",
        content="\n".join(others),
        author=harmless_text(entry.author, context.check),
        categories=[*dict.fromkeys(term for said in entry.texts("category") if (term := _plain([said], context)))],
        updated=updated,
        enclosures=[file for each in entry.files or () if (file := _enclosure(each, entry.base)).url],
        feed_title=feed_title,
    )


def _plain(texts: Sequence[Said], context: Context) -> str:
    return harmless_text(texts[0].html, context.check) if texts else ""


def _href(said: Mapping[str, str]) -> str:
    return said.get("url") or said.get("href") or ""


def _enclosure(said: Mapping[str, str], base: str) -> Enclosure:
    length = said.get("length", "").strip()
    # Python refuses to read thousands of digits; no file has that many bytes.
    size = int(length) if length.isascii() and length.isdigit() and len(length) <= _MOST_DIGITS else None
    return Enclosure(url=harmless_url(_href(said), base), media_type=said.get("type", ""), size=size)


def _moment(entry: Entry, name: str) -> str | None:
    moment = moment_of(entry.words(name))
    return moment.isoformat() if moment else None
