"""A host of modules that are data, and a service that answers them as a test says."""

from collections.abc import Iterator

import pytest
from issue_tracker import (
    MODULES,
)
from paged_service import Service, serving

from jackfield import (
    Host,
    HttpSettings,
)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Serve on loopback."""
    with serving() as service:
        yield service


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """Give a host of the modules above."""
    with Host(modules=MODULES, discover=False, environ={}, settings=HttpSettings(max_attempts=1)) as host:
        yield host
