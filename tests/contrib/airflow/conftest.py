"""Airflow, if it is installed, in a home of its own: it reads where that is when it is imported."""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow_home import install_contract, settings
from contract_connector import Service

INSTALLED = importlib.util.find_spec("airflow") is not None

if INSTALLED:
    HOME = Path(tempfile.mkdtemp(prefix="airflow-"))
    install_contract(HOME / "site")
    os.environ.update(settings(HOME, ""))


class Elsewhere(pytest.File):
    """A file of tests that this environment cannot even import."""

    def collect(self) -> list[pytest.Item]:
        """Give none: `tox -e airflow` has them."""
        return []


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Import nothing where there is no Airflow, even if a file is named on the command line."""
    return None if INSTALLED else Elsewhere.from_parent(parent, path=module_path)


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """The home of Airflow, which goes at the end."""
    yield HOME
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def served(home: Path) -> Iterator[Service]:
    """The service that modules call; Airflow has a connection to it."""
    service = Service()
    with service.served() as url:
        os.environ.update(settings(home, url))
        yield service
        service.released.set()


@pytest.fixture
def service(served: Service) -> Service:
    """The same, as new."""
    served.forget()
    return served
