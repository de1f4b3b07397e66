"""Modules run on real workers, through a real Redis."""

import pytest
from celery_under_test import CeleryHost
from contract import CASES, Case, keep_the_contract
from contract_connector import Service

pytestmark = pytest.mark.hosts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_workers_keep_the_contract_of_hosts(case: Case, host: CeleryHost, service: tuple[Service, str]) -> None:
    """Each case of the suite that all hosts share."""
    service[0].forget()
    keep_the_contract(case, host, service[0])
