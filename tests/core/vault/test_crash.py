"""A process that ends in the middle of a write: no connection is lost, none half-written."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jackfield.vault import Store

TYPE = "parrot.account"
BEFORE: Mapping[str, Mapping[str, object]] = {
    "mine": {"api_key": "sesame", "owner": "Ada"},
    "other": {"api_key": "other-sesame", "pin": "77"},
}
CHANGES: Mapping[str, tuple[list[Any], dict[str, Any]]] = {
    "add": (["new", {"api_key": "fresh"}], {**BEFORE, "new": {"api_key": "fresh"}}),
    "edit": (["mine", {"api_key": "open", "owner": None}], {**BEFORE, "mine": {"api_key": "open"}}),
    "rename": (["mine", "yours"], {"yours": BEFORE["mine"], "other": BEFORE["other"]}),
    "remove": (["mine"], {"other": BEFORE["other"]}),
    "rotate": ([], dict(BEFORE)),
}
"""For each verb: its arguments, and the state behind it."""

STEPS = [
    ("add", "add: to commit"),
    ("add", "add: committed"),
    ("edit", "edit: to commit"),
    ("edit", "edit: committed"),
    ("rename", "rename: to commit"),
    ("rename", "rename: committed"),
    ("remove", "remove: to commit"),
    ("remove", "remove: committed"),
    ("rotate", "rotate: key kept"),
    ("rotate", "rotate: to commit"),
    ("rotate", "rotate: committed"),
    ("rotate", "settle: to commit"),
    ("rotate", "settle: committed"),
]
BIRTH = ["file made", "schema 1 made", "schema 2 made", "key kept", "add: to commit", "add: committed"]


State = Callable[[Store], dict[str, dict[str, object]]]


def keys_in(folder: Path) -> int:
    """Count the keys in the key file."""
    return sum(not line.startswith("#") for line in (folder / "config" / "store.key").read_text("utf-8").splitlines())


@pytest.fixture
def other(make_other: Callable[..., Any]) -> Any:
    """A process that is to die, on a store with two connections."""
    made = make_other()
    for name, values in BEFORE.items():
        made.ask("add", name, values)
    return made


def test_every_step_of_a_write_is_in_the_list(make_other: Callable[..., Any], tmp_path: Path) -> None:
    """So that the tests below leave none out."""
    steps = []
    for verb, (given, _) in CHANGES.items():
        other = make_other(tmp_path / verb)
        assert other.ask("add", "mine", BEFORE["mine"])["steps"] == BIRTH
        steps += [(verb, step) for step in other.ask(verb, *given)["steps"]]

    assert steps == STEPS


@pytest.mark.parametrize("moment", STEPS, ids=" at ".join)
def test_a_kill_leaves_the_old_state_or_the_new_one(
    other: Any, make_store: Callable[..., Store], revealed: State, tmp_path: Path, moment: tuple[str, str]
) -> None:
    """The old one until the commit, the new one from it on; and the store goes on working."""
    verb, step = moment
    given, after = CHANGES[verb]

    assert other.ask(verb, *given, die_at=step) == {"died": True}

    store = make_store()
    committed = step.endswith("committed") or step.startswith("settle")
    assert revealed(store) == (after if committed else BEFORE)
    store.rotate()
    assert revealed(make_store()) == (after if committed else BEFORE)
    assert keys_in(tmp_path) == 1  # a key that was given up is gone, whoever died before he could take it away


@pytest.mark.parametrize("step", BIRTH)
def test_a_kill_at_the_birth_of_a_store_leaves_none_or_a_whole_one(
    make_other: Callable[..., Any], make_store: Callable[..., Store], revealed: State, step: str
) -> None:
    """The next process makes it, or goes on with it."""
    values = BEFORE["mine"]

    assert make_other().ask("add", "mine", values, die_at=step) == {"died": True}

    assert revealed(make_store()) == ({"mine": values} if step == "add: committed" else {})
    answer = make_other().ask("add", "second", values)
    assert "error" not in answer
    assert "second" in revealed(make_store())


def test_kills_at_any_moment_lose_nothing_that_was_acknowledged(
    mortal: Any, make_store: Callable[..., Store], revealed: State, tmp_path: Path
) -> None:
    """Over and over, wherever SQLite, the key file or Python happen to be."""
    random = Random(20261125)  # noqa: S311  a test that can be repeated, no key
    known: dict[str, Any] = {}
    for turn in range(10):
        for number in range(2 + turn % 3):
            name, values = f"c{turn}-{number}", {"api_key": f"key-{turn}-{number}"}
            assert "error" not in mortal.ask("add", name, values)
            known[name] = values
        last = {"api_key": f"last-{turn}"}
        if turn % 2:
            mortal.send("rotate")
        else:
            mortal.send("add", f"last-{turn}", last)
        time.sleep(random.uniform(0, 0.03))
        mortal.kill()

        found = revealed(make_store())
        assert found == known or (turn % 2 == 0 and found == {**known, f"last-{turn}": last})
        known = found
    make_store().rotate()
    assert revealed(make_store()) == known
    assert keys_in(tmp_path) == 1
