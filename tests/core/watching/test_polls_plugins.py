"""What plugins and files are to a poll."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from bulletin import Note, Running, Which, serving, watch_notes

from jackfield import (
    Context,
    Effect,
    Event,
    Execution,
    File,
    FileSettings,
    Host,
    InputError,
    Operation,
    OperationFinished,
    PluginError,
    Result,
    Trigger,
    hookimpl,
    module,
)


@module(label="Watch", effect=Effect.READ, trigger=Trigger(key="id"))
def watch(form: Which, context: Context) -> Iterator[Note]:
    """Give three notes."""
    for number in (1, 2, 3):
        yield Note(id=number)


class Instead:
    """Answers in the place of the module, as a cache does: with all that there is."""

    @hookimpl
    def execute(self, operation: Operation) -> Execution:
        """Answer."""

        def run() -> Generator[Any, None, Result[Any]]:
            yield from ()
            notes = tuple(Note(id=number) for number in (1, 2, 3, 4))
            return Result(outputs=notes, bundles=tuple({"id": each.id} for each in notes))

        return run()


class Fewer:
    """Leaves out the last item."""

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """Run it, and drop one."""
        execution = yield

        def run() -> Generator[Any, None, Result[Any]]:
            result = yield from execution
            return evolve(result, outputs=result.outputs[:-1], bundles=result.bundles[:-1])

        return run()


class Ends:
    """Hears how runs ended."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Keep it."""
        if isinstance(event, OperationFinished):
            self.errors.append(event.error)


def test_a_plugin_may_answer_with_all_that_there_is() -> None:
    """What is new of that is found as if the module had given it."""
    with Host(discover=False, plugins=[Instead()]) as host:
        first = host.poll(watch, start="all")
        second = host.poll(watch, state=first.state)

    assert [item.bundle for item in first.items] == [{"id": number} for number in (1, 2, 3, 4)]
    assert second.items == ()


def test_a_plugin_that_changes_the_number_of_items_is_told() -> None:
    """Else something would be lost, and nobody would know."""
    with (
        Host(discover=False, plugins=[Fewer()]) as host,
        pytest.raises(PluginError, match=r"changed how many items a poll gave \(2 instead of 3\)"),
    ):
        host.poll(watch, start="all")


def test_a_poll_that_reads_no_further_is_a_run_like_any_other() -> None:
    """Whoever listens hears that it succeeded, and what is new is all that its result holds."""
    ends = Ends()
    with Host(discover=False, plugins=[ends]) as host:
        first = host.poll(watch)
        later = host.poll(watch, start="all")

    assert ends.errors == ["", ""]
    assert first.result.outputs == ()
    assert len(later.result.outputs) == 3


@frozen(kw_only=True)
class Letter:
    id: int
    scan: File


def test_only_new_files_are_stored(tmp_path: Path) -> None:
    """A file that was given before is not given to the host again."""
    letters: list[tuple[int, bytes]] = [(1, b"first")]

    @module(label="Watch", effect=Effect.READ, trigger=Trigger(key="id"))
    def watch_letters(form: Which, context: Context) -> Iterator[Letter]:
        """Give the letters, each with its scan."""
        for number, content in letters:
            yield Letter(id=number, scan=File.from_bytes(content, name=f"{number}.txt"))

    with Host(discover=False, files=FileSettings(directory=tmp_path)) as host:
        begun = host.poll(watch_letters)
        letters.append((2, b"second"))
        (item,) = host.poll(watch_letters, state=begun.state).items

        assert item.output.scan.read() == b"second"
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"second"]


@pytest.fixture
def boards() -> Iterator[tuple[Running, Running]]:
    """Two services."""
    with serving() as one, serving() as other:
        yield one, other


def test_the_state_of_one_service_is_none_of_anothers(boards: tuple[Running, Running]) -> None:
    """Its ids may be the same, and mean something else."""
    one, other = boards
    with Host(discover=False) as host:
        state = host.poll(watch_notes, connection=one.connection).state

        with pytest.raises(InputError, match="another watch"):
            host.poll(watch_notes, state=state, connection=other.connection)
        assert host.poll(watch_notes, state=state, connection=one.connection).items == ()
