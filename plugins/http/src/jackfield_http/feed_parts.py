"""What a feed says: its entries, and the texts in them."""

import html
from collections.abc import Mapping

from attrs import define, field

from jackfield_http.html_tokens import End, Start, Token, Words

__all__ = ["Entry", "Feed", "Said"]


@define(kw_only=True)
class Said:
    """A text that a feed has, as it stands there.

    Attributes:
        kind: Whether it is ``text`` or ``html``; empty for what is neither.
        base: What addresses in it are relative to.
        second: Whether another one counts more.
        parts: Its words, and the tags that stand among them.
    """

    kind: str = "text"
    base: str = ""
    second: bool = False
    parts: list[Token] = field(factory=list)

    @property
    def words(self) -> str:
        """Its words, without tags."""
        return "".join(part.text for part in self.parts if isinstance(part, Words)).strip()

    @property
    def html(self) -> str:
        """It as HTML, not yet harmless."""
        if self.kind == "text":
            return html.escape(self.words, quote=False)
        if not self.kind or all(isinstance(part, Words) for part in self.parts):
            return self.words if self.kind else ""
        return "".join(map(_written, self.parts))

    @property
    def person(self) -> str:
        """Who it names: name and address where there are both, else what there is."""
        inner: dict[str, str] = {}
        name = ""
        for part in self.parts:
            if isinstance(part, Words):
                inner[name] = inner.get(name, "") + part.text
            else:
                name = part.name.rpartition(":")[2].lower() if isinstance(part, Start) else ""
        called, email = inner.get("name", "").strip(), inner.get("email", "").strip()
        return f"{called} ({email})" if called and email else called or email or self.words


def _written(part: Token) -> str:
    if isinstance(part, Words):
        return html.escape(part.text, quote=False)
    name = part.name.rpartition(":")[2]
    if isinstance(part, End):
        return f"</{name}>"
    attributes = [f' {key}="{html.escape(value)}"' for key, value in part.attributes.items()]
    return f"<{name}{''.join(attributes)}>"


@define(kw_only=True)
class Entry:
    """What an entry of a feed says; ``None`` and empty for what it does not.

    Attributes:
        base: What its addresses are relative to.
        is_link: Whether the id is the address of the entry.
        texts: By name: id, title, link, summary, published, updated.
        contents: Its texts beside the summary.
        authors: Who wrote it, and whether only a module of the feed says so.
        categories: What it is filed under.
        link: The address of its page, where an attribute says it.
        enclosures: Attributes of the files that it names.
    """

    base: str
    is_link: bool = False
    texts: dict[str, Said] = field(factory=dict)
    contents: list[Said] = field(factory=list)
    authors: list[tuple[bool, str]] = field(factory=list)
    categories: list[str] = field(factory=list)
    link: str = ""
    enclosures: list[Mapping[str, str]] = field(factory=list)

    def words(self, name: str) -> str:
        """Give a text without tags."""
        return self.texts[name].words if name in self.texts else ""

    @property
    def author(self) -> str:
        """Who wrote it, as the feed itself says; else as its modules do."""
        first = min((second for second, _ in self.authors), default=False)
        return ", ".join(dict.fromkeys(name for second, name in self.authors if second == first and name))

    def keep(self, name: str, said: Said) -> None:
        """Keep a text that was read."""
        if name == "author":
            self.authors.append((said.second, said.person))
        elif name == "category":
            self.categories.append(said.words)
        elif name == "content":
            self.contents.append(said)
        elif name not in self.texts or (self.texts[name].second and not said.second):
            self.texts[name] = said
        elif name == "summary" and not said.second:
            self.contents.append(said)


@define(kw_only=True)
class Feed:
    """A feed, as it was read; the entries in its own order."""

    is_feed: bool = False
    title: Said | None = None
    entries: list[Entry] = field(factory=list)
