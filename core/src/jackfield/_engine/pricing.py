"""What a usage costs, as the plugins say."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from jackfield._engine.plugins import Hooks
from jackfield.connections import Connection
from jackfield.errors import PluginError
from jackfield.operations import Operation
from jackfield.usage import Money, Usage, is_amount


class Prices:
    """Asks the plugins of a host for prices, and sees that all of them are in one currency."""

    def __init__(self, hooks_for: Callable[[str], Hooks]) -> None:
        self._hooks_for = hooks_for
        self._currency = ""

    def of(self, module_id: str, connection: Connection | None) -> Callable[[Usage], Money | None] | None:
        """Give what prices the usages of an operation; ``None`` if no plugin knows of prices."""
        hooks = self._hooks_for(module_id)
        if not hooks.prices:
            return None
        return partial(self._price, hooks, module_id, connection.name if connection else "")

    def _price(self, hooks: Hooks, module_id: str, connection: str, usage: Usage) -> Money | None:
        found = hooks.price_usage(usage=usage, module_id=module_id, connection=connection)
        if found is None:
            return None
        if not isinstance(found, Money):
            message = f"A plugin answered the hook 'price_usage' with {type(found).__name__}, not with Money."
            raise PluginError(message, stage="hook")
        if not is_amount(found.amount, Decimal):
            message = "A plugin answered the hook 'price_usage' with an amount that is no Decimal of at least 0."
            raise PluginError(message, stage="hook")
        self._currency = self._currency or found.currency
        if found.currency != self._currency:
            message = f"Plugins of this host give prices in {self._currency} and in {found.currency}."
            raise PluginError(message, stage="hook", hint="Let all of them give prices in one currency.")
        return found


def cost_of(operation: Operation, used: Sequence[Usage], warn: Callable[[str], None]) -> Money | None:
    """Price what an operation used; ``None`` if nobody knows the price of all of it, which is a warning."""
    price = operation.price
    if price is None or not used:
        return None
    try:
        found = [(usage.model, _cost(price, usage)) for usage in used]
    except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin's code; what the run gave is not lost by it
        warn(f"What this cost is not known: a plugin failed at its price ({type(error).__name__}).")
        return None
    known = [money for _, money in found if money is not None]
    if len(known) < len(found):
        unknown = sorted({model or operation.module_id for model, money in found if money is None})
        warn(f"What this cost is not known: there is no price for {', '.join(unknown)}.")
        return None
    return sum(known[1:], known[0])


def _cost(price: Callable[[Usage], Money | None], usage: Usage) -> Money | None:
    # A service that says nothing of how much was used does not say that it was for free; but a run may have a price.
    cost = price(usage)
    return cost if usage or (cost and cost.amount) else None
