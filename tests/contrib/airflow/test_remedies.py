"""Which errors Airflow tries again, and when; and what is looked at when a Dag is parsed."""

import logging
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk import RetryAction

from jackfield import (
    BrokenAnswerError,
    BusyError,
    CredentialsError,
    DeadlineError,
    Effect,
    FileError,
    FromText,
    Host,
    InvalidInputError,
    JackfieldError,
    OperationCancelledError,
    UnknownModuleError,
    UnreachableError,
)
from jackfield_airflow import ModuleFailedError, ModuleRetryError, ModuleUncertainError, RetryAfterPolicy
from jackfield_airflow.checking import check_task
from jackfield_airflow.following import Run
from jackfield_airflow.places import later_places, typed
from jackfield_airflow.remedies import as_airflow, from_event, to_event
from jackfield_airflow.running import Runner, Task

pytestmark = pytest.mark.airflow

BUSY = BusyError("busy", status=503)
LIMITED = BusyError("limited", status=429, retry_after_s=90)
LATE = DeadlineError("late", phase="read", deadline_s=1, sent=True)


@pytest.mark.parametrize(
    ("error", "effect", "attempts", "kind"),
    [
        (BUSY, Effect.READ, 1, ModuleRetryError),
        (BUSY, Effect.KEYED, 1, ModuleRetryError),
        (BUSY, Effect.UNSAFE, 1, ModuleUncertainError),
        (LIMITED, Effect.UNSAFE, 1, ModuleRetryError),
        (UnreachableError("away"), Effect.UNSAFE, 1, ModuleRetryError),
        (BrokenAnswerError("cut"), Effect.UNSAFE, 1, ModuleUncertainError),
        (BrokenAnswerError("cut"), Effect.IDEMPOTENT, 1, ModuleRetryError),
        (LATE, Effect.READ, 1, ModuleRetryError),
        (LATE, Effect.UNSAFE, 1, ModuleUncertainError),
        (OperationCancelledError("stop"), Effect.UNSAFE, 0, ModuleRetryError),
        (OperationCancelledError("stop"), Effect.UNSAFE, 1, ModuleUncertainError),
        (CredentialsError("no", status=401), Effect.READ, 1, ModuleFailedError),
        (FileError("full"), Effect.READ, 1, ModuleRetryError),
        (FileError("full"), Effect.UNSAFE, 1, ModuleUncertainError),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_repeat_is_left_to_airflow_where_it_does_no_harm(
    error: JackfieldError, effect: Effect, attempts: int, kind: type
) -> None:
    """Where the service may have acted on what cannot be undone, a person has to look."""
    ended = as_airflow(error, effect, attempts)

    assert type(ended) is kind
    assert type(from_event(to_event(ended))) is kind
    assert str(from_event(to_event(ended))) == str(ended)


@pytest.mark.parametrize(
    ("error", "usual_s", "delay_s"),
    [(LIMITED, 30, 90), (LIMITED, 300, None), (BUSY, 30, None)],
    ids=["asked for more", "asked for less", "asked for nothing"],
)
def test_the_service_says_when_to_come_again(error: JackfieldError, usual_s: int, delay_s: int | None) -> None:
    """But no sooner than the task itself would."""
    context = {"task": SimpleNamespace(retry_delay=timedelta(seconds=usual_s))}

    decision = RetryAfterPolicy().evaluate(ModuleRetryError(error), 1, 3, context)

    assert decision.retry_delay == (timedelta(seconds=delay_s) if delay_s else None)
    assert decision.action is (RetryAction.RETRY if delay_s else RetryAction.DEFAULT)


def test_a_service_that_names_a_year_is_not_waited_for() -> None:
    """A day is the most."""
    year = BusyError("later", status=503, retry_after_s=31_536_000)

    assert RetryAfterPolicy().evaluate(ModuleRetryError(year), 1, 3).retry_delay == timedelta(days=1)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "x"},
        {"text": "{{ params.text }}", "times": "{{ params.times }}"},
        {"text": "x", "parts": "{{ params.parts }}"},
        {"text": "x", "parts": [{"word": "{% if a %}b{% endif %}", "bold": "{{ c }}"}]},
        "{{ params.all }}",
    ],
    ids=["known", "templates", "a list", "deep", "all of it"],
)
def test_what_is_filled_in_later_is_not_judged(fields: object) -> None:
    """A template may become anything."""
    check_task("t", "contract.echo", fields)


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"txt": "{{ x }}"}, ["$.text", "$.txt"]),
        ({"text": "{{ x }}", "times": 9}, ["$.times"]),
        ({"text": "x", "parts": [{"word": "{{ x }}", "size": 1}]}, ["$.parts[0].size"]),
    ],
    ids=["name", "beside", "deep"],
)
def test_what_stands_beside_a_template_is_judged(fields: object, paths: list[str]) -> None:
    """Each place at fault is named."""
    with pytest.raises(InvalidInputError) as caught:
        check_task("t", "contract.echo", fields)
    assert [problem.path for problem in caught.value.problems] == paths


def test_a_module_that_is_not_there_is_told_when_the_dag_is_parsed() -> None:
    """With the one that was meant."""
    with pytest.raises(UnknownModuleError, match=r"Did you mean contract\.echo"):
        check_task("t", "contract.ecko", {})


def test_only_what_a_template_gave_is_read_as_typed() -> None:
    """Text that stands in the Dag is text."""
    fields = {"a": "{{ x }}", "b": ["1", "{{ y }}"]}
    places = [list(place) for place in later_places(fields)]

    found = typed({"a": "1", "b": ["1", "2"]}, places)

    assert [type(value) for value in (found["a"], *found["b"])] == [FromText, str, FromText]


def test_a_dag_of_native_objects_may_give_a_number_for_a_text() -> None:
    """A title that is all digits stays one; what stands in the Dag is as strict as ever."""
    fields = {"text": "{{ x }}", "times": "{{ y }}", "own": 3}
    places = [list(place) for place in later_places(fields)]

    found = typed({"text": 12, "times": 2, "own": 3}, places)
    with Host() as host:
        bundle = host.run("contract.echo", {"text": found["text"], "times": found["times"]}).bundle

    assert bundle == {"text": "1212", "length": 4}
    assert type(found["own"]) is int


def test_a_host_forgets_the_files_of_a_task_that_is_over(tmp_path: Path) -> None:
    """That of the triggerer works for weeks, and its room is not endless."""
    runner, run = Runner(), Run(logging.getLogger(__name__))

    pushed = [
        runner.run(Task(module_id="contract.draw", fields={"size": 9}, files=str(tmp_path / kept)), run)
        for kept in "ab"
    ]
    given = {"file": {"file": pushed[0]["image"]["file"]}}
    runner.run(Task(module_id="contract.measure", fields=given, files=str(tmp_path / "a")), run)

    assert [each["image"]["name"] for each in pushed] == ["drawn.png", "drawn.png"]
    assert [*runner.host.files.directory.rglob("*.png")] == []
    runner.close()


def test_a_deadline_names_the_setting_of_airflow() -> None:
    """And not that of a program or a command line."""
    ended = as_airflow(DeadlineError("late", phase="read", deadline_s=1, sent=True, hint="--deadline"), Effect.READ, 1)

    assert "execution_timeout" in str(ended)
    assert "--deadline" not in str(ended)
