"""Each rule finds a connector that breaks it and nothing else."""

import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest

from jackfield.testing import RULES, Outcome, check_connector

Write = Callable[..., None]


class Broken(NamedTuple):
    """How a rule is broken: in a file, a text gives way to another.

    Attributes:
        file: Its name.
        old: What stands there; empty to put ``new`` at its end.
        new: What stands there instead.
        says: What the finding says.
        modules: The entry points of its modules, where they change, too.
    """

    file: str
    old: str
    new: str
    says: str
    modules: Mapping[str, str] | None = None


CALL = '    return context.client.get("/v1/forecast", params=form, into=Forecast)\n'
ONE = {"weather.get_forecast": "PACKAGE.forecast:get_forecast"}
SEVERAL = {**ONE, "weather.list_stations": "PACKAGE.station:list_stations"}

BROKEN: Mapping[str, Broken] = {
    "JF101": Broken(
        "forecast.py", "", "\nfrom PACKAGE.station import Station\n", "the file of another module", SEVERAL
    ),
    "JF102": Broken(
        "forecast.py",
        "",
        "\nfrom pathlib import Path\n\nPath(__file__).with_name('seen.txt').write_text('x')\n",
        "writes the file seen.txt",
    ),
    "JF103": Broken(
        "forecast.py",
        "",
        "\nimport time\n\nuntil = time.process_time() + 0.6\nwhile time.process_time() < until:\n    pass\n",
        "import_budget_s",
    ),
    "JF201": Broken(
        "forecast.py",
        "def get_forecast",
        "def fetch_forecast",
        "it is called fetch_forecast",
        {"weather.get_forecast": "PACKAGE.forecast:fetch_forecast"},
    ),
    "JF202": Broken("forecast.py", 'label="Days"', 'label="days:"', "small letter"),
    "JF203": Broken("forecast.py", '    """Look up the forecast for a place."""\n', "", "docstring) is empty"),
    "JF301": Broken("forecast.py", "text: str | None = None", "phase: complex | None = None", "output has no schema"),
    "JF302": Broken("forecast.py", "example=3", "example=14", "must be at most 7"),
    "JF303": Broken(
        "forecast.py",
        'help="Its name.")',
        'help="Its name.", pattern="([a-z]+ ?)+", example="here")',
        "until the pattern refuses",
    ),
    "JF401": Broken(
        "forecast.py",
        "params=form",
        'params={"place": form.place, "days": form.days, "units": "metric"}',
        "units: is sent",
    ),
    "JF402": Broken("forecast.py", "params=form", 'params={"place": form.place}', "days: changes nothing"),
    "JF403": Broken(
        "forecast.py",
        CALL,
        '    found = context.client.get("/v1/forecast", params=form, into=Forecast)\n'
        "    if form.days is None and found.text is None:\n"
        '        raise InvalidInputError([Problem(path="$.days", rule="required", message="is required")])\n'
        "    return found\n",
        "after a request was sent",
    ),
    "JF501": Broken(
        "connection.py",
        "    api_key:",
        '    access_token: Annotated[str | None, Text(label="Token")] = None\n    api_key:',
        "$.access_token: has the name of a secret",
    ),
    "JF502": Broken(
        "connection.py",
        'authorize=header("X-Key", "{api_key}")',
        "authorize=lambda request, form: print('key:', form.api_key.reveal())",
        "a secret was printed",
    ),
    "JF503": Broken(
        "connection.py",
        'origin="https://api.weather.example"',
        'origin=lambda form: f"https://api.weather.example/{form.api_key.reveal()}"',
        "holds a secret before a request is authorized",
    ),
    "JF601": Broken("forecast.py", 'get("/v1/forecast", params=', 'post("/v1/forecast", json=', "sends POST"),
    "JF602": Broken(
        "forecast.py",
        'label="Get the Forecast", connection=account, effect=Effect.READ)\ndef get_forecast',
        'label="List Forecasts", connection=account, effect=Effect.READ)\ndef list_forecasts',
        "list is the verb of a search",
        {"weather.list_forecasts": "PACKAGE.forecast:list_forecasts"},
    ),
    "JF603": Broken("cases.py", '"temperature_c": 20.5', '"text": "fine"', "temperature_c"),
    "JF604": Broken(
        "forecast.py",
        CALL,
        f"    try:\n    {CALL}    except RemoteError:\n        return Forecast(temperature_c=0.0)\n",
        "503 Service Unavailable became a success",
    ),
    "JF701": Broken(
        "forecast.py", CALL, f"    from pathlib import Path\n\n    Path.home().stat()\n{CALL}", "without a home"
    ),
    "JF702": Broken(
        "forecast.py",
        CALL,
        "    import asyncio\n\n    loop = asyncio.new_event_loop()\n    try:\n"
        "        asyncio.events._get_running_loop() and loop.run_forever()\n"
        f"    finally:\n        loop.close()\n{CALL}",
        "inside of a running event loop",
    ),
    "JF703": Broken(
        "forecast.py",
        CALL,
        f"    if _running:\n        raise RuntimeError\n    _running.append(1)\n    try:\n    {CALL}    finally:\n"
        "        _running.clear()\n\n\n_running: list[int] = []\n",
        "while another run of it goes on",
    ),
    "JF704": Broken(
        "forecast.py",
        CALL,
        "    import os\n\n    _seen.append(os.getpid())\n    if _seen[0] != os.getpid():\n"
        "        raise RuntimeError\n"
        f"{CALL}\n\n_seen: list[int] = []\n",
        "after a fork it ends with",
    ),
    "JF705": Broken("forecast.py", CALL, f"    print('asking')\n{CALL}", "prints to the standard output"),
}
"""For each rule, how the connector is changed to break it."""


