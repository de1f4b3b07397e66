"""A plugin that only watches costs nothing while nobody looks."""

import logging
from collections.abc import Generator

import pytest
from attrs import define, field, frozen

from jackfield import Context, Effect, Event, Execution, Host, hookimpl, module


@frozen(kw_only=True)
class Nothing:
    """No input."""


@module(label="Rest", effect=Effect.READ)
def rest(form: Nothing, context: Context) -> Nothing:
    """Do nothing."""
    del context
    return form


@define(eq=False)
class Watcher:
    """Says whether it stands aside, and notes what it is called for."""

    aside: bool = True
    seen: list[str] = field(factory=list)

    @hookimpl
    def stand_aside(self) -> bool:
        """Say so."""
        return self.aside

    @hookimpl(wrapper=True)
    def execute(self) -> Generator[None, Execution, Execution]:
        """Note a run."""
        self.seen.append("run")
        return (yield)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Note an event."""
        self.seen.append(type(event).__name__)


RUN = ["OperationStarted", "run", "OperationFinished"]


def run(host: Host) -> None:
    """Run the module."""
    host.run("test.rest", {})


def test_none_of_its_hooks_is_called_while_it_stands_aside() -> None:
    """It is asked for each run, so it may begin and end to watch as it likes; the other plugins do not notice."""
    watcher, other = Watcher(), Watcher(aside=False)
    with Host(plugins=[watcher, other], discover=False, modules={"test.rest": rest}) as host:
        run(host)
        first = [*watcher.seen]
        watcher.aside = False
        run(host)
        second = [*watcher.seen]
        watcher.aside = True
        run(host)

    assert (first, second) == ([], RUN)
    assert watcher.seen == RUN
    assert other.seen == RUN * 3


class Failing(Watcher):
    """Cannot say."""

    @hookimpl
    def stand_aside(self) -> bool:
        """Fail."""
        raise ValueError


@define(eq=True)
class Equal(Watcher):
    """Has a value, and so no hash."""


@pytest.mark.parametrize("make", [Failing, Equal])
def test_a_plugin_that_cannot_stand_aside_is_called(make: type[Watcher], caplog: pytest.LogCaptureFixture) -> None:
    """No policy is got around by a defect."""
    watcher = make()
    with (
        caplog.at_level(logging.WARNING),
        Host(plugins=[watcher], discover=False, modules={"test.rest": rest}) as host,
    ):
        run(host)

    assert watcher.seen == RUN
    assert ("stand_aside" in caplog.text) is (make is Failing)
