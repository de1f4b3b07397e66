"""What a poll of a trigger goes by, and what it gives."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from attrs import field, fields, frozen

from jackfield.errors import InvalidInputError, Problem
from jackfield.fields import Integer, Number
from jackfield.operations import Result

__all__ = ["NewItem", "Poll", "Start", "WatchSettings"]

T = TypeVar("T")

Start = Literal["now", "all"] | datetime
"""What the first poll gives: nothing of what is there already, all of it, or what is not older than that."""

_LEAST = {"interval_s": 1.0, "jitter": 0.0, "max_wait_s": 1.0}
_MOST_JITTER = 1.0


@frozen(kw_only=True)
class WatchSettings:
    """How often a trigger asks its service, and how much it takes at once."""

    interval_s: Annotated[float, Number(help="Seconds between two polls.", minimum=1, unit="seconds")] = 60.0
    jitter: Annotated[
        float,
        Number(help="By which part of itself the interval is longer or shorter, at random.", minimum=0, maximum=1),
    ] = 0.1
    max_wait_s: Annotated[
        float,
        Number(
            help="The longest wait after polls that failed, also where the service asks for more; it doubles with "
            "each, beginning with the interval.",
            minimum=1,
            unit="seconds",
        ),
    ] = 3600.0
    max_items: Annotated[
        int,
        Integer(help="How many items one poll gives at most; the next one goes on with the rest.", minimum=1),
    ] = 1000
    max_read: Annotated[
        int,
        Integer(
            help="How many items one poll reads at most. Where what is new cannot be told from so many, it fails, and "
            "nothing is lost.",
            minimum=1,
        ),
    ] = 10_000
    max_keys: Annotated[
        int,
        Integer(
            help="How many items are remembered, so that none is given twice. Those that the service has not shown for "
            "the longest time are forgotten first; where it shows more at once, the poll fails.",
            minimum=1,
        ),
    ] = 10_000

    def __attrs_post_init__(self) -> None:
        """Look whether every setting can be one.

        Raises:
            InvalidInputError: Some cannot; all of them are named.
        """
        problems = [
            problem for slot in fields(WatchSettings) for problem in _flaws(slot.name, getattr(self, slot.name))
        ]
        if problems:
            raise InvalidInputError(problems, subject="Settings of a watch")


def _flaws(name: str, value: object) -> Iterator[Problem]:
    kinds = (int, float) if name in _LEAST else (int,)
    least = _LEAST.get(name, 1)
    if isinstance(value, bool) or not isinstance(value, kinds):
        wanted = "a number" if name in _LEAST else "a whole number"
        yield Problem(path=f"$.{name}", rule="type", message=f"must be {wanted}, was a {type(value).__name__}")
    elif not value >= least:
        yield Problem(path=f"$.{name}", rule="minimum", message=f"must be at least {least:g}, was {value:g}")
    elif name == "jitter" and value > _MOST_JITTER:
        yield Problem(path=f"$.{name}", rule="maximum", message=f"must be at most 1, was {value:g}")


@frozen(kw_only=True)
class NewItem(Generic[T]):
    """Something that was not there the last time.

    Attributes:
        id: The same whenever this item is given by this watch, so that a consumer can know it again: a salted hash.
        output: Typed, as the module gave it.
        bundle: The same as a JSON object.
        date: When it came into being, or was changed; ``None`` if the trigger has no dates.
    """

    id: str
    output: T = field(repr=False)
    bundle: Mapping[str, object]
    date: datetime | None = None


@frozen(kw_only=True)
class Poll(Generic[T]):
    """What one look at a trigger gave.

    Attributes:
        items: What is new, oldest first.
        state: What to give to the next poll when all items were taken: a JSON object. Keep it where the items go.
        more: Whether there is more already: the next poll need not wait.
        result: How the run went: requests, warnings, what was used.
    """

    items: tuple[NewItem[T], ...]
    state: Mapping[str, object] = field(repr=False)
    more: bool
    result: Result[T] = field(repr=False)
    _state_after: Callable[[int], Mapping[str, object]] = field(repr=False, eq=False)

    def state_after(self, count: int) -> Mapping[str, object]:
        """Give the state for a consumer that took only the first so many items; the next poll gives the others again.

        Raises:
            IndexError: There are not that many.
        """
        if not 0 <= count <= len(self.items):
            message = f"This poll gave {len(self.items)} items."
            raise IndexError(message)
        return self.state if count == len(self.items) else self._state_after(count)
