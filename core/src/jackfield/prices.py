"""A plugin that prices what is used by a table of the user's own: core knows no price."""

from collections.abc import Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Self

from attrs import frozen

from jackfield._engine.conversion import load_form
from jackfield._json import JsonError, parse
from jackfield._writing import reason_of
from jackfield.errors import InputError, InvalidInputError, LimitError
from jackfield.fields import Array, Integer, Number, OneOf, Text
from jackfield.hookspecs import hookimpl
from jackfield.usage import Money, Usage

__all__ = ["Price", "PriceTable"]

_Amount = Annotated[
    Annotated[str, Text(pattern=r"[0-9]+(\.[0-9]+)?")] | Annotated[float, Number(minimum=0)] | None,
    OneOf(help="A number of at least 0, better written as a text, which is exact."),
]

_PARTS = {
    "cached_tokens": "input_tokens",
    "cache_write_tokens": "input_tokens",
    "input_image_tokens": "input_tokens",
    "input_audio_tokens": "input_tokens",
    "reasoning_tokens": "output_tokens",
    "output_image_tokens": "output_tokens",
    "output_audio_tokens": "output_tokens",
}
"""Counts that are part of another: what has no price of its own costs what the rest of that costs."""
_WHOLES = ("input_tokens", "output_tokens", "images", "seconds")


@frozen(kw_only=True)
class Price:
    """What one model costs. A count without a price is one whose price is not known; 0 is free.

    Attributes:
        model: Which models, as a pattern: ``*`` for any text, ``?`` for any letter.
        module: Which modules, as a pattern of their ids.
        connection: Which connections, as a pattern of their names.
        per_tokens: For how many tokens a price of tokens is.
        call: Of every run, whatever it uses.
        input_tokens: Of tokens that were read.
        output_tokens: Of tokens that were written.
        cached_tokens: Of those that were read from a cache; without, as the others that were read.
        cache_write_tokens: Of those that were put into one; the same without.
        reasoning_tokens: Of those that nobody sees; without, as the others that were written.
        input_image_tokens: Of those of images that were looked at.
        output_image_tokens: Of those of images that were made.
        input_audio_tokens: Of those of sound that was heard.
        output_audio_tokens: Of those of sound that was made.
        images: Of one image.
        seconds: Of one second of a recording.
    """

    model: str = "*"
    module: str = "*"
    connection: str = "*"
    per_tokens: Annotated[int, Integer(minimum=1)] = 1_000_000
    call: _Amount = None
    input_tokens: _Amount = None
    output_tokens: _Amount = None
    cached_tokens: _Amount = None
    cache_write_tokens: _Amount = None
    reasoning_tokens: _Amount = None
    input_image_tokens: _Amount = None
    output_image_tokens: _Amount = None
    input_audio_tokens: _Amount = None
    output_audio_tokens: _Amount = None
    images: _Amount = None
    seconds: _Amount = None

    def of(self, usage: Usage) -> Decimal | None:
        """Price a usage; ``None`` if something in it has no price."""
        total = _exact(self.call) if self.call is not None else Decimal(0)
        priced = self.call is not None
        for name, count in _apart(usage, self):
            amount = getattr(self, name)
            if amount is None:
                if count and name not in _MAY_BE_FREE:
                    return None
                continue
            unit = self.per_tokens if name.endswith("_tokens") else 1
            total += _exact(amount) * Decimal(str(count)) / unit
            priced = True
        return total if priced or not usage else None


_MAY_BE_FREE = ("images", "seconds")
"""Counted beside the tokens, which are what is paid for where they have a price."""


def _exact(amount: str | float) -> Decimal:
    return Decimal(amount if isinstance(amount, str) else repr(amount))


def _apart(usage: Usage, price: Price) -> list[tuple[str, float]]:
    """Give the counts of a usage so that nothing is counted twice."""
    counts = {name: getattr(usage, name) for name in _WHOLES if getattr(usage, name) is not None}
    for part, whole in _PARTS.items():
        count = getattr(usage, part)
        if count and getattr(price, part) is not None:
            counts[whole] = max(counts.get(whole, 0) - count, 0)
            counts[part] = count
    return list(counts.items())


@frozen(kw_only=True)
class PriceTable:
    """Prices of models: ``Host(plugins=[PriceTable.read(Path("prices.json"))])``.

    The first row that fits model, module and connection counts. A usage is priced only if all of it has a price there.

    ```json
    {"currency": "USD", "prices": [
      {"model": "my-model-mini*", "input_tokens": "0.25", "cached_tokens": "0.025", "output_tokens": "2"},
      {"model": "my-images", "images": "0.04"}]}
    ```

    Prices of tokens are for a million, unless ``per_tokens`` says otherwise. Of the tokens of an input, the cached
    ones, those of images and those of sound have the price of the input unless they have their own; so have those of an
    output, and those of reasoning. Prices of images are for one image, of seconds for one second, and ``call`` is for
    one run.

    Attributes:
        currency: As in ISO 4217.
        prices: The rows, in the order in which they are tried.
    """

    currency: Annotated[str, Text(pattern="[A-Z]{3}", example="USD")]
    prices: Annotated[Sequence[Price], Array(min_items=1)]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a table from a file of JSON.

        Raises:
            InputError: It cannot be read, or is no such table; says where.
        """
        try:
            found = parse(path.read_bytes(), unique=True)
        except (OSError, JsonError, LimitError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else str(error)
            message = f"The prices cannot be read from {path}: {reason}"
            raise InputError(message, hint="`jackfield config unset run.prices` goes on without prices.") from None
        return cls.of(found, subject=f"the prices in {path}")

    @classmethod
    def of(cls, values: object, *, subject: str = "the prices") -> Self:
        """Make a table of JSON values.

        Args:
            values: As they stand in a file.
            subject: What an error is about.

        Raises:
            InvalidInputError: They are no such table; says where.
        """
        try:
            return load_form(cls, values, subject=subject)
        except InvalidInputError as error:
            hint = "Each price is a number of at least 0, as a text."
            raise InvalidInputError(error.problems, subject=subject, hint=hint) from None

    @hookimpl
    def price_usage(self, usage: Usage, module_id: str, connection: str) -> Money | None:
        """Give the price by the first row that fits."""
        for row in self.prices:
            asked = ((usage.model, row.model), (module_id, row.module), (connection, row.connection))
            if all(fnmatchcase(name, pattern) for name, pattern in asked):
                amount = row.of(usage)
                return None if amount is None else Money(amount, self.currency)
        return None
