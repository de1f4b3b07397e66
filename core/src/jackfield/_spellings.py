"""The ways in which a value may be written, so that a secret is found in each of them."""

import base64
import html
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

SHORTEST_MASKED = 4
"""Shorter values are not searched for: a key of one letter would mask half of every message."""


def _bytes(value: str) -> bytes:
    # JSON may bring half of a surrogate pair, which UTF-8 alone refuses.
    return value.encode("utf-8", "surrogatepass")


_JSON_IN_JSON = 2
"""An error body that quotes a request body is JSON inside JSON; deeper was not met."""


def _json_escaped(value: str) -> Iterable[str]:
    for ascii_only in (True, False):
        text = value
        for _ in range(_JSON_IN_JSON):
            text = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
            yield text
            yield text.replace("/", "\\/")  # as PHP writes it
        yield re.sub(r"\\u[0-9a-f]{4}", lambda code: "\\u" + code[0][2:].upper(), text)  # as .NET writes it


def _url_quoted(value: str) -> Iterable[str]:
    for text in (quote(_bytes(value)), quote(_bytes(value), safe=""), quote_plus(_bytes(value))):
        yield text
        yield re.sub(r"%[0-9A-F]{2}", lambda code: code[0].lower(), text)


def _base64_inside(value: str) -> Iterable[str]:
    # Inside a longer base64 text the value starts at any of three offsets; the characters at both ends also hold bits
    # of the neighbors, so only those that are the value's alone are searched for.
    raw = _bytes(value)
    for lead in range(3):
        text = base64.b64encode(b"x" * lead + raw).decode()
        inner = text[(lead * 8 + 5) // 6 : (lead + len(raw)) * 8 // 6]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")


def _html_escaped(value: str) -> Iterable[str]:
    text = html.escape(value)
    yield text
    yield html.escape(value, quote=False)
    yield text.replace("&#x27;", "&#39;").replace("&quot;", "&#34;")  # as Jinja and Go write it


def spellings(value: str) -> set[str]:
    """Give every way in which a value may stand in a URL, a header, a log line, a page or a JSON text.

    None for a value of less than four characters.
    """
    if len(value) < SHORTEST_MASKED:
        return set()
    found = {value, repr(value)[1:-1], repr(_bytes(value))[2:-1], _bytes(value).hex(), _bytes(value).hex().upper()}
    found.update(_html_escaped(value), _json_escaped(value), _url_quoted(value), _base64_inside(value))
    return {text for text in found if len(text) >= SHORTEST_MASKED}
