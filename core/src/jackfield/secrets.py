"""A value that cannot be printed, logged, pickled or serialised by accident, and a mask for text that may hold one."""

import re
from collections.abc import Iterable, Mapping
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
        import hmac  # noqa: PLC0415  it brings OpenSSL, and hardly any process compares secrets

        # JSON may bring half of a surrogate pair, which UTF-8 alone refuses.
        ours, theirs = (secret.reveal().encode("utf-8", "surrogatepass") for secret in (self, other))
        return hmac.compare_digest(ours, theirs)

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

    Secrets shorter than four characters are not searched for.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._secrets = tuple(secrets)
        # No spelling is shorter than the secret itself: most texts need no search.
        self._shortest = min((len(secret.reveal()) for secret in self._secrets), default=maxsize)

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

    def mask_json(self, value: object) -> object:
        """Replace every known secret in the texts of a JSON value, keys included; the value itself is not changed."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            return {self.mask(str(key)): self.mask_json(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_json(item) for item in value]
        return value
