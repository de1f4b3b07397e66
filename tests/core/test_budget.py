"""A budget stops before it is passed."""

import threading
from collections.abc import Callable, Generator
from decimal import Decimal
from typing import Any

import pytest
from attrs import frozen

from jackfield import (
    BrokenAnswerError,
    Budget,
    BudgetError,
    Cancellation,
    Context,
    DeadlineError,
    Effect,
    Execution,
    Failure,
    Host,
    InputError,
    JackfieldError,
    Money,
    OperationCancelledError,
    PluginError,
    PriceTable,
    RefusedByPolicyError,
    RefusedError,
    Result,
    Usage,
    hookimpl,
    module,
)


@frozen(kw_only=True)
class Work:
    most: int | None = None
    used: int | None = 0
    fails: str = ""
    model: str = "m"


@frozen(kw_only=True)
class Done:
    used: int | None


def _error(kind: str) -> JackfieldError:
    return RefusedError("No.", status=400) if kind == "refused" else BrokenAnswerError("It broke.")


@module(
    label="Work",
    effect=Effect.READ,
    foresee=lambda form: Usage(model=form.model, input_tokens=0, output_tokens=form.most),
)
def work(form: Work, context: Context) -> Generator[Done, None, Done]:
    """Use up what the form says."""
    yield Done(used=form.used)
    if form.used is not None:
        context.record_usage(Usage(model=form.model, input_tokens=0, output_tokens=form.used))
    if form.fails:
        raise _error(form.fails)
    return Done(used=form.used)


@module(label="Look", effect=Effect.READ, foresee=lambda _: Usage(input_tokens=0, output_tokens=0))
def look(form: Work, context: Context) -> Done:
    """Use nothing."""
    return Done(used=0)


@module(label="Guess", effect=Effect.READ)
def guess(form: Work, context: Context) -> Done:
    """Use what nobody foresees."""
    context.record_usage(Usage(model=form.model, output_tokens=form.used))
    return Done(used=form.used)


MODULES = {"test.work": work, "test.look": look, "test.guess": guess}


class Prices:
    """A token of m costs a cent; other models have no price."""

    @hookimpl
    def price_usage(self, usage: Usage) -> Money | None:
        """Give the price."""
        return Money(Decimal(usage.tokens or 0) / 100, "EUR") if usage.model == "m" else None


def host_with(*plugins: object) -> Host:
    """Make a host with these plugins."""
    return Host(modules=MODULES, discover=False, plugins=plugins)


def test_what_could_pass_the_budget_is_refused() -> None:
    """By the most that its form allows, before it begins; what was not used comes back."""
    budget = Budget(tokens=100)

    with host_with(budget) as host:
        host.run(work, Work(most=100, used=30))
        with pytest.raises(BudgetError) as caught:
            host.run(work, Work(most=71, used=0))
        host.run(work, Work(most=70, used=70))

    error = caught.value
    assert str(error) == (
        "test.work: this run could use 71 tokens, and 70 tokens of the budget of 100 tokens are left.\n"
        "Raise the budget, or ask for less: fewer or shorter answers."
    )
    assert (error.budget, error.maximum, error.spent, error.needed) == ("tokens", *map(Decimal, (100, 30, 71)))
    assert isinstance(error, RefusedByPolicyError)
    assert budget.spent == {"tokens": 100}


def test_calls_are_counted_when_they_begin() -> None:
    """Whether they succeed or fail."""
    budget = Budget(calls=2)

    with host_with(budget) as host:
        host.run(look)
        with pytest.raises(RefusedError):
            host.run(work, Work(fails="refused"))
        with pytest.raises(BudgetError, match="0 calls of the budget of 2 calls are left"):
            host.run(look)

    assert budget.spent == {"calls": 2}


def test_a_budget_of_money_goes_by_the_prices() -> None:
    """Which a plugin gives: core knows none."""
    budget = Budget(money=Money(Decimal("0.50"), "EUR"))

    with host_with(budget, Prices()) as host:
        host.run(work, Work(most=50, used=20))
        with pytest.raises(BudgetError, match=r"could use 0\.31 EUR, and 0\.30 EUR of the budget of 0\.50 EUR is left"):
            host.run(work, Work(most=31))
        host.run(look)

    assert budget.spent == {"money": Decimal("0.2")}


@pytest.mark.parametrize("plugins", [(), (Prices(),)], ids=["no prices at all", "not of this model"])
def test_a_budget_of_money_refuses_what_has_no_price(plugins: tuple[object, ...]) -> None:
    """It could not be counted."""
    with (
        host_with(Budget(money=Money(Decimal(1), "EUR")), *plugins) as host,
        pytest.raises(BudgetError, match="there is no price for the model other"),
    ):
        host.run(work, Work(most=1, model="other"))


def test_a_budget_in_another_currency_than_the_prices_is_refused() -> None:
    """Nobody here knows a rate."""
    with (
        host_with(Budget(money=Money(Decimal(1), "USD")), Prices()) as host,
        pytest.raises(InputError, match="The budget is in USD, and the prices are in EUR"),
    ):
        host.run(work, Work(most=1))


