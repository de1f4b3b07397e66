"""What is run again, by whom, and what never is."""

import signal
from os import kill
from typing import Any

import pytest
from celery_under_test import CeleryHost, process_of
from contract_connector import Service
from moody_service import MoodyService

from jackfield import BusyError, Failure, OperationCancelledError, RefusedError, Result
from jackfield_celery import UncertainError

pytestmark = pytest.mark.hosts
_WAIT_S = 60


def outcome_of(host: CeleryHost, module: str, path: str, **options: Any) -> Result[Any] | Failure:
    """Run a module with the connection to the moody service."""
    return host.modules.outcome(host.modules.send(module, {"path": path}, connection="moody", **options), _WAIT_S)


def error_of(outcome: Result[Any] | Failure) -> Any:
    """Give the error of a failure."""
    assert isinstance(outcome, Failure)
    return outcome.error


def test_a_failure_that_passes_is_run_again(host: CeleryHost, moody: tuple[MoodyService, str]) -> None:
    """The task comes again after a while, and its result is that of the run that succeeded."""
    outcome = outcome_of(host, "contract.ask", "/503/2/passes")

    assert isinstance(outcome, Result)
    assert outcome.bundle == {"text": "there", "length": 5}
    assert moody[0].asked["/503/2/passes"] == 3


def test_it_is_not_run_again_for_ever(host: CeleryHost, moody: tuple[MoodyService, str]) -> None:
    """The setting max_retries bounds it, and the error says so."""
    error = error_of(outcome_of(host, "contract.ask", "/503/9/stays"))

    assert isinstance(error, BusyError)
    assert (error.status, moody[0].asked["/503/9/stays"]) == (503, 3)
    assert "run 3 times (max_retries is 2)" in error.hint


def test_the_service_says_how_long_to_wait(host: CeleryHost, moody: tuple[MoodyService, str]) -> None:
    """Not even half a second is cut off what Retry-After says."""
    before = len(moody[0].times)
    outcome = outcome_of(host, "contract.ask", "/429/1/asked-to-wait")

    first, second = moody[0].times[before:][:2]
    assert isinstance(outcome, Result)
    assert second - first >= 0.5


def test_a_final_error_is_told_at_once(host: CeleryHost, moody: tuple[MoodyService, str]) -> None:
    """Nobody repeats what cannot succeed."""
    error = error_of(outcome_of(host, "contract.ask", "/422/9/final"))

    assert isinstance(error, RefusedError)
    assert moody[0].asked["/422/9/final"] == 1


def test_what_leaves_something_behind_is_not_repeated(host: CeleryHost, moody: tuple[MoodyService, str]) -> None:
    """The service may have acted before it said 503; of a 429 it says itself that it has not."""
    failed = error_of(outcome_of(host, "contract.leave", "/503/1/left"))
    refused = outcome_of(host, "contract.leave", "/429/1/left")

    assert isinstance(failed, BusyError)
    assert isinstance(refused, Result)
    assert (moody[0].asked["/503/1/left"], moody[0].asked["/429/1/left"]) == (1, 2)


def test_a_repeat_has_the_same_key(host: CeleryHost, moody: tuple[MoodyService, str]) -> None:
    """So that a service which takes idempotency keys knows it: the caller's, or the id of the task."""
    outcome_of(host, "contract.put", "/503/1/keyed", idempotency_key="mine")
    sent = host.modules.send("contract.put", {"path": "/503/1/own"}, connection="moody")
    host.modules.outcome(sent, _WAIT_S)

    assert moody[0].keys["/503/1/keyed"] == ["mine", "mine"]
    assert moody[0].keys["/503/1/own"] == [sent.id, sent.id]


def test_a_second_task_with_the_key_of_the_first_does_nothing(
    host: CeleryHost, moody: tuple[MoodyService, str]
) -> None:
    """It gives what the first gave; only for what leaves something behind."""
    first, second = (outcome_of(host, "contract.leave", "/200/0/once", idempotency_key="once") for _ in range(2))

    assert isinstance(first, Result)
    assert first == second
    assert moody[0].asked["/200/0/once"] == 1


def test_a_lost_worker_leaves_what_it_did_uncertain(host: CeleryHost, service: tuple[Service, str]) -> None:
    """The request had left: nobody knows, so it is told, and not sent a second time."""
    service[0].forget()
    sent = host.modules.send("contract.leave", {"path": "/slow"})
    assert service[0].asked.wait(_WAIT_S)
    service[0].asked.clear()

    kill(process_of(host.modules, sent.id), signal.SIGKILL)

    error = error_of(host.modules.outcome(sent, _WAIT_S))
    assert isinstance(error, UncertainError)
    assert (error.module_id, error.idempotency_key, error.retryable) == ("contract.leave", sent.id, False)
    assert "Look at the service" in error.hint
    assert not service[0].asked.is_set()


def test_a_lost_worker_is_made_up_for_where_a_repeat_does_no_harm(
    host: CeleryHost, service: tuple[Service, str]
) -> None:
    """The task comes again by itself, and is answered."""
    service[0].forget()
    sent = host.modules.send("contract.ask", {"path": "/slow"})
    assert service[0].asked.wait(_WAIT_S)
    service[0].asked.clear()

    kill(process_of(host.modules, sent.id), signal.SIGKILL)

    assert service[0].asked.wait(_WAIT_S)
    host.modules.cancel(sent)
    assert isinstance(error_of(host.modules.outcome(sent, _WAIT_S)), OperationCancelledError)


def test_a_task_that_waits_can_be_cancelled(host: CeleryHost, moody: tuple[MoodyService, str]) -> None:
    """It is not begun."""
    sent = host.modules.send("contract.ask", {"path": "/200/0/never"}, connection="moody", countdown=3)

    host.modules.cancel(sent)

    assert isinstance(error_of(host.modules.outcome(sent, _WAIT_S)), OperationCancelledError)
    assert moody[0].asked["/200/0/never"] == 0
