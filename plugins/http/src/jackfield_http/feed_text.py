"""RSS and Atom, read from text: what the entries of a feed say.

RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0, and the modules of RSS that name what those name: Dublin Core, content, iTunes,
Media RSS. Each text is read once, in time that grows as it does; feedparser 6 needs the square of that for an author,
for categories, for markup and for blank lines, inside of regular expressions that nothing interrupts.

Source: RFC 4287; rssboard.org/rss-specification 2.0.11; web.resource.org/rss/1.0/spec.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urljoin
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from attrs import evolve

from jackfield import Answer
from jackfield_http.feed_parts import Entry, Feed, Said
from jackfield_http.html_tokens import End, Start, Words, tokens
from jackfield_http.texts import text_of
from jackfield_http.xml_text import BROKEN, parse

__all__ = ["read_feed"]

Check = Callable[[], None]

_SPACES = {
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
}
"""Prefixes by namespace, in small letters; what has none of these keeps the prefix that it has."""

_NAMES = {
    "guid": "id",
    "media:title": "title",
    "dc:title": "title",
    "dc:creator": "author",
    "itunes:author": "author",
    "managingeditor": "author",
    "description": "summary",
    "abstract": "summary",
    "dc:description": "summary",
    "media:description": "summary",
    "itunes:summary": "summary",
    "content:encoded": "content",
    "pubdate": "published",
    "issued": "published",
    "dc:date": "published",
    "dcterms:issued": "published",
    "modified": "updated",
    "dcterms:modified": "updated",
    "dc:subject": "category",
}
_TEXTS = frozenset({"id", "title", "link", "author", "summary", "content", "published", "updated", "category"})
_ROOTS = frozenset({"rss", "feed", "rdf:rdf", "channel"})
_ENTRIES = frozenset({"item", "entry"})
_ASIDE = frozenset({"image", "textinput", "source"})
"""They have titles and links that are not those of the entry or the feed."""

_SECOND = frozenset({"dc", "dcterms", "itunes", "media"})
"""Prefixes of what counts where the feed itself says nothing."""

_KINDS = {"html": "html", "text/html": "html", "xhtml": "html", "application/xhtml+xml": "html", "plain": "text"}
_ENCODING = re.compile(r"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)""")
_HEAD = 1024
_LONGEST_BASE = 1000


def read_feed(answer: Answer, check: Check) -> Feed:
    """Read a feed, also one that is not quite XML.

    Args:
        answer: Of the server.
        check: Called from time to time; raises if there is no time left.

    Raises:
        AnswerError: It declares entities or attributes.
    """
    text = _text(answer).lstrip("\ufeff \t\r\n")
    reader = _Reader(answer.url)
    try:
        parse(text, reader, check, request_id=answer.request_id)
    except BROKEN:
        reader = _Reader(answer.url)
        _tell(reader, text, check)
    return reader.feed


def _text(answer: Answer) -> str:
    if "charset" in answer.headers.get("Content-Type", "").lower():
        return text_of(answer)
    named = _ENCODING.match(answer.body[:_HEAD].decode("latin-1"))
    if named:
        return text_of(evolve(answer, headers={"Content-Type": f"text/xml; charset={named[1]}"}))
    try:
        answer.body.decode()
    except UnicodeDecodeError:  # of those that do not say what they are, most are from Windows
        return text_of(evolve(answer, headers={"Content-Type": "text/xml; charset=windows-1252"}))
    return text_of(answer)


def _tell(reader: "_Reader", text: str, check: Check) -> None:
    """Tell a reader what stands in what is not quite XML."""
    for token in tokens(text, check):
        if isinstance(token, Words):
            reader.characters(token.text)
            continue
        if isinstance(token, Start):
            reader.startElement(token.name, token.attributes)
        if isinstance(token, End) or token.empty:
            reader.endElement(token.name)


class _Within:
    """The element that is being read, or passed over."""

    def __init__(self, name: str, said: Said | None) -> None:
        self.name, self.said, self.depth = name, said, 1


