"""Prices come from the user's own table."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jackfield import InputError, InvalidInputError, Money, PriceTable, Usage


def table(path: Path, *rows: Mapping[str, object], currency: str = "USD") -> PriceTable:
    """Write a file of prices, and read it."""
    path.joinpath("prices.json").write_text(json.dumps({"currency": currency, "prices": rows}), "utf-8")
    return PriceTable.read(path / "prices.json")


def price(prices: PriceTable, usage: Usage, module_id: str = "m.m", connection: str = "") -> Decimal | None:
    """Ask for a price, as a host does."""
    found = prices.price_usage(usage, module_id, connection)
    assert found is None or found.currency == "USD"
    return found.amount if found else None


def test_tokens_have_prices_for_a_million(tmp_path: Path) -> None:
    """Exactly, whether they are written as texts or as numbers."""
    prices = table(tmp_path, {"model": "m", "input_tokens": "0.1", "output_tokens": 0.3})

    found = prices.price_usage(Usage(model="m", input_tokens=3, output_tokens=1), "m.m", "")

    assert found == Money(Decimal("0.0000006"), "USD")


def test_the_parts_of_an_input_are_not_paid_for_twice(tmp_path: Path) -> None:
    """A part with a price of its own is taken out of the rest; one without is left in it."""
    row = {"per_tokens": 1, "input_tokens": 10, "cached_tokens": 1, "output_tokens": 20, "output_image_tokens": 100}
    prices = table(tmp_path, row)
    usage = Usage(
        input_tokens=5,
        output_tokens=4,
        total_tokens=9,
        cached_tokens=2,
        input_image_tokens=3,
        reasoning_tokens=1,
        output_image_tokens=1,
    )

    assert price(prices, usage) == 3 * 10 + 2 * 1 + 3 * 20 + 1 * 100


def test_the_first_row_that_fits_counts(tmp_path: Path) -> None:
    """By model, module and connection, each a pattern."""
    prices = table(
        tmp_path,
        {"model": "big*", "connection": "work", "images": 3},
        {"model": "big*", "module": "x.*", "images": 2},
        {"images": 1},
    )
    usage = Usage(model="big-1", images=1)

    assert price(prices, usage, connection="work") == 3
    assert price(prices, usage, "x.y") == 2
    assert price(prices, usage) == 1


@pytest.mark.parametrize(
    "usage",
    [Usage(model="other", input_tokens=1), Usage(model="m", input_tokens=1, output_tokens=1)],
    ids=["no row fits", "a count without a price"],
)
def test_what_has_no_price_is_not_priced(tmp_path: Path, usage: Usage) -> None:
    """A price for some of it would pass for the whole."""
    prices = table(tmp_path, {"model": "m", "input_tokens": 1})

    assert price(prices, usage) is None


def test_images_seconds_and_calls_have_prices(tmp_path: Path) -> None:
    """Each for one of them."""
    prices = table(tmp_path, {"call": "0.5", "images": "0.04", "seconds": "0.01"})

    assert price(prices, Usage(images=2, seconds=1.5)) == Decimal("0.595")
    assert price(prices, Usage(input_tokens=0)) == Decimal("0.5")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"currency": "USD", "prices": [{"model": "m", "input_tokens": "-1"}]}', r"\$\.prices\[0\]\.input_tokens"),
        ('{"currency": "USD", "prices": [{"input_tokens": -1}]}', r"\$\.prices\[0\]\.input_tokens: must be at least 0"),
        ('{"currency": "dollars", "prices": [{}]}', r"\$\.currency"),
        ('{"currency": "USD", "prices": []}', r"\$\.prices"),
        ('{"currency": "USD", "prices": [{"imput_tokens": 1}]}', r"imput_tokens"),
        ("{", "cannot be read from .*prices.json: not JSON"),
    ],
    ids=["below zero, as text", "below zero", "currency", "no prices", "misspelt", "no JSON"],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, content: str, said: str) -> None:
    """When it is read, with the place."""
    path = tmp_path / "prices.json"
    path.write_text(content, "utf-8")

    with pytest.raises(InputError, match=said):
        PriceTable.read(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With what the system says."""
    with pytest.raises(InputError, match=r"The prices cannot be read from .*none\.json: No such file"):
        PriceTable.read(tmp_path / "none.json")


def test_a_table_can_be_made_in_code() -> None:
    """From the same values."""
    given: dict[str, Any] = {"currency": "USD", "prices": [{"images": "0.04"}]}

    assert price(PriceTable.of(given), Usage(images=1)) == Decimal("0.04")
    with pytest.raises(InvalidInputError, match="currency"):
        PriceTable.of({"prices": [{"images": "0.04"}]})
