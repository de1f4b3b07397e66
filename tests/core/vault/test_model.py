"""The store against a small model of it."""

import base64
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jackfield import ConnectionType, InputError, NoConnectionError
from jackfield.vault import Protection, Store

TYPE = "parrot.account"
KEY = base64.b64encode(bytes(32)).decode()
NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.fixed_dictionaries(
    {"api_key": st.text(st.characters(codec="utf-8"), min_size=3, max_size=20)},
    optional={"owner": st.sampled_from(["Ada", "Grace"]), "pin": st.just("1234")},
)
WHO = st.sampled_from(["this one", "the other", "the other dies to commit", "the other dies committed"])


class StoreMachine(RuleBasedStateMachine):
    """Two processes that take turns; one of them may die at a step of what it does."""

    kind: ConnectionType
    revealed: Callable[[Store], object]
    make_other: Callable[[Path, str], Any]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.model: dict[str, dict[str, str]] = {}
        self.store = self.opened()
        self.other = self.make_other(Path(self.folder.name), KEY)

    def opened(self) -> Store:
        """Give the store as a process finds it that just started."""
        folder = Path(self.folder.name)
        environ = {"JACKFIELD_STORE_KEY": KEY}
        return Store(folder / "data" / "store.sqlite", key_file=folder / "config" / "store.key", environ=environ)

    def do(self, who: str, verb: str, *given: Any, after: dict[str, Any] | None) -> None:
        """Have one of the two do it; ``after`` is the state then, or nothing if it is to be refused."""
        if who == "this one":
            self.here(verb, given, refused=after is None)
            dies = ""
        else:
            dies = who.partition(" dies ")[2]
            answer = self.other.ask(verb, *given, die_at=f"{verb}: {dies}" if dies else "")
            expected = "died" if dies else "error" if after is None else "gave"
            assert expected in answer
        if after is not None and dies != "to commit":
            self.model = after

    def here(self, verb: str, given: Sequence[Any], *, refused: bool) -> None:
        """Do it in this process."""
        store, kind = self.store, self.kind
        calls: dict[str, Callable[..., object]] = {
            "add": lambda name, values: store.add(name, TYPE, kind, values),
            "edit": lambda name, values: store.edit(name, kind, values),
            "rotate": lambda how: store.rotate(Protection(how)),
            "rename": store.rename,
            "remove": store.remove,
        }
        if refused:
            with pytest.raises((InputError, NoConnectionError)):
                calls[verb](*given)
        else:
            calls[verb](*given)

    @rule(name=NAMES, values=VALUES, who=WHO)
    def add(self, name: str, values: dict[str, str], who: str) -> None:
        """A name that is taken is refused."""
        after = None if name in self.model else {**self.model, name: values}
        self.do(alive(who, after), "add", name, values, after=after)

    @rule(name=NAMES, values=VALUES, who=WHO)
    def edit(self, name: str, values: dict[str, str], who: str) -> None:
        """What is not named stays."""
        known = self.model.get(name)
        after = None if known is None else {**self.model, name: {**known, **values}}
        self.do(alive(who, after), "edit", name, values, after=after)

    @rule(name=NAMES, new=NAMES, who=WHO)
    def rename(self, name: str, new: str, who: str) -> None:
        """A name that is taken is refused."""
        after = None
        if name in self.model and (new == name or new not in self.model):
            after = {new if key == name else key: values for key, values in self.model.items()}
        self.do(alive(who, after), "rename", name, new, after=after)

    @rule(name=NAMES, who=WHO)
    def remove(self, name: str, who: str) -> None:
        """Only what is there."""
        after = {key: values for key, values in self.model.items() if key != name} if name in self.model else None
        self.do(alive(who, after), "remove", name, after=after)

    @precondition(lambda self: self.model)
    @rule(how=st.sampled_from(["file", "environment"]), who=WHO)
    def rotate(self, how: str, who: str) -> None:
        """Nothing that is saved changes."""
        self.do(who, "rotate", how, after=self.model)

    @rule()
    def start_again(self) -> None:
        """Forget what this process knows."""
        self.store = self.opened()

    @invariant()
    def the_store_is_as_the_model(self) -> None:
        """Every name and value, no more and no less."""
        assert self.revealed(self.store) == self.model

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.folder.cleanup()


def alive(who: str, after: object) -> str:
    """Nobody dies at a step that he does not reach, since what he wants is refused."""
    return "the other" if after is None and who.startswith("the other") else who


def test_the_store_is_as_its_model(
    kind: ConnectionType, revealed: Callable[[Store], object], make_other: Callable[..., Any]
) -> None:
    """Whatever two processes do, in whatever order, and wherever one of them dies."""
    fixtures = {"kind": kind, "revealed": staticmethod(revealed), "make_other": staticmethod(make_other)}
    machine = type("Machine", (StoreMachine,), fixtures)

    run_state_machine_as_test(machine, settings=settings(max_examples=15, stateful_step_count=15, deadline=None))