class _Reader(ContentHandler):
    """Makes entries of elements as they come."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.feed = Feed()
        self._base = url
        self._spaces: dict[str, str] = {}
        self._is_atom = False
        self._entry: Entry | None = None
        self._within: _Within | None = None

    def startElement(self, name: str, attrs: AttributesImpl | Mapping[str, str]) -> None:  # noqa: N802  as the library
        said = {key.lower(): value for key, value in attrs.items()} if attrs else {}
        for key, value in said.items():
            if key.startswith("xmlns:") and value.lower() in _SPACES:
                self._spaces[key[6:]] = _SPACES[value.lower()]
        key = self._key(name)
        within = self._within
        if within and key not in _ENTRIES:
            within.depth += key == within.name
            if within.said:
                within.said.parts.append(Start(name, said, False, ""))
        else:
            self._leave()
            self._begin(key, said)

    def characters(self, content: str) -> None:
        if self._within and self._within.said:
            self._within.said.parts.append(Words(content))

    def endElement(self, name: str) -> None:  # noqa: N802  as above
        key, within = self._key(name), self._within
        if within and key not in _ENTRIES:
            within.depth -= key == within.name
            if not within.depth:
                self._leave()
            elif within.said:
                within.said.parts.append(End(name, ""))
        elif key in _ENTRIES:
            self._leave()
            self._entry = None

    def _key(self, name: str) -> str:
        prefix, colon, local = name.lower().partition(":")
        space = self._spaces.get(prefix, prefix) if colon else ""
        return f"{space}:{local}" if space else local if colon else prefix

    def _begin(self, key: str, said: Mapping[str, str]) -> None:
        name = _NAMES.get(key, key)
        if name in _ROOTS:
            self.feed.is_feed = True
            self._is_atom |= name == "feed"
            self._base = _joined(self._base, said)
        elif name in _ENTRIES:
            self._entry = Entry(_joined(self._base, said))
            self.feed.entries.append(self._entry)
            if about := said.get("rdf:about"):
                self._entry.kept.append(("id", Said(second=True, parts=[Words(about)])))
        elif name in _ASIDE:
            self._within = _Within(key, None)
        elif self._entry is None or not self._attributes(self._entry, name, said):
            self._read(key, name, said)

    def _attributes(self, entry: Entry, name: str, said: Mapping[str, str]) -> bool:
        """Take what an element says by its attributes; tell whether that is all."""
        if name == "enclosure" or (name == "link" and said.get("rel", "").lower() == "enclosure"):
            entry.files = entry.files or []
            entry.files.append(said)
        elif name == "link" and "href" in said:
            if said.get("rel", "alternate").lower() == "alternate":
                entry.kept.append(("link", Said(parts=[Words(said["href"])])))
        elif name == "category" and "term" in said:
            entry.kept.append(("category", Said(parts=[Words(said["term"])])))
        else:
            return False
        return True

    def _read(self, key: str, name: str, said: Mapping[str, str]) -> None:
        if name not in _TEXTS:
            return
        entry, second = self._entry, key.partition(":")[0] in _SECOND
        if key == "guid" and entry:
            entry.is_link = said.get("ispermalink", "true").lower() == "true"
        base = _joined(entry.base if entry else self._base, said)
        text = Said(kind=self._kind(said), base=base, second=second)
        self._within = _Within(key, text)

    def _kind(self, said: Mapping[str, str]) -> str:
        """Say how a text is to be read: that of RSS may be HTML, that of Atom is what it says, else text."""
        kind = said.get("type", "").lower() if said.get("mode") != "base64" else "base64"
        if not kind:
            return "text" if self._is_atom else "html"
        return _KINDS.get(kind, "text" if kind.startswith("text") else "")

    def _leave(self) -> None:
        within, self._within = self._within, None
        if within is None or within.said is None:
            return
        name = _NAMES.get(within.name, within.name)
        if self._entry is not None:
            self._entry.kept.append((name, within.said))
        elif name == "title" and self.feed.title is None:
            self.feed.title = within.said


def _joined(base: str, said: Mapping[str, str]) -> str:
    own = said.get("xml:base", "").strip()
    if not own or len(own) + len(base) > _LONGEST_BASE:
        return base
    try:
        return urljoin(base, own)
    except ValueError:
        return base
