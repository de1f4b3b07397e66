import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Jack = Callable[..., Any]


def statuses(jack: Jack, *options: str) -> dict[str, str]:
    """Give the status of each distribution."""
    return {
        item["distribution"]: item["status"] for item in json.loads(jack("plugin", "list", "-o", "json", *options).out)
    }


def policy_file(environment: Mapping[str, str]) -> Path:
    """Give the file in which the policy is kept."""
    return Path(environment["JACKFIELD_HOME"]) / "config" / "plugins.json"


def test_distributions_are_listed_with_what_they_provide(jack: Jack) -> None:
    """One row for each; nothing is imported."""
    code, out, err = jack("plugin", "list")

    assert (code, err) == (0, "")
    (row,) = [" ".join(line.split()) for line in out.splitlines() if line.startswith("station-weather")]
    assert row == "station-weather 1.0 connector station, 6 modules, commands greet, storm ok"


def test_statuses_are_known_without_an_import(jack: Jack, place: Any) -> None:
    """What is denied, clashes or needs another core is told, with both owners named."""
    place.install("old-thing", "[jackfield.modules]\nold.thing = no_such_file:thing\n", requires="jackfield<0.0.1")
    place.install("other-weather", "[jackfield.modules]\nstation.get_weather = no_such_file:get_weather\n")
    place.install("unwanted", "[jackfield.modules]\nunwanted.thing = no_such_file:thing\n")
    jack("plugin", "deny", "unwanted")

    found = statuses(jack)
    assert found["old-thing"] == "incompatible"
    assert found["other-weather"] == "duplicate"
    assert found["station-weather"] == "duplicate"
    assert found["unwanted"] == "denied"

    out = jack("plugin", "list").out
    assert "station-weather" in out.partition("duplicate:")[2].splitlines()[0]
    assert "other-weather" in out.partition("duplicate:")[2].splitlines()[0]
    assert "requires 'jackfield<0.0.1'" in out


def test_what_is_broken_shows_when_it_is_loaded(jack: Jack, place: Any) -> None:
    """--load imports everything, and one failure hides no other."""
    place.write("broken_module.py", "import no_such_thing\n")
    place.write("leaves.py", "raise SystemExit\n")
    place.install("breaks", "[jackfield.modules]\nbroken.module = broken_module:module\n")
    place.install("leaves", "[jackfield.commands]\nleave = leaves:main\n")
    place.install("wrong", "[jackfield.connectors]\nwrong = jackfield_station:no_such_name\n")

    assert {statuses(jack)[name] for name in ("breaks", "leaves", "wrong")} == {"ok"}

    found = statuses(jack, "--load")
    assert {found[name] for name in ("breaks", "leaves", "wrong")} == {"broken"}
    assert found["station-weather"] == "ok"
    out = jack("plugin", "list", "--load").out
    assert "no_such_thing" in out
    assert "SystemExit" in out
    assert "no_such_name" in out


def test_denying_says_what_it_means(jack: Jack, environment: Mapping[str, str]) -> None:
    """However the name is spelt; and how to undo it."""
    code, out, err = jack("plugin", "deny", "Station.Weather")

    assert (code, err) == (0, "")
    assert out == (
        "station-weather is denied: connector station, 6 modules, commands greet, storm cannot be used, and none of its"
        " code is imported.\nUndo it with: jackfield plugin allow station-weather\n"
    )
    assert json.loads(policy_file(environment).read_text()) == {"allow": None, "deny": ["station-weather"]}
    assert jack("module", "run", "station.write_note").code == 7
    assert jack("plugin", "deny", "station-weather").out == "station-weather was denied already.\nNothing changed.\n"


def test_two_that_deny_at_once_both_count(environment: Mapping[str, str]) -> None:
    """Neither overwrites what the other decided."""
    names = [f"name-{number}" for number in range(6)]
    command = [sys.executable, "-m", "jackfield", "plugin", "deny"]
    running = [
        subprocess.Popen([*command, name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        for name in names
    ]

    assert [process.wait(60) for process in running] == [0] * len(names)
    assert json.loads(policy_file(environment).read_text())["deny"] == names


def test_allowing_undoes_denying(jack: Jack, environment: Mapping[str, str]) -> None:
    """And says so."""
    jack("plugin", "deny", "station-weather")

    code, out, err = jack("plugin", "allow", "station-weather")

    assert (code, err) == (0, "")
    assert out.startswith("station-weather is allowed: connector station, 6 modules")
    assert json.loads(policy_file(environment).read_text()) == {"allow": None, "deny": []}
    assert jack("plugin", "allow", "station-weather").out.endswith("Nothing changed.\n")


def test_a_list_of_what_is_allowed(jack: Jack) -> None:
    """With --only, nothing else may be used, until --all; a later allow adds to it."""
    out = jack("plugin", "allow", "--only", "nothing-here").out
    assert "station-weather" in out
    assert statuses(jack)["station-weather"] == "denied"

    jack("plugin", "allow", "station-weather")
    assert statuses(jack)["station-weather"] == "ok"
    jack("plugin", "allow", "--only", "nothing-here")
    jack("plugin", "deny", "station-weather")

    assert jack("plugin", "allow", "--all").out == "Everything that is installed may be used.\n"
    assert statuses(jack)["station-weather"] == "ok"


@pytest.mark.parametrize("command", ["allow", "deny"])
def test_a_name_that_is_not_installed_is_warned_of(jack: Jack, command: str) -> None:
    """It is done all the same: it may be installed later."""
    code, out, err = jack("plugin", command, "station-wether")

    assert code == 0
    assert "station-wether" in out
    assert err == "warning: nothing that is installed is called station-wether. Did you mean station-weather?\n"


def test_core_cannot_be_denied(jack: Jack, environment: Mapping[str, str]) -> None:
    """It is what denies."""
    code, out, err = jack("plugin", "deny", "Jackfield")

    assert (code, out) == (2, "")
    assert err.startswith("error: jackfield itself cannot be denied")
    assert not policy_file(environment).exists()


@pytest.mark.parametrize("arguments", [["plugin", "list"], ["plugin", "deny", "x"], ["plugin", "allow", "x"]])
def test_a_policy_that_cannot_be_read_is_not_overwritten(
    jack: Jack, environment: Mapping[str, str], arguments: list[str]
) -> None:
    """The file is named, and how to mend it."""
    file = policy_file(environment)
    file.parent.mkdir(parents=True)
    file.write_text("{")

    code, out, err = jack(*arguments)

    assert (code, out) == (1, "")
    assert err.splitlines()[0].startswith(f"error: {file} cannot be read")
    assert err.splitlines()[-1].startswith("next: Mend it")
    assert file.read_text() == "{"
