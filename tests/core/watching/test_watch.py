"""A watch, which remembers in a file how far it came."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from bulletin import (
    Listener,
    Note,
    Running,
    Which,
    note,
    watched_once,
)

from jackfield import (
    Cancellation,
    Context,
    CredentialsError,
    Effect,
    Host,
    InvalidInputError,
    OperationCancelledError,
    Trigger,
    WatchSettings,
    module,
)

QUICK = WatchSettings(interval_s=1, jitter=0)


def test_a_watch_goes_on_where_the_last_one_ended(host: Host, board: Running) -> None:
    """At first it only remembers what is there."""
    board.notes.append(note(1))
    assert watched_once(host, board) == []
    board.notes += [note(3, 2), note(2, 1)]

    assert watched_once(host, board) == [2, 3]
    assert watched_once(host, board) == []


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
    assert watched_once(host, board) == [3]


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

    assert watched_once(host, board) == [2]


def test_more_than_one_poll_gives_is_given_at_watched_once(host: Host, board: Running) -> None:
    """The limit of a poll is none of a look."""
    board.notes += [note(each, each) for each in range(7)]

    assert watched_once(host, board, start="all", settings=WatchSettings(max_items=2)) == [*range(7)]


def test_the_last_key_is_told_after_a_restart(host: Host, board: Running) -> None:
    """A service that takes it is asked only for what comes after."""
    board.notes += [note(1), note(2)]
    for expected in ([1, 2], [3], []):
        with host.watch("board.watch_log", connection=board.connection, start="all") as watch:
            assert [item.output.id for item in watch.once()] == expected
        if expected == [1, 2]:
            board.notes.append(note(3))


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
    assert watched_once(host, board) == []


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
        watched_once(host, board)
    board.notes.append(note(1))

    assert watched_once(host, board) == []


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
