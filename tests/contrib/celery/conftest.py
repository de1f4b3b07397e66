"""Workers of Celery and a Redis, both real, for all tests of a process."""

import gc
import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery_under_test import CeleryHost, worker_running
from contract_connector import CANARY, Service
from moody_service import MoodyService
from redis import Redis
from redis_server import RedisServer, celery_url, redis_running, redis_server

from jackfield_celery import Modules


@pytest.fixture(scope="session")
def redis_socket() -> Iterator[Path]:
    """A Redis."""
    with redis_running() as socket:
        yield socket


@pytest.fixture(scope="session")
def redis(redis_socket: Path) -> Iterator["Redis"]:
    """A way to look into it."""
    with Redis(unix_socket_path=str(redis_socket)) as client:
        yield client


@pytest.fixture(scope="session")
def service() -> Iterator[tuple[Service, str]]:
    """The service of the contract, and where it is."""
    service = Service()
    with service.served() as url:
        yield service, url
        service.released.set()


@pytest.fixture(scope="session")
def moody() -> Iterator[tuple[MoodyService, str]]:
    """A service that fails as often as it is asked to, and where it is."""
    service = MoodyService()
    with service.served() as url:
        yield service, url


@pytest.fixture(scope="session")
def environ(
    redis_socket: Path,
    service: tuple[Service, str],
    moody: tuple[MoodyService, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, str]:
    """What the app and its workers read."""
    folder = tmp_path_factory.mktemp("celery")
    return {
        "CONTRACT_REDIS": celery_url(redis_socket),
        "CONTRACT_FILES": str(folder / "files"),
        "CONTRACT_URL": service[1],
        "CONTRACT_KEY": CANARY,
        "MOODY_URL": moody[1],
        "JACKFIELD_HOME": str(folder / "home"),
    }


@pytest.fixture(scope="session")
def modules(environ: Mapping[str, str]) -> Iterator[Modules]:
    """The modules as callers have them."""
    with app_imported(environ) as modules:
        yield modules


@contextmanager
def app_imported(environ: Mapping[str, str]) -> Iterator[Modules]:
    """Import the same file as the workers do, and give its modules."""
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        app = importlib.import_module("contract_celery_app")
        sys.modules.pop("contract_celery_app")  # another one may stand beside it, on another Redis
        yield app.modules
        gc.collect()  # a result of Celery says goodbye to Redis when it goes, so it must go before that
        app.modules.close()
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session")
def host(
    modules: Modules, environ: Mapping[str, str], redis: "Redis", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CeleryHost]:
    """A worker with four processes."""
    log = tmp_path_factory.mktemp("log") / "worker.txt"
    with worker_running(environ, log, processes=4):
        yield CeleryHost(modules, redis, log)


@pytest.fixture(scope="module")
def fragile(
    service: tuple[Service, str], moody: tuple[MoodyService, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RedisServer, Modules, Mapping[str, str]]]:
    """A Redis that may be stopped, the modules as callers have them, and what their workers read."""
    folder = tmp_path_factory.mktemp("fragile")
    with redis_server() as server:
        environ = {
            "CONTRACT_REDIS": celery_url(server.socket),
            "CONTRACT_FILES": str(folder / "files"),
            "CONTRACT_URL": service[1],
            "CONTRACT_KEY": CANARY,
            "CONTRACT_VISIBLE_AFTER_S": "3",
            "MOODY_URL": moody[1],
            "JACKFIELD_HOME": str(folder / "home"),
        }
        with app_imported(environ) as modules:
            yield server, modules, environ
