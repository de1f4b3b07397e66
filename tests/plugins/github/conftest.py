"""What the tests of the GitHub connector share: the stand-in over real HTTP."""

from collections.abc import Callable, Iterator

import pytest

from jackfield import Host, HttpSettings
from jackfield_github.sandbox import Sandbox

Connect = Callable[..., dict[str, object]]


@pytest.fixture
def github() -> Iterator[Sandbox]:
    """Serve on loopback."""
    with Sandbox() as started:
        yield started


@pytest.fixture
def host() -> Iterator[Host]:
    """Run modules over the network, knowing no variable, and repeating without waiting."""
    with Host(environ={}, settings=HttpSettings(retry_base_s=0.01)) as opened:
        yield opened


@pytest.fixture
def connect(github: Sandbox) -> Connect:
    """Make a connection to the stand-in; the token says what goes wrong."""

    def make(token: str = "") -> dict[str, object]:
        return {"token": token or "any", "base_url": github.url}

    return make
