"""A confidential run writes nothing of its input and output, and says nothing of it but to the program that asked."""

import gc
import logging
import pickle
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import (
    AnswerError,
    AnyValue,
    AttemptStarted,
    ConnectionType,
    Context,
    Dynamic,
    Effect,
    Event,
    File,
    FileSettings,
    Host,
    HttpSettings,
    InputError,
    Integer,
    InvalidInputError,
    JackfieldError,
    LimitError,
    Operation,
    OperationFinished,
    OperationStarted,
    PluginError,
    Problem,
    RefusedError,
    RetryScheduled,
    Select,
    WarningRaised,
    hookimpl,
    module,
    named_field,
)
from jackfield.testing import Replay

SAID = "the patient's name is Canary"
"""Stands in the input, in what the service answers, or in both."""


@frozen(kw_only=True)
class Nothing:
    """No credentials."""


clinic = ConnectionType(label="Clinic", form=Nothing, origin="https://clinic.example/v1")


def wards(context: Context) -> Sequence[str]:
    """Ask for the wards."""
    return [str(ward) for ward in context.client.get("/wards")]


def details(context: Context) -> list[Any]:
    """Ask for what is to be said of a patient."""
    return [named_field(name, str) for name in context.client.get("/details")]


@frozen(kw_only=True)
class Patient:
    """Who it is."""

    name: str
    age: Annotated[int | None, Integer(label="Age", maximum=150)] = None
    ward: Annotated[str | None, Select(label="Ward", choices=wards, free_text=False)] = None
    more: Annotated[Mapping[str, Any] | None, Dynamic(label="More", fields=details)] = None
    notes: Annotated[Any, AnyValue(label="Notes")] = None


@frozen(kw_only=True)
class Letter:
    """What is written of him."""

    text: str
    scan: File | None = None


@module(label="Write a Letter", connection=clinic, effect=Effect.READ)
def write(form: Patient, context: Context) -> Letter:
    """Write it."""
    context.warn(f"{form.name} has no doctor")
    return context.client.get(f"/letters/{len(form.name)}/{form.name.replace(' ', '_')}", into=Letter)


@module(label="Scan a Letter", connection=clinic, effect=Effect.READ)
def scan(form: Patient, context: Context) -> Letter:
    """Scan it."""
    made = File.from_bytes(form.name.encode(), name="made.txt")
    kept = context.store_file([b"scan of ", form.name.encode()], name="scan.txt")
    fetched = context.client.download("GET", "/scan")
    given = made if form.age == 1 else kept if form.age == 2 else fetched
    return Letter(text=str(context.confidential), scan=given)


@module(label="Trip", connection=clinic, effect=Effect.READ)
def trip(form: Patient, context: Context) -> Letter:
    """Fail as careless people's code does."""
    if form.age == 1:
        raise KeyError(form.name)
    message = f"no letter for {form.name}"
    raise AnswerError(message, hint=form.name) from ValueError(form.name)


MODULES = {"clinic.write": write, "clinic.scan": scan, "clinic.trip": trip}


class Diary:
    """Remembers what plugins are told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.operations: list[Operation] = []

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Remember it."""
        self.events.append(event)

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Any:
        """Remember what runs."""
        self.operations.append(operation)
        return (yield)

    def said(self, kind: type[Event]) -> str:
        """Give what the events of a kind say."""
        found = [event for event in self.events if isinstance(event, kind)]
        assert found
        return repr(found)


@pytest.fixture
def diary() -> Diary:
    """Give a diary."""
    return Diary()


@pytest.fixture
def host(replay: Replay, diary: Diary, tmp_path: Path) -> Iterator[Host]:
    """Give a host that would keep choices and files where a test looks."""
    with Host(
        plugins=[diary, replay],
        modules=MODULES,
        discover=False,
        environ={},
        settings=HttpSettings(retry_base_s=0.001),
        files=FileSettings(directory=tmp_path / "files"),
        choices_dir=tmp_path / "choices",
    ) as made:
        yield made


def failed(host: Host, module_id: str, form: Mapping[str, object], **options: Any) -> JackfieldError:
    """Give the error of a run."""
    with pytest.raises(JackfieldError) as caught:
        host.run(module_id, form, **options)
    return caught.value


def logged(error: BaseException) -> str:
    """Give what a logger writes of an error, the errors that led to it included."""
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "%r", (error,), (type(error), error, error.__traceback__))
    return f"{logging.Formatter().format(record)} {error.args} {getattr(error, 'problems', '')}"


