import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from recorded import install_recorded

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
    assert row == "station-weather 1.0 connector station, 8 modules, commands greet, storm ok"


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
        "station-weather is denied: connector station, 8 modules, commands greet, storm cannot be used, and none of its"
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
    assert out.startswith("station-weather is allowed: connector station, 8 modules")
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


# What was changed, and what must not be.


@pytest.fixture
def parcel(place: Any) -> Path:
    """Give the place in which a connector was installed with a RECORD."""
    code = "raise RuntimeError('imported')\n"
    install_recorded(place.path, "jackfield-parcel", {"jackfield_parcel/__init__.py": code})
    return Path(place.path)


def test_verifying_tells_what_is_as_it_was_installed(jack: Jack, parcel: Path) -> None:
    """Core and the connectors without names; nothing is imported, and what cannot be compared is told with a reason."""
    code, out, err = jack("plugin", "verify")

    assert (code, err) == (0, "")
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines() if line.strip()}
    assert rows["jackfield-parcel"] == "1.0 verified 4"
    assert rows["station-weather"] == "1.0 cannot be verified"
    assert "station-weather: it has no RECORD, so nobody knows its files" in out
    assert "pip" not in rows
    assert jack("plugin", "verify", "--strict").code == 1
    assert jack("plugin", "verify", "--strict", "jackfield-parcel").code == 0


def test_what_was_changed_is_named_and_fails(jack: Jack, parcel: Path) -> None:
    """In all formats; what was added is to be deleted, since no installer would."""
    (parcel / "jackfield_parcel/__init__.py").write_text("import os\n")

    code, out, err = jack("plugin", "verify", "Jackfield.Parcel")
    assert (code, err) == (1, "")
    assert "  jackfield_parcel/__init__.py is not what was installed\n" in out
    assert out.endswith("next: pip install --force-reinstall --no-deps --no-cache-dir jackfield-parcel==1.0\n")

    (parcel / "jackfield_parcel/more.py").write_text("")
    code, out, err = jack("plugin", "verify", "jackfield-parcel")
    assert "  jackfield_parcel/more.py was added, and would be imported\n" in out
    assert "next: look at what was added and delete it, then pip install" in out
    assert jack("plugin", "verify", "jackfield-parcel", "-o", "plain").out == (
        "changed jackfield-parcel 1.0\n"
        "changed jackfield-parcel jackfield_parcel/__init__.py\n"
        "extra jackfield-parcel jackfield_parcel/more.py\n"
    )
    (item,) = json.loads(jack("plugin", "verify", "jackfield-parcel", "-o", "json").out)
    assert (item["status"], item["compared"], len(item["sha256"])) == ("changed", 3, 64)
    assert item["findings"][1] == {"path": "jackfield_parcel/more.py", "kind": "extra"}
    assert "manifest" not in item


def test_a_long_list_of_files_is_cut_and_says_so(jack: Jack, parcel: Path) -> None:
    """JSON has all of it."""
    for number in range(30):
        (parcel / f"jackfield_parcel/more{number}.py").write_text("")

    assert "  and 10 more; all of them: -o json\n" in jack("plugin", "verify", "jackfield-parcel").out
    (item,) = json.loads(jack("plugin", "verify", "jackfield-parcel", "-o", "json").out)
    assert len(item["findings"]) == 30


def test_everything_that_is_installed_can_be_verified(jack: Jack) -> None:
    """Not only what provides something; a name that is not installed is an error."""
    found = {
        item["distribution"]: item["status"] for item in json.loads(jack("plugin", "verify", "click", "-o", "json").out)
    }
    assert found == {"click": "verified"}

    assert jack("plugin", "verify", "--all", "click").code == 2
    code, err = jack("plugin", "verify", "jackfield-parcl").failure()
    assert code == 3
    assert err[0].startswith("error: Nothing that is installed is called 'jackfield-parcl'. Did you mean ")


