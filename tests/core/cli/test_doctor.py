import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Jack = Callable[..., Any]


def findings(jack: Jack) -> list[tuple[str, str, str]]:
    """Give level, message and next step of all that was found."""
    found = json.loads(jack("doctor", "-o", "json").out)
    return [(item["level"], item["message"], item["next_step"]) for item in found]


def test_a_sound_installation(jack: Jack, environment: Mapping[str, str]) -> None:
    """Exit code 0; versions, directories and entry points are named."""
    code, out, err = jack("doctor")

    assert (code, err) == (0, "")
    assert "wrong" not in [line.split(maxsplit=1)[0] for line in out.splitlines()]
    assert f"config directory {Path(environment['JACKFIELD_HOME']) / 'config'}" in out
    for name in ("Python 3.", "jackfield 0.", "requests ", "click "):
        assert name in out


def test_what_is_ignored_is_told_without_its_value(jack: Jack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Proxies, certificates and passwords that other programs go by, and what to set instead."""
    (tmp_path / "netrc").write_text("machine a login b password swordfish")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("https_proxy", "http://me:swordfish@proxy.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/swordfish.pem")

    code, out, _ = jack("doctor")

    assert code == 0
    assert "note   HTTPS_PROXY is set, and ignored.\n       next: Set JACKFIELD_PROXY" in out
    assert "note   REQUESTS_CA_BUNDLE is set, and ignored.\n       next: Set JACKFIELD_CA_BUNDLE" in out
    assert f"{tmp_path / 'netrc'} exists, and is ignored" in out
    assert "swordfish" not in out


def test_what_is_wrong_comes_last_and_is_an_exit_code(jack: Jack, place: Any) -> None:
    """Duplicates and incompatible distributions, with what to do."""
    place.install("old-thing", "[jackfield.modules]\nold.thing = no_such_file:thing\n", requires="jackfield<0.0.1")
    place.install("other-weather", "[jackfield.modules]\nstation.get_weather = no_such_file:get_weather\n")

    code, out, _ = jack("doctor")

    assert code == 1
    last = out.splitlines()[-4:]
    assert [line.split()[0] for line in last] == ["wrong", "next:", "wrong", "next:"]
    assert "station-weather" in "".join(last)
    assert "jackfield plugin deny old-thing" in "".join(last)


def test_what_is_denied_is_no_fault(jack: Jack) -> None:
    """The user said so."""
    jack("plugin", "deny", "station-weather")

    assert jack("doctor").code == 0
    assert ("note", "station-weather is denied.", "jackfield plugin allow station-weather") in findings(jack)


def test_a_home_that_cannot_be_written(jack: Jack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It says where, and how to choose another place."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("JACKFIELD_HOME", str(tmp_path / "file" / "home"))

    wrong = [finding for finding in findings(jack) if finding[0] == "wrong"]

    assert jack("doctor").code == 1
    assert [message.split()[0] for _, message, _ in wrong[:3]] == ["config", "data", "cache"]
    assert "cannot be written" in wrong[0][1]
    assert "JACKFIELD_HOME" in wrong[0][2]


def test_a_policy_that_cannot_be_read(jack: Jack, environment: Mapping[str, str]) -> None:
    """The doctor goes on, and tells."""
    file = Path(environment["JACKFIELD_HOME"]) / "config" / "plugins.json"
    file.parent.mkdir(parents=True)
    file.write_text("[]")

    code, out, _ = jack("doctor")

    assert code == 1
    assert f"wrong  {file} cannot be read" in out


def test_no_plugin_is_imported(jack: Jack, place: Any) -> None:
    """What is broken when imported cannot stop the doctor."""
    place.write("explodes.py", "import os\nos._exit(99)\n")
    place.install("explodes", "[jackfield.plugins]\nexplodes = explodes\n[jackfield.commands]\nbang = explodes:bang\n")

    assert jack("doctor").code == 0
    assert jack("plugin", "list").code == 0
    assert jack("plugin", "deny", "explodes").code == 0
