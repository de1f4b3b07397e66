"""Fixtures for those who test connectors. pytest imports this file each time it starts, so it imports nothing heavy."""

import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

if TYPE_CHECKING:
    from jackfield import Host
    from jackfield.testing import Cassette, Recording, Replay

_PASSED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that records."""
    group = parser.getgroup("jackfield")
    group.addoption(
        "--jackfield-record",
        action="store_true",
        help="Have the fixture `cassette` ask the real services, and write down what they answer.",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep whether a test passed: a fixture is not told, and what a failed test recorded is no recording."""
    report = yield
    if call.when == "call":
        item.stash[_PASSED] = report.passed
    return report


@pytest.fixture
def replay() -> "Replay":
    """Give a service that answers from memory: jackfield.testing.Replay."""
    from jackfield.testing import Replay  # noqa: PLC0415  it brings requests, and few tests need it

    return Replay()


@pytest.fixture
def jackfield_host(replay: "Replay") -> "Iterator[Host]":
    """Give a host whose service is ``replay``; it knows no variable, and repeats without waiting."""
    from jackfield import Host, HttpSettings  # noqa: PLC0415  as above

    settings = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)
    with Host(plugins=[replay], environ={}, settings=settings) as host:
        yield host


@pytest.fixture
def cassette(request: pytest.FixtureRequest) -> "Iterator[Cassette | Recording]":
    """Give what plays back ``cassettes/TEST_FILE/TEST.json`` beside the test, as a plugin for a host.

    For a test in a class it is ``CLASS.TEST.json``. Where a parameter has signs that no file may have in its name, some
    letters are added that tell it from others.

    The test fails if it did not ask for all that was recorded. With ``--jackfield-record`` it records instead; only a
    test that passes replaces what was recorded before.
    """
    from jackfield.testing import Cassette, Recording  # noqa: PLC0415  as above

    path = request.path.parent / "cassettes" / request.path.stem / f"{_file_name(request.node.nodeid)}.json"
    if request.config.getoption("--jackfield-record"):
        recording = Recording(path)
        yield recording
        if request.node.stash.get(_PASSED, False):
            recording.save()
        return
    played = Cassette(path)
    yield played
    left = [f"{exchange.method} {exchange.url}" for exchange in played.unplayed]
    if left:
        pytest.fail(f"{path.name}: recorded and not asked for: {', '.join(left)}", pytrace=False)


def _file_name(node_id: str) -> str:
    """Make a name of a file from what tells a test from all others of its file."""
    test = ".".join(node_id.split("::")[1:])
    plain = re.sub(r"[^\w.-]+", "_", test)
    parts = re.sub(r"\[([\w.-]+)\]$", r"_\1_", test)  # how a usual parameter is written
    return plain if plain == parts else f"{plain}-{crc32(test.encode()):08x}"
