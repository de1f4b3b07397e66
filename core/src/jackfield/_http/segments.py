"""A value as part of a path, so that it is what it is and leads nowhere else."""

from urllib.parse import quote

from jackfield._http.url import is_plain_segment, segment_flaw
from jackfield.errors import InvalidInputError, Problem

__all__ = ["flaw_of", "path_segment", "spelled"]


def path_segment(value: str, *, at: str, several: bool = False, safe: str = "") -> str:
    """Spell a value as one segment of a path, percent-encoded.

    Args:
        value: What a user gave: an id, the path of a file.
        at: The field that it is from, for whoever has to mend it: ``$.file_id``.
        several: Whether it may be several segments, with slashes between them.
        safe: What is not percent-encoded, beside letters, digits and ``_.-~``.

    Raises:
        InvalidInputError: It cannot stand there: it is empty, has a slash where it is one segment, is ``.`` or ``..``
            in any spelling, has a control character, or is no Unicode.
    """
    flaw = flaw_of(value, several=several)
    if flaw:
        raise InvalidInputError([Problem(path=at, rule="path", message=f"{flaw}, and cannot stand in the path")])
    return spelled(value, several=several, safe=safe)


def flaw_of(value: str, *, several: bool) -> str:
    """Say why a value cannot stand in a path; empty if it can."""
    return next(filter(None, map(segment_flaw, _parts(value, several))), "")


def spelled(value: str, *, several: bool, safe: str = "") -> str:
    """Percent-encode a value that can stand in a path."""
    return "/".join(part if is_plain_segment(part) else quote(part, safe=safe) for part in _parts(value, several))


def _parts(value: str, several: bool) -> list[str]:  # noqa: FBT001  it is passed on
    return value.split("/") if several else [value]
