"""Fields whose own fields a service knows alone."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import pytest
from attrs import frozen
from jsonschema import Draft202012Validator

from jackfield import (
    ConnectionType,
    Context,
    Dynamic,
    Effect,
    Form,
    FromText,
    Host,
    HttpSettings,
    Integer,
    InvalidInputError,
    Password,
    PluginError,
    Secret,
    Select,
    Slot,
    Text,
    UnreachableError,
    from_text,
    header,
    hookimpl,
    module,
    named_field,
)
from jackfield._cli.describe import FieldTable
from jackfield._cli.example import example_command
from jackfield.forms import form_of
from jackfield.testing import Replay


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password()]


account = ConnectionType(
    label="Tickets", form=Account, origin="https://tickets.example", authorize=header("X-Key", "{api_key}")
)

TYPES: Mapping[str, Any] = {
    "text": Annotated[str, Text(max_length=5)],
    "number": Annotated[int, Integer(label="Number", minimum=1)],
    "day": date,
}


def _custom_fields(context: Context, values: Mapping[str, object]) -> Sequence[Slot]:
    answer = context.client.get("/fields", params=values)
    return [named_field(each["name"], TYPES[each["type"]], required=each.get("required", False)) for each in answer]


@frozen(kw_only=True)
class Ticket:
    title: str
    project: Annotated[str, Select(choices=["a", "b"])] = "a"
    custom: Annotated[
        Mapping[str, object] | None, Dynamic(label="Custom", fields=_custom_fields, depends_on=["project"])
    ] = None
    hooked: Annotated[Mapping[str, object] | None, Dynamic()] = None


@frozen(kw_only=True)
class Made:
    ok: bool


@module(label="Make a Ticket", connection=account, effect=Effect.READ)
def make_ticket(form: Ticket, context: Context) -> Made:
    """Make a ticket."""
    answer: Made = context.client.post("/tickets", json=form, into=Made)
    return answer


ANSWER: Any = [
    {"name": "code", "type": "text", "required": True},
    {"name": "points", "type": "number"},
    {"name": "due", "type": "day"},
]
KEY = {"api_key": "k"}


class Desk:
    """A host that answers from memory."""

    def __init__(self, *plugins: object) -> None:
        self.replay = Replay()
        self.host = Host(discover=False, plugins=[self.replay, *plugins], modules={"a.make": make_ticket})

    @property
    def asked(self) -> list[str]:
        """What the service was asked."""
        return [str(request.url).partition("example/")[2] for request in self.replay.requests]


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Close the host afterwards."""
    made = Desk()
    made.replay.reply(ANSWER)
    yield made
    made.host.close()


def test_a_host_shows_the_fields_that_the_service_knows(desk: Desk) -> None:
    """As a schema, as a table, and in an example; asked for once."""
    form = desk.host.form("a.make", connection=KEY)

    schema = desk.host.module("a.make").schema_of(form)["properties"]["custom"]
    Draft202012Validator.check_schema(schema)
    assert schema["properties"] == {
        "code": {"title": "Code", "type": "string", "maxLength": 5},
        "points": {"title": "Number", "type": "integer", "minimum": 1},
        "due": {"title": "Due", "type": "string", "format": "date"},
    }
    assert (schema["required"], schema["additionalProperties"]) == (["code"], False)
    assert schema["x-jackfield"] == {"dynamic": {"known": True, "dependsOn": ["project"]}}
    rows = {row.name: row for row in FieldTable(form, advanced=True, levels=9).rows}
    assert (rows[". code"].type, rows[". code"].needed) == ("text, at most 5 characters", "required")
    desk.host.form("a.make", {"title": "x"}, connection=KEY)
    assert desk.asked == ["fields?project=a"]


def test_what_other_fields_hold_decides(desk: Desk) -> None:
    """Read as they read it."""
    desk.replay.reply([])

    desk.host.form("a.make", connection=KEY)
    form = desk.host.form("a.make", {"project": FromText("b")}, connection=KEY)

    assert form.slot("custom") != form_of(Ticket).slot("custom")
    assert desk.asked == ["fields?project=a", "fields?project=b"]
    with pytest.raises(InvalidInputError, match=r"\$\.project: must be one of a, b"):
        desk.host.form("a.make", {"project": "c"}, connection=KEY)


