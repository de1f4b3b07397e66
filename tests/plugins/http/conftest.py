"""A host, and servers on this machine that answer from memory."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from jackfield import Host, HttpSettings
from jackfield.testing import Replay, ReplayServer, Reply


@pytest.fixture
def replay() -> Replay:
    """A server that answers from memory."""
    return Replay()


@pytest.fixture
def host(replay: Replay) -> Iterator[Host]:
    """A host that knows no variable, and whose server is ``replay``."""
    with Host(plugins=[replay], environ={}, settings=HttpSettings(retry_base_s=0.001)) as opened:
        yield opened


@pytest.fixture
def real_host() -> Iterator[Host]:
    """A host that goes out to real sockets."""
    with Host(environ={}, settings=HttpSettings(retry_base_s=0.001)) as opened:
        yield opened


@pytest.fixture
def serve() -> Iterator[Callable[..., ReplayServer]]:
    """Start servers that answer from memory."""
    with ExitStack() as stack:

        def start(*replies: Reply) -> ReplayServer:
            return stack.enter_context(ReplayServer(*replies))

        yield start