def test_events_tell_the_base_url_and_causes_only(host: Host, replay: Replay, diary: Diary) -> None:
    """Not the path, the warning or the service's words, all of which may quote the input; other runs tell them."""
    for confidential in (False, True):
        diary.events.clear()
        replay.reply({"error": {"message": SAID}}, status=500, headers={"x-request-id": SAID})
        replay.reply({"text": SAID}, headers={"x-request-id": SAID})

        result = host.run("clinic.write", {"name": SAID}, confidential=confidential)

        assert result.output.text == SAID
        assert result.warnings == (f"{SAID} has no doctor",)
        assert (SAID not in diary.said(RetryScheduled)) is confidential
        assert (SAID not in diary.said(WarningRaised)) is confidential
        assert (SAID not in diary.said(OperationFinished)) is confidential
        assert ("Canary" not in diary.said(AttemptStarted)) is confidential
        assert ("Canary" not in repr(diary.events)) is confidential
        assert "https://clinic.example/v1" in diary.said(AttemptStarted)
        assert f"confidential={confidential}" in diary.said(OperationStarted)
    assert [operation.confidential for operation in diary.operations] == [False, True]


def test_a_refusal_of_the_service_is_told_to_the_program_alone(host: Host, replay: Replay) -> None:
    """What loggers write says the status; what the service said is withheld, and can be asked for."""
    replay.reply({"error": {"message": SAID}}, status=400, headers={"x-request-id": "req-1"})

    error = failed(host, "clinic.write", {"name": SAID}, confidential=True)

    assert isinstance(error, RefusedError)
    assert str(error) == "The service refuses the request as it stands (status 400)."
    assert SAID not in logged(error)
    assert error.withheld is not None
    assert SAID in error.withheld.reveal()
    assert (error.status, error.request_id) == (400, "req-1")
    assert pickle.loads(pickle.dumps(error)).withheld is None  # noqa: S301  our own
    assert SAID.encode() not in pickle.dumps(error)


@pytest.mark.parametrize(
    ("age", "kind"), [(1, PluginError), (2, AnswerError)], ids=["somebody else's exception", "an error of ours"]
)
def test_what_a_module_raises_is_withheld(host: Host, age: int, kind: type[JackfieldError]) -> None:
    """Its text, and those of all that led to it; a defect is told by its class and place, as ever."""
    error = failed(host, "clinic.trip", {"name": SAID, "age": age}, confidential=True)

    assert type(error) is kind
    assert SAID not in logged(error)
    assert error.withheld is not None
    assert SAID in error.withheld.reveal()
    assert age == 2 or "KeyError at test_confidential.py" in error.message
    assert SAID in logged(failed(host, "clinic.trip", {"name": SAID, "age": age}))


def test_problems_are_told_without_values_and_made_up_names(host: Host, replay: Replay) -> None:
    """A path shows what the form declares, and each rule is named."""
    error = failed(host, "clinic.write", {"age": 4711, "notes": {1: 2}, SAID: 1}, confidential=True)

    assert isinstance(error, InvalidInputError)
    assert {problem.rule for problem in error.problems} >= {"required", "maximum", "unknown_field"}
    assert {problem.path for problem in error.problems} >= {"$.name", "$.age", "$.*"}
    assert SAID not in logged(error)
    assert "4711" not in logged(error)
    assert error.withheld is not None
    assert "was 4711" in error.withheld.reveal()
    assert replay.requests == []


def test_an_answer_of_another_shape_is_told_without_what_is_in_it(host: Host, replay: Replay) -> None:
    """Its problems name what the output declares."""
    replay.reply({"text": 4711, SAID: SAID})
    replay.reply(content=f"<html><title>{SAID}</title>".encode(), headers={"Content-Type": "text/html"})

    for _ in range(2):
        error = failed(host, "clinic.write", {"name": SAID}, confidential=True)

        assert isinstance(error, AnswerError)
        assert "4711" not in logged(error)
        assert SAID not in logged(error)


@pytest.mark.parametrize("age", [1, 2, 3], ids=["made", "stored", "downloaded"])
def test_files_of_a_confidential_run_stay_in_memory(
    host: Host, replay: Replay, tmp_path: Path, diary: Diary, age: int
) -> None:
    """They can be read, used as input, and removed; another run writes them."""
    for confidential in (True, False):
        replay.reply(content=SAID.encode(), headers={"Content-Disposition": "attachment; filename=got.txt"})

        result = host.run("clinic.scan", {"name": SAID, "age": age}, confidential=confidential)

        file = result.output.scan
        assert file is not None
        assert SAID.encode() in file.read()
        assert result.output.text == str(confidential)
        assert host.files.get(result.bundle["scan"]) is file  # type: ignore[arg-type]
        assert (file.path is None) is confidential
        assert [*tmp_path.rglob("*.txt")] == [] or not confidential
        assert diary.events


def test_files_in_memory_have_a_limit_of_their_own(replay: Replay) -> None:
    """What is removed makes room, and so does what did not come out, be it that the run failed."""
    files = FileSettings(max_memory_bytes=100)
    with Host(plugins=[replay], modules=MODULES, discover=False, environ={}, files=files) as host:
        for _ in range(3):
            replay.reply(content=b"x" * 60)
            reference = host.run("clinic.scan", {"name": "n" * 20}, confidential=True).bundle["scan"]
            gc.collect()
            host.files.remove(host.files.get(reference))  # type: ignore[arg-type]  # there for who has its id only
            replay.reply({}, status=400)
            failed(host, "clinic.scan", {"name": "n" * 60}, confidential=True)
            gc.collect()
        replay.reply(content=b"x" * 101)

        error = failed(host, "clinic.scan", {"name": "n"}, confidential=True)

    assert isinstance(error, LimitError)
    assert error.limit == "max_memory_bytes"
    assert "max_memory_bytes" in error.message


