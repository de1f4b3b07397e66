"""A secret that is kept elsewhere: where, and never what."""

import re
from typing import Self

from attrs import frozen

from jackfield.errors import InputError

__all__ = ["Reference"]

_SHAPE = re.compile(r"([a-z][a-z0-9+.-]*):(.+)")


@frozen
class Reference:
    """Where a secret is kept; it is looked up each time that a connection is used, and what is found is never saved.

    Only a program can make one: no text in JSON, in a scenario or in an input ever becomes a reference by itself.
    Core knows ``env:NAME``, ``file:/PATH``, ``keyring:SERVICE/NAME`` and, where the host allows it, ``command:...``;
    a plugin answers others (``resolve_reference``).

    Attributes:
        scheme: Who knows the secret: ``env``.
        place: Where it is there: ``OPENAI_API_KEY``.
    """

    scheme: str
    place: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one from its text.

        Raises:
            InputError: It has another shape. The text is not shown, since it may be a secret.
        """
        found = _SHAPE.fullmatch(text.strip())
        if found is None:
            message = "A reference has the shape SCHEME:PLACE."
            raise InputError(message, hint="env:NAME, file:/PATH, keyring:SERVICE/NAME, command:PROGRAM ARGUMENT...")
        return cls(found[1], found[2])

    def __str__(self) -> str:
        """Give the text."""
        return f"{self.scheme}:{self.place}"

    def shown(self) -> str:
        """Give what may be shown: of a command its program alone, since arguments may be secrets."""
        return f"command:{self.place.split()[0]} ..." if self.scheme == "command" else str(self)