CANNOT_FORK = "this system cannot fork"
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason=CANNOT_FORK)


def failed(**options: Any) -> dict[str, str]:
    """Give the rules that the connector breaks, each with what is said of it."""
    found = check_connector("weather", **options)
    return {each.rule.id: "\n".join(each.details) for each in found if each.outcome is Outcome.FAILED}


def test_every_rule_is_proven_here() -> None:
    """A rule that nothing breaks could be one that finds nothing."""
    assert set(BROKEN) == {rule.id for rule in RULES}


def test_rules_are_told_apart_by_id_and_name() -> None:
    """And each has a reason, a bad example and a good one."""
    assert len({rule.id for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.reason.endswith(".") and rule.bad != rule.good and rule.bad and rule.good for rule in RULES)
    assert [rule.id for rule in RULES] == sorted(rule.id for rule in RULES)


@pytest.mark.usefixtures("whole_connector")
def test_a_good_connector_passes_every_rule() -> None:
    """With answers for each module, nothing is left unchecked."""
    found = [*check_connector("weather")]

    wrong = [each for each in found if each.outcome is not Outcome.PASSED]
    assert [(each.rule.id, each.subject, each.details) for each in wrong if CANNOT_FORK not in each.details] == []
    assert {each.rule.id for each in found} == set(BROKEN)
    assert {each.subject for each in found} == {
        "weather",
        "weather.get_forecast",
        "weather.list_stations",
        "weather.send_report",
    }


@pytest.mark.parametrize("rule_id", [pytest.param(name, marks=forks) if name == "JF704" else name for name in BROKEN])
def test_a_broken_rule_is_found_and_no_other(connector: Write, files: Mapping[str, str], rule_id: str) -> None:
    """What is found says where and what."""
    broken = BROKEN[rule_id]
    text = files[broken.file]
    assert broken.old in text
    changed = {broken.file: text.replace(broken.old, broken.new) if broken.old else text + broken.new}
    modules = broken.modules or ONE
    if "weather.get_forecast" not in modules:
        changed["cases.py"] = files["cases.py"].replace("weather.get_forecast", next(iter(modules)))
    connector({"station.py": files["station.py"], **changed}, modules=modules)

    found = failed()

    assert list(found) == [rule_id], found
    assert broken.says in found[rule_id]


def test_a_rule_can_be_tried_alone(connector: Write, files: Mapping[str, str]) -> None:
    """Whatever else is broken."""
    text = (
        files["forecast.py"]
        .replace('label="Get the Forecast"', 'label="the forecast"')
        .replace("example=3", "example=14")
    )
    connector({"forecast.py": text})
    rules = [rule for rule in RULES if rule.id in ("JF101", "JF201")]

    assert [each.outcome for each in check_connector("weather", rules=rules)] == [Outcome.PASSED] * 3


def test_a_module_that_cannot_be_imported_is_told_once(connector: Write) -> None:
    """The other rules say that they had nothing to be tried on."""
    connector({"forecast.py": "import no_such_thing\n"})

    found = {each.rule.id: each for each in check_connector("weather") if each.subject == "weather.get_forecast"}

    assert [name for name, each in found.items() if each.outcome is Outcome.FAILED] == ["JF101"]
    assert "no_such_thing" in found["JF101"].details[0]
    assert found["JF402"].outcome is Outcome.NOT_CHECKED
    assert "cannot be used" in found["JF402"].details[0]


def test_without_answers_what_needs_them_says_so(connector: Write) -> None:
    """And everything else is tried."""
    connector({"cases.py": "CASES = {}\n"})

    found = {each.rule.id: each for each in check_connector("weather")}

    assert [name for name, each in found.items() if each.outcome is Outcome.NOT_CHECKED] == ["JF603"]
    assert found["JF603"].details == ("no answer is known: give Case(answered=[...])",)
    assert [name for name, each in found.items() if each.outcome is Outcome.FAILED] == []


TRIGGER = '''"""Watch Stations."""

from collections.abc import Iterator

from attrs import frozen

from jackfield import Context, Effect, Trigger, module
from PACKAGE.connection import account


@frozen(kw_only=True)
class Everywhere:
    """Nothing to say."""


@frozen(kw_only=True)
class NewStation:
    """A station that is new."""

    name: str
    built: str


@frozen(kw_only=True)
class _Page:
    stations: list[NewStation]


@module(label="Watch Stations", connection=account, effect=Effect.READ, trigger=Trigger(key="name", date="built"))
def watch_stations(form: Everywhere, context: Context) -> Iterator[NewStation]:
    """Give the stations that are new."""
    yield from context.client.get("/v1/stations", params={"since": SINCE}, into=_Page).stations
'''
TRIGGER_CASES = """from jackfield.testing import Answered, Case, Reply

STATION = {"name": "a", "built": "2026-11-25T10:00:00Z"}
CASES = {"weather.watch_stations": Case(answered=[Answered(input={}, replies=[Reply(json={"stations": [STATION]})])])}
"""


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("context.since", {}),
        ("context.since and context.since.replace(tzinfo=None)", {"JF602": "answer 0: poll 2 fails: "}),
    ],
    ids=["right", "wrong"],
)
def test_a_trigger_is_polled_again(connector: Write, since: str, found: Mapping[str, str]) -> None:
    """What only goes wrong from the second time on is found, too."""
    connector(
        {"station.py": TRIGGER.replace("SINCE", since), "cases.py": TRIGGER_CASES},
        modules={"weather.watch_stations": "PACKAGE.station:watch_stations"},
    )

    told = failed(rules=[rule for rule in RULES if rule.id[2] in "246"])

    assert told.keys() == found.keys(), told
    assert all(said in told[rule] for rule, said in found.items())
