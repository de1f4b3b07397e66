"""The file in which a watch remembers how far it came."""

import sqlite3
import stat
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import evolve
from bulletin import KEY, Running, note, watch_files, watch_notes, watched_once

from jackfield import (
    Host,
    InputError,
    StoreError,
    Trigger,
)


def test_only_one_has_a_watch(host: Host, board: Running, tmp_path: Path) -> None:
    """Another one is refused at once, and told whose file it is; another form is another watch."""
    host.watch("board.watch_notes", connection=board.connection).close()
    with host.watch("board.watch_notes", connection=board.connection):
        with pytest.raises(StoreError, match="Somebody else runs this watch") as refused:
            host.watch("board.watch_notes", connection=board.connection)
        host.watch("board.watch_notes", {"board": "blue"}, connection=board.connection).close()

    assert str(tmp_path) in refused.value.message
    assert refused.value.hint
    host.watch("board.watch_notes", connection=board.connection).close()


def test_a_named_watch_is_only_one_thing(host: Host, board: Running, tmp_path: Path) -> None:
    """Other values are refused until it begins anew."""
    board.notes.append(note(1))
    assert watched_once(host, board, name="mine", start="all") == [1]

    with pytest.raises(InputError, match="another watch"):
        host.watch("board.watch_notes", {"board": "blue"}, connection=board.connection, name="mine")
    assert watched_once(host, board, name="mine", start="all", reset=True) == [1]
    assert watch_files(tmp_path) == ["mine.watch"]


def test_a_trigger_whose_key_changes_does_not_repeat_everything_silently(
    host: Host, board: Running, tmp_path: Path
) -> None:
    """The watch is refused, its file stays, and beginning anew is up to the user."""
    board.notes.append(note(1))
    assert watched_once(host, board, name="mine", start="all") == [1]
    other = evolve(watch_notes, trigger=Trigger(key="at"))
    with Host(discover=False, modules={"board.watch_notes": other}, environ={"JACKFIELD_HOME": str(tmp_path)}) as later:
        with pytest.raises(InputError, match="key was id, is at"):
            watched_once(later, board, name="mine")
        assert watched_once(later, board, name="mine", start="all", reset=True) == [1]


@pytest.mark.parametrize("name", ["a/b", "../up", ".hidden", "x" * 65, "a b", "é"])
def test_a_name_that_is_no_files_is_refused(host: Host, board: Running, name: str) -> None:
    """It may not lead anywhere else."""
    with pytest.raises(InputError, match="name of a watch"):
        host.watch("board.watch_notes", connection=board.connection, name=name)


def test_beginning_anew_forgets_what_was_given(host: Host, board: Running) -> None:
    """From where it is told to begin."""
    board.notes += [note(1, 1), note(2, 2)]
    assert watched_once(host, board, start="all") == [1, 2]

    assert watched_once(host, board, start=datetime(2026, 1, 1, 0, 2, tzinfo=UTC), reset=True) == [2]
    assert watched_once(host, board, reset=True) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such bits")
def test_the_file_is_its_owners_alone(host: Host, board: Running, tmp_path: Path) -> None:
    """One that others can read is refused."""
    watched_once(host, board)
    (path,) = (tmp_path / "data" / "watches").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    path.chmod(0o644)
    with pytest.raises(StoreError, match="can be read or changed by others"):
        watched_once(host, board)


def test_the_file_holds_no_secret_and_no_content(host: Host, board: Running, tmp_path: Path) -> None:
    """Hashes of keys, and dates; not the key of the connection, its address, or a value of the form."""
    board.notes.append(note(471147114711))
    with host.watch("board.watch_notes", {"board": "canary-board"}, connection=board.connection, start="all") as watch:
        assert [item.output.id for item in watch.once()] == [471147114711]
    (path,) = (tmp_path / "data" / "watches").iterdir()
    written = path.read_bytes()

    assert b"2026-01-01" in written
    assert not [each for each in (KEY, "471147114711", "canary-board", "127.0.0.1") if each.encode() in written]


@pytest.mark.parametrize(
    "content",
    [b"no database at all, but a text that is long enough to be taken for the head of one" * 40, b"", b"S", b"\0"],
    ids=["text", "empty", "one byte", "a zero"],
)
def test_a_file_that_was_cut_off_is_not_taken_for_a_new_watch(
    host: Host, board: Running, tmp_path: Path, content: bytes
) -> None:
    """It is told, with what to do, and left as it is: else all since the last look would be lost in silence."""
    watched_once(host, board, name="mine")
    path = tmp_path / "data" / "watches" / "mine.watch"
    path.write_bytes(content)
    board.notes.append(note(1))

    with pytest.raises(StoreError, match="damaged") as refused:
        watched_once(host, board, name="mine")
    assert "backup" in refused.value.hint
    assert path.read_bytes() == content


def test_two_that_begin_the_same_watch_at_once_share_one_file(host: Host, board: Running, tmp_path: Path) -> None:
    """One has it, the others are told so, and no part of a file stays behind."""
    together = threading.Barrier(4, timeout=60)
    outcomes: list[str] = []

    def begin() -> None:
        together.wait()
        try:
            watch = host.watch("board.watch_notes", connection=board.connection, name="mine")
        except StoreError as error:
            outcomes.append(error.message)
        else:
            outcomes.append("has it")
            together.wait()
            watch.close()
            return
        together.wait()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("has it") == 1
    assert all("runs this watch already" in each for each in outcomes if each != "has it")
    assert watch_files(tmp_path) == ["mine.watch"]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("PRAGMA user_version = 99", "newer Jackfield"),
        ("UPDATE watch SET facts = '{'", "damaged"),
        ("UPDATE watch SET facts = '[]'", "damaged"),
        ("UPDATE watch SET facts = replace(facts, 'salt', 'sugar')", "damaged"),
        ("DROP TABLE seen", "damaged"),
        ("PRAGMA application_id = 7", "is no state of a watch"),
    ],
)
def test_a_changed_state_is_told(host: Host, board: Running, tmp_path: Path, statement: str, words: str) -> None:
    """And is not written over."""
    watched_once(host, board, name="mine")
    path = tmp_path / "data" / "watches" / "mine.watch"
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()
    before = path.read_bytes()

    with pytest.raises(StoreError, match=words):
        watched_once(host, board, name="mine")
    assert path.read_bytes() == before


def test_a_confidential_watch_keeps_no_key(host: Host, board: Running, tmp_path: Path) -> None:
    """Of its items it has hashes and dates."""
    board.notes.append(note(471147114711))
    with host.watch("board.watch_log", connection=board.connection, start="all", confidential=True) as watch:
        assert [item.output.id for item in watch.once()] == [471147114711]
    (path,) = (tmp_path / "data" / "watches").iterdir()

    assert b"471147114711" not in path.read_bytes()
