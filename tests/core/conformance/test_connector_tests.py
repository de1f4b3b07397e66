"""The rules, as a command and as tests that a connector's own tests inherit."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from jackfield._cli.main import run
from jackfield.testing import RULES

Write = Callable[..., None]

TESTS = """
from jackfield.testing import ConnectorTests


class TestRules(ConnectorTests):
    connector = "weather"
"""


def pytested(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the tests in a folder, with what is installed there."""
    (folder / "test_rules.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\n")
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    options = ["-q", "-rs", "-p", "no:cacheprovider", str(folder), *words]
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *options], capture_output=True, text=True, cwd=folder, check=False
    )


@pytest.mark.usefixtures("whole_connector")
def test_a_connector_inherits_a_test_for_each_rule(tmp_path: Path) -> None:
    """Three lines are enough."""
    done = pytested(tmp_path)

    assert f"{len(RULES)} passed" in done.stdout, done.stdout + done.stderr


def test_a_broken_rule_is_a_failed_test_and_a_rule_without_answers_a_skipped_one(
    connector: Write, files: Mapping[str, str], tmp_path: Path
) -> None:
    """Both say what to do."""
    text = files["forecast.py"].replace("params=form", 'params={"place": form.place}')
    connector({"forecast.py": text, "cases.py": "CASES = {}\n"})

    done = pytested(tmp_path, "-k", "jf402 or jf603 or jf201")

    assert "1 failed, 1 passed, 1 skipped" in done.stdout, done.stdout + done.stderr
    assert "JF402 (no dead fields) is broken" in done.stdout
    assert "weather.get_forecast: days: changes nothing in the request" in done.stdout
    assert "no answer is known: give Case(answered=[...])" in done.stdout


@pytest.mark.usefixtures("whole_connector")
def test_a_good_connector_ends_the_command_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed where nothing is wrong; what was tried is counted."""
    code = run(["connector", "check", "weather", "--rule", "JF201", "--rule", "jf402"])

    out, err = capsys.readouterr()
    assert (code, out) == (0, "")
    assert err == "weather: 7 passed.\n"


def test_a_broken_rule_ends_the_command_with_1(
    connector: Write, files: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The table has what did not pass, broken rules first; as JSON everything is there."""
    connector({"forecast.py": files["forecast.py"].replace('label="Days"', 'label="days"'), "cases.py": "CASES = {}\n"})
    words = ["connector", "check", "weather", "--rule", "JF202", "--rule", "JF603"]

    code = run(words)
    out, err = capsys.readouterr()
    rows = [line.split() for line in out.splitlines() if line.startswith("JF")]
    assert code == 1
    assert [row[0] for row in rows] == ["JF202", "JF603"]
    assert "begins with a small letter" in " ".join(out.split())
    assert "not checked" in out
    assert err == "weather: 1 passed, 1 failed, 1 not checked.\n"

    code = run([*words, "-o", "json"])
    found = json.loads(capsys.readouterr().out)
    assert code == 1
    assert {(each["rule"], each["subject"], each["outcome"]) for each in found} == {
        ("JF202", "weather", "passed"),
        ("JF202", "weather.get_forecast", "failed"),
        ("JF603", "weather.get_forecast", "not checked"),
    }
    assert all(each["details"] for each in found if each["outcome"] != "passed")


@pytest.mark.usefixtures("whole_connector")
def test_an_unknown_rule_or_connector_is_told_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is tried."""
    assert run(["connector", "check", "weather", "--rule", "JF999"]) == 3
    assert "JF101, JF102" in capsys.readouterr().err

    assert run(["connector", "check", "weathr"]) == 3
    assert "weathr" in capsys.readouterr().err


def test_a_case_for_a_module_that_there_is_not_is_told(connector: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A module that was renamed is not left untried."""
    connector({"cases.py": 'from jackfield.testing import Case\n\nCASES = {"weather.get_forecst": Case()}\n'})

    assert run(["connector", "check", "weather"]) == 3
    assert "Did you mean weather.get_forecast?" in capsys.readouterr().err


def test_cases_that_cannot_be_read_are_told(connector: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """With the place that the metadata name."""
    connector({"cases.py": "CASES = 5\n"})

    assert run(["connector", "check", "weather"]) == 7
    assert "no mapping from module ids to cases" in capsys.readouterr().err
