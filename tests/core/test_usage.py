"""What is used adds up, and is told even where a run fails."""

from collections.abc import Generator, Mapping, Sequence
from decimal import Decimal

import pytest
from attrs import frozen

from jackfield import AnswerError, Context, Effect, Host, Meter, Money, Tally, Usage, hookimpl, module


@frozen(kw_only=True)
class Work:
    used: Sequence[int] = ()
    fails: bool = False


@frozen(kw_only=True)
class Done:
    count: int


@module(label="Work", effect=Effect.READ)
def work(form: Work, context: Context) -> Generator[Done, None, Done]:
    """Use up what the form says."""
    for number, count in enumerate(form.used):
        context.record_usage(Usage(model=f"m{number}", input_tokens=count, output_tokens=1))
        yield Done(count=count)
    if form.fails:
        message = "Nothing useful came."
        raise AnswerError(message)
    return Done(count=len(form.used))


MODULES = {"test.work": work}


class PerToken:
    """A token costs a cent, but nobody knows what m9 costs."""

    @hookimpl
    def price_usage(self, usage: Usage) -> Money | None:
        """Give the price."""
        if usage.model == "m9" or usage.tokens is None:
            return None
        return Money(Decimal(usage.tokens) / 100, "EUR")


def test_usages_add_up_count_by_count() -> None:
    """A count that only one has is the sum; one that none has stays unknown."""
    one = Usage(model="a", input_tokens=3, output_tokens=2, cached_tokens=1)
    other = Usage(model="a", total_tokens=10, images=2, seconds=1.5)

    assert one + other == Usage(
        model="a", input_tokens=3, output_tokens=2, total_tokens=15, cached_tokens=1, images=2, seconds=1.5
    )
    assert sum([one, one], Usage()) == Usage(model="a", input_tokens=6, output_tokens=4, cached_tokens=2)


def test_the_sum_of_two_models_names_none() -> None:
    """Since nobody alone used that much."""
    assert (Usage(model="a", images=1) + Usage(model="b", images=1)) == Usage(images=2)


@pytest.mark.parametrize(
    ("amount", "said"), [("1", "1.00 USD"), ("0.0125", "0.0125 USD"), ("1E+3", "1000.00 USD"), ("0", "0.00 USD")]
)
def test_money_is_written_as_people_write_it(amount: str, said: str) -> None:
    """Never with an exponent, and exact."""
    assert str(Money(Decimal(amount), "USD")) == said


def test_two_currencies_do_not_add_up() -> None:
    """Nobody here knows a rate."""
    with pytest.raises(ValueError, match="USD and EUR do not add up"):
        Money(Decimal(1), "USD") + Money(Decimal(1), "EUR")


def test_a_result_tells_each_model_and_the_sum() -> None:
    """And what it costs, if a plugin knows prices."""
    with Host(modules=MODULES, discover=False, plugins=[PerToken()]) as host:
        result = host.run(work, Work(used=[4, 5]))

    assert [usage.model for usage in result.used] == ["m0", "m1"]
    assert result.usage == Usage(input_tokens=9, output_tokens=2)
    assert result.cost == Money(Decimal("0.11"), "EUR")


def test_a_run_without_usage_tells_none() -> None:
    """Nothing was used, and nothing is paid for."""
    with Host(modules=MODULES, discover=False, plugins=[PerToken()]) as host:
        result = host.run(work, Work())

    assert (result.usage, result.cost, result.warnings) == (None, None, ())


def test_a_price_that_nobody_knows_is_a_warning() -> None:
    """A sum that leaves something out would pass for the whole."""
    with Host(modules=MODULES, discover=False, plugins=[PerToken()]) as host:
        result = host.run(work, Work(used=range(10)))

    assert result.cost is None
    assert result.warnings == ("What this cost is not known: there is no price for m9.",)


def test_an_error_tells_what_was_used_before_it() -> None:
    """That is paid for as well."""
    with (
        Host(modules=MODULES, discover=False, plugins=[PerToken()]) as host,
        pytest.raises(AnswerError) as caught,
    ):
        host.run(work, Work(used=[4], fails=True))

    assert caught.value.used == (Usage(model="m0", input_tokens=4, output_tokens=1),)
    assert caught.value.cost == Money(Decimal("0.05"), "EUR")


