"""Modules as attributes, and results as a notebook shows them, keep what every host promises."""

from collections.abc import Iterator

import pytest
from contract import CASES, Case, keep_the_contract
from contract_connector import CANARY, MODULES, Service
from python_under_test import PythonHost

from jackfield import Host, HttpSettings


@pytest.fixture(scope="module")
def service() -> Service:
    """Make the service, which is served as long as the host is there."""
    return Service()


@pytest.fixture(scope="module")
def host(service: Service) -> Iterator[PythonHost]:
    """Make one host for all cases."""
    settings = HttpSettings(allow_local=True, retry_base_s=0.001, retry_cap_s=0.001)
    with service.served() as url:
        environ = {"CONTRACT_URL": url, "CONTRACT_KEY": CANARY}
        with Host(modules=MODULES, discover=False, environ=environ, settings=settings) as made:
            found = PythonHost(made)
            yield found
            found.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_contract(case: Case, host: PythonHost, service: Service) -> None:
    """Each case, over plain Python."""
    service.forget()
    keep_the_contract(case, host, service)
