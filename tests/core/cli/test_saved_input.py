"""Inputs in files that say which module and version they are for."""

import json
import shlex
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Jack = Callable[..., Any]


def test_an_input_is_saved_and_run(jack: Jack, service: Any, tmp_path: Path) -> None:
    """As it was typed, in JSON, and with what it is for; nothing is sent."""
    file = tmp_path / "input.json"
    code, out, err = jack("module", "run", "station.get_weather", "latitude=52.5", "longitude=13", "--save", str(file))

    assert (code, out, service.requests) == (0, "", [])
    assert err == f"saved: {file}. Run it with: jackfield module run station.get_weather --input {file}\n"
    assert json.loads(file.read_text("utf-8")) == {
        "$module": "station.get_weather",
        "$version": 1,
        "latitude": 52.5,
        "longitude": 13.0,
    }
    code, out, _ = jack("module", "run", "station.get_weather", "--input", str(file), "--dry-run", "-o", "json")
    assert code == 0
    assert "latitude=52.5" in json.loads(out)[0]["url"]


def test_a_file_is_not_overwritten_and_a_wrong_input_not_saved(jack: Jack, tmp_path: Path) -> None:
    """Each says what to do."""
    file = tmp_path / "input.json"
    wrong = jack("module", "run", "station.get_weather", "latitude=99", "longitude=13", "--save", str(file))
    assert wrong.code == 3
    assert not file.exists()

    file.write_text("mine", "utf-8")
    code, _, err = jack("module", "run", "station.get_weather", "latitude=1", "longitude=1", "--save", str(file))
    assert code != 0
    assert "is there already; nothing was written." in err
    assert "next: Give --save another name." in err
    assert file.read_text("utf-8") == "mine"


def test_wishes_that_contradict_saving_are_refused(jack: Jack, tmp_path: Path) -> None:
    """By name."""
    for option in ("--dry-run", "--as-curl", "--confidential"):
        code, _, err = jack("module", "run", "station.get_weather", "--save", str(tmp_path / "x.json"), option)
        assert code == 2
        assert "--save" in err


def test_an_old_input_is_upgraded_and_its_change_shown(jack: Jack, write: Any) -> None:
    """First without writing; an input that is up to date is left alone."""
    old = json.dumps({"$module": "station.old_times", "$version": 1, "town": "Brno"})
    file = write("old.json", old)

    code, out, err = jack("module", "upgrade", file, "--dry-run")
    assert code == 0
    assert '-  "town": "Brno"\n' in out
    assert '+  "place": "Brno"\n' in out
    assert err == "1 of 1 would change; nothing was written. Without --dry-run it is.\n"
    assert Path(file).read_text("utf-8") == old

    assert jack("module", "upgrade", file)[2] == f"{file} was brought to date: 1 of 1 changed.\n"
    assert json.loads(Path(file).read_text("utf-8")) == {
        "$module": "station.old_times",
        "$version": 2,
        "place": "Brno",
    }
    assert jack("module", "upgrade", file) == (0, "", f"{file} is up to date.\n")


def test_an_old_input_runs_and_says_how_to_bring_it_to_date(jack: Jack, write: Any) -> None:
    """On stderr; the answer is that of the input as it is meant today."""
    file = write("old.json", json.dumps({"$module": "station.old_times", "$version": 1, "town": "Brno"}))

    code, out, err = jack("module", "run", "station.old_times", "--input", file, "-o", "plain")

    assert (code, out) == (0, "Once upon a time in Brno\n")
    assert err == f"note: {file} is of version 1; `jackfield module upgrade {file}` brings it to date.\n"


def test_lines_are_upgraded_together_or_not_at_all(jack: Jack, write: Any) -> None:
    """A line that cannot be brought to date is named, and the file stays as it is."""
    lines = [{"$module": "station.old_times", "$version": number, "town": "Brno"} for number in (1, 1, 5)]
    file = write("old.jsonl", "".join(json.dumps(line) + "\n" for line in lines))

    code, _, err = jack("module", "upgrade", file)
    assert code == 3
    assert f"{file}, line 3 (station.old_times)" in err
    assert "$.$version: is 5, and this module is version 2" in err

    file = write("old.jsonl", "".join(json.dumps(line) + "\n" for line in lines[:2]))
    assert jack("module", "upgrade", file)[0] == 0
    assert [json.loads(line)["place"] for line in Path(file).read_text("utf-8").splitlines()] == ["Brno", "Brno"]


def test_an_input_that_does_not_say_what_it_is_cannot_be_upgraded(jack: Jack, write: Any) -> None:
    """The error tells the two keys."""
    code, _, err = jack("module", "upgrade", write("plain.json", '{"town": "Brno"}'))

    assert code == 3
    assert "does not say of which module it is an input." in err
    assert '"$module": "MODULE ID"' in err