def test_a_plugin_that_fails_at_a_price_loses_no_result() -> None:
    """The run is done and paid for; only its price is unknown."""

    class Broken:
        @hookimpl
        def price_usage(self) -> Money:
            raise ZeroDivisionError

    with Host(modules=MODULES, discover=False, plugins=[Broken()]) as host:
        result = host.run(work, Work(used=[4]))

    assert result.output.count == 1
    assert result.warnings == ("What this cost is not known: a plugin failed at its price (ZeroDivisionError).",)


def test_a_host_has_one_currency() -> None:
    """Prices in a second one cannot be added, so they are told and not used."""

    class Mixed:
        @hookimpl
        def price_usage(self, usage: Usage) -> Money:
            return Money(Decimal(1), "USD" if usage.model == "m0" else "EUR")

    with Host(modules=MODULES, discover=False, plugins=[Mixed()]) as host:
        result = host.run(work, Work(used=[1, 1]))

    assert result.cost is None
    assert "a plugin failed at its price (PluginError)" in result.warnings[0]


def test_a_meter_adds_up_over_a_map() -> None:
    """Per module, connection and model, whatever succeeded or failed, in all threads."""
    meter = Meter()
    forms: list[Mapping[str, object]] = [{"used": [number]} for number in range(50)] + [
        {"used": [1, 2], "fails": True},
        {"fails": True},
    ]

    with Host(modules=MODULES, discover=False, plugins=[meter, PerToken()]) as host:
        outcomes = list(host.map(work, forms, concurrency=8))

    assert len(outcomes) == 52
    nobody, first, second = meter.tallies()
    assert (nobody.model, nobody.calls, nobody.failed, nobody.usage) == ("", 1, 1, Usage())
    assert (first.model, first.calls, first.failed) == ("m0", 51, 1)
    assert first.usage == Usage(input_tokens=sum(range(50)) + 1, output_tokens=51)
    assert (second.model, second.calls, second.usage) == ("m1", 0, Usage(input_tokens=2, output_tokens=1))
    assert meter.total().calls == 52
    assert meter.total().cost == Money(Decimal(sum(range(50)) + 1 + 51 + 3) / 100, "EUR")
    assert meter.by("module_id").keys() == {"test.work"}
    assert list(meter.by("model")) == ["", "m0", "m1"]


def test_a_meter_counts_what_has_no_price() -> None:
    """So that a cost that leaves something out is told as such."""
    meter = Meter()

    with Host(modules=MODULES, discover=False, plugins=[meter, PerToken()]) as host:
        host.run(work, Work(used=range(10)))

    assert meter.total().unpriced == 1
    assert meter.total().cost == Money(Decimal(sum(range(9)) + 9) / 100, "EUR")


def test_a_stream_that_nobody_reads_to_its_end_is_a_call_that_did_not_fail() -> None:
    """Whoever reads it had enough."""
    meter = Meter()

    with Host(modules=MODULES, discover=False, plugins=[meter]) as host:
        with host.stream(work, Work(used=[1, 2])) as stream:
            next(stream)
        host.stream(work, Work(used=[1])).close()  # never begun

    assert meter.total() == Tally(module_id="test.work", calls=1)


def test_a_meter_without_runs_is_empty() -> None:
    """There is a total of nothing."""
    assert Meter().total() == Tally()


def test_a_meter_of_two_hosts_keeps_to_one_currency() -> None:
    """What is priced in another is told as unpriced; no result is lost by it."""
    meter = Meter()

    class Dollars:
        @hookimpl
        def price_usage(self) -> Money:
            return Money(Decimal(3), "USD")

    for prices in (PerToken(), Dollars()):
        with Host(modules=MODULES, discover=False, plugins=[meter, prices]) as host:
            assert host.run(work, Work(used=[1])).cost is not None

    assert meter.total().cost == Money(Decimal("0.02"), "EUR")
    assert (meter.total().calls, meter.total().unpriced) == (2, 1)
