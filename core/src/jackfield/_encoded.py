"""Bytes that stand in JSON as base64."""

from base64 import b64decode
from collections.abc import Mapping

from jackfield.errors import AnswerError, Problem

__all__ = ["decoded_base64"]

_HINT = "The answer may have been cut on its way: run it again."


def decoded_base64(said: Mapping[str, object], at: str, size: str) -> bytes:
    """Give the bytes in an answer.

    Args:
        said: The object in which they stand.
        at: Under which name.
        size: Under which name the object says how many there are; empty if under none.

    Raises:
        AnswerError: They are no base64, or as many as it does not say.
    """
    encoded = said.get(at)
    try:
        found = b64decode("".join(encoded.split()), validate=True) if isinstance(encoded, str) else None
    except ValueError:
        found = None
    if found is None:
        problem = Problem(path=f"$.{at}", rule="base64", message="must be base64")
    elif not size or said.get(size) in (None, len(found)):
        return found
    else:
        message = f"must have as many bytes as $.{size} says, has {len(found)}"
        problem = Problem(path=f"$.{at}", rule="size", message=message)
    raise AnswerError(str(problem), problems=[problem], hint=_HINT)
