"""HTML that a stranger wrote, made harmless: as HTML, or as text."""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urljoin

from jackfield_http.html_tokens import End, Start, Words, tokens

__all__ = ["harmless_html", "harmless_text", "harmless_url"]

Check = Callable[[], None]

_RAW = frozenset(
    {"script", "style", "iframe", "noembed", "noframes", "xmp", "textarea", "title", "template", "svg", "math", "head"}
)
"""What stands in them is no text of the page."""

_EMPTY = frozenset({"br", "hr", "img", "wbr", "col", "source", "track"})
_BLOCKS = """address article aside blockquote br caption center dd details div dl dt figcaption figure footer h1 h2 h3
h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul"""
_INLINE = """a abbr acronym audio b bdi bdo big cite code col colgroup del dfn em font i img ins kbd mark q rp rt ruby s
samp small source span strike strong sub sup time track tt u var video wbr"""
_TAKEN_OUT = """applet area base body button canvas dialog embed fieldset form frame frameset html input label legend
link map marquee meta noscript object optgroup option output param picture plaintext progress select slot"""
_HARMLESS = """abbr align alt border cellpadding cellspacing colspan controls datetime dir headers height hspace lang
nowrap open reversed rowspan scope span start summary title type valign value vspace width"""

_BREAKS = frozenset(_BLOCKS.split())
_KEPT = _BREAKS | frozenset(_INLINE.split())
_KNOWN = _KEPT | _RAW | frozenset(_TAKEN_OUT.split())
_ADDRESSES = frozenset({"href", "src", "cite", "poster"})
_ATTRIBUTES = _ADDRESSES | frozenset(_HARMLESS.split())
_SCHEMES = frozenset({"http", "https", "ftp", "ftps", "mailto", "magnet", "news", "nntp", "tel", "xmpp", "webcal"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*+):")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]++")
"""Browsers pass over some of them, also in the middle of ``javascript:``; none belongs into a URL."""

_LOOKS_LIKE_A_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_MOST_OPEN = 100


def harmless_url(said: str, base: str) -> str:
    """Give a whole URL of a kind that runs nothing; empty if it is another one, or none.

    Args:
        said: As it stands there, perhaps relative.
        base: What it is relative to.
    """
    url = _CONTROL.sub("", said).strip().replace(" ", "%20")
    try:
        whole = urljoin(base, url) if url else ""
    except ValueError:
        return ""
    scheme = _SCHEME.match(whole)
    return whole if scheme and scheme[1].lower() in _SCHEMES else ""


def harmless_text(said: str, check: Check) -> str:
    """Give what a reader of HTML sees, as text on one line, in which nothing looks like a tag.

    What only looks like HTML stays: ``List<String>`` becomes ``List< String>``, which is a text in HTML, too.
    """
    parts: list[str] = []
    for token in tokens(said, check, raw=_RAW):
        if isinstance(token, Words):
            parts.append(token.text)
        elif token.name.lower() not in _KNOWN:
            parts.append(token.source)
        elif token.name.lower() in _BREAKS:
            parts.append(" ")
    return _LOOKS_LIKE_A_TAG.sub("< ", " ".join("".join(parts).split()))


def harmless_html(said: str, base: str, check: Check) -> str:
    """Give HTML of which nothing runs, and whose addresses are whole; what is left open is closed.

    Args:
        said: HTML, however it is written.
        base: What addresses in it are relative to.
        check: Called from time to time; raises if there is no time left.
    """
    page = _Page(base)
    for token in tokens(said, check, raw=_RAW):
        if isinstance(token, Words):
            page.parts.append(html.escape(token.text, quote=False))
        elif isinstance(token, Start):
            page.begin(token)
        else:
            page.end(token)
    page.close(0)
    return "".join(page.parts).strip()


class _Page:
    """HTML that is written again, of what is allowed alone."""

    def __init__(self, base: str) -> None:
        self.parts: list[str] = []
        self._base = base
        self._open: list[str] = []
        self._count: Counter[str] = Counter()

    def begin(self, tag: Start) -> None:
        name = tag.name.lower()
        if name not in _KEPT or (len(self._open) >= _MOST_OPEN and name not in _EMPTY):
            return
        self.parts.append(f"<{name}{''.join(self._attributes(tag))}>")
        if name not in _EMPTY:
            self._open.append(name)
            self._count[name] += 1

    def end(self, tag: End) -> None:
        name = tag.name.lower()
        if self._count[name]:
            last = len(self._open) - 1 - self._open[::-1].index(name)
            self.close(last)

    def close(self, first: int) -> None:
        """Close what is open, from the innermost to that place."""
        while len(self._open) > first:
            name = self._open.pop()
            self._count[name] -= 1
            self.parts.append(f"</{name}>")

    def _attributes(self, tag: Start) -> Iterator[str]:
        for given, value in tag.attributes.items():
            name = given.lower()
            said = harmless_url(value, self._base) if name in _ADDRESSES else value
            if name in _ATTRIBUTES and (said or not value):
                yield f' {name}="{html.escape(said)}"'