def test_standard_input_is_not_upgraded_into_a_file_called_dash(
    jack: Jack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be written anew; the error says how to name a file that is called so."""
    monkeypatch.chdir(tmp_path)
    for options in ([], ["--dry-run"]):
        code, out, err = jack("module", "upgrade", "-", *options)

        assert (code, out) == (2, "")
        assert "cannot be standard input" in err
        assert "./-" in err
    assert not list(tmp_path.glob("-*"))

    Path("-").write_text(json.dumps({"$module": "station.old_times", "$version": 1, "town": "Brno"}), "utf-8")
    assert jack("module", "upgrade", "./-").code == 0
    assert json.loads(Path("-").read_text("utf-8"))["place"] == "Brno"


def test_a_broken_file_is_told_as_the_one_object_that_it_is(jack: Jack, write: Any) -> None:
    """Not as a list of lines, though it has several."""
    broken = '{\n  "$module": "station.old_times",\n  "town": Brno\n}\n'
    code, _, err = jack("module", "upgrade", write("broken.json", broken))

    assert code == 3
    assert "not JSON at line 3, column 11" in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes, and links only for some")
def test_who_may_not_read_an_input_may_not_read_it_when_it_is_upgraded(jack: Jack, write: Any, tmp_path: Path) -> None:
    """A link stays a link, and what it leads to is written."""
    file = Path(write("old.json", json.dumps({"$module": "station.old_times", "$version": 1, "town": "Brno"})))
    file.chmod(0o600)
    link = tmp_path / "link.json"
    link.symlink_to(file)

    assert jack("module", "upgrade", str(link))[0] == 0

    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text("utf-8"))["place"] == "Brno"
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []


def test_the_command_that_is_told_runs_the_input(jack: Jack, service: Any, tmp_path: Path) -> None:
    """With the connection, and quoted for a shell."""
    file = tmp_path / "my input.json"
    given = ("module", "run", "station.get_weather", "latitude=1", "longitude=2", "--connection", "roof")

    err = jack(*given, "--save", str(file))[2]

    words = shlex.split(err.partition("Run it with: ")[2])
    assert words[:4] == ["jackfield", "module", "run", "station.get_weather"]
    assert words[4:] == ["--connection", "roof", "--input", str(file)]
    code, _, err = jack(*given, "--save", "-")
    assert code == 2
    assert "--save needs the name of a file." in err


WRONG = {
    "not there": ("gone.json", None, "error: gone.json: cannot be read: No such file or directory"),
    "no JSON": ("bad.json", "{bad", "error: bad.json: not JSON at line 1, column 2: "),
    "empty": ("empty.json", "", "error: empty.json: is empty"),
    "a line of it": ("two.jsonl", '{"$module": "station.get_weather"}\n{bad\n', "error: two.jsonl, line 2: 1 problem"),
}


@pytest.mark.parametrize(("name", "content", "told"), WRONG.values(), ids=WRONG)
def test_a_file_that_cannot_be_upgraded_is_told_by_its_name(  # noqa: PLR0917  the columns of a table
    jack: Jack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str | None, told: str
) -> None:
    """The command takes it as its argument, so no option is named."""
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / name).write_text(content)

    code, _, err = jack("module", "upgrade", name)

    assert code == 3
    assert err.startswith(told)
    assert "--input" not in err


def test_a_saved_input_of_a_trigger_is_to_be_watched(jack: Jack, tmp_path: Path) -> None:
    """A run of it would give all that is there, again and again."""
    file = tmp_path / "readings.json"

    err = jack("module", "run", "station.watch_readings", "station=north", "--save", str(file))[2]

    words = shlex.split(err.partition("Watch it with: ")[2])
    assert words == ["jackfield", "module", "watch", "station.watch_readings", "--input", str(file)]


def test_what_looks_like_a_secret_is_told_when_it_is_saved(jack: Jack, tmp_path: Path) -> None:
    """It may be none, so it stays; whoever reads the file may read it."""
    file = tmp_path / "input.json"
    place = "Brno, sk-abcdefghijklmnopqrstuvwx"

    code, _, err = jack("module", "run", "station.old_times", f"place={place}", "--save", str(file))

    assert code == 0
    assert f"warning: what looks like a secret stands in clear in {file}: place. Take it out there" in err
    assert "sk-abc" not in err
    assert json.loads(file.read_text("utf-8"))["place"] == place


def test_what_is_no_text_is_saved_and_upgraded_as_it_is(jack: Jack, write: Any, tmp_path: Path) -> None:
    """Half a surrogate pair stays what it is; the module may refuse it."""
    old = '{"$module": "station.old_times", "$version": 1, "town": "\\ud800"}'
    file = Path(write("old.json", old))

    assert jack("module", "upgrade", str(file)).code == 0
    assert json.loads(file.read_text("utf-8"))["place"] == "\ud800"
    given = ("module", "run", "station.old_times", "--input", str(file), "--save", str(tmp_path / "new.json"))
    assert jack(*given).code == 0
    assert json.loads((tmp_path / "new.json").read_text("utf-8"))["place"] == "\ud800"
