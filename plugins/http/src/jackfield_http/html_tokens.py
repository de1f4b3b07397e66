"""The tokens of markup, in time that grows as the text does.

For HTML that a stranger wrote, and for XML that is not quite XML. Not by Python's ``html.parser``: until 3.13.6, its
time grows with the square of some texts (CVE-2025-6069), and nothing can interrupt it.
"""

import html
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["End", "Start", "Token", "Words", "tokens", "unescaped"]

# Nothing that was read is given back ("++"). An attempt that fails ends at the next bare "<"; of all attempts, at most
# two can be inside of quotes at one place, since each quote only swaps states: so all together read the text thrice.
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/<>\"']*+)((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_ATTRIBUTE = re.compile(r"([^\s=/\"'<>]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>]++)))?+")
_OPENS = re.compile(r"<(?:[!?]|/?[A-Za-z])")
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9a-fA-F]{8,}+);?")
_ENDS = (("<![CDATA[", "]]>"), ("<!--", "-->"), ("<", ">"))
"""How what is no tag begins and ends, the longer beginnings first."""

_TOKENS_PER_CHECK = 1000


class Words(NamedTuple):
    """Text between tags, as it is meant."""

    text: str


class Start(NamedTuple):
    """A tag that begins an element; ``empty`` if it says that it is all of it."""

    name: str
    attributes: dict[str, str]
    empty: bool
    source: str


class End(NamedTuple):
    """A tag that ends an element."""

    name: str
    source: str


Token = Words | Start | End


def unescaped(text: str) -> str:
    """Put letters in the place of their names and numbers, as HTML has them."""
    # Python refuses to read thousands of digits; no letter has a number that long.
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text)) if "&" in text else text


def tokens(text: str, check: Callable[[], None], *, raw: frozenset[str] = frozenset()) -> Iterator[Token]:
    """Give the tags of markup, and the texts between them; comments, declarations and instructions are passed over.

    As in browsers, what is begun and never ended swallows the rest.

    Args:
        text: The markup.
        check: Called from time to time; raises if there is no time left.
        raw: Elements, in small letters, whose content is no markup; it is passed over.
    """
    place, count = 0, 0
    while opens := _OPENS.search(text, place):
        count += 1
        if not count % _TOKENS_PER_CHECK:
            check()
        if opens.start() > place:
            yield Words(unescaped(text[place : opens.start()]))
        found, place = _read(text, opens.start())
        if found is not None:
            yield found
        if isinstance(found, Start) and found.name.lower() in raw and not found.empty:
            place = _end_of(found.name, text, place)
    if place < len(text):
        yield Words(unescaped(text[place:]))


def _read(text: str, place: int) -> tuple[Token | None, int]:
    """Read what begins at a place; gives where it ends, too."""
    if text[place + 1] in "!?":
        opens, closes = next(pair for pair in _ENDS if text.startswith(pair[0], place))
        end = text.find(closes, place + min(len(opens), 2))
        inner = text[place + len(opens) : end if end >= 0 else len(text)]
        return Words(inner) if opens == _ENDS[0][0] else None, end + len(closes) if end >= 0 else len(text)
    tag = _TAG.match(text, place)
    if tag is None:
        following = text.find("<", place + 1)
        return (Words("<"), place + 1) if following >= 0 else (None, len(text))
    closing, name, said = tag.groups()
    if closing:
        return End(name, tag[0]), tag.end()
    return Start(name, _attributes(said), said.endswith("/"), tag[0]), tag.end()


def _attributes(said: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for attribute in _ATTRIBUTE.finditer(said):
        name, *values = attribute.groups()
        found.setdefault(name, unescaped(next((value for value in values if value is not None), "")))
    return found


def _end_of(name: str, text: str, place: int) -> int:
    ends = re.compile(rf"</{re.escape(name)}(?=[\s/>])", re.IGNORECASE).search(text, place)
    return ends.start() if ends else len(text)
