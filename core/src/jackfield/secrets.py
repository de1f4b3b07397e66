"""A value that cannot be printed, logged, pickled or serialised by accident, and a mask for text that may hold one."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from sys import maxsize
from typing import NoReturn

__all__ = ["MASK", "Redactor", "Secret"]

MASK = "***"
"""What stands where a secret stood."""


class Secret:
    """Text that shows itself to nobody who does not ask with ``reveal()``.

    Comparison takes the same time wherever two values differ. A secret has no hash, no length, no JSON.
    """

    __slots__ = ("_given",)

    def __init__(self, value: str) -> None:
        text = str.__str__(value)  # exactly text; TypeError for anything else
        # A function, and not the text: rich.inspect and debuggers print every attribute, private ones too.
        self._given: Callable[[], str] = lambda: text

    def reveal(self) -> str:
        """Give the text itself. Search the code for this name to see who looks."""
        return self._given()

    def __bool__(self) -> bool:
        """Tell whether there is anything inside."""
        return bool(self._given())

    def __eq__(self, other: object) -> bool:
        """Compare with another secret, in constant time; never equal to plain text."""
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # noqa: PLC0415  it brings OpenSSL, and hardly any process compares secrets

        # JSON may bring half of a surrogate pair, which UTF-8 alone refuses.
        ours, theirs = (secret.reveal().encode("utf-8", "surrogatepass") for secret in (self, other))
        return hmac.compare_digest(ours, theirs)

    @classmethod
    def of(cls, given: "str | Secret") -> "Secret":
        """Give a secret as it is, and wrap a text: a variable that holds the text itself is shown by debuggers."""
        return given if isinstance(given, Secret) else cls(given)

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


class Redactor:
    """Masks known secrets in text, in every encoding in which they may have got there.

    Secrets shorter than four characters are not searched for. For texts that people read, ``scrub`` also masks what
    only looks like a secret, or stands beside the name of one.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._secrets = tuple(secrets)
        # No spelling is shorter than the secret itself: most texts need no search.
        self._shortest = min((len(secret.reveal()) for secret in self._secrets), default=maxsize)

    def also(self, secrets: Iterable[Secret]) -> "Redactor":
        """Give one that masks more secrets."""
        return Redactor((*self._secrets, *secrets))

    @cached_property
    def _pattern(self) -> "re.Pattern[str] | None":
        # Made when a text is first masked: most operations end without one.
        from jackfield._spellings import spellings  # noqa: PLC0415  for the same reason

        found = {text for secret in self._secrets for text in spellings(secret.reveal())}
        longest_first = sorted(found, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def mask(self, text: str) -> str:
        """Replace every known secret in a text by ``***``."""
        if len(text) < self._shortest:
            return text
        return self._pattern.sub(MASK, text) if self._pattern else text

    def scrub(self, text: str) -> str:
        """Replace every known secret, and what looks like one: keys, tokens, ``user:pass@``, ``password=...``.

        It may take something harmless away, so it is for messages, never for data.
        """
        from jackfield._telltale import scrub  # noqa: PLC0415  as for the spellings

        return scrub(self.mask(text), MASK)

    def mask_json(self, value: object) -> object:
        """Replace every known secret in the texts of a JSON value, keys included; the value itself is not changed."""
        return _in_texts(value, self.mask)

    def scrub_json(self, value: object) -> object:
        """Do as ``scrub`` in the texts of a JSON value; a text whose name is that of a secret goes as a whole."""
        return _in_texts(_without_named(value), self.scrub)


def _in_texts(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {change(str(key)): _in_texts(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_in_texts(item, change) for item in value]
    return value


def _without_named(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _unless_named(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_named(item) for item in value]
    return value


def _unless_named(name: str, value: object) -> object:
    from jackfield._telltale import names_secret  # noqa: PLC0415  as for the spellings

    return _hidden(value) if isinstance(value, str) and value and names_secret(name) else _without_named(value)


def _hidden(value: str) -> str:
    """Mask the value of a header or field; the scheme before a token stays."""
    scheme, blank, token = value.partition(" ")
    return f"{scheme} {MASK}" if blank and token and scheme.isalpha() else MASK
