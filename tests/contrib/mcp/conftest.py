"""What the tests of servers share: the service that modules call, and the client's event loop."""

from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from contract_connector import Service


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Service, str]]:
    """The service, and where it is."""
    service = Service()
    with service.served() as url:
        yield service, url
        service.released.set()


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    """The event loop of the client."""
    with start_blocking_portal() as portal:
        yield portal
