import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from jackfield._cli.main import run

Jack = Callable[..., Any]


def words(text: str) -> str:
    """Put a table on one line, whatever its widths."""
    return " ".join(text.split())


def test_modules_are_listed_without_an_import(jack: Jack, place: Any) -> None:
    """A module that cannot be imported is listed like any other."""
    place.install("breaks", "[jackfield.modules]\nbroken.module = no_such_file:module\n")

    code, out, err = jack("module", "list")

    rows = [line.split() for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert ["station.get_weather", "station-weather", "1.0"] in rows
    assert ["broken.module", "breaks", "1.0"] in rows
    ids = jack("module", "list", "-o", "plain").out.splitlines()
    assert ids == sorted(ids)
    assert {"id": "broken.module", "distribution": "breaks", "version": "1.0"} in json.loads(
        jack("module", "list", "-o", "json").out
    )


def test_what_is_not_usable_is_counted_in_the_list(jack: Jack) -> None:
    """A user who misses a module learns where to look."""
    jack("plugin", "deny", "station-weather")

    code, out, err = jack("module", "list", "-o", "plain")

    assert code == 0
    assert "station." not in out
    assert err.endswith("not usable, see: jackfield plugin list\n")


def test_a_list_with_details_says_what_each_is_and_when_it_is_shut_down(jack: Jack, place: Any) -> None:
    """One that cannot be imported is counted, and stops no other."""
    place.install("breaks", "[jackfield.modules]\nbroken.module = no_such_file:module\n")

    code, out, err = jack("module", "list", "--details", "-o", "json")

    rows = {row["id"]: row for row in json.loads(out)}
    weather = rows["station.get_weather"]
    assert (code, weather["label"], weather["kind"], weather["effect"]) == (0, "Get the Weather", "action", "read")
    assert (weather["distribution"], weather["sunset"]) == ("station-weather", None)
    assert "broken.module" not in rows
    assert err == "1 not usable, see: jackfield plugin list\n"
    shut_down = [row for row in rows.values() if row["sunset"]]
    drawn = jack("module", "list", "--details").out
    assert shut_down
    for row in shut_down:
        assert f"{row['label']} {row['kind']} {row['effect'] or 'depends'} {row['sunset']['date']}" in words(drawn)


@pytest.mark.parametrize(("command", "what"), [("module", "module"), ("connector", "connector")])
def test_what_is_denied_is_not_called_missing(jack: Jack, command: str, what: str) -> None:
    """Whoever denied everything is not told to install something."""
    jack("plugin", "allow", "--only", "nothing-here")

    code, out, err = jack(command, "list", "-o", "plain")

    assert (code, out) == (0, "")
    assert err.startswith(f"No {what} can be used")
    assert err.endswith("see: jackfield plugin list\n")


def test_a_module_is_shown_with_all_that_a_user_needs(jack: Jack) -> None:
    """Facts, fields with bounds and units, outputs, and a command to copy."""
    code, out, err = jack("module", "show", "station.get_weather")

    text = words(out)
    assert (code, err) == (0, "")
    assert text.startswith("Get the Weather (station.get_weather) Look up the weather at a place.")
    for fact in (
        "from station-weather 1.0",
        "kind action",
        "effect read",
        "connection station.account",
        "variables STATION_API_KEY, STATION_URL",
        "streams no",
        "also known as old-station:Weather",
        "latitude number, -90 to 90, degrees north required Latitude. Example: 52.5",
        "longitude number, -180 to 180, degrees east required Longitude.",
        "units one of metric | imperial Units. Default: metric.",
        "temperature_c number required",
    ):
        assert fact in text
    assert out.splitlines()[-1] == "  jackfield module run station.get_weather latitude=52.5 longitude=-180"


def test_nested_fields_are_indented_and_variants_named(jack: Jack) -> None:
    """A reader sees which fields belong to which variant."""
    out = jack("module", "show", "station.write_note").out

    fields = [line.split("  ")[0].rstrip() if line[0] == "p" else line.rstrip() for line in out.splitlines() if line]
    text = "\n".join(fields)
    assert text.index(". kind = word") < text.index("  . text") < text.index(". kind = picture") < text.index("  . url")
    assert ". age" in text
    assert "whole number, at least 0, years" in text
    assert out.splitlines()[-1] == ("  jackfield module run station.write_note parts.0.kind=word parts.0.text=TEXT")


@pytest.mark.parametrize("module_id", ["get_weather", "list_stations", "tell_story", "write_note"])
def test_the_example_command_fits_the_form(jack: Jack, service: Any, module_id: str) -> None:
    """What is shown can be typed: nothing but the service is missing."""
    service.replies(b"{}", status="418 I'm a teapot")
    example = json.loads(jack("module", "show", f"station.{module_id}", "-o", "json").out)["example"]

    outcome = jack(*example.split()[1:], "--dry-run")

    assert outcome.code == 0, outcome.err


def test_a_module_as_json(jack: Jack) -> None:
    """For programs: the same facts, and both schemas."""
    shown = json.loads(jack("module", "show", "station.tell_story", "-o", "json").out)

    assert shown["id"] == "station.tell_story"
    assert shown["streams"] is True
    assert shown["connection"] == "station.account"
    assert shown["input_schema"] == json.loads(jack("module", "schema", "station.tell_story").out)


def test_schemas_are_json_schema(jack: Jack) -> None:
    """Of the input, and with --output of what comes out."""
    takes = json.loads(jack("module", "schema", "station.get_weather").out)
    gives = json.loads(jack("module", "schema", "station.get_weather", "--output").out)

    for schema in (takes, gives):
        jsonschema.Draft202012Validator.check_schema(schema)
    assert takes["properties"]["latitude"]["maximum"] == 90
    assert "temperature_c" in gives["properties"]


def test_choices_are_asked_for(jack: Jack, service: Any) -> None:
    """The service says what a field offers; a query narrows it."""
    service.replies(b'[{"id": "low", "label": "Deep"}, {"id": "high", "label": "Shrill"}]')

    code, out, err = jack("module", "choices", "station.tell_story", "voice", "-o", "plain")
    assert (code, out, err) == (0, "low\nhigh\n", "")

    narrowed = json.loads(jack("module", "choices", "station.tell_story", "voice", "--query", "shr", "-o", "json").out)
    assert [choice["value"] for choice in narrowed] == ["high"]
    assert "low Deep" in words(jack("module", "choices", "station.tell_story", "voice").out)


def test_fixed_choices_are_not_asked_for(jack: Jack, service: Any) -> None:
    """They are in the form."""
    assert jack("module", "choices", "station.get_weather", "units", "-o", "plain").out == "metric\nimperial\n"
    assert service.requests == []


def test_connectors_are_listed_without_an_import(jack: Jack, place: Any) -> None:
    """As modules are."""
    place.install("breaks", "[jackfield.connectors]\nbroken = no_such_file\n")

    out = jack("connector", "list").out

    assert ["station", "station-weather", "1.0"] in [line.split() for line in out.splitlines()]
    assert "broken" in jack("connector", "list", "-o", "plain").out.splitlines()


def test_a_connector_says_which_variables_to_set(jack: Jack) -> None:
    """For the connection without a name, and for one that has one."""
    code, out, err = jack("connector", "show", "station")

    text = words(out)
    assert (code, err) == (0, "")
    for fact in (
        "Weather station (station)",
        "from station-weather 1.0",
        "Connection Weather station (station.account)",
        "Ask the janitor for a key.",
        "api_key STATION_API_KEY API key (secret, required). On a sticker below the mast.",
        "base_url STATION_URL Address (text, http or https URL, required).",
        "JACKFIELD_CONNECTION__WORK__API_KEY",
        "--connection work",
        "station.get_weather",
    ):
        assert fact in text


def test_a_connector_as_json(jack: Jack) -> None:
    """For programs."""
    shown = json.loads(jack("connector", "show", "station", "-o", "json").out)

    (kind,) = shown["connection_types"]
    assert kind["variables"] == {"api_key": "STATION_API_KEY", "base_url": "STATION_URL"}
    assert "station.write_note" in shown["modules"]


def test_a_connector_that_is_broken_is_named(jack: Jack, place: Any) -> None:
    """With exit code 7 and what to do about it."""
    place.install("breaks", "[jackfield.connectors]\nbroken = no_such_file\n")

    code, out, err = jack("connector", "show", "broken")

    assert (code, out) == (7, "")
    assert "no_such_file" in err
    assert "jackfield plugin deny breaks" in err


def test_run_is_what_the_program_is(jack: Jack, capsys: pytest.CaptureFixture[str]) -> None:
    """The function under the console script gives the exit code and does not leave the process."""
    assert jack("module", "list", "-o", "plain").code == run(["module", "list", "-o", "plain"])
    assert "station.get_weather" in capsys.readouterr().out
