"""A board on loopback, a service in memory, and hosts that watch them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bulletin import Listener, Running, serving, watch_log, watch_notes
from notes import Follow, Follower, Source

from jackfield import (
    Host,
    HttpSettings,
)

MODULES = {"board.watch_notes": watch_notes, "board.watch_log": watch_log}


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


@pytest.fixture
def source() -> Source:
    """A service that has nothing yet."""
    return Source()


@pytest.fixture
def follow(host: Host, source: Source) -> Follow:
    """Follow the source."""
    return lambda declared, **options: Follower(host, source.trigger(declared), **options)