def test_without_a_connection_nobody_is_asked(desk: Desk) -> None:
    """The field is shown as one whose fields can be asked for."""
    handle = desk.host.module("a.make")

    assert handle.schema()["properties"]["custom"] == {
        "title": "Custom",
        "type": "object",
        "additionalProperties": {},
        "x-jackfield": {"dynamic": {"known": False, "dependsOn": ["project"]}},
    }
    rows = {row.name: row for row in FieldTable(handle.form, advanced=True, levels=9).rows}
    assert rows["custom"].type == "any JSON object, with fields that module show --connection shows"
    assert example_command("a.make", handle.form) == "jackfield module run a.make title=TITLE"
    assert desk.asked == []


def test_a_run_checks_the_value_against_the_fields(desk: Desk) -> None:
    """Everything that is wrong, with path, rule and remedy; nothing is made."""
    with pytest.raises(InvalidInputError) as caught:
        desk.host.run("a.make", {"title": "t", "custom": {"points": 0, "cod": "x", "due": "soon"}}, connection=KEY)

    assert {problem.path: problem.rule for problem in caught.value.problems} == {
        "$.custom.code": "required",
        "$.custom.points": "minimum",
        "$.custom.due": "type",
        "$.custom.cod": "unknown_field",
    }
    assert "did you mean code?" in str(caught.value)
    assert desk.asked == ["fields?project=a"]


def test_a_run_reads_what_a_person_typed_by_the_type_of_its_field(desk: Desk) -> None:
    """``007`` stays text for a text, and is a number for a number."""
    desk.replay.reply({"ok": True})
    typed: Any = from_text({"title": "t", "custom": {"code": "007", "points": "007", "due": "1.2.2026"}})

    assert desk.host.run("a.make", typed, connection=KEY).output == Made(ok=True)

    sent = desk.replay.requests[-1].body
    assert sent == b'{"title":"t","project":"a","custom":{"code":"007","points":7,"due":"2026-02-01"}}'


def test_a_typed_form_is_checked_as_well(desk: Desk) -> None:
    """And a null in it is left out."""
    desk.replay.reply({"ok": True})
    custom = {"code": "x", "points": None}
    desk.host.run("a.make", Ticket(title="t", custom=custom), connection=KEY)
    assert desk.replay.requests[-1].body == b'{"title":"t","project":"a","custom":{"code":"x"}}'

    with pytest.raises(InvalidInputError, match=r"\$\.custom\.code: must be text, was 5"):
        desk.host.run("a.make", Ticket(title="t", custom={"code": 5}), connection=KEY)


def test_a_run_without_a_value_asks_nobody(desk: Desk) -> None:
    """Only what is given is checked."""
    with Host(discover=False, plugins=[replay := Replay()], modules={"a.make": make_ticket}) as host:
        replay.reply({"ok": True})
        host.run("a.make", {"title": "t"}, connection=KEY)

        assert [request.method for request in replay.requests] == ["POST"]


def test_a_dry_run_asks_nobody(desk: Desk) -> None:
    """What is given passes as it is; text that a person typed is text."""
    preview = desk.host.run(
        "a.make", {"title": "t", "custom": {"code": 5, "x": FromText("7")}}, connection=KEY, dry_run=True
    )

    assert preview.requests[0].body == {"title": "t", "project": "a", "custom": {"code": 5, "x": "7"}}
    assert desk.asked == []


def test_a_service_that_is_away_is_told() -> None:
    """The run did not begin."""
    desk = Desk()
    with desk.host:
        for _ in range(HttpSettings().max_attempts):
            desk.replay.fail(UnreachableError("No."))

        with pytest.raises(UnreachableError):
            desk.host.run("a.make", {"title": "t", "custom": {"code": "x"}}, connection=KEY)


class Hooked:
    """A plugin that knows the fields of one field, and narrows by connection."""

    @hookimpl
    def dynamic_fields(self, field: str) -> Sequence[Slot] | None:
        """Answer for one field."""
        return [named_field("size", Annotated[int, Integer(maximum=3)])] if field == "hooked" else None

    @hookimpl(wrapper=True)
    def module_fields(self, connection: Any) -> Generator[None, Form, Form]:
        """Require a field where there is a connection."""
        form = yield
        return form.narrowed("hooked", required=True) if connection else form


