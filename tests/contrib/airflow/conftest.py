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

collect_ignore_glob: list[str] = []

if importlib.util.find_spec("airflow") is None:
    collect_ignore_glob.append("test_*.py")  # `tox -e airflow` has it
else:
    HOME = Path(tempfile.mkdtemp(prefix="airflow-"))
    install_contract(HOME / "site")
    os.environ.update(settings(HOME, ""))


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
