"""A watch goes on when the form of its trigger changes and the trigger says how."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from attrs import evolve, frozen
from bulletin import Note, Running, account, note, watch_files, watched_once

from jackfield import Boolean, Context, Effect, Host, InputError, Integer, Select, Text, Trigger, module


@frozen(kw_only=True)
class Former:
    board: Annotated[str | None, Text(label="Board")] = None
    state: Annotated[Literal["new", "all"], Select(label="State")] = "all"
    days: Annotated[int | None, Integer(label="Days")] = None


@frozen(kw_only=True)
class Latter:
    place: Annotated[str | None, Text(label="Place")] = None
    open: Annotated[bool, Boolean(label="Open")] = False
    hours: Annotated[int | None, Integer(label="Hours")] = None


def from_1(form: dict[str, Any]) -> dict[str, Any]:
    """Say what version 1 said in the words of version 2."""
    if "board" in form:
        form["place"] = form.pop("board")
    if "days" in form:
        form["hours"] = form.pop("days") * 24
    form["open"] = form.pop("state", "all") == "new"
    return form


def notes(context: Context) -> Iterator[Note]:
    """Give what is on the board."""
    yield from (Note(**item) for item in context.client.get("/notes"))


@module(label="Watch Notes", connection=account, effect=Effect.READ, trigger=Trigger(key="id", date="at"))
def watch_former(form: Former, context: Context) -> Iterator[Note]:
    """Version 1."""
    return notes(context)


@module(
    label="Watch Notes",
    connection=account,
    effect=Effect.READ,
    trigger=Trigger(key="id", date="at"),
    version=2,
    migrate={1: from_1},
    aliases=["board.watch_board"],
)
def watch_latter(form: Latter, context: Context) -> Iterator[Note]:
    """Version 2."""
    return notes(context)


@contextmanager
def hosted(home: Path, watched: Any, module_id: str = "board.watch_notes") -> Iterator[Host]:
    """Open a host that has one version of the trigger."""
    with Host(discover=False, modules={module_id: watched}, environ={"JACKFIELD_HOME": str(home)}) as host:
        yield host


SAME = {
    "nothing": ({}, {}),
    "a text": ({"board": "blue"}, {"place": "blue"}),
    "a choice": ({"state": "new"}, {"open": True}),
    "a number": ({"days": 2, "board": "blue"}, {"hours": 48, "place": "blue"}),
}


@pytest.mark.parametrize("name", ["", "mine"])
@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_a_watch_goes_on_in_the_words_of_a_new_version(
    board: Running, tmp_path: Path, before: Mapping[str, object], after: Mapping[str, object], name: str
) -> None:
    """What came while it was upgraded is given, and what was given is not given again."""
    board.notes.append(note(1))
    with hosted(tmp_path, watch_former) as host:
        assert watched_once(host, board, form=before, start="all", name=name) == [1]
    board.notes.append(note(2))

    with hosted(tmp_path, watch_latter) as host:
        assert watched_once(host, board, form=after, name=name) == [2]
        assert watched_once(host, board, form=after, name=name) == []
    assert len(watch_files(tmp_path)) == 1


@pytest.mark.parametrize("after", [{}, {"place": "red"}, {"place": "blue", "open": True}])
def test_another_watch_is_left_alone(board: Running, tmp_path: Path, after: Mapping[str, object]) -> None:
    """With other values it is another one, as ever."""
    with hosted(tmp_path, watch_former) as host:
        watched_once(host, board, form={"board": "blue"}, start="all")
        watched_once(host, board, form={"board": "blue"}, start="all", name="mine")
    board.notes.append(note(1))

    with hosted(tmp_path, watch_latter) as host:
        assert watched_once(host, board, form=after) == []
        with pytest.raises(InputError, match="another watch"):
            watched_once(host, board, form=after, name="mine")
        assert watched_once(host, board, form={"place": "blue"}) == [1]
    assert len(watch_files(tmp_path)) == 3


def test_a_watch_of_a_renamed_module_goes_on(board: Running, tmp_path: Path) -> None:
    """Its old id is one of its aliases."""
    options: Any = {"connection": board.connection, "start": "all"}
    with (
        hosted(tmp_path, watch_former, "board.watch_board") as host,
        host.watch("board.watch_board", {"board": "blue"}, **options) as watch,
    ):
        assert [*watch.once()] == []
    board.notes.append(note(1))

    with hosted(tmp_path, watch_latter) as host:
        assert watched_once(host, board, form={"place": "blue"}) == [1]


def test_a_state_goes_on_in_the_words_of_a_new_version(board: Running, tmp_path: Path) -> None:
    """A program keeps it; no text of the form stands in it."""
    with hosted(tmp_path, watch_former) as host:
        state = host.poll("board.watch_notes", {"board": "blue-4711"}, connection=board.connection, start="all").state
    board.notes.append(note(1))

    kept = json.loads(json.dumps(state))
    assert "4711" not in json.dumps(kept["input"])
    with hosted(tmp_path, watch_latter) as host:
        poll = host.poll("board.watch_notes", {"place": "blue-4711"}, connection=board.connection, state=kept)
        assert [item.output.id for item in poll.items] == [1]
        assert poll.state["subject"] != kept["subject"]
        with pytest.raises(InputError, match="another watch"):
            host.poll("board.watch_notes", {"place": "red"}, connection=board.connection, state=kept)


def test_what_cannot_be_migrated_begins_anew(board: Running, tmp_path: Path) -> None:
    """A function that fails at what it is given breaks no watch."""
    with hosted(tmp_path, watch_former) as host:
        watched_once(host, board, form={"board": "blue"}, start="all")
    board.notes.append(note(1))

    broken = evolve(watch_latter, migrate={1: lambda form: form["nothing"]})
    with hosted(tmp_path, broken) as host:
        assert watched_once(host, board, form={"place": "blue"}, start="all") == [1]


def test_a_confidential_watch_keeps_no_form(host: Host, board: Running, tmp_path: Path) -> None:
    """Not even hashed."""
    watched_once(host, board, form={"board": "blue"}, start="all", confidential=True)
    (name,) = watch_files(tmp_path)

    with sqlite3.connect(tmp_path / "data" / "watches" / name) as database:
        ((facts,),) = database.execute("SELECT facts FROM watch").fetchall()
    database.close()
    assert not {"input", "account"} & json.loads(facts).keys()


def test_beginning_anew_leaves_a_former_watch_alone(board: Running, tmp_path: Path) -> None:
    """It is asked for what is there, and the file of the old one stays."""
    board.notes.append(note(1))
    with hosted(tmp_path, watch_former) as host:
        assert watched_once(host, board, form={"board": "blue"}, start="all") == [1]

    with hosted(tmp_path, watch_latter) as host:
        assert watched_once(host, board, form={"place": "blue"}, start="all", reset=True) == [1]
    assert len(watch_files(tmp_path)) == 2


def test_a_watch_that_somebody_runs_is_not_taken_over(board: Running, tmp_path: Path) -> None:
    """It is another one then, and stays whole."""
    with hosted(tmp_path, watch_former) as host:
        watched_once(host, board, form={"board": "blue"}, start="all")
        running = host.watch("board.watch_notes", {"board": "blue"}, connection=board.connection)
        with running, hosted(tmp_path, watch_latter) as later:
            assert watched_once(later, board, form={"place": "blue"}) == []
    assert len(watch_files(tmp_path)) == 2
