"""Many runs at once, runs off the event loop, and how they are stopped."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from jackfield import (
    Cancellation,
    Failure,
    Host,
    InputError,
    InvalidInputError,
    Operation,
    OperationCancelledError,
    Result,
    hookimpl,
)
from jackfield.testing import Replay
from weather import (
    HERE,
    KEY,
    MODULES,
    Place,
    add,
    get_weather,
)


def test_map_gives_results_and_failures_in_the_order_of_the_inputs(host: Host) -> None:
    """One bad input stops no other."""
    inputs = [{"latitude": latitude} for latitude in (1, 200, 3)]

    outcomes = list(host.map(add, inputs, concurrency=2))

    assert [isinstance(outcome, Failure) for outcome in outcomes] == [False, True, False]
    assert isinstance(outcomes[0], Result)
    assert outcomes[0].output.temperature_c == 2
    assert isinstance(outcomes[1], Failure)
    assert isinstance(outcomes[1].error, InvalidInputError)


def test_map_takes_inputs_as_lazily_as_results_are_asked_for(host: Host) -> None:
    """A generator of a million inputs is not read to its end first."""
    taken = []

    def inputs() -> Iterator[dict[str, float]]:
        for number in range(1000):
            taken.append(number)
            yield {"latitude": 1}

    outcomes = host.map(add, inputs(), concurrency=3)
    next(outcomes)
    seen = len(taken)
    outcomes.close()  # type: ignore[attr-defined]

    assert seen <= 2 * 3


def test_map_gives_what_is_done_before_it_waits_for_more_inputs(host: Host) -> None:
    """Whoever feeds it slowly sees the first result before the last input."""
    given: list[object] = []

    def inputs() -> Iterator[dict[str, float]]:
        yield {"latitude": 1}
        deadline = time.monotonic() + 30
        while not given and time.monotonic() < deadline:
            time.sleep(0.01)
            yield {"latitude": 2}

    outcomes = host.map(add, inputs(), concurrency=1_000_000)
    given.append(next(outcomes))
    rest = len(list(outcomes))

    assert isinstance(given[0], Result)
    assert rest < 1000


@pytest.mark.parametrize("concurrency", [0, -1])
def test_map_refuses_to_run_nothing_at_once(host: Host, concurrency: int) -> None:
    """The bound is named before anything runs."""
    with pytest.raises(InputError, match="at least 1"):
        host.map(add, [], concurrency=concurrency)


def test_arun_gives_the_same_off_the_event_loop(host: Host, replay: Replay) -> None:
    """The loop goes on while an operation runs."""
    replay.reply({"temperature_c": 4})

    result = asyncio.run(host.arun(get_weather, Place(latitude=1), connection=KEY))

    assert result.output.temperature_c == 4


class Slow:
    """Holds a request until the operation is cancelled."""

    def __init__(self) -> None:
        self.entered = threading.Event()

    @hookimpl(tryfirst=True)
    def send(self, operation: Operation) -> None:
        """Wait for the cancellation, a minute at most."""
        self.entered.set()
        operation.cancellation.wait(60)


def test_cancelling_the_task_cancels_the_operation() -> None:
    """An abandoned call does not go on in its thread."""
    slow = Slow()

    async def abandon(host: Host) -> None:
        task = asyncio.ensure_future(host.arun(get_weather, HERE, connection=KEY))
        await asyncio.to_thread(slow.entered.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with Host(plugins=[slow], modules=MODULES, discover=False, environ={}) as host:
        asyncio.run(abandon(host))

    assert slow.entered.is_set()  # and closing the host, which waits for its threads, came to an end


def test_closing_the_host_cancels_what_it_awaits() -> None:
    """It does not hold up the event loop until somebody else's deadline."""
    slow = Slow()

    async def close_early() -> object:
        host = Host(plugins=[slow], modules=MODULES, discover=False, environ={})
        task = asyncio.ensure_future(host.arun(get_weather, HERE, connection=KEY))
        await asyncio.to_thread(slow.entered.wait, 30)
        host.close()
        return (await asyncio.gather(task, return_exceptions=True))[0]

    assert isinstance(asyncio.run(close_early()), OperationCancelledError)


def test_an_operation_can_be_cancelled_before_it_starts(host: Host, replay: Replay) -> None:
    """Nothing is sent for it."""
    cancellation = Cancellation()
    cancellation.cancel()

    with pytest.raises(OperationCancelledError):
        host.run(get_weather, HERE, connection=KEY, cancellation=cancellation)
    assert replay.requests == []


USER: ContextVar[str] = ContextVar("user", default="nobody")


class Asker:
    """Notes for whom each run is."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @hookimpl
    def execute(self, operation: Operation) -> None:
        """Note it."""
        self.seen.append(USER.get())


def test_context_variables_of_the_caller_are_seen_in_every_thread() -> None:
    """As they were when map and arun were called; what is set there does not come back."""
    asker = Asker()

    with Host(plugins=[asker], modules=MODULES, discover=False, environ={}) as host:
        token = USER.set("Ada")
        outcomes = host.map(add, [{"latitude": 1}] * 5, concurrency=3)
        USER.reset(token)
        assert len(list(outcomes)) == 5
        USER.set("Grace")
        asyncio.run(_one(host))

    assert asker.seen == ["Ada"] * 5 + ["Grace"]


async def _one(host: Host) -> None:
    await host.arun(add, {"latitude": 1})