def test_a_map_over_a_budget_never_passes_it() -> None:
    """However many run at once: what is set aside for some is waited for, not refused, if it may come back."""
    budget = Budget(tokens=1000)

    with host_with(budget) as host:
        outcomes = list(host.map(work, [{"most": 100, "used": 7}] * 300, concurrency=16))

    done = [outcome for outcome in outcomes if isinstance(outcome, Result)]
    assert len(done) == (1000 - 100) // 7 + 1
    assert budget.spent == {"tokens": 7 * len(done)}
    assert all(isinstance(each.error, BudgetError) for each in outcomes if isinstance(each, Failure))


def test_a_run_waits_for_what_is_set_aside_for_another() -> None:
    """It begins when the other ends, since that leaves enough."""
    begun = threading.Event()
    results = []

    with host_with(Budget(tokens=100)) as host:
        stream = host.stream(work, Work(most=100, used=10))
        next(stream)

        def second() -> None:
            begun.set()
            results.append(host.run(work, Work(most=90, used=90)))

        thread = threading.Thread(target=second)
        thread.start()
        begun.wait(30)
        assert results == []
        assert stream.result.usage == Usage(model="m", input_tokens=0, output_tokens=10)
        thread.join(30)

    assert len(results) == 1


def test_whoever_waits_can_be_cancelled_and_has_a_deadline() -> None:
    """As in any other wait; nothing of it was sent."""
    cancellation = Cancellation()
    cancellation.cancel()

    with host_with(Budget(tokens=100)) as host, host.stream(work, Work(most=100)) as stream:
        next(stream)
        with pytest.raises(DeadlineError) as late:
            host.run(work, Work(most=1), deadline_s=0.05)
        with pytest.raises(OperationCancelledError):
            host.run(work, Work(most=1), cancellation=cancellation)

    assert (late.value.phase, late.value.sent) == ("queue", False)


def test_what_a_service_refused_is_not_counted() -> None:
    """Nobody pays for it."""
    budget = Budget(tokens=100)

    with host_with(budget) as host, pytest.raises(RefusedError):
        host.run(work, Work(most=100, used=None, fails="refused"))

    assert budget.spent == {"tokens": 0}


@pytest.mark.parametrize("how", ["broken", "closed", "silent"])
def test_where_nobody_says_what_was_used_the_most_counts(how: str) -> None:
    """An answer that broke, a stream that was left, a service that does not count."""
    budget = Budget(tokens=100)

    with host_with(budget) as host:
        if how == "closed":
            with host.stream(work, Work(most=60)) as stream:
                next(stream)
        elif how == "broken":
            with pytest.raises(BrokenAnswerError):
                host.run(work, Work(most=60, used=None, fails="broken"))
        else:
            host.run(work, Work(most=60, used=None))

    assert budget.spent == {"tokens": 60}


def test_a_failure_that_tells_what_it_used_counts_that() -> None:
    """An answer that cannot be used is paid for as well."""
    budget = Budget(tokens=100)

    with host_with(budget) as host, pytest.raises(RefusedError):
        host.run(work, Work(most=60, used=5, fails="refused"))

    assert budget.spent == {"tokens": 5}


@pytest.mark.parametrize("unknown", [work, guess], ids=["no most in the form", "nothing foreseen"])
def test_a_run_whose_most_nobody_knows_begins_while_something_is_left(unknown: object) -> None:
    """Then as if it needed as much as the largest one before it."""
    budget = Budget(tokens=100)

    with host_with(budget) as host:
        run: Callable[..., object] = host.run
        run(unknown, Work(used=45))
        run(unknown, Work(used=40))
        with pytest.raises(BudgetError, match="could use 45 tokens, and 15 tokens"):
            run(unknown, Work(used=1))

    assert budget.spent == {"tokens": 85}


def test_of_many_runs_whose_most_nobody_knows_the_first_shows_what_they_use() -> None:
    """Else all of a map would begin at once, and pass the budget by as many runs as are in flight."""
    budget = Budget(tokens=100)

    with host_with(budget) as host:
        failed = list(host.map(work, [{"fails": "refused", "used": None}] * 2, concurrency=2))
        outcomes = list(host.map(work, [{"used": 40}] * 20, concurrency=20))

    assert all(isinstance(each, Failure) for each in failed)
    assert sum(isinstance(each, Result) for each in outcomes) == 2
    assert budget.spent == {"tokens": 80}


def test_a_strict_budget_refuses_them() -> None:
    """So that it is never passed."""
    with (
        host_with(Budget(tokens=100, strict=True)) as host,
        pytest.raises(BudgetError, match="nobody knows how many tokens this run can use at most"),
    ):
        host.run(guess, Work(used=1))


def test_what_another_plugin_answers_costs_nothing() -> None:
    """A cache, for example, does not run the module."""

    class Cache:
        @hookimpl(wrapper=True)
        def execute(self) -> Generator[None, Execution, Execution]:
            yield
            return self._kept()

        def _kept(self) -> Execution:
            yield from ()
            return Result(outputs=(Done(used=0),), bundles=({"used": 0},))

    budget = Budget(calls=0)

    with host_with(Cache(), budget) as host:
        result = host.run(look)

    assert result.bundle == {"used": 0}
    assert budget.spent == {"calls": 0}


