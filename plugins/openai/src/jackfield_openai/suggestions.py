"""Names that could have been meant, for whoever gave one that there is not."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from jackfield import JackfieldError, OperationCancelledError

__all__ = ["listed_if_possible"]

T = TypeVar("T")


def listed_if_possible(list_all: Callable[[], Sequence[T]]) -> Sequence[T]:
    """Give what a service lists; nothing if it cannot, since what was not found is the news, and not this.

    Raises:
        OperationCancelledError: Nobody waits any more.
    """
    try:
        return list_all()
    except OperationCancelledError:
        raise
    except JackfieldError:
        return ()
