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


@define
class Entry:
    """What an entry of a feed says: one list, for there may be hundreds of thousands of entries.

    Attributes:
        base: What its addresses are relative to.
        is_link: Whether the id may be the address of the entry.
        kept: Its texts in the order of the feed, by name: id, title, link, summary, content, author, published,
            updated, category.
        files: Attributes of the files that it names.
    """

    base: str
    is_link: bool = False
    kept: list[tuple[str, Said]] = field(factory=list)
    files: list[Mapping[str, str]] | None = None

    def texts(self, name: str) -> list[Said]:
        """Give the texts of a name: those of the feed itself, else those of its modules."""
        found = [said for kept, said in self.kept if kept == name]
        return [said for said in found if not said.second] or found

    def words(self, name: str) -> str:
        """Give the first text of a name, without tags."""
        found = self.texts(name)
        return found[0].words if found else ""

    @property
    def link(self) -> str:
        """The address of its page, as it stands there."""
        named = self.words("id") if self.is_link else ""
        return self.words("link") or (named if "://" in named else "")

    @property
    def contents(self) -> list[Said]:
        """Its summary, if it has one, and its other texts."""
        summaries = self.texts("summary")
        return [*summaries[:1], *self.texts("content"), *(said for said in summaries[1:] if not said.second)]

    @property
    def author(self) -> str:
        """Who wrote it."""
        return ", ".join(dict.fromkeys(name for said in self.texts("author") if (name := said.person)))


@define(kw_only=True)
class Feed:
    """A feed, as it was read; the entries in its own order."""

    is_feed: bool = False
    title: Said | None = None
    entries: list[Entry] = field(factory=list)
