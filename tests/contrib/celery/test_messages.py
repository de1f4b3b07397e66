"""What may be sent, what an app must be set to, and what is read back: without any server."""

import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

import pytest
from attrs import frozen
from celery import Celery
from contract_connector import MODULES

from jackfield import (
    BusyError,
    Context,
    Effect,
    Failure,
    Host,
    InputError,
    InvalidInputError,
    JackfieldError,
    LimitError,
    Money,
    Password,
    RefusedError,
    Result,
    Secret,
    Usage,
    module,
)
from jackfield_celery import CelerySettings, ModuleFailedError, Modules, UncertainError, register
from jackfield_celery.failures import error_of, told_of
from jackfield_celery.outcomes import read_outcome, result_to_json
from jackfield_celery.settings import check_app, redis_url
from jackfield_celery.tasks import pause_s, with_note
from jackfield_celery.worker import Worker

CANARY = "canary-5501-in-a-form"


@frozen(kw_only=True)
class Header:
    """With a secret inside."""

    name: str
    value: Annotated[Secret, Password()]


@frozen(kw_only=True)
class Hidden:
    """Has secrets, at the top and deeper."""

    word: str
    token: Annotated[Secret | None, Password(label="Token")] = None
    headers: list[Header] | None = None


@frozen(kw_only=True)
class Done:
    """Nothing else."""

    word: str


@module(label="Whisper", effect=Effect.READ)
def whisper(form: Hidden, context: Context) -> Done:
    """Say it, and keep the token."""
    return Done(word=form.word)


def make_host(plugins: Sequence[object]) -> Host:
    """Make a host of the contract's modules."""
    return Host(discover=False, modules={**MODULES, "contract.whisper": whisper}, plugins=plugins)


def modules_of(**settings: Any) -> Modules:
    """Register modules on an app that reaches nobody."""
    app = Celery("nobody", broker="memory://", set_as_current=False)
    given = {"redis": "redis://127.0.0.1:1/0", **settings}
    return register(app, host=make_host, settings=CelerySettings(**given))


def app_with(**conf: Any) -> Celery:
    """Make an app with settings."""
    app = Celery("settings", set_as_current=False)
    app.conf.update(conf)
    return app


@pytest.mark.parametrize("connection", [{"api_key": CANARY}, 5, ["work"]])
def test_a_connection_is_sent_by_its_name_alone(connection: Any) -> None:
    """Its values would lie in the queue; the error has none of them."""
    with pytest.raises(InvalidInputError, match="must be the name of a saved connection") as caught:
        modules_of().send("contract.ask", {"path": "/"}, connection=connection)

    assert CANARY not in str(caught.value)


def test_no_secret_of_a_form_is_sent() -> None:
    """Each is told by its place, not by its value."""
    fields = {"word": "x", "token": CANARY, "headers": [{"name": "a", "value": CANARY}]}

    with pytest.raises(InvalidInputError) as caught:
        modules_of().send("contract.whisper", fields)

    assert [problem.path for problem in caught.value.problems] == ["$.headers[0].value", "$.token"]
    assert CANARY not in str(caught.value)


def test_a_form_with_a_secret_is_not_sent() -> None:
    """Not as an object either."""
    with pytest.raises(InputError, match="cannot be sent") as caught:
        modules_of().send("contract.whisper", Hidden(word="x", token=Secret(CANARY)))

    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("fields", [{"text": {1}}, {"text": float("nan")}, {"text": b"x"}])
def test_what_is_no_json_is_not_sent(fields: Any) -> None:
    """It says so, where it is called."""
    with pytest.raises(InputError, match=r"The input of contract\.echo cannot be sent"):
        modules_of().send("contract.echo", fields)


def test_an_input_is_an_object() -> None:
    """As it is everywhere."""
    with pytest.raises(InvalidInputError, match="must be a JSON object"):
        modules_of().send("contract.echo", ["x"])


def test_an_input_that_is_too_large_is_not_sent() -> None:
    """The limit has a name and a remedy."""
    with pytest.raises(LimitError, match="max_message_bytes is 50") as caught:
        modules_of(max_message_bytes=50).send("contract.echo", {"text": "x" * 60})

    assert caught.value.limit == "max_message_bytes"


@pytest.mark.parametrize(
    ("conf", "remedy"),
    [
        ({"accept_content": ["json", "pickle"]}, 'accept_content = \\["json"\\]'),
        ({"result_serializer": "pickle"}, 'result_serializer = "json"'),
        ({"broker_url": "redis://x", "broker_transport_options": {"visibility_timeout": 60}}, "visibility_timeout"),
    ],
)
def test_an_app_that_breaks_a_promise_is_refused(conf: Mapping[str, Any], remedy: str) -> None:
    """Pickled messages, results that are not JSON, tasks that would come twice; with what to set."""
    with pytest.raises(InputError, match=remedy):
        check_app(app_with(**conf), CelerySettings())


def test_an_app_as_celery_makes_it_is_accepted() -> None:
    """And with a longer time until a task comes again."""
    check_app(app_with(broker_url="redis://x"), CelerySettings())
    check_app(app_with(broker_url="amqp://x", broker_transport_options={"visibility_timeout": 1}), CelerySettings())


