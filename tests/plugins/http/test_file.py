"""Files that are downloaded."""

from collections.abc import Iterator

import pytest

from jackfield import Host
from jackfield.testing import Replay


@pytest.fixture
def replay() -> Replay:
    """A server that answers from memory."""
    return Replay()


@pytest.fixture
def host(replay: Replay) -> Iterator[Host]:
    """A host that knows no variable."""
    with Host(plugins=[replay], environ={}) as opened:
        yield opened


def test_a_file_keeps_the_name_and_type_that_the_server_says(host: Host, replay: Replay) -> None:
    """Content-Disposition first."""
    said = {"Content-Type": "text/csv", "Content-Disposition": 'attachment; filename="../march.csv"'}
    replay.reply(content=b"a,b\n1,2\n", headers=said)

    (bundle,) = host.run("http.download_file", {"url": "https://example.com/get?id=3"}).bundles

    file = bundle["file"]
    assert isinstance(file, dict)
    assert (file["name"], file["media_type"], file["size"]) == (
        "march.csv",
        "text/csv",
        8,
    )
