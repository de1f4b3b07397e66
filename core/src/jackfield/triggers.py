"""What an author says of a trigger: how to know its items again, and how to tell what is new."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from attrs import frozen

from jackfield.errors import PluginError

__all__ = ["Order", "Trigger"]

Part = str | Callable[[Any], object]
"""A part of an item: the name of an attribute of the output, or a function of it."""


class Order(Enum):
    """In which order a function gives its items."""

    ANY = "any"
    """None that can be relied on: all of them are read each time."""
    NEWEST_FIRST = "newest_first"
    """Reading ends where nothing new can follow."""
    OLDEST_FIRST = "oldest_first"
    """Reading ends when enough was found."""


@frozen(kw_only=True)
class Trigger:
    """How to tell what is new among the items that a module's function gives.

    The function gives all that there is, as lazily as it can; what was given before is left out by the host.

    Attributes:
        key: What makes an item that item: its id. Anything that has a place in JSON. Without, the whole item does.
        date: When an item came into being: a date and time, a date, ISO 8601 text, or seconds since 1970; one without
            a time zone is in UTC. ``None`` for an item that has none. Without, the key alone says what is new.
        order: In which order the function gives them.
        updates: Whether an item is new again when its date has changed: then ``date`` says when it was changed last.
        look_back_s: How many seconds late an item may show up: one that is older than the newest date so far by more
            is not looked for. Items of equal dates are told apart in any case.
        look_back_items: With ``NEWEST_FIRST`` and without dates: after how many known items in a row nothing new is
            expected.
        keep_last_key: Whether the key of the item that was given last is kept as it is, for ``Context.last_key``. Of
            all others only salted hashes are kept.

    Raises:
        PluginError: These do not go together.
    """

    key: Part | None = None
    date: Part | None = None
    order: Order = Order.ANY
    updates: bool = False
    look_back_s: float = 3600.0
    look_back_items: int = 100
    keep_last_key: bool = False

    def __attrs_post_init__(self) -> None:
        """Look whether it makes sense."""
        parts = [part is None or isinstance(part, str) or callable(part) for part in (self.key, self.date)]
        order: object = self.order
        for wrong, flaw, hint in (
            (not all(parts), "key and date are names or functions", 'Give key="id", for example.'),
            (not isinstance(order, Order), f"order is {order!r}", "Give Order.NEWEST_FIRST, for example."),
            (
                self.updates and (self.key is None or self.date is None),
                "updates needs a key and a date",
                "Give both; without dates, a key function may give the id and the revision.",
            ),
            (self.keep_last_key and self.key is None, "keep_last_key needs a key", "Give key=..., the item's id."),
            (not self.look_back_s >= 0, "look_back_s must be at least 0", "Give the seconds by which items come late."),
            (self.look_back_items < 1, "look_back_items must be at least 1", "100 is what counts without."),
        ):
            if wrong:
                message = f"Trigger(...): {flaw}."
                raise PluginError(message, stage="object", hint=hint)