def test_a_plugin_may_know_the_fields() -> None:
    """First answer wins; without any, each JSON object is accepted."""
    desk = Desk(Hooked())
    with desk.host as host:
        desk.replay.reply(ANSWER)
        form = host.form("a.make", connection=KEY)
        slot = form.slot("hooked")
        assert slot is not None
        assert slot.required
        assert not host.module("a.make").form.slot("hooked").required  # type: ignore[union-attr]
        with pytest.raises(InvalidInputError, match=r"\$\.hooked\.size: must be at most 3, was 4"):
            host.run("a.make", {"title": "t", "hooked": {"size": 4}}, connection=KEY)
    with Host(discover=False, plugins=[replay := Replay()], modules={"a.make": make_ticket}) as host:
        replay.reply({"ok": True})
        host.run("a.make", {"title": "t", "hooked": {"anything": [1]}}, connection=KEY)


def _odd(context: Context, wish: str) -> None: ...


@frozen(kw_only=True)
class Outer:
    inner: Ticket | None = None


@module(label="Nested")
def nested(form: Outer, context: Context) -> Made:
    """Have a dynamic field too deep."""
    return Made(ok=True)


def _given(word: Dynamic) -> Form:
    @frozen(kw_only=True)
    class Here:
        spot: Annotated[Mapping[str, object] | None, word] = None

    return form_of(Here)


def test_misuse_is_named_with_its_remedy() -> None:
    """When the form is read or shown."""
    with pytest.raises(PluginError, match="its function has a parameter 'wish'"):
        _given(Dynamic(fields=_odd))
    with pytest.raises(PluginError, match="takes values"):
        _given(Dynamic(fields=_custom_fields))
    with pytest.raises(PluginError, match="depends_on names x, which is no other field"):
        _given(Dynamic(fields=_custom_fields, depends_on=["x"]))
    with pytest.raises(PluginError, match="keep_s is -1"):
        _given(Dynamic(keep_s=-1))
    with pytest.raises(PluginError, match="only a Dynamic field may gain fields"):
        form_of(Ticket).known("title", [])
    with (
        Host(discover=False, modules={"a.nested": nested}) as host,
        pytest.raises(PluginError, match="deeper") as caught,
    ):
        _ = host.module("a.nested").form
    assert caught.value.hint == "Put it into the module's own form."


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (5, "gave something else"),
        (["a"], "gave something else"),
        ([named_field("a", int), named_field("a", str)], "gave a twice"),
    ],
    ids=str,
)
def test_an_answer_that_is_no_list_of_fields_is_a_defect(answer: object, why: str) -> None:
    """Of the connector, not of the input."""

    @frozen(kw_only=True)
    class Here:
        spot: Annotated[Mapping[str, object] | None, Dynamic(fields=lambda _context: answer)] = None

    @module(label="Odd")
    def odd(form: Here, context: Context) -> Made:
        """Ask for odd fields."""
        return Made(ok=True)

    with Host(discover=False, modules={"a.odd": odd}) as host, pytest.raises(PluginError, match=why):
        host.run("a.odd", {"spot": {"a": 1}})


@frozen(kw_only=True)
class Sealed:
    pin: Annotated[Secret, Password()]
    project: str | None = None
    custom: Annotated[Mapping[str, object] | None, Dynamic(fields=_custom_fields, depends_on=["project", "pin"])] = None


@module(label="Seal", connection=account, effect=Effect.READ)
def seal(form: Sealed, context: Context) -> Made:
    """Seal a ticket."""
    return Made(ok=form.pin.reveal() == "1234")


def test_a_form_may_have_a_secret_beside_fields_that_are_asked_for() -> None:
    """The secret is not given to whoever is asked."""
    replay = Replay()
    replay.reply([{"name": "text", "type": "text"}])

    with Host(plugins=[replay], modules={"desk.seal": seal}, discover=False, environ={}) as host:
        result = host.run(
            "desk.seal", {"pin": "1234", "project": "a", "custom": {"text": "x"}}, connection={"api_key": "k"}
        )

    assert result.bundle == {"ok": True}
    assert [request.url for request in replay.requests] == ["https://tickets.example/fields?project=a"]
