"""Triggers, as a program runs them that embeds us; the command line is one of these."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, Unpack, overload

from jackfield._engine.memory import Memory
from jackfield._http.limits import Cancellation
from jackfield._runtime import Runtime
from jackfield._watch import Looked, Polls, Watch
from jackfield.modules import AnyModule, Module
from jackfield.operations import RunOptions
from jackfield.polls import Poll, Start, WatchSettings

FormT = TypeVar("FormT")
OutputT = TypeVar("OutputT")

_NOTHING: Mapping[str, object] = MappingProxyType({})
_USUAL = WatchSettings()


class WatchMethods:
    """What a Host can do with triggers."""

    _runtime: Runtime

    @overload
    def poll(
        self,
        module: Module[FormT, OutputT, Any],
        form: FormT | Mapping[str, object] = _NOTHING,
        *,
        state: Mapping[str, object] | None = None,
        start: Start = "now",
        settings: WatchSettings = _USUAL,
        **options: Unpack[RunOptions],
    ) -> Poll[OutputT]: ...
    @overload
    def poll(
        self,
        module: str,
        form: object = _NOTHING,
        *,
        state: Mapping[str, object] | None = None,
        start: Start = "now",
        settings: WatchSettings = _USUAL,
        **options: Unpack[RunOptions],
    ) -> Poll[Any]: ...
    def poll(
        self,
        module: str | AnyModule,
        form: object = _NOTHING,
        *,
        state: Mapping[str, object] | None = None,
        start: Start = "now",
        settings: WatchSettings = _USUAL,
        **options: Unpack[RunOptions],
    ) -> Poll[Any]:
        """Ask a trigger once what is new, for a program that keeps the state itself.

        Nothing is kept here: give the state that the last poll gave. Keep the new one in the same transaction as what
        was made of the items, and each of them counts exactly once.

        Args:
            module: A trigger, as in ``run``.
            form: As in ``run``.
            state: What the last poll gave; ``None`` at the first one.
            start: Where the first poll begins; with a state it does not count.
            settings: How much is read and given at once.
            **options: See RunOptions.

        Raises:
            InputError: It is no trigger, or the state is another's; else as ``run``.
            LimitError: What is new cannot be told from as much as may be read, or not be remembered.
        """
        polls = Polls(self._runtime, module, form, settings, options)
        before = polls.begun(start) if state is None else Memory.load(state, polls.subject)
        looked = polls.look(before, first=state is None and start == "now")
        return _poll(looked, before)

    @overload
    def watch(
        self,
        module: Module[FormT, OutputT, Any],
        form: FormT | Mapping[str, object] = _NOTHING,
        *,
        name: str = "",
        start: Start = "now",
        reset: bool = False,
        directory: Path | None = None,
        settings: WatchSettings = _USUAL,
        **options: Unpack[RunOptions],
    ) -> Watch[OutputT]: ...
    @overload
    def watch(
        self,
        module: str,
        form: object = _NOTHING,
        *,
        name: str = "",
        start: Start = "now",
        reset: bool = False,
        directory: Path | None = None,
        settings: WatchSettings = _USUAL,
        **options: Unpack[RunOptions],
    ) -> Watch[Any]: ...
    def watch(
        self,
        module: str | AnyModule,
        form: object = _NOTHING,
        *,
        name: str = "",
        start: Start = "now",
        reset: bool = False,
        directory: Path | None = None,
        settings: WatchSettings = _USUAL,
        **options: Unpack[RunOptions],
    ) -> Watch[Any]:
        """Watch a trigger, and keep in a file how far it came.

        Args:
            module: A trigger, as in ``run``.
            form: As in ``run``.
            name: What to call the watch. Without a name, it is known by its module, connection and form: with other
                values it is another watch.
            start: Where it begins if it is new; else it goes on where it was.
            reset: Whether to begin anew in any case.
            directory: Where its file is; ``watches`` in Jackfield's data directory without.
            settings: How often to ask, and how much is read and given at once.
            **options: See RunOptions; each is for one poll, and ``cancellation`` ends the watch.

        Raises:
            InputError: It is no trigger, the input breaks its form, or the watch of that name watches something else.
            StoreError: Somebody else runs this watch, or its file cannot be used.
        """
        cancellation = options["cancellation"] = options.get("cancellation") or Cancellation()
        polls = Polls(self._runtime, module, form, settings, options)
        folder = directory or self._runtime.home.data / "watches"
        return Watch(polls, folder, name=name, start=start, reset=reset, cancellation=cancellation)


def _poll(looked: Looked, before: Memory) -> Poll[Any]:
    def state_after(count: int) -> Mapping[str, object]:
        memory = before.copy()
        for entry in looked.newness.entries[:count]:
            looked.newness.take(memory, entry)
        return memory.state()

    after = before.copy()
    for entry in looked.newness.entries:
        looked.newness.take(after, entry)
    looked.newness.settle(after)
    return Poll(
        items=looked.items,
        state=after.state(),
        more=looked.newness.more,
        result=looked.result,
        state_after=state_after,
    )