def test_a_large_answer_is_held_in_memory_up_to_a_limit() -> None:
    """It does not wait in a temporary file, and a larger one is refused by the name of the setting."""
    large = b'{"text": "' + b"x" * (17 << 20) + b'"}'
    said: list[str] = []
    for most in (64 << 20, 1 << 20):
        replay = Replay()
        replay.reply(content=large, headers={"Content-Type": "application/json"})
        settings = HttpSettings(max_confidential_bytes=most)
        with Host(plugins=[replay], modules=MODULES, discover=False, environ={}, settings=settings) as host:
            try:
                said.append(f"{len(host.run('clinic.write', {'name': 'n'}, confidential=True).output.text)} characters")
            except LimitError as error:
                said.append(f"{error.message} {error.hint}")

    refused = "A limit of ours was hit (max_confidential_bytes is 1048576). "
    advice = "Raise the setting max_confidential_bytes if this is expected."
    assert said == [f"{17 << 20} characters", refused + advice]


def test_choices_and_fields_are_neither_kept_nor_taken_from_what_was_kept(
    host: Host, replay: Replay, tmp_path: Path
) -> None:
    """The service is asked each time, and no file says what it offered."""
    replay.reply([SAID])
    replay.reply(["other"])
    replay.reply([SAID])
    assert [choice.value for choice in host.choices("clinic.write", "ward", confidential=True)] == [SAID]
    assert [*tmp_path.rglob("*")] == []

    assert [choice.value for choice in host.choices("clinic.write", "ward")] == ["other"]
    assert [*tmp_path.rglob("*.json")] != []
    replies = {"name": "n", "ward": SAID, "more": {"allergy": "nuts"}}
    replay.reply(["allergy"])
    replay.reply({"text": "t"})
    host.run("clinic.write", replies, confidential=True)

    paths = [str(request.url).rpartition("/")[2] for request in replay.requests]
    assert paths == ["wards", "wards", "wards", "details", "n"]
    assert all(SAID not in path.read_text() for path in tmp_path.rglob("*") if path.is_file())


def test_every_way_to_run_can_be_confidential(host: Host, replay: Replay, diary: Diary) -> None:
    """Streams, many inputs, previews, and questions of forms too."""
    for _ in range(3):
        replay.reply({"text": "t"})
    with host.stream("clinic.write", {"name": SAID}, confidential=True) as stream:
        assert stream.result.output.text == "t"
    assert len([*host.map("clinic.write", [{"name": SAID}] * 2, confidential=True)]) == 2
    preview = host.preview("clinic.write", {"name": SAID}, confidential=True)
    replay.reply([])
    shown = host.form("clinic.write", {"name": SAID}, confidential=True)

    assert "Canary" in preview.requests[0].url
    assert shown.slot("name") is not None
    assert [operation.confidential for operation in diary.operations] == [True] * 3
    assert "Canary" not in repr(diary.events)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("$", "$"),
        ("$.name", "$.name"),
        ('$["name"][3]', '$["name"][3]'),
        ("$.more.allergy", "$.more.*"),
        ('$.more["a \\x b"].name', "$.more.*.name"),
        ("$.text[0].Canary[1]", "$.text[0].*[1]"),
        ("$['Canary'].name", "$.*"),
        ("Canary", "$.*"),
        ("", "$"),
    ],
)
def test_a_path_shows_what_is_declared(replay: Replay, path: str, shown: str) -> None:
    """However a connector spells it: numbers and names of the form or the output, and a star for any other."""

    def check(_form: Patient) -> Sequence[Problem]:
        return [Problem(path=path, rule="odd", message=SAID)]

    odd = module(label="Odd", connection=clinic, effect=Effect.READ, validate=check)(write.function)
    with Host(plugins=[replay], modules={"clinic.odd": odd}, discover=False, environ={}) as host:
        error = failed(host, "clinic.odd", {"name": "n"}, confidential=True)

    assert isinstance(error, InvalidInputError)
    assert [(problem.path, problem.message) for problem in error.problems] == [(shown, "breaks the rule odd")]


def test_a_wish_that_is_neither_yes_nor_no_is_refused(host: Host, replay: Replay) -> None:
    """'no' would be taken for yes, and what was meant is not guessed."""
    with pytest.raises(InputError, match="confidential must be True or False, was a Python str"):
        host.run("clinic.write", {"name": "n"}, confidential="no")  # type: ignore[call-overload]
    assert replay.requests == []
