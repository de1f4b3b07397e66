"""A watch, which remembers in a file how far it came."""

import json
import sqlite3
import stat
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from bulletin import KEY, Note, Running, Which, serving, watch_log, watch_notes

from jackfield import (
    Cancellation,
    Context,
    CredentialsError,
    Effect,
    Event,
    Host,
    HttpSettings,
    InputError,
    InvalidInputError,
    OperationCancelledError,
    PollFailed,
    StoreError,
    Trigger,
    WatchSettings,
    hookimpl,
    module,
)

QUICK = WatchSettings(interval_s=1, jitter=0)
MODULES = {"board.watch_notes": watch_notes, "board.watch_log": watch_log}


class Listener:
    """A plugin that hears of polls that failed."""

    def __init__(self) -> None:
        self.heard: list[PollFailed] = []

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Keep it."""
        if isinstance(event, PollFailed):
            self.heard.append(event)


@pytest.fixture
def board() -> Iterator[Running]:
    """A board on loopback."""
    with serving() as running:
        yield running


@pytest.fixture
def listener() -> Listener:
    """Hears of polls that failed."""
    return Listener()


@pytest.fixture
def host(tmp_path: Path, listener: Listener) -> Iterator[Host]:
    """A host whose data directory is the test's own, and which repeats no request."""
    with Host(
        discover=False,
        modules=MODULES,
        plugins=[listener],
        environ={"JACKFIELD_HOME": str(tmp_path)},
        settings=HttpSettings(max_attempts=1),
    ) as made:
        yield made


def note(note_id: int, minute: int = 0) -> dict[str, Any]:
    """Make a note."""
    return {"id": note_id, "at": f"2026-01-01T00:{minute:02}:00Z"}


def once(host: Host, board: Running, **options: Any) -> list[int]:
    """Watch once, and take all that is given."""
    with host.watch("board.watch_notes", connection=board.connection, **options) as watch:
        return [item.output.id for item in watch.once()]


def files(tmp_path: Path) -> list[str]:
    """Name the files of watches."""
    return sorted(path.name for path in (tmp_path / "data" / "watches").iterdir())


def test_a_watch_goes_on_where_the_last_one_ended(host: Host, board: Running) -> None:
    """At first it only remembers what is there."""
    board.notes.append(note(1))
    assert once(host, board) == []
    board.notes += [note(3, 2), note(2, 1)]

    assert once(host, board) == [2, 3]
    assert once(host, board) == []


def test_it_tells_whether_it_is_new(host: Host, board: Running) -> None:
    """And how many others there are of the same module."""
    with host.watch("board.watch_notes", connection=board.connection) as first:
        assert (first.is_new, first.others) == (True, 0)
        assert list(first.once()) == []
        assert not first.is_new
    with host.watch("board.watch_notes", {"board": "blue"}, connection=board.connection) as other:
        assert (other.is_new, other.others) == (True, 1)


def test_an_item_counts_as_taken_when_the_next_one_is_asked_for(host: Host, board: Running) -> None:
    """What was given last is given again, unless it is acknowledged."""
    board.notes += [note(1, 1), note(2, 2), note(3, 3)]
    with host.watch("board.watch_notes", connection=board.connection, start="all") as watch:
        items = watch.once()
        ids = [next(items).output.id, next(items).output.id]
    with host.watch("board.watch_notes", connection=board.connection) as watch:
        again = next(watch.once())
        watch.ack()
        watch.ack()

    assert ids == [1, 2]
    assert again.output.id == 2
    assert once(host, board) == [3]


def test_an_item_has_the_same_id_when_it_is_given_again(host: Host, board: Running) -> None:
    """So that a consumer can know it."""
    board.notes.append(note(1))
    ids = []
    for _ in range(2):
        with host.watch("board.watch_notes", connection=board.connection, start="all") as watch:
            ids.append(next(watch.once()).id)

    assert ids[0] == ids[1]