def test_what_a_second_budget_refuses_costs_the_first_nothing() -> None:
    """Whichever of them is asked first: nothing was sent."""
    one, other = Budget(tokens=100, calls=9), Budget(tokens=50, calls=9)

    for plugins in [(one, other), (other, one)]:
        with host_with(*plugins) as host, pytest.raises(BudgetError, match="50 tokens of the budget of 50"):
            host.run(work, Work(most=60))

    assert one.spent == other.spent == {"tokens": 0, "calls": 0}


def test_a_dry_run_needs_no_budget() -> None:
    """It sends nothing."""
    with host_with(Budget(calls=0)) as host:
        assert host.preview(look).requests == ()


@pytest.mark.parametrize("limits", [{"calls": -1}, {"tokens": 1.5}, {"calls": True}, {"calls": "7"}], ids=str)
def test_a_limit_that_is_none_is_refused(limits: dict[str, int]) -> None:
    """When the budget is made, not when it is passed."""
    with pytest.raises(InputError, match=r"A budget of \w+ must be a number of at least 0"):
        Budget(**limits)  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-0.01"])
def test_an_amount_of_money_that_is_none_is_refused(amount: str) -> None:
    """Nothing could be compared with it."""
    with pytest.raises(InputError, match="A budget of money must be a number of at least 0"):
        Budget(money=Money(Decimal(amount), "EUR"))


@pytest.mark.parametrize("used", [-1000, float("nan"), float("inf"), "7", True], ids=str)
def test_a_service_cannot_give_a_budget_back(used: Any) -> None:
    """What it says that it used is believed only if it can be; else the most that was foreseen counts."""
    budget = Budget(tokens=100, money=Money(Decimal(1), "EUR"))

    @module(label="Forge", effect=Effect.READ, foresee=lambda form: Usage(model="m", input_tokens=0, output_tokens=60))
    def forge(form: Work, context: Context) -> Done:
        """Say what cannot be."""
        context.record_usage(Usage(model="m", output_tokens=used))
        return Done(used=0)

    with host_with(budget, Prices()) as host:
        result = host.run(forge, Work())

    assert result.used == (Usage(model="m"),)
    assert result.cost is None
    assert result.warnings[0] == "What this used is not known: output_tokens must be a number of at least 0."
    assert budget.spent == {"tokens": 60, "money": Decimal("0.6")}


def test_a_service_that_says_nothing_of_its_counts_is_not_taken_for_free() -> None:
    """An empty usage is none; what was foreseen counts."""
    budget = Budget(money=Money(Decimal(1), "EUR"))
    prices = PriceTable.of(
        {"currency": "EUR", "prices": [{"per_tokens": 100, "input_tokens": "1", "output_tokens": "1"}]}
    )

    @module(label="Mute", effect=Effect.READ, foresee=lambda form: Usage(model="m", input_tokens=0, output_tokens=60))
    def mute(form: Work, context: Context) -> Done:
        """Say that something was used."""
        context.record_usage(Usage(model="m"))
        return Done(used=0)

    with host_with(budget, prices) as host:
        result = host.run(mute, Work())

    assert result.cost is None
    assert result.warnings == ("What this cost is not known: there is no price for m.",)
    assert budget.spent == {"money": Decimal("0.6")}


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
def test_images_that_are_priced_by_tokens_fit_a_budget_of_money(strict: bool) -> None:  # noqa: FBT001  parametrized
    """How many tokens they take is told afterwards; that the model has a price is known before."""
    budget = Budget(money=Money(Decimal(1), "EUR"), strict=strict)
    prices = PriceTable.of(
        {"currency": "EUR", "prices": [{"model": "m", "per_tokens": 100, "output_tokens": 1, "input_tokens": 1}]}
    )

    @module(label="Paint", effect=Effect.READ, foresee=lambda form: Usage(model=form.model, images=2))
    def paint(form: Work, context: Context) -> Done:
        """Make two images."""
        context.record_usage(Usage(model="m", input_tokens=10, output_tokens=20))
        return Done(used=0)

    with host_with(budget, prices) as host:
        if strict:
            with pytest.raises(BudgetError, match="nobody knows how many tokens"):
                host.run(paint, Work())
        else:
            assert host.run(paint, Work()).cost == Money(Decimal("0.3"), "EUR")
        with pytest.raises(BudgetError, match="there is no price for the model other"):
            host.run(paint, Work(model="other"))

    assert budget.spent == {"money": Decimal(0 if strict else "0.3")}


def test_a_price_that_is_no_amount_is_an_error_before_anything_is_sent() -> None:
    """A plugin that gives one would take every limit away."""

    class Confused:
        @hookimpl
        def price_usage(self) -> Money:
            return Money(Decimal(-1), "EUR")

    with (
        host_with(Budget(money=Money(Decimal(1), "EUR")), Confused()) as host,
        pytest.raises(PluginError, match="an amount that is no Decimal of at least 0"),
    ):
        host.run(work, Work(most=1))
