"""Tasks of Airflow keep the contract of every host, on a worker and in the triggerer."""

from collections.abc import Iterator

import pytest
from airflow_under_test import AirflowHost, logged
from contract import CASES, Case, keep_the_contract
from contract_connector import Service

from jackfield_airflow.triggers import triggerer

pytestmark = pytest.mark.airflow


@pytest.fixture
def written() -> Iterator[list[str]]:
    """All that Airflow logs."""
    with logged() as written:
        yield written


@pytest.fixture(scope="module")
def triggerer_host() -> Iterator[None]:
    """Close the host that all triggers of this process share."""
    yield
    triggerer().close()
    triggerer.cache_clear()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_task_keeps_the_contract(case: Case, service: Service, written: list[str]) -> None:
    """On a worker."""
    keep_the_contract(case, AirflowHost(written), service)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_deferrable_task_keeps_the_contract(
    case: Case, service: Service, written: list[str], triggerer_host: None
) -> None:
    """In the triggerer."""
    keep_the_contract(case, AirflowHost(written, deferrable=True), service)
