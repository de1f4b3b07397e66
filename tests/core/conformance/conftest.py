"""A connector that keeps every rule, and what writes it as an installed package, with changes."""

import importlib
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

CONNECTION = '''"""How to reach the weather."""

from typing import Annotated

from attrs import frozen

from jackfield import ConnectionType, Password, Secret, Text, header


@frozen(kw_only=True)
class Account:
    """Who asks."""

    api_key: Annotated[Secret, Password(label="API key", help="Shown on your account page.")]


account = ConnectionType(
    label="Weather",
    form=Account,
    origin="https://api.weather.example",
    authorize=header("X-Key", "{api_key}"),
)
'''

FORECAST = '''"""Get the Forecast."""

from typing import Annotated

from attrs import frozen

from jackfield import Context, Effect, Integer, InvalidInputError, Problem, RemoteError, Text, module
from PACKAGE.connection import account


@frozen(kw_only=True)
class Place:
    """Where to look."""

    place: Annotated[str, Text(label="Place", help="Its name.")]
    days: Annotated[int | None, Integer(label="Days", help="How far to look.", maximum=7, example=3)] = None


@frozen(kw_only=True)
class Forecast:
    """What it will be like there."""

    temperature_c: float
    text: str | None = None


@module(label="Get the Forecast", connection=account, effect=Effect.READ)
def get_forecast(form: Place, context: Context) -> Forecast:
    """Look up the forecast for a place."""
    return context.client.get("/v1/forecast", params=form, into=Forecast)
'''

STATION = '''"""List Stations."""

from collections.abc import Iterator

from attrs import frozen

from jackfield import Context, Effect, module
from PACKAGE.connection import account


@frozen(kw_only=True)
class Everywhere:
    """Nothing to say."""


@frozen(kw_only=True)
class Station:
    """A station."""

    name: str


@frozen(kw_only=True)
class _Stations:
    stations: list[Station]


@module(label="List Stations", connection=account, effect=Effect.READ)
def list_stations(form: Everywhere, context: Context) -> Iterator[Station]:
    """List every station."""
    yield from context.client.get("/v1/stations", into=_Stations).stations
'''

REPORT = '''"""Send a Report."""

from typing import Annotated

from attrs import frozen

from jackfield import Context, Effect, Text, module
from PACKAGE.connection import account


@frozen(kw_only=True)
class Report:
    """What was measured."""

    text: Annotated[str, Text(label="Text", help="In your words.")]


@frozen(kw_only=True)
class Sent:
    """What became of it."""

    id: str


@module(label="Send a Report", connection=account, effect=Effect.KEYED)
def send_report(form: Report, context: Context) -> Sent:
    """Send a report, once for each wish."""
    headers = {"Idempotency-Key": context.idempotency_key}
    return context.client.post("/v1/reports", json=form, headers=headers, into=Sent)
'''

CASES = '''"""What the service answers."""

from jackfield.testing import Answered, Case, Reply

CASES = {
    "weather.get_forecast": Case(
        answered=[Answered(input={"place": "here", "days": 2}, replies=[Reply(json={"temperature_c": 20.5})])]
    ),
}
'''

MORE_CASES = """
CASES["weather.list_stations"] = Case(
    answered=[Answered(input={}, replies=[Reply(json={"stations": [{"name": "a"}, {"name": "b"}]})])]
)
CASES["weather.send_report"] = Case(
    answered=[Answered(input={"text": "rain"}, replies=[Reply(json={"id": "r1"})])]
)
"""

FILES: Mapping[str, str] = {
    "__init__.py": '"""Weather: what it will be like."""\n\nfrom PACKAGE.connection import account as account\n',
    "connection.py": CONNECTION,
    "forecast.py": FORECAST,
    "cases.py": CASES,
}
POINTS: Mapping[str, Mapping[str, str]] = {
    "connectors": {"weather": "PACKAGE"},
    "modules": {"weather.get_forecast": "PACKAGE.forecast:get_forecast"},
    "cases": {"weather": "PACKAGE.cases:CASES"},
}
MORE_FILES = {"station.py": STATION, "report.py": REPORT, "cases.py": CASES + MORE_CASES}
MORE_POINTS = {
    "weather.list_stations": "PACKAGE.station:list_stations",
    "weather.send_report": "PACKAGE.report:send_report",
}

Write = Callable[..., None]


@pytest.fixture
def connector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write the connector as an installed package that can be imported while the test runs."""
    package = f"jackfield_weather_{uuid.uuid4().hex}"
    monkeypatch.syspath_prepend(tmp_path)

    def write(files: Mapping[str, str] | None = None, **points: Mapping[str, str]) -> None:
        (tmp_path / package).mkdir()
        for name, text in {**FILES, **(files or {})}.items():
            (tmp_path / package / name).write_text(text.replace("PACKAGE", package), "utf-8")
        info = tmp_path / "weather-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.4\nName: weather\nVersion: 1.0\n", "utf-8")
        lines = []
        for group, named in {**POINTS, **points}.items():
            lines += [f"[jackfield.{group}]", *(f"{name} = {value}" for name, value in named.items())]
        (info / "entry_points.txt").write_text("\n".join(lines).replace("PACKAGE", package), "utf-8")
        importlib.invalidate_caches()

    return write


@pytest.fixture
def whole_connector(connector: Write) -> None:
    """Install it with all of its modules."""
    connector(MORE_FILES, modules={**POINTS["modules"], **MORE_POINTS})


@pytest.fixture
def files() -> Mapping[str, str]:
    """Give the text of each file of the connector, by name."""
    return {**FILES, **MORE_FILES, "cases.py": CASES}
