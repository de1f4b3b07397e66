"""What a child process must not share with its parent: sockets in use, locks that a vanished thread held."""

import os
from typing import Protocol
from weakref import WeakSet


class Forgetful(Protocol):
    """Something that starts anew in a child process."""

    def forget(self) -> None:
        """Drop what belongs to the parent. Only one thread runs."""


_KNOWN: "WeakSet[Forgetful]" = WeakSet()


def forget_after_fork(item: Forgetful) -> None:
    """Have ``item.forget()`` called in every child that ``os.fork`` makes, as long as the item lives."""
    _KNOWN.add(item)


def _in_child() -> None:
    for item in list(_KNOWN):
        item.forget()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_in_child)
