"""Forms that depend on what is filled in, and on the connection."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Jack = Callable[..., Any]

CODE = """
from collections.abc import Mapping
from typing import Annotated, Literal

from attrs import frozen
from jackfield import Context, Dynamic, Effect, Integer, Text, When, module, named_field
from jackfield_station import account


def fields(context: Context, values: Mapping[str, object]):
    names = context.client.get("/fields", params=values)
    return [named_field(name, Annotated[int, Integer(minimum=1)]) for name in names]


@frozen(kw_only=True)
class Form:
    project: Annotated[str, Text(section="Place")] = "a"
    way: Literal["by air", "by sea"] = "by air"
    ship: Annotated[str | None, Text(required_when=When("way", "by sea"))] = None
    custom: Annotated[Mapping[str, object] | None, Dynamic(fields=fields, depends_on=["project"])] = None


@frozen(kw_only=True)
class Done:
    ok: bool


@module(label="Send", connection=account, effect=Effect.READ)
def send(form: Form, context: Context) -> Done:
    \"\"\"Send something.\"\"\"
    return context.client.post("/send", json=form, into=Done)
"""


@pytest.fixture
def sending(place: Any, service: Any) -> Any:
    """Install a module with a dynamic field."""
    place.write("sending.py", CODE)
    place.install("sending", "[jackfield.modules]\nstation.send = sending:send\n")
    return service


def words(text: str) -> str:
    """Put a table on one line, whatever its widths."""
    return " ".join(text.split())


def test_without_a_connection_nobody_is_asked(jack: Jack, sending: Any) -> None:
    """Conditions and sections are shown; of the dynamic field, how to see more."""
    code, out, err = jack("module", "show", "station.send")

    assert (code, err) == (0, "")
    assert "ship text required if way is by sea" in words(out)
    assert "custom any JSON object, with fields that module show --connection shows" in words(out)
    assert words(out).index("custom any JSON") < words(out).index("Place: project text")
    assert sending.requests == []


def test_for_a_connection_the_service_is_asked(jack: Jack, sending: Any) -> None:
    """By what is filled in; as a table, and as a schema."""
    sending.replies(b'["points"]')
    shown = jack("module", "show", "station.send", "project=b", "--connection", "")
    sending.replies(b'["points"]')
    schema = jack("module", "schema", "station.send", "project=b", "--connection", "")

    assert (shown.code, shown.err) == (0, "")
    assert "custom object . points whole number, at least 1" in words(shown.out)
    assert list(json.loads(schema.out)["properties"]["custom"]["properties"]) == ["points"]
    assert "/fields?project=b" in str(sending.requests)


def test_a_run_checks_the_value(jack: Jack, sending: Any) -> None:
    """What was typed, by the type of its field."""
    sending.replies(b'["points"]')

    code, lines = jack("module", "run", "station.send", "custom.points=x").failure()

    assert code == 3
    assert "$.custom.points: must be a whole number, was text of 1 character" in "\n".join(lines)


def test_a_value_that_is_wrong_is_told(jack: Jack, sending: Any) -> None:
    """Before the service is asked."""
    code, lines = jack("module", "show", "station.send", "way=on foot", "--connection", "").failure()

    assert code == 3
    assert "$.way: must be one of by air, by sea" in "\n".join(lines)
    assert sending.requests == []
