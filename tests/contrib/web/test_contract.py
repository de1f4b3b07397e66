"""The API over real connections keeps the contract of hosts: runs that are waited for, and streams."""

from collections.abc import Iterator

import pytest
from asgi_server import asgi_served, logged
from contract import CASES, Case, keep_the_contract
from contract_connector import CANARY, MODULES, Service
from web_under_test import WebHost

from jackfield import Host, HttpSettings
from jackfield_web import Principal, Web, WebSettings


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Service, str]]:
    """The service, and where it is."""
    service = Service()
    with service.served() as url:
        yield service, url
        service.released.set()


@pytest.fixture(scope="module", params=["run", "stream"])
def host(service: tuple[Service, str], request: pytest.FixtureRequest) -> Iterator[WebHost]:
    """Somebody who may do everything, with the credentials of the server's environment."""
    web = Web(
        authorize=lambda _request, _asked: Principal(id="ada"),
        settings=WebSettings(allow_local=True, allow_environment=True),
    )
    environ = {"CONTRACT_URL": service[1], "CONTRACT_KEY": CANARY}
    settings = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)
    with (
        logged() as logs,
        Host(plugins=[web], discover=False, modules=MODULES, environ=environ, settings=settings) as made,
        asgi_served(web.served(made)) as url,
    ):
        client = WebHost(url, streamed=request.param == "stream", logs=logs)
        yield client
        client.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_api_keeps_the_contract_of_hosts(case: Case, host: WebHost, service: tuple[Service, str]) -> None:
    """Each case of the suite that all hosts share."""
    service[0].forget()
    keep_the_contract(case, host, service[0])
