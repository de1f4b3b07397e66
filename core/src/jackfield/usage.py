"""What operations use up, and what that costs: counts that add up."""

from decimal import Decimal
from math import inf
from types import UnionType
from typing import Any

import attrs
from attrs import frozen

__all__ = ["Money", "Usage"]


@frozen(kw_only=True)
class Usage:
    """What an operation used up, as the service says; counts that it did not give are ``None``.

    Two of them add up: ``a + b``, ``sum(usages, Usage())``.

    Attributes:
        model: Who did the work; empty if nobody said so, and for a sum over several models.
        input_tokens: What was read, of whatever kind.
        output_tokens: What was written, of whatever kind, reasoning included.
        total_tokens: Both.
        cached_tokens: Those of the input that the service had kept from an earlier request.
        cache_write_tokens: Those of the input that it keeps for a later one.
        reasoning_tokens: Those of the output that nobody sees.
        input_image_tokens: Those of the input that were images.
        output_image_tokens: Those of the output that are images.
        input_audio_tokens: Those of the input that were sound.
        output_audio_tokens: Those of the output that are sound.
        images: How many images were made.
        seconds: How long the recording was that was worked on, in seconds.
    """

    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    input_image_tokens: int | None = None
    output_image_tokens: int | None = None
    input_audio_tokens: int | None = None
    output_audio_tokens: int | None = None
    images: int | None = None
    seconds: float | None = None

    def __add__(self, other: "Usage") -> "Usage":
        """Add count by count; one that neither has stays ``None``."""
        counts = {name: _sum(getattr(self, name), getattr(other, name)) for name in COUNTS}
        if counts["total_tokens"] is not None:
            counts["total_tokens"] = _sum(self.tokens, other.tokens)  # one of them may have only the parts
        models = {usage.model for usage in (self, other) if usage}
        return Usage(model=models.pop() if len(models) == 1 else "", **counts)

    def __bool__(self) -> bool:
        """Tell whether anything is counted."""
        return any(getattr(self, name) is not None for name in COUNTS)

    @property
    def is_nothing(self) -> bool:
        """Tell whether nothing was used, for sure."""
        counts = [getattr(self, name) for name in COUNTS]
        return any(count is not None for count in counts) and not any(counts)

    @property
    def impossible(self) -> tuple[str, ...]:
        """The names of counts that can be none: below 0, endless, or no number."""
        return tuple(
            name for name in COUNTS if (count := getattr(self, name)) is not None and not is_amount(count, int | float)
        )

    @property
    def tokens(self) -> int | None:
        """All tokens: as the service says, else the sum of both sides; ``None`` if it counts none."""
        return self.total_tokens if self.total_tokens is not None else _sum(self.input_tokens, self.output_tokens)


COUNTS: tuple[str, ...] = tuple(name for name in attrs.fields_dict(Usage) if name != "model")
"""What a Usage counts, by name."""


def is_amount(found: Any, kind: type | UnionType) -> bool:
    """Tell whether something is a number of a kind that can be counted: at least 0, and finite."""
    counts = isinstance(found, kind) and not isinstance(found, bool)
    comparable = counts and not (isinstance(found, Decimal) and found.is_nan())
    return comparable and bool(0 <= found < inf)


def _sum(one: float | None, other: float | None) -> "int | None":
    known = [count for count in (one, other) if count is not None]
    return sum(known) if known else None  # type: ignore[return-value]  # seconds alone are no whole number


@frozen
class Money:
    """An amount in a currency; two of one currency add up.

    Attributes:
        amount: Exact; may have more decimal places than coins have.
        currency: As in ISO 4217: ``USD``.
    """

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        """Add two amounts.

        Raises:
            ValueError: They are in two currencies.
        """
        if self.currency != other.currency:
            message = f"{self.currency} and {other.currency} do not add up."
            raise ValueError(message)
        return Money(self.amount + other.amount, self.currency)

    def __str__(self) -> str:
        """Give the amount as a person writes it, at least with two decimal places: ``0.0125 USD``."""
        digits = self.amount.normalize()
        exponent = digits.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) else 0
        return f"{digits:.{max(places, 2)}f} {self.currency}"
