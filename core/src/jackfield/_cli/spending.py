"""What a run uses and costs: counted, priced by the user's table, kept within a budget, and said."""

import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from jackfield import Budget, Meter, Money, PriceTable, Result, Tally, Usage
from jackfield._cli.wishes import RunWishes
from jackfield.settings import RunSettings, chosen

_PARTS = (
    ("input_tokens", "in"),
    ("output_tokens", "out"),
    ("cached_tokens", "cached"),
    ("reasoning_tokens", "reasoning"),
)


class Spending:
    """Watches the runs of one command.

    Raises:
        InputError: The table of prices cannot be used.
        click.UsageError: A budget in money is wished for, and there are no prices.
    """

    def __init__(self, wishes: RunWishes) -> None:
        path = chosen(RunSettings).prices
        self._meter = Meter()
        self._prices = PriceTable.read(Path(os.path.expanduser(path))) if path else None  # noqa: PTH111  as in inputs.py
        self.is_limited = (wishes.budget_calls, wishes.budget_tokens, wishes.budget_money) != (None, None, None)
        self._budget = self._limits(wishes) if self.is_limited else None

    @property
    def plugins(self) -> tuple[object, ...]:
        """What the host needs for it."""
        return tuple(plugin for plugin in (self._meter, self._prices, self._budget) if plugin is not None)

    @property
    def is_worth_telling(self) -> bool:
        """Whether the user limited it, or looks on and a service said what it used."""
        return self.is_limited or (sys.stderr.isatty() and bool(self._meter.total().usage))

    def said(self) -> str:
        """Say what was used altogether: ``20 calls, 1200 tokens (1000 in, 200 out), 0.0012 USD``."""
        total = self._meter.total()
        return ", ".join([f"{total.calls} call{'s' if total.calls != 1 else ''}", *said_usage(total)])

    def _limits(self, wishes: RunWishes) -> Budget:
        money = None
        if wishes.budget_money is not None:
            if self._prices is None:
                message = "--budget-money needs prices: `jackfield config set run.prices FILE` names a table of yours."
                raise click.UsageError(message, click.get_current_context(silent=True))
            money = Money(Decimal(wishes.budget_money), self._prices.currency)
        return Budget(calls=wishes.budget_calls, tokens=wishes.budget_tokens, money=money)


def said_usage(used: Result[Any] | Tally) -> Iterator[str]:
    """Say what a run, or several, used, and what it cost; nothing where nobody said so."""
    usage = used.usage or Usage()
    if usage.tokens is not None:
        parts = ", ".join(f"{count} {word}" for name, word in _PARTS if (count := getattr(usage, name)) is not None)
        yield f"{usage.tokens} tokens ({parts})" if parts else f"{usage.tokens} tokens"
    if usage.images:
        yield f"{usage.images} image{'s' if usage.images != 1 else ''}"
    if usage.seconds:
        yield f"{usage.seconds:g} s of sound"
    if used.cost is not None:
        left_out = getattr(used, "unpriced", 0)
        yield f"{used.cost}{f' and what {left_out} without a price cost' if left_out else ''}"
