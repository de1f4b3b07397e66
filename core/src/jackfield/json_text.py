"""Reading JSON that a caller wrote, for hosts that get it as a text: the body of a request, a file, a message."""

from jackfield._json import MAX_DEPTH, JsonError, invalid, parse

__all__ = ["read_json"]


def read_json(data: bytes | str, *, path: str = "$", max_depth: int = MAX_DEPTH) -> object:
    """Read one JSON value, and stricter than Python does: what two readers could take for two things is refused.

    Args:
        data: UTF-8, or text.
        path: Where the value stands, for the error.
        max_depth: How deep lists and objects may stand in each other.

    Raises:
        InvalidInputError: It is not JSON or not UTF-8, a number is not finite, or a key stands twice in one object
            (rule ``json``); names line and column, and shows nothing of the text.
        LimitError: It is nested deeper than ``max_depth``.
    """
    try:
        return parse(data, unique=True, max_depth=max_depth)
    except JsonError as error:
        fault = error
    raise invalid(path, fault)
