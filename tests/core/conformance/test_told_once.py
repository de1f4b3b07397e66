"""What a finding says: once, and where."""

from collections.abc import Callable, Mapping

import pytest

from jackfield._cli.main import run
from jackfield.testing import RULES, Outcome, check_connector

Write = Callable[..., None]

SEVERAL = {
    "weather.get_forecast": "PACKAGE.forecast:get_forecast",
    "weather.list_stations": "PACKAGE.station:list_stations",
}
CALL = '    return context.client.get("/v1/forecast", params=form, into=Forecast)\n'


def told(*numbers: str) -> list[str]:
    """Give what some rules find."""
    rules = [rule for rule in RULES if rule.id[2:] in numbers]
    found = [each for each in check_connector("weather", rules=rules) if each.outcome is Outcome.FAILED]
    return [f"{each.subject}: {detail}" for each in found for detail in each.details]


def test_a_flaw_of_the_connection_type_is_told_once(connector: Write, files: Mapping[str, str]) -> None:
    """However many modules there are."""
    origin = 'origin=lambda form: f"https://api.weather.example/{form.api_key.reveal()}"'
    text = files["connection.py"].replace('origin="https://api.weather.example"', origin)
    text = text.replace('header("X-Key", "{api_key}")', "_authorize") + "\nimport logging\n"
    authorize = 'def _authorize(request, form):\n    logging.getLogger("w").debug("key %s", form.api_key.reveal())\n'
    text = text.replace("account = ConnectionType(", f"{authorize}\n\naccount = ConnectionType(")
    connector({"connection.py": text, "station.py": files["station.py"]}, modules=SEVERAL)

    logged, held = told("502", "503")

    assert logged.startswith("weather: weather.account: a secret was logged at connection.py:")
    assert logged.endswith("by the logger w")
    assert held.startswith("weather: weather.account: its origin holds a secret")


def test_what_one_broken_form_keeps_from_being_tried_is_one_row(
    connector: Write, files: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With all the rules that it concerns."""
    connector({"forecast.py": files["forecast.py"].replace("maximum=7", "maximum=-7, minimum=7")})

    run(["connector", "check", "weather", "--rule", "JF401", "--rule", "JF402", "--rule", "JF604"])

    assert capsys.readouterr().out.count("cannot be used") == 1


def test_a_print_does_not_break_the_report(
    connector: Write, files: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither at the import nor while it runs, in this process or another."""
    text = files["forecast.py"].replace(CALL, f"    print('asking')\n{CALL}") + "\nprint('imported')\n"
    connector({"forecast.py": text})

    run(["connector", "check", "weather", "-o", "json", "--rule", "JF701", "--rule", "JF703", "--rule", "JF705"])

    out = capsys.readouterr().out
    assert "asking" not in out
    assert "imported" not in out
    assert '"passed"' in out
    (line,) = told("102")
    assert line.endswith(" prints")


PIECES = """@module(label="Get the Forecast", connection=account, effect=Effect.READ)
def get_forecast(form: Place, context: Context) -> Generator[Forecast, None, Forecast]:
    \"\"\"Look up the forecast for a place.\"\"\"
    found = context.client.get("/v1/forecast", params=form, into=Forecast)
    yield PIECE
    return found
"""


@pytest.mark.parametrize(("piece", "count"), [("found", 0), ("5", 1)])
def test_a_piece_that_is_not_what_is_declared_is_told(
    connector: Write, files: Mapping[str, str], piece: str, count: int
) -> None:
    """Who streams builds on the class of the pieces."""
    head = files["forecast.py"].partition("@module(")[0]
    head = head.replace("from typing", "from collections.abc import Generator\nfrom typing", 1)
    connector({"forecast.py": head + PIECES.replace("PIECE", piece)})

    lines = told("603")

    assert len(lines) == count
    assert all("streams a piece that is int, and declares Forecast" in line for line in lines)


LISTED = '''"""List Stations."""

from attrs import frozen

from jackfield import rest
from jackfield.paging import LinkHeader
from PACKAGE.connection import account


@frozen(kw_only=True)
class Everywhere:
    """List every station."""


@frozen(kw_only=True)
class Station:
    """A station."""

    name: str


list_stations = rest.module(
    "GET /v1/stations",
    form=Everywhere,
    output=Station,
    label="List Stations",
    connection=account,
    items="stations",
    paging=LinkHeader(size=2, size_param="per_page"),
)
'''


def test_what_the_paging_of_a_declared_module_sends_is_no_flaw(connector: Write) -> None:
    """Nobody asked for a size of pages, and the module says that it has one."""
    connector({"station.py": LISTED}, modules={"weather.list_stations": "PACKAGE.station:list_stations"}, cases={})

    assert told("401") == []


def test_a_defect_is_told_with_what_was_raised(connector: Write, files: Mapping[str, str]) -> None:
    """The inputs are made up, so nothing of a user can be in it; an author would have to guess without."""
    connector({"forecast.py": files["forecast.py"].replace("params=form, into", "parms=form, into")})

    (line,) = told("602")

    assert "failed with TypeError at forecast.py:" in line
    assert "unexpected keyword argument 'parms'" in line
