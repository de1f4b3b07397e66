"""Dags with modules in them, run by Airflow itself: parsed, serialized, their tasks and triggers run, XComs kept."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.sdk import ObjectStoragePath
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from attrs import frozen
from bulletin import Running, serving
from contract_connector import CANARY, PNG, Service

pytestmark = pytest.mark.airflow

HEAD = """
from datetime import timedelta
from airflow.sdk import DAG
from jackfield_airflow import ModuleOperator, ModuleSensor
"""

WORK = """
with DAG("work", params={"times": 2}):
    templated = ModuleOperator(
        task_id="templated",
        module_id="contract.echo",
        fields={"text": "{{ dag.dag_id }}", "times": "{{ params.times }}", "parts": [{"word": "{{ 1 + 1 }}"}]},
    )
    asked = ModuleOperator(
        task_id="asked", module_id="contract.ask", fields={"path": "/a"}, connection_id="contract_work"
    )
    deferred = ModuleOperator(
        task_id="deferred",
        module_id="contract.ask",
        fields={"path": "/{{ dag.dag_id }}"},
        connection_id="contract_work",
        deferrable=True,
    )
    drawn = ModuleOperator(task_id="drawn", module_id="contract.draw", fields={"size": 1000})
    ModuleOperator(task_id="measured", module_id="contract.measure", fields={"file": drawn.output["image"]})
    ModuleOperator(task_id="after", module_id="contract.echo", fields={"text": asked.output["text"]})
    counted = ModuleOperator(task_id="counted", module_id="contract.count", fields={"size": 2})
    ModuleOperator.partial(task_id="each", module_id="contract.echo").expand(fields=[{"text": "a"}, {"text": "b"}])
    ModuleOperator(
        task_id="told", module_id="contract.tell", fields={}, connection_id="contract_work", deferrable=True
    )
"""

FAILING = """
again = {"retries": 1, "retry_delay": timedelta(0), "connection_id": "contract_work"}
with DAG("failing"):
    ModuleOperator(task_id="refused", module_id="contract.ask", fields={"path": "/refused"}, **again)
    ModuleOperator(task_id="busy", module_id="contract.ask", fields={"path": "/busy"}, **again)
    ModuleOperator(
        task_id="deferred_busy", module_id="contract.ask", fields={"path": "/busy"}, deferrable=True, **again
    )
    ModuleOperator(task_id="full", module_id="contract.draw", fields={"size": 1}, files="/dev/null", **again)
    ModuleOperator(task_id="nowhere", module_id="contract.draw", fields={"size": 1}, files="nope://x", **again)
    ModuleOperator(task_id="large", module_id="contract.count", fields={"size": 50}, max_result_bytes=100, **again)
"""

WATCHING = """
with DAG("watching"):
    ModuleSensor(
        task_id="new",
        module_id="board.watch_notes",
        fields={},
        connection_id="board_work",
        start="all",
        poke_interval=1,
        timeout=60,
    )
"""


SLOW = """
with DAG("slow"):
    ModuleOperator(task_id="slow", module_id="contract.ask", fields={"path": "/slow"}, connection_id="contract_work")
"""


@frozen(kw_only=True)
class Ran:
    """What a run of a Dag left.

    Attributes:
        tasks: The tasks by id, as Airflow keeps them.
        pushed: What each pushed, in the order of their map index.
    """

    tasks: Mapping[str, TaskInstance]
    pushed: Mapping[str, list[Any]]


Run = Callable[[str, str], Ran]


@pytest.fixture(scope="module")
def run(home: Path, served: Service) -> Iterator[Run]:
    """Write a Dag, and have Airflow parse and run it."""
    initdb()
    folder = home / "dags"
    folder.mkdir(exist_ok=True)

    def run(dag_id: str, text: str) -> Ran:
        (folder / f"{dag_id}.py").write_text(HEAD + text, "utf-8")
        bag = BundleDagBag(str(folder), bundle_path=folder, bundle_name="dags-folder")
        assert bag.import_errors == {}
        made = bag.dags[dag_id].test()
        with create_session() as session:
            query = session.query(XComModel).filter_by(run_id=made.run_id, dag_id=dag_id, key="return_value")
            kept = [(each.task_id, each.value) for each in query.order_by(XComModel.map_index)]
        pushed: dict[str, list[Any]] = {}
        for task_id, value in kept:
            pushed.setdefault(task_id, []).append(value)
        return Ran(tasks={ti.task_id: ti for ti in made.get_task_instances()}, pushed=pushed)

    yield run
    for made in folder.glob("*.py"):
        made.unlink()


@pytest.fixture(scope="module")
def worked(run: Run) -> Ran:
    """A run of the Dag in which all is well."""
    return run("work", WORK)


@pytest.fixture(scope="module")
def failed(run: Run) -> Ran:
    """A run of the Dag in which nothing goes well."""
    return run("failing", FAILING)


def test_all_tasks_succeed(worked: Ran) -> None:
    """Those in the triggerer, too."""
    assert {task_id: ti.state for task_id, ti in worked.tasks.items() if ti.state != "success"} == {}
    assert worked.pushed["asked"] == [{"text": "/a", "length": 1}]
    assert worked.pushed["deferred"] == [{"text": "/work", "length": 1}]


def test_templates_give_numbers_where_numbers_are_wanted(worked: Ran) -> None:
    """Also deep inside of the fields, and without native objects; text stays text."""
    assert worked.pushed["templated"] == [{"text": "workwork", "length": 8}]


def test_what_a_task_gives_another_takes(worked: Ran) -> None:
    """A part of a bundle, or a file by its reference."""
    assert worked.pushed["after"] == [{"text": "/a", "length": 2}]
    assert worked.pushed["measured"] == [{"text": "drawn.png", "length": len(PNG) + 1000}]


def test_a_search_gives_a_list_and_a_task_is_mapped_over_one(worked: Ran) -> None:
    """A list of bundles is what ``expand`` takes."""
    assert worked.pushed["counted"] == [[{"number": 1}, {"number": 2}]]
    assert worked.pushed["each"] == [{"text": "a", "length": 1}, {"text": "b", "length": 1}]


def test_a_module_that_streams_gives_the_whole(worked: Ran) -> None:
    """Pieces are for hosts that can show them."""
    assert worked.pushed["told"] == [{"text": "once upon a time", "length": 4}]


def test_a_final_error_is_not_tried_again(failed: Ran) -> None:
    """Though the task has a retry left."""
    assert (failed.tasks["refused"].state, failed.tasks["refused"].try_number) == ("failed", 1)


@pytest.mark.parametrize("task_id", ["busy", "deferred_busy"])
def test_an_error_that_may_pass_is_tried_again(failed: Ran, task_id: str) -> None:
    """As often as the task's retries say, on a worker and in the triggerer."""
    assert (failed.tasks[task_id].state, failed.tasks[task_id].try_number) == ("failed", 2)


