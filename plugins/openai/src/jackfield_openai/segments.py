"""Ids as one step of a path, whatever letters they have."""

from urllib.parse import quote

__all__ = ["segment"]

_UNQUOTED = "!$&'()*+,;=:"
"""What stands unquoted in an id, beside letters and digits, as the official SDK has it; but no ``@``."""


def segment(name: str) -> str:
    """Give an id as it stands in a path."""
    return quote(name, safe=_UNQUOTED)
