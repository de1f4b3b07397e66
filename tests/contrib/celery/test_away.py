"""Whole workers that are lost, and a Redis that goes away and comes back."""

import signal
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from os import killpg
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery_under_test import worker_running
from contract_connector import MODULES, Service
from moody_service import MoodyService
from redis_server import RedisServer

from jackfield import Failure, Host, InputError, Result, UnreachableError
from jackfield_celery import CelerySettings, Modules, UncertainError, register

Fragile = tuple[RedisServer, Modules, Mapping[str, str]]
_WAIT_S = 60


@pytest.mark.hosts
def test_what_a_whole_worker_took_with_it_comes_to_another(
    fragile: Fragile, service: tuple[Service, str], tmp_path: Path
) -> None:
    """After the visibility timeout: what does no harm is run again, and what was left behind is uncertain."""
    _, modules, environ = fragile
    service[0].forget()
    forms = [{"path": "/posts"}, {"path": "/slow"}, {"path": "/posts"}]

    with ThreadPoolExecutor(1) as pool:
        with worker_running(environ, tmp_path / "lost.txt", processes=1) as lost:
            asked = pool.submit(list, modules.map("contract.leave", forms, chunk_size=3, threads=1))
            assert service[0].asked.wait(_WAIT_S)
            killpg(lost.pid, signal.SIGKILL)
        with worker_running(environ, tmp_path / "other.txt", processes=1):
            first, uncertain, last = asked.result(_WAIT_S)

    assert isinstance(first, Result)
    assert isinstance(last, Result)
    assert isinstance(uncertain, Failure)
    assert isinstance(uncertain.error, UncertainError)
    assert service[0].posts == ["/posts", "/posts"]


@pytest.mark.hosts
def test_a_redis_that_comes_back_has_cost_nothing(
    fragile: Fragile, moody: tuple[MoodyService, str], tmp_path: Path
) -> None:
    """Neither what ended while it was away, nor who waited for it."""
    server, modules, environ = fragile
    begun = threading.Event()

    def forms() -> Any:
        for number in range(20):
            if number == 16:  # taken when results come
                begun.set()
            yield {"path": f"/wait/0.1/away-{number}"}

    with worker_running(environ, tmp_path / "log.txt", processes=2), ThreadPoolExecutor(2) as pool:
        left = modules.send("contract.leave", {"path": "/wait/0.7/ends-meanwhile"}, connection="moody")
        one = pool.submit(modules.outcome, left, _WAIT_S)
        many = pool.submit(list, modules.map("contract.ask", forms(), connection="moody", chunk_size=4, chunks=2))
        assert begun.wait(_WAIT_S)
        server.stop()
        threading.Event().wait(1)
        server.start()
        found = many.result(_WAIT_S)
        ended = one.result(_WAIT_S)

    assert [outcome.error for outcome in found if isinstance(outcome, Failure)] == []
    assert len(found) == 20
    assert isinstance(ended, Result)
    assert moody[0].asked["/wait/0.7/ends-meanwhile"] == 1


def modules_nowhere(tmp_path: Path, **settings: Any) -> Modules:
    """Register modules on an app whose Redis is not there."""
    url = f"redis+socket://{tmp_path / 'secret-name.sock'}"
    app = Celery("nowhere", broker=url, backend=url, set_as_current=False)
    # Celery itself would try to subscribe again for twenty seconds.
    app.conf.result_backend_transport_options = {"retry_policy": {"timeout": 0.2}}

    def make_host(plugins: Any) -> Host:
        return Host(discover=False, modules=MODULES, plugins=plugins)

    return register(app, host=make_host, settings=CelerySettings(redis_away_s=0.3, **settings))


@pytest.mark.hosts
def test_a_redis_that_stays_away_is_told_of(tmp_path: Path) -> None:
    """As an error of ours, which may pass; it has nothing of the address."""
    modules = modules_nowhere(tmp_path)
    ways: dict[str, Any] = {
        "send": lambda: modules.send("contract.echo", {"text": "x"}),
        "outcome": lambda: modules.outcome(modules.task.AsyncResult("some-task")),
        "cancel": lambda: modules.cancel("some-task"),
    }

    for way, ask in ways.items():
        with pytest.raises(UnreachableError, match="did not answer") as caught:
            ask()
        assert caught.value.retryable, way
        assert caught.value.hint, way
        assert "secret-name" not in str(caught.value), way


def test_an_app_without_results_says_so() -> None:
    """Before anything is sent that nobody could hear of."""
    app = Celery("deaf", broker="memory://", set_as_current=False)
    modules = register(
        app,
        host=lambda plugins: Host(discover=False, modules=MODULES, plugins=plugins),
        settings=CelerySettings(redis="redis://127.0.0.1:1/0"),
    )

    for ask in (modules.map, modules.stream):
        with pytest.raises(InputError, match="keeps no results") as caught:
            ask("contract.echo", [])
        assert "result_backend" in caught.value.hint
