"""A value that cannot be printed, logged, pickled or serialised by accident, and a mask for text that may hold one."""

import base64
import hmac
import html
import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NoReturn
from urllib.parse import quote, quote_plus

__all__ = ["MASK", "Redactor", "Secret"]

MASK = "***"
"""What stands where a secret stood."""

_SHORTEST_MASKED = 4
"""Shorter values are not searched for: a key of one letter would mask half of every message."""


class Secret:
    """Text that shows itself to nobody who does not ask with ``reveal()``.

    Comparison takes the same time wherever two values differ. A secret has no hash, no length, no JSON.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = str.__str__(value)  # exactly text; TypeError for anything else

    def reveal(self) -> str:
        """Give the text itself. Search the code for this name to see who looks."""
        return self._value

    def __bool__(self) -> bool:
        """Tell whether there is anything inside."""
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        """Compare with another secret, in constant time; never equal to plain text."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self._value), _bytes(other._value))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Give the mask."""
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        """Give the mask."""
        return MASK

    def __format__(self, format_spec: str) -> str:
        """Give the mask, whatever the format."""
        return MASK

    def __reduce__(self) -> NoReturn:
        """Refuse: a pickle is a file that somebody keeps.

        Raises:
            TypeError: Always.
        """
        message = "A Secret cannot be pickled; pass the name of a connection instead."
        raise TypeError(message)

    def __getstate__(self) -> NoReturn:
        """Refuse, as ``__reduce__`` does.

        Raises:
            TypeError: Always.
        """
        self.__reduce__()

    def __copy__(self) -> "Secret":
        """Give itself: it never changes."""
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        """Give itself: it never changes."""
        return self


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


def _spellings(value: str) -> set[str]:
    """Every way in which a value may stand in a URL, a header, a log line, a page or a JSON text."""
    found = {value, repr(value)[1:-1], html.escape(value), html.escape(value, quote=False)}
    found.update(_json_escaped(value), _url_quoted(value), _base64_inside(value))
    return {text for text in found if len(text) >= _SHORTEST_MASKED}


class Redactor:
    """Masks known secrets in text, in every encoding in which they may have got there.

    Secrets shorter than four characters are not searched for.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._secrets = tuple(secrets)

    @cached_property
    def _pattern(self) -> "re.Pattern[str] | None":
        # Made when a text is first masked: most operations end without one.
        values = [secret.reveal() for secret in self._secrets]
        spellings = {text for value in values if len(value) >= _SHORTEST_MASKED for text in _spellings(value)}
        longest_first = sorted(spellings, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def mask(self, text: str) -> str:
        """Replace every known secret in a text by ``***``."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def mask_json(self, value: object) -> object:
        """Replace every known secret in the texts of a JSON value, keys included; the value itself is not changed."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            return {self.mask(str(key)): self.mask_json(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_json(item) for item in value]
        return value