def test_a_consumer_that_fails_loses_nothing(host: Host, board: Running) -> None:
    """The item at which it failed comes again."""
    board.notes += [note(1, 1), note(2, 2)]

    def consume() -> None:
        with host.watch("board.watch_notes", connection=board.connection, start="all") as watch:
            for item in watch.once():
                _ = 1 / (item.output.id - 2)

    with pytest.raises(ZeroDivisionError):
        consume()

    assert once(host, board) == [2]


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
    assert once(host, board, name="mine", start="all") == [1]

    with pytest.raises(InputError, match="another watch"):
        host.watch("board.watch_notes", {"board": "blue"}, connection=board.connection, name="mine")
    assert once(host, board, name="mine", start="all", reset=True) == [1]
    assert files(tmp_path) == ["mine.watch"]


def test_a_trigger_whose_key_changes_does_not_repeat_everything_silently(
    host: Host, board: Running, tmp_path: Path
) -> None:
    """The watch is refused, its file stays, and beginning anew is up to the user."""
    board.notes.append(note(1))
    assert once(host, board, name="mine", start="all") == [1]
    other = evolve(watch_notes, trigger=Trigger(key="at"))
    with Host(discover=False, modules={"board.watch_notes": other}, environ={"JACKFIELD_HOME": str(tmp_path)}) as later:
        with pytest.raises(InputError, match="key was id, is at"):
            once(later, board, name="mine")
        assert once(later, board, name="mine", start="all", reset=True) == [1]


@pytest.mark.parametrize("name", ["a/b", "../up", ".hidden", "x" * 65, "a b", "é"])
def test_a_name_that_is_no_files_is_refused(host: Host, board: Running, name: str) -> None:
    """It may not lead anywhere else."""
    with pytest.raises(InputError, match="name of a watch"):
        host.watch("board.watch_notes", connection=board.connection, name=name)


def test_beginning_anew_forgets_what_was_given(host: Host, board: Running) -> None:
    """From where it is told to begin."""
    board.notes += [note(1, 1), note(2, 2)]
    assert once(host, board, start="all") == [1, 2]

    assert once(host, board, start=datetime(2026, 1, 1, 0, 2, tzinfo=UTC), reset=True) == [2]
    assert once(host, board, reset=True) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such bits")
def test_the_file_is_its_owners_alone(host: Host, board: Running, tmp_path: Path) -> None:
    """One that others can read is refused."""
    once(host, board)
    (path,) = (tmp_path / "data" / "watches").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    path.chmod(0o644)
    with pytest.raises(StoreError, match="can be read or changed by others"):
        once(host, board)


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
    once(host, board, name="mine")
    path = tmp_path / "data" / "watches" / "mine.watch"
    path.write_bytes(content)
    board.notes.append(note(1))

    with pytest.raises(StoreError, match="damaged") as refused:
        once(host, board, name="mine")
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
    assert files(tmp_path) == ["mine.watch"]


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
    once(host, board, name="mine")
    path = tmp_path / "data" / "watches" / "mine.watch"
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()
    before = path.read_bytes()

    with pytest.raises(StoreError, match=words):
        once(host, board, name="mine")
    assert path.read_bytes() == before


def test_more_than_one_poll_gives_is_given_at_once(host: Host, board: Running) -> None:
    """The limit of a poll is none of a look."""
    board.notes += [note(each, each) for each in range(7)]

    assert once(host, board, start="all", settings=WatchSettings(max_items=2)) == [*range(7)]


def test_the_last_key_is_told_after_a_restart(host: Host, board: Running) -> None:
    """A service that takes it is asked only for what comes after."""
    board.notes += [note(1), note(2)]
    for expected in ([1, 2], [3], []):
        with host.watch("board.watch_log", connection=board.connection, start="all") as watch:
            assert [item.output.id for item in watch.once()] == expected
        if expected == [1, 2]:
            board.notes.append(note(3))


def test_a_confidential_watch_keeps_no_key(host: Host, board: Running, tmp_path: Path) -> None:
    """Of its items it has hashes and dates."""
    board.notes.append(note(471147114711))
    with host.watch("board.watch_log", connection=board.connection, start="all", confidential=True) as watch:
        assert [item.output.id for item in watch.once()] == [471147114711]
    (path,) = (tmp_path / "data" / "watches").iterdir()

    assert b"471147114711" not in path.read_bytes()


