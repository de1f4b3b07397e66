"""What plugins of a host see and may change."""

import re
from collections.abc import Generator

import pytest

from jackfield import (
    Event,
    Execution,
    Host,
    NotFoundError,
    Operation,
    OperationFinished,
    OperationStarted,
    PluginError,
    Result,
    RetryScheduled,
    hookimpl,
)
from jackfield.testing import Replay
from weather import CANARY, HERE, KEY, MODULES, QUICK


class Diary:
    """Writes down every event."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Write one down."""
        self.events.append(event)


def test_events_tell_the_life_of_an_operation(replay: Replay) -> None:
    """From start over attempts and waits to the end, without a secret."""
    diary = Diary()
    replay.reply({}, status=500)
    replay.reply({"temperature_c": 1})

    with Host(plugins=[diary, replay], modules=MODULES, discover=False, settings=QUICK) as host:
        host.run("weather.get_weather", HERE, connection=KEY)

    names = [type(event).__name__ for event in diary.events]
    assert names == ["OperationStarted", "AttemptStarted", "RetryScheduled", "AttemptStarted", "OperationFinished"]
    waited = next(event for event in diary.events if isinstance(event, RetryScheduled))
    assert (waited.attempt, waited.max_attempts) == (1, 3)
    assert len({event.operation_id for event in diary.events}) == 1
    assert CANARY not in str(diary.events)


def test_a_failure_is_an_event_too(replay: Replay) -> None:
    """The last event names the error's class."""
    diary = Diary()
    replay.reply({}, status=404)

    with Host(plugins=[diary, replay], modules=MODULES, discover=False) as host, pytest.raises(NotFoundError):
        host.run("weather.get_weather", HERE, connection=KEY)

    finished = diary.events[-1]
    assert isinstance(finished, OperationFinished)
    assert finished.error == "NotFoundError"


def test_a_started_event_names_purpose_and_connection(replay: Replay) -> None:
    """Choices are told apart from runs."""
    diary = Diary()
    replay.reply([])

    with Host(plugins=[diary, replay], modules=MODULES, discover=False) as host:
        host.choices("weather.get_weather", "city", connection=KEY)

    started = diary.events[0]
    assert isinstance(started, OperationStarted)
    assert started.purpose.value == "choices"


class Clumsy:
    """Fails at every event."""

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Fail."""
        raise RuntimeError(event.module_id)


def test_a_plugin_that_fails_at_events_changes_nothing(replay: Replay, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the operation goes on."""
    replay.reply({"temperature_c": 1})

    with Host(plugins=[Clumsy(), replay], modules=MODULES, discover=False) as host:
        result = host.run("weather.get_weather", HERE, connection=KEY)

    assert result.output.temperature_c == 1
    assert "A plugin failed at OperationStarted" in caplog.text


class Memory:
    """Answers the second time without running."""

    def __init__(self) -> None:
        self.kept: Result[object] | None = None

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """Wrap the run, or drop it unstarted."""
        execution = yield
        return self._remembered(execution)

    def _remembered(self, execution: Execution) -> Execution:
        if self.kept is None:
            self.kept = yield from execution
        return self.kept


def test_middleware_can_answer_without_starting_the_run(replay: Replay) -> None:
    """A run that is dropped unstarted sends nothing."""
    replay.reply({"temperature_c": 1})

    with Host(plugins=[Memory(), replay], modules=MODULES, discover=False) as host:
        first = host.run("weather.get_weather", HERE, connection=KEY)
        second = host.run("weather.get_weather", HERE, connection=KEY)

    assert first is second
    assert len(replay.requests) == 1


class Misspelt:
    """Implements a hook that does not exist."""

    @hookimpl
    def on_evnt(self, event: Event) -> None:
        """Never be called."""


class Defaulted:
    """Gives an argument a default."""

    @hookimpl
    def find_connection(self, name: str = "x") -> None:
        """Never be called."""


@pytest.mark.parametrize("plugin", [Misspelt(), Defaulted()], ids=["misspelt", "default"])
def test_a_plugin_with_a_wrong_hook_is_refused(plugin: object) -> None:
    """A hook that would never be called, or differently by each pluggy, is found when it is registered."""
    with pytest.raises(PluginError, match="cannot be registered"):
        Host(plugins=[plugin], discover=False)


NO_PLUGINS = {
    "nothing": (None, "a Python NoneType", "@hookimpl"),
    "a text": ("diary", "a Python str", "@hookimpl"),
    "a class": (Diary, "the class Diary", r"Diary\(\)"),
    "one without a hook": (object(), "a Python object", "@hookimpl"),
}


@pytest.mark.parametrize(("plugin", "what", "hint"), NO_PLUGINS.values(), ids=NO_PLUGINS)
def test_what_is_given_as_a_plugin_and_has_no_hook_is_refused(plugin: object, what: str, hint: str) -> None:
    """A test that gives Replay and not Replay() would else ask the real service."""
    with pytest.raises(PluginError, match=f"was given {what}, which has no hooks") as refused:
        Host(plugins=[plugin], discover=False)

    assert re.search(hint, refused.value.hint)


def test_two_hosts_share_nothing(replay: Replay) -> None:
    """A plugin of one does not see the other's operations."""
    diary = Diary()
    replay.reply({"temperature_c": 1})

    with (
        Host(plugins=[diary], modules=MODULES, discover=False),
        Host(plugins=[replay], modules=MODULES, discover=False) as other,
    ):
        other.run("weather.get_weather", HERE, connection=KEY)

    assert diary.events == []
