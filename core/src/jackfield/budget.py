"""A plugin that stops before a budget is passed."""

import threading
from collections.abc import Generator, Sequence
from decimal import Decimal

from attrs import frozen

from jackfield._http.bells import Bell
from jackfield._http.forking import forget_after_fork
from jackfield.errors import (
    BudgetError,
    DeadlineError,
    InputError,
    JackfieldError,
    NoConnectionError,
    RefusedByPolicyError,
    RemoteError,
    TransportError,
)
from jackfield.hookspecs import hookimpl
from jackfield.operations import Execution, Operation
from jackfield.usage import Money, Usage, is_amount

__all__ = ["Budget"]

_ZERO = Decimal(0)


@frozen
class _Limit:
    """One thing that is limited."""

    kind: str
    maximum: Decimal
    currency: str = ""

    def used(self, operation: Operation, usages: Sequence[Usage]) -> Decimal | None:
        """Give how much of it usages are; ``None`` if nobody knows."""
        if self.kind == "calls":
            return Decimal(1)
        if self.kind == "tokens":
            known = [usage.tokens for usage in usages if usage.tokens is not None]
            return Decimal(sum(known)) if known else None
        return self._cost(operation, usages)

    def _cost(self, operation: Operation, usages: Sequence[Usage]) -> Decimal | None:
        price = operation.price
        costs = [price(usage) if price else None for usage in usages if not usage.is_nothing]
        for cost in costs:
            if cost is not None and cost.currency != self.currency:
                message = f"The budget is in {self.currency}, and the prices are in {cost.currency}."
                raise InputError(message, hint="Give both in one currency.")
        known = [cost.amount for cost in costs if cost is not None]
        return sum(known, _ZERO) if usages and len(known) == len(costs) else None

    def said(self, amount: Decimal) -> str:
        """Write an amount of it as a person does."""
        if self.currency:
            return str(Money(amount, self.currency))
        return f"{amount} {self.kind.removesuffix('s') if amount == 1 else self.kind}"


@frozen
class _Need:
    """What a run may use of what is limited, as far as that is known.

    Attributes:
        amount: As much, by what its form says, and by runs before it.
        whole: Whether that is known to be all.
        first: Whether nobody knows its most, and no run of its module has shown yet what such a run uses.
    """

    amount: Decimal
    whole: bool
    first: bool = False