def test_it_waits_for_what_is_new(host: Host, board: Running) -> None:
    """Item by item, until somebody stops it."""
    given = []
    with host.watch("board.watch_notes", connection=board.connection, start="all", settings=QUICK) as watch:
        board.notes.append(note(1))
        for item in watch:
            given.append(item.output.id)
            if len(given) == 3:
                watch.stop()
            else:
                board.notes.append(note(len(given) + 1))

    assert given == [1, 2, 3]
    assert once(host, board) == []


def test_a_service_that_is_away_is_waited_for_and_that_is_told(host: Host, board: Running, listener: Listener) -> None:
    """The wait doubles, up to its limit; with one look, it is an error."""
    settings = WatchSettings(interval_s=1, jitter=0, max_wait_s=1.5)
    board.refusals += [503, 500, 503]
    board.notes.append(note(1))
    with host.watch("board.watch_notes", connection=board.connection, start="all", settings=settings) as watch:
        item = next(iter(watch))

    assert item.output.id == 1
    assert [(each.failures, each.wait_s) for each in listener.heard] == [(1, 1.0), (2, 1.5), (3, 1.5)]
    assert all("503" in each.reason or "500" in each.reason for each in listener.heard)
    assert {each.module_id for each in listener.heard} == {"board.watch_notes"}


def test_no_service_is_waited_for_longer_than_the_watch_allows(host: Host, board: Running, listener: Listener) -> None:
    """It may ask for a year; for less than the limit, it is given what it asks for."""
    settings = WatchSettings(interval_s=1, jitter=0, max_wait_s=1.5)
    board.refusals += [503, 503]
    board.invited += ["1.25", "31536000"]
    board.notes.append(note(1))
    with host.watch("board.watch_notes", connection=board.connection, start="all", settings=settings) as watch:
        item = next(iter(watch))

    assert item.output.id == 1
    assert [each.wait_s for each in listener.heard] == [1.25, 1.5]


def test_what_time_does_not_mend_ends_the_watch(host: Host, board: Running, listener: Listener) -> None:
    """Wrong credentials stay wrong."""
    board.refusals.append(401)
    with (
        pytest.raises(CredentialsError),
        host.watch("board.watch_notes", connection=board.connection, settings=QUICK) as watch,
    ):
        next(iter(watch))

    assert listener.heard == []


def test_a_wait_can_be_cancelled(host: Host, board: Running) -> None:
    """By the cancellation that the caller gave, which is told as such."""
    cancellation = Cancellation()

    def cancel() -> None:
        board.asked.acquire(timeout=60)
        cancellation.cancel()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    with (
        pytest.raises(OperationCancelledError),
        host.watch("board.watch_notes", connection=board.connection, cancellation=cancellation) as watch,
    ):
        next(iter(watch))
    canceller.join()


def test_wrong_input_is_refused_before_anything_is_kept(host: Host, board: Running, tmp_path: Path) -> None:
    """There is no file for a watch that cannot be."""
    with pytest.raises(InvalidInputError, match="bord"):
        host.watch("board.watch_notes", {"bord": "blue"}, connection=board.connection)

    assert not (tmp_path / "data" / "watches").exists()


def test_a_first_look_that_fails_begins_nothing(host: Host, board: Running) -> None:
    """What is there when the service is back is not new."""
    board.refusals.append(401)
    with pytest.raises(CredentialsError):
        once(host, board)
    board.notes.append(note(1))

    assert once(host, board) == []


def test_a_module_without_an_id_can_be_watched(board: Running, tmp_path: Path) -> None:
    """Its file is named for where it is in Python."""

    @module(label="Watch", effect=Effect.READ, trigger=Trigger(key="id"))
    def mine(form: Which, context: Context) -> Iterator[Note]:
        """Give one note."""
        yield Note(id=1)

    with Host(discover=False) as host, host.watch(mine, directory=tmp_path, start="all") as watch:
        assert [json.dumps(dict(item.bundle)) for item in watch.once()] == ['{"id": 1}']
    (path,) = tmp_path.iterdir()
    assert "mine" in path.name
    assert not set(path.name) & set('<>:"/\\|?*')