def test_a_pin_is_made_and_holds(jack: Jack, parcel: Path, environment: Mapping[str, str]) -> None:
    """What is pinned is listed as such; once it changed, it is neither listed as ok nor imported."""
    code, out, err = jack("plugin", "pin", "Jackfield_Parcel")
    assert (code, err) == (0, "")
    assert out == (
        "jackfield-parcel 1.0 is pinned to what is in its 3 files: if that changes, none of its code is imported.\n"
        "Undo it with: jackfield plugin unpin jackfield-parcel\n"
    )
    pin = json.loads(policy_file(environment).read_text())["pins"]["jackfield-parcel"]
    assert pin == json.loads(jack("plugin", "pin", "--print", "jackfield-parcel").out)["pins"]["jackfield-parcel"]
    assert jack("plugin", "pin", "jackfield-parcel").out == (
        "jackfield-parcel was pinned to this already.\nNothing changed.\n"
    )
    assert statuses(jack)["jackfield-parcel"] == "ok"
    assert " files " in next(line for line in jack("plugin", "list").out.splitlines() if "jackfield-parcel" in line)

    (parcel / "jackfield_parcel/__init__.py").write_text("raise RuntimeError\n")

    assert statuses(jack)["jackfield-parcel"] == "changed"
    code, err = jack("module", "run", "parcel.send").failure()
    assert code == 7
    assert err[0] == (
        "error: jackfield-parcel is pinned, and its files are not those that were pinned:"
        " jackfield_parcel/__init__.py (changed). So nothing of it is imported."
    )
    assert err[1].endswith("jackfield plugin pin jackfield-parcel")
    assert jack("doctor").code == 1
    assert "jackfield-parcel is pinned, and its files are not" in jack("doctor").out


def test_a_command_of_what_was_pinned_is_refused_too(jack: Jack, place: Any) -> None:
    """Commands are imported by the command line itself."""
    code = "import click\n\n\n@click.command()\ndef main():\n    click.echo('done')\n"
    points = "[jackfield.commands]\nparcels = parcel_commands:main\n"
    install_recorded(place.path, "jackfield-parcel", {"parcel_commands.py": code}, points=points)
    jack("plugin", "pin", "jackfield-parcel")
    assert jack("parcels").out == "done\n"

    (place.path / "parcel_commands.py").write_text(code + "# changed\n")

    code, err = jack("parcels").failure()
    assert (code, "parcel_commands.py (changed)" in err[0]) == (7, True)
    assert jack("--help").code == 0


def test_what_is_not_as_it_was_installed_is_not_pinned(jack: Jack, parcel: Path) -> None:
    """A pin would make it right; without RECORD only a version can be pinned, and core cannot check itself."""
    (parcel / "jackfield_parcel/more.py").write_text("")
    code, err = jack("plugin", "pin", "jackfield-parcel").failure()
    assert (code, err[0]) == (
        7,
        "error: jackfield-parcel is not what was installed: jackfield_parcel/more.py (extra).",
    )

    code, err = jack("plugin", "pin", "station-weather").failure()
    assert (code, err[0].startswith("error: The files of station-weather cannot be pinned: it has no RECORD")) == (
        7,
        True,
    )
    assert err[1] == "next: jackfield plugin pin --version-only station-weather"
    assert jack("plugin", "pin", "--version-only", "station-weather").out.startswith(
        "station-weather 1.0 is pinned to its version:"
    )
    assert jack("module", "run", "station.write_note", "--dry-run").code != 7

    code, err = jack("plugin", "pin", "click").failure()
    assert (code, err[0]) == (3, "error: click provides nothing for Jackfield, so nobody would look at its pin.")
    assert jack("plugin", "pin", "jackfield").code == 2
    assert jack("plugin", "pin").code == 2


def test_unpinning_undoes_pinning(jack: Jack, parcel: Path, environment: Mapping[str, str]) -> None:
    """Its list of files goes, too; allowing everything leaves pins alone and says so."""
    jack("plugin", "pin", "jackfield-parcel")
    kept = policy_file(environment).parent / "pins" / "jackfield-parcel.sha256"
    assert kept.read_text("utf-8").count("\n") == 3
    assert jack("plugin", "allow", "--all").out.splitlines()[1:] == [
        "What is pinned must still be what it was: jackfield-parcel.",
        "Nothing changed.",
    ]

    assert jack("plugin", "unpin", "jackfield-parcel").out == (
        "jackfield-parcel is not pinned any more: whatever is installed under that name can be used.\n"
    )
    assert not kept.exists()
    assert json.loads(policy_file(environment).read_text()) == {"allow": None, "deny": []}
    assert jack("plugin", "unpin", "jackfield-parcel").out == "jackfield-parcel was not pinned.\nNothing changed.\n"