@pytest.mark.parametrize(
    ("conf", "settings", "found"),
    [
        ({"result_backend": "redis://a/1"}, {}, "redis://a/1"),
        ({"broker_url": "rediss://b"}, {}, "rediss://b"),
        ({"result_backend": "redis://a"}, {"redis": "redis://c"}, "redis://c"),
        ({"broker_url": "redis+socket:///run/r.sock?virtual_host=2"}, {}, "unix:///run/r.sock?db=2"),
    ],
)
def test_the_redis_is_that_of_the_app(conf: Mapping[str, Any], settings: Mapping[str, Any], found: str) -> None:
    """Unless another one is named."""
    assert redis_url(app_with(**conf), CelerySettings(**settings)) == found


def test_without_a_redis_it_says_so() -> None:
    """With the setting that names one."""
    with pytest.raises(InputError, match="neither result backend nor broker is one") as caught:
        redis_url(app_with(broker_url="amqp://user:password@x"), CelerySettings())

    assert "CelerySettings(redis=" in caught.value.hint
    assert "password" not in str(caught.value)


def test_settings_that_cannot_be_are_all_told() -> None:
    """At once; the address of Redis, which may hold a password, is not shown."""
    with pytest.raises(InvalidInputError) as caught:
        CelerySettings(max_retries=-1, lease_s=0, keep_marks_s=float("inf"), max_deliveries="3")  # type: ignore[arg-type]

    assert [problem.path for problem in caught.value.problems] == [
        "$.max_retries",
        "$.max_deliveries",
        "$.lease_s",
        "$.keep_marks_s",
    ]
    assert "secret" not in repr(CelerySettings(redis="redis://:secret@x"))


def test_a_pause_doubles_up_to_a_cap() -> None:
    """A quarter less by chance; what is final has none."""
    settings = CelerySettings(retry_base_s=1, retry_cap_s=4, max_retries=5)
    busy = told_of(BusyError("busy", status=503))

    pauses = [pause_s(busy, retries, settings) for retries in range(6)]

    assert pauses[5] is None
    for pause, longest in zip(pauses, [1, 2, 4, 4, 4], strict=False):
        assert pause is not None
        assert longest * 0.75 <= pause <= longest
    assert pause_s(told_of(RefusedError("no", status=422)), 0, settings) is None


def test_what_the_service_asks_for_is_waited_for() -> None:
    """Never less; nor at all, if it is too long."""
    settings = CelerySettings(max_retry_after_s=100)

    pause = pause_s(told_of(BusyError("busy", status=429, retry_after_s=40)), 0, settings)
    too_long = told_of(BusyError("busy", status=429, retry_after_s=101))

    assert pause is not None
    assert 40 <= pause <= 50
    assert pause_s(too_long, 0, settings) is None
    assert "asks to wait 101 s; max_retry_after_s is 100" in with_note(too_long, 0, settings)["hint"]


def test_a_result_survives_json() -> None:
    """With what was used, what it cost, and what the user should know."""
    bundle = {"text": "hé"}
    told = Result(
        outputs=(bundle,),
        bundles=(bundle,),
        used=(Usage(model="m", input_tokens=3),),
        cost=Money(Decimal("0.10"), "USD"),
        request_id="r",
        attempts=2,
        warnings=("w",),
        duration_s=0.5,
    )

    assert read_outcome(result_to_json(told)) == told


def test_an_uncertain_error_survives_json() -> None:
    """With what is needed to look for it."""
    error = UncertainError("Lost.", module_id="contract.post", idempotency_key="k")

    found = read_outcome({"error": told_of(error)})

    assert isinstance(found, Failure)
    assert isinstance(found.error, UncertainError)
    assert vars(found.error) == vars(error)


def test_an_error_of_another_version_is_an_error_all_the_same() -> None:
    """Nobody is left without an answer."""
    found = error_of({"type": "NewError", "kind": "NewError", "message": "x"})

    assert type(found) is JackfieldError
    assert "NewError" in found.message


def test_a_failed_task_shows_its_error() -> None:
    """In words where Celery logs it, as an error where it is caught."""
    failed = ModuleFailedError(told_of(RefusedError("no", status=422)))

    assert str(failed) == "RefusedError: no"
    assert isinstance(failed.error, RefusedError)
    assert failed.args == (failed.told,)


def test_the_tasks_are_acknowledged_late() -> None:
    """A worker that is lost loses no task; and messages are JSON."""
    task = modules_of().task

    assert (task.name, task.serializer) == ("jackfield.run", "json")
    assert (task.acks_late, task.reject_on_worker_lost) == (True, True)


def test_two_apps_of_one_process_share_nothing() -> None:
    """The tasks of each run with its own host: another one has other connections."""
    made: list[str] = []

    def app_of(name: str) -> Modules:
        def noted(plugins: Sequence[object]) -> Host:
            made.append(name)
            return make_host(plugins)

        settings = CelerySettings(redis="redis://127.0.0.1:1/0", redis_away_s=0.1, max_retries=0)
        app = Celery(name, broker="memory://", set_as_current=False)
        modules = register(app, host=noted, settings=settings)
        app.finalize()  # as a worker does when it starts
        return modules

    first, second = app_of("first"), app_of("second")
    for modules in (first, second):
        modules.task.apply(kwargs={"module": "contract.echo", "fields": {"text": "x"}})

    assert made == ["first", "second"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process")
def test_a_child_process_makes_a_host_of_its_own() -> None:
    """That of its parent, with its sockets and locks, is left alone."""
    worker = Worker(app_with(), make_host, CelerySettings(redis="redis://127.0.0.1:1/0"))
    before = worker.host
    assert worker.host is before

    child = os.fork()
    if child == 0:
        os._exit(0 if worker.host is not before else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    worker.close()