def test_storage_that_takes_no_file_is_tried_again(failed: Ran) -> None:
    """It may have room later; one that does not exist will not."""
    assert (failed.tasks["full"].state, failed.tasks["full"].try_number) == ("failed", 2)
    assert (failed.tasks["nowhere"].state, failed.tasks["nowhere"].try_number) == ("failed", 1)


def test_a_result_that_is_too_large_is_kept_in_a_file(failed: Ran, home: Path) -> None:
    """The task fails, since whoever takes its result would be surprised; what was paid for is not lost."""
    (found,) = (home / "jackfield" / "files" / "failing").rglob("result.json")

    assert (failed.tasks["large"].state, failed.tasks["large"].try_number) == ("failed", 1)
    assert json.loads(ObjectStoragePath(f"file://{found}").read_bytes()) == [{"number": n + 1} for n in range(50)]


def test_nothing_that_airflow_keeps_holds_a_secret(worked: Ran, failed: Ran, home: Path) -> None:
    """Neither its database nor its logs: a deferred task names its connection."""
    kept = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}

    assert any(path.name == "airflow.db" and b"contract_work" in data for path, data in kept.items())
    assert [path for path, data in kept.items() if CANARY.encode() in data] == []


def test_a_wrong_field_is_an_error_of_the_dag(home: Path) -> None:
    """It says which task, which field, and what to look at."""
    wrong = home / "wrong.py"
    text = 'with DAG("wrong"):\n    ModuleOperator(task_id="t", module_id="contract.echo", fields={"txt": "x"})\n'
    wrong.write_text(HEAD + text, "utf-8")

    bag = BundleDagBag(str(wrong), bundle_path=home, bundle_name="dags-folder")

    (error,) = bag.import_errors.values()
    assert "Task t, module contract.echo: 2 problems" in error
    assert "$.text: is required" in error
    assert "$.txt: is no field; did you mean text?" in error


@pytest.mark.skipif(sys.platform == "win32", reason="Airflow needs POSIX")
def test_a_task_that_is_killed_hangs_up(run: Run, service: Service) -> None:
    """Airflow sends a signal, as when somebody marks the task as failed, and the service sees nobody wait any more."""
    before = signal.getsignal(signal.SIGTERM)

    def kill() -> None:
        assert service.asked.wait(60)
        os.kill(os.getpid(), signal.SIGTERM)

    with ThreadPoolExecutor(1) as pool:
        killing = pool.submit(kill)
        ran = run("slow", SLOW)
        killing.result()
    signal.signal(signal.SIGTERM, before)

    assert service.left.wait(60)
    assert ran.tasks["slow"].state == "failed"


@pytest.fixture
def board() -> Iterator[Running]:
    """A board of notes, to which Airflow has a connection."""
    with serving() as board:
        values = {"conn_type": "jackfield_board_account", "host": board.url, "password": board.connection["api_key"]}
        os.environ["AIRFLOW_CONN_BOARD_WORK"] = json.dumps(values)
        yield board
        del os.environ["AIRFLOW_CONN_BOARD_WORK"]


def test_a_sensor_gives_what_is_new_since_the_last_run(run: Run, board: Running) -> None:
    """It waits while the service is away, and goes on where the last Dag run ended."""
    board.notes.append({"id": 1, "at": "2026-01-01T00:00:00Z"})
    board.refusals.extend([503, 503, 503])
    first = run("watching", WATCHING)
    board.notes.append({"id": 2, "at": "2026-01-02T00:00:00Z"})
    second = run("watching", WATCHING)

    assert [[item["bundle"]["id"] for item in items] for items in first.pushed["new"]] == [[1]]
    assert [[item["bundle"]["id"] for item in items] for items in second.pushed["new"]] == [[2]]
    assert second.pushed["new"][0][0]["date"] == "2026-01-02T00:00:00+00:00"