class Budget:
    """Refuses runs that could use more than is left: ``Host(plugins=[Budget(tokens=100_000)])``.

    Before a run begins, the most that it can use is set aside: what its module foresees of its form (the length of the
    input, ``max_completion_tokens`` times ``n``). If that fits into what is left, it runs; if it would fit but for what
    is set aside for others, it waits for these, within its deadline; else it is refused and nothing is sent. What was
    set aside and not used comes back when the run ends.

    A run whose most nobody knows, such as a chat without ``max_completion_tokens``, is taken to need as much as the
    largest run of that module by now, so the budget can be passed by what such runs use more than that. The first of
    them runs alone, while others of its module wait to see what it uses. ``strict`` refuses them instead.

    Where a run ends and the service does not say what it used, what was set aside counts as used. What another plugin
    refuses, such as a second budget, does not count.

    Counts the runs of this process, in all threads; processes share no budget. Repeats of a request inside of one run
    are no calls of their own. One budget may serve several hosts.

    Args:
        calls: How many runs may begin; ``None`` for any number.
        tokens: How many tokens may be used, of input and output together.
        money: What it may cost, by the hook ``price_usage``; a usage without a price is refused.
        strict: Whether to refuse runs whose most is not known.

    Raises:
        InputError: A limit is no number, or below 0.
    """

    def __init__(
        self, *, calls: int | None = None, tokens: int | None = None, money: Money | None = None, strict: bool = False
    ) -> None:
        self._limits = [
            *_limit("calls", calls),
            *_limit("tokens", tokens),
            *_limit("money", money.amount if money else None, money.currency if money else ""),
        ]
        self._strict = strict
        self._spent = dict.fromkeys((limit.kind for limit in self._limits), _ZERO)
        self._kept = dict(self._spent)
        self._largest: dict[tuple[str, str], Decimal] = {}
        self.forget()
        forget_after_fork(self)

    def forget(self) -> None:
        """Start anew in a child process: a vanished thread may hold the lock, and runs nothing."""
        self._lock = threading.Lock()
        self._waiting: list[Bell] = []
        self._kept = dict.fromkeys(self._kept, _ZERO)
        self._trying: set[str] = set()

    @property
    def spent(self) -> dict[str, Decimal]:
        """What has been used by now, of what is limited: ``{"tokens": Decimal(1200)}``."""
        with self._lock:
            return dict(self._spent)

    @hookimpl(wrapper=True, trylast=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """Set aside what the run may use when it begins; a run that another plugin answers costs nothing."""
        execution = yield
        return self._within(operation, execution)

    def _within(self, operation: Operation, execution: Execution) -> Execution:
        foreseen = _foreseen(operation)
        needs = {limit.kind: self._need(limit, operation, foreseen) for limit in self._limits}
        needs = self._set_aside(operation, needs)
        used: dict[str, Decimal | None] = {}
        try:
            result = yield from execution
            used = self._used(operation, result.used)
        except JackfieldError as error:
            used = self._used(operation, error.used) if error.used or _may_have_acted(error) else self._nothing(error)
            raise
        finally:
            self._settle(operation, needs, used)
        return result

    # What a run may use.

    def _need(self, limit: _Limit, operation: Operation, foreseen: Usage | None) -> _Need:
        if limit.kind == "calls":
            return _Need(Decimal(1), whole=True)
        whole = foreseen is not None and foreseen.input_tokens is not None and foreseen.output_tokens is not None
        known = limit.used(operation, [foreseen]) if foreseen is not None else None
        if limit.kind == "money" and known is None and not _may_be_priced(limit, operation, foreseen):
            message = f"{operation.module_id}: the budget is in money, and there is no price for {_model(foreseen)}."
            raise self._error(limit, message, _ZERO, hint="Add it to the prices.")
        amount = known or _ZERO
        if not whole and self._strict:
            message = f"{operation.module_id}: nobody knows how many tokens this run can use at most."
            raise self._error(limit, message, amount, hint="Set the most tokens for the answer: Max Output Tokens.")
        return _Need(amount, whole=whole)

    def _estimated(self, kind: str, operation: Operation, need: _Need) -> _Need:
        if need.whole:
            return need
        largest = self._largest.get((operation.module_id, kind))
        return _Need(max(need.amount, largest or _ZERO), whole=False, first=largest is None)

    # What is left.

    def _set_aside(self, operation: Operation, known: dict[str, _Need]) -> dict[str, _Need]:
        """Set aside what a run may use, as soon as that fits, and say how much that is."""
        while True:
            with self._lock:
                needs = {kind: self._estimated(kind, operation, need) for kind, need in known.items()}
                for limit in self._limits:
                    self._refuse_beyond(limit, operation, needs[limit.kind])
                if self._may_begin(operation, needs):
                    for kind, need in needs.items():
                        self._kept[kind] += need.amount
                    if any(need.first for need in needs.values()):
                        self._trying.add(operation.module_id)
                    return needs
                freed = Bell()
                self._waiting.append(freed)
            operation.deadline.check("queue", sent=False)
            operation.cancellation.wait_for(freed, operation.deadline.left_s)

    def _may_begin(self, operation: Operation, needs: dict[str, _Need]) -> bool:
        if operation.module_id in self._trying and any(need.first for need in needs.values()):
            return False
        return all(self._fits(limit, needs[limit.kind], self._kept[limit.kind]) for limit in self._limits)

    def _fits(self, limit: _Limit, need: _Need, kept: Decimal) -> bool:
        taken = self._spent[limit.kind] + kept
        # A run of which nothing is known needs something: it may only begin while something is left.
        return taken + need.amount <= limit.maximum and (need.whole or taken < limit.maximum)

    def _refuse_beyond(self, limit: _Limit, operation: Operation, need: _Need) -> None:
        if self._fits(limit, need, _ZERO):
            return
        left = max(limit.maximum - self._spent[limit.kind], _ZERO)
        could = f"this run could use {limit.said(need.amount)}, and " if need.amount and limit.kind != "calls" else ""
        message = f"{operation.module_id}: {could}{limit.said(left)} of the budget of {limit.said(limit.maximum)}"
        raise self._error(limit, f"{message} {'is' if limit.currency or left == 1 else 'are'} left.", need.amount)

    def _error(self, limit: _Limit, message: str, needed: Decimal, hint: str = "") -> BudgetError:
        spent = self._spent[limit.kind]
        return BudgetError(message, budget=limit.kind, maximum=limit.maximum, spent=spent, needed=needed, hint=hint)

    # What it used.

    def _used(self, operation: Operation, usages: Sequence[Usage]) -> dict[str, Decimal | None]:
        return {limit.kind: _safely_used(limit, operation, usages) for limit in self._limits}

    def _nothing(self, error: JackfieldError) -> dict[str, Decimal | None]:
        calls = _ZERO if isinstance(error, RefusedByPolicyError) else Decimal(1)
        return {limit.kind: calls if limit.kind == "calls" else _ZERO for limit in self._limits}

    def _settle(self, operation: Operation, needs: dict[str, _Need], used: dict[str, Decimal | None]) -> None:
        with self._lock:
            for kind, need in needs.items():
                told = used.get(kind)
                amount = need.amount if told is None else told
                self._kept[kind] -= need.amount
                self._spent[kind] += amount
                key = (operation.module_id, kind)
                if amount or told is None:  # what failed before it used anything shows nothing
                    self._largest[key] = max(self._largest.get(key, _ZERO), amount)
            if any(need.first for need in needs.values()):
                self._trying.discard(operation.module_id)
            waiting, self._waiting = self._waiting, []
        for freed in waiting:
            freed.set()


def _limit(kind: str, maximum: int | Decimal | None, currency: str = "") -> list[_Limit]:
    if maximum is None:
        return []
    if not is_amount(maximum, int | Decimal):
        message = f"A budget of {kind} must be a number of at least 0."
        raise InputError(message)
    return [_Limit(kind, Decimal(maximum), currency)]


def _foreseen(operation: Operation) -> Usage | None:
    module = operation.module
    return module.foresee(operation.form) if module is not None and module.foresee is not None else None


def _may_be_priced(limit: _Limit, operation: Operation, foreseen: Usage | None) -> bool:
    """Tell whether a run may have a price although what is foreseen of it has none: its tokens are for later."""
    if operation.price is None or foreseen is None:
        return operation.price is not None
    if foreseen.tokens is not None:
        return False
    return limit.used(operation, [Usage(model=foreseen.model, input_tokens=1, output_tokens=1)]) is not None


def _model(usage: Usage | None) -> str:
    return f"the model {usage.model}" if usage and usage.model else "what it uses"


def _may_have_acted(error: JackfieldError) -> bool:
    """Tell whether a service may have worked for what ended so; what it answers with a failure is not paid for."""
    if isinstance(error, TransportError | DeadlineError):
        return error.sent
    return not isinstance(error, RemoteError | InputError | NoConnectionError | RefusedByPolicyError)


def _safely_used(limit: _Limit, operation: Operation, usages: Sequence[Usage]) -> Decimal | None:
    if limit.kind != "calls" and not all(usages):  # it was told that something was used, and not how much
        return None
    try:
        return limit.used(operation, usages)
    except Exception:  # noqa: BLE001  a plugin's price; the run is over, and its result is not lost by it
        return None
