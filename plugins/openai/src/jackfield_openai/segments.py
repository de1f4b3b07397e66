"""Ids as one step of a path, whatever letters they have."""

from urllib.parse import quote

from jackfield import path_segment

__all__ = ["segment"]

_UNQUOTED = "!$&'()*+,;=:"
"""What stands unquoted in an id, beside letters and digits, as the official SDK has it; but no ``@``."""


def segment(name: str, at: str) -> str:
    """Give an id as it stands in a path; some servers have ids with slashes.

    Args:
        name: The id.
        at: The field that it is from: ``$.file_id``.

    Raises:
        InvalidInputError: It cannot stand in a path, as ``..`` cannot.
    """
    path_segment(name, at=at, several=True)
    return quote(name, safe=_UNQUOTED)
