import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jackfield import Host, HttpSettings, InputError, InvalidInputError, user_settings
from jackfield.settings import SECTIONS, all_settings

Jack = Callable[..., Any]
WEATHER = b'{"temperature_c": 9.5, "wind_kmh": 3}'
RUN = ("module", "run", "station.get_weather", "latitude=1", "longitude=2")


@pytest.fixture
def file(environment: Mapping[str, str]) -> Path:
    """Where the settings are kept."""
    return Path(environment["JACKFIELD_HOME"]) / "config" / "settings.json"


def listed(jack: Jack) -> dict[str, dict[str, Any]]:
    """Give what the list says, by name."""
    return {row["name"]: row for row in json.loads(jack("config", "list", "-o", "json").out)}


def test_everything_that_can_be_set_is_listed(jack: Jack) -> None:
    """With its value, where that comes from, its default, its type, its variable and a sentence."""
    rows = listed(jack)

    assert list(rows) == [setting.name for setting in all_settings()]
    assert rows["http.deadline_s"] == {
        "name": "http.deadline_s",
        "value": 600.0,
        "source": "default",
        "default": 600.0,
        "type": "number, at least 0.001, seconds",
        "variable": "JACKFIELD_HTTP_DEADLINE_S",
        "help": "How long one operation may take, retries included, where the caller does not say.",
    }
    assert all(row["help"].endswith(".") for row in rows.values())


def test_every_setting_of_the_network_can_be_set(jack: Jack) -> None:
    """The names are those of HttpSettings, and so are the defaults."""
    assert SECTIONS["http"] is HttpSettings
    for setting in all_settings():
        if setting.slot.default is not None:  # there is nothing to type for "no limit"
            assert jack("config", "set", setting.name, setting.shown_default).code == 0, setting.name
    assert {row["source"] for row in listed(jack).values() if row["default"] is not None} == {"file"}
    assert user_settings() == HttpSettings()


def test_a_value_is_set_and_unset(jack: Jack, file: Path) -> None:
    """It is what counts, until it is taken away."""
    assert jack("config", "get", "http.max_attempts").out == "3\n"

    assert jack("config", "set", "http.max_attempts", "5") == (0, "", f"http.max_attempts is 5 ({file}).\n")
    assert jack("config", "get", "http.max_attempts").out == "5\n"
    assert listed(jack)["http.max_attempts"]["source"] == "file"
    assert jack("config", "unset", "http.max_attempts").err == "http.max_attempts is 3 (from: default).\n"
    assert jack("config", "unset", "http.max_attempts").err == f"http.max_attempts was not set in {file}.\n"
    assert json.loads(file.read_text()) == {}


def test_the_path_of_the_file(jack: Jack, file: Path) -> None:
    """Also where there is none yet."""
    assert jack("config", "path") == (0, f"{file}\n", "")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("http.deadline_s", "soon", "must be a number, was text of 4 characters"),
        ("http.deadline_s", "-1", "must be at least 0.001, was -1"),
        ("http.max_attempts", "0", "must be at least 1, was 0"),
        ("http.retry_timeouts", "maybe", "must be true or false, was text of 5 characters"),
        ("http.proxy", "ftp://x", "must be http://[user:password@]host:port"),
        ("http.proxy", "http://u:p@h:1", "must be without user and password: the file is not encrypted; "),
        ("http.ca_bundle", "/no/such/file", "/no/such/file is no file"),
        ("run.prices", "/no/such/file", "/no/such/file is no file"),
        ("output.color", "alway", "must be one of auto, always, never, was text of 5 characters; did you mean always?"),
        ("run.concurrency", "1001", "must be at most 1000, was 1001"),
    ],
)
def test_a_wrong_value_is_not_written(jack: Jack, file: Path, name: str, value: str, message: str) -> None:
    """The bounds are those of the setting's word."""
    code, said = jack("config", "set", name, value).failure()

    assert code == 3
    assert said[0].startswith(f"error: {name}: {message}")
    assert said[-1] == "next: jackfield config list"
    assert not file.exists()


@pytest.mark.parametrize("command", ["get", "unset"])
@pytest.mark.parametrize(("name", "meant"), [("http.deadlin_s", "http.deadline_s"), ("deadline_s", "http.deadline_s")])
def test_an_unknown_name_says_what_was_meant(jack: Jack, command: str, name: str, meant: str) -> None:
    """Also where only the section is missing."""
    message = f"error: There is no setting {name!r}; did you mean {meant}?"

    assert jack("config", command, name).failure() == (3, [message, "next: jackfield config list"])


def test_the_environment_outranks_the_file(jack: Jack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list names the variable, and who sets the file is told of it."""
    monkeypatch.setenv("JACKFIELD_HTTP_DEADLINE_S", "7")

    said = jack("config", "set", "http.deadline_s", "30").err

    assert "warning: JACKFIELD_HTTP_DEADLINE_S is set, and outranks it." in said
    assert jack("config", "get", "http.deadline_s").out == "7\n"
    assert "JACKFIELD_HTTP_DEADLINE_S" in jack("config", "list").out


def test_the_password_of_a_proxy_is_not_shown(jack: Jack, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may stand in the variable, and nowhere else."""
    monkeypatch.setenv("JACKFIELD_PROXY", "http://me:swordfish@127.0.0.1:9")

    for arguments in (["list"], ["list", "-o", "json"], ["get", "http.proxy"]):
        out = jack("config", *arguments).out
        assert "http://***@127.0.0.1:9" in out
        assert "swordfish" not in out


def test_a_path_that_is_set_is_right_from_everywhere(
    jack: Jack, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written as a whole."""
    (tmp_path / "mine.pem").touch()
    monkeypatch.chdir(tmp_path)

    jack("config", "set", "http.ca_bundle", "mine.pem")

    assert json.loads(file.read_text()) == {"http": {"ca_bundle": str(tmp_path / "mine.pem")}}


@pytest.mark.parametrize(
    ("text", "message", "next_step"),
    [
        ("{", "not JSON at line 1, column 2", "Mend that file, or delete it."),
        ("[]", "it must be an object, was a list of 0 items", "Mend that file, or delete it."),
        ('{"http": 3}', "http must be an object, was 3", "Mend that file, or delete it."),
        (
            '{"http": {"deadline_s": "7"}}',
            "http.deadline_s: must be a number",
            "jackfield config unset http.deadline_s",
        ),
        (
            '{"http": {"deadlin_s": 7}}',
            "http.deadlin_s: is no setting; did you mean http.deadline_s?",
            "jackfield config unset http.deadlin_s",
        ),
    ],
)
def test_a_broken_file_stops_a_run_and_says_how_to_go_on(
    jack: Jack, file: Path, text: str, message: str, next_step: str
) -> None:
    """Nothing runs with other settings than the user meant; doctor says so too."""
    file.parent.mkdir(parents=True)
    file.write_text(text)

    code, said = jack(*RUN).failure()

    assert code == 3
    assert message in "\n".join(said)
    assert str(file) in said[0]
    assert said[-1] == f"next: {next_step}"
    examined = jack("doctor")
    assert examined.code == 1
    assert message in examined.out
    if next_step.startswith("jackfield"):
        assert jack(*next_step.split()[1:]).code == 0
        assert jack("doctor").code == 0


def test_a_misspelt_variable_is_told(jack: Jack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of having no effect."""
    monkeypatch.setenv("JACKFIELD_HTTP_DEADLINE", "7")

    code, said = jack(*RUN).failure()

    assert code == 3
    assert "JACKFIELD_HTTP_DEADLINE: is no setting; did you mean JACKFIELD_HTTP_DEADLINE_S?" in said[1]
    assert said[-1] == "next: Mend or unset JACKFIELD_HTTP_DEADLINE."


def test_a_list_with_something_wrong_shows_the_rest(jack: Jack, file: Path) -> None:
    """What is wrong is told, and counts as not set."""
    file.parent.mkdir(parents=True)
    file.write_text('{"http": {"deadline_s": "7", "max_attempts": 2}}')

    code, out, err = jack("config", "list", "-o", "json")

    values = {row["name"]: row["value"] for row in json.loads(out)}
    assert (code, values["http.deadline_s"], values["http.max_attempts"]) == (3, 600.0, 2)
    assert "http.deadline_s: must be a number" in err


def test_a_run_goes_by_the_settings(jack: Jack, service: Any) -> None:
    """Here by the format, and by a limit."""
    service.replies(WEATHER)
    jack("config", "set", "run.format", "jsonl")

    assert jack(*RUN).out == '{"temperature_c":9.5,"wind_kmh":3.0}\n'
    jack("config", "set", "http.max_body_bytes", "5")
    code, said = jack(*RUN).failure()
    assert code == 6
    assert "max_body_bytes" in "\n".join(said)


def test_a_host_goes_by_none_of_them_unless_it_is_told(jack: Jack, file: Path) -> None:
    """Whoever embeds one decides."""
    jack("config", "set", "http.deadline_s", "30")

    assert user_settings().deadline_s == 30
    file.write_text("{")
    with Host(discover=False) as host:
        assert host.modules() == ()
    with pytest.raises(InputError, match=r"settings\.json cannot be used"):
        user_settings()


def test_programs_read_what_they_are_given(environment: Mapping[str, str]) -> None:
    """A host's own environment may stand for the process's."""
    assert user_settings({**environment, "JACKFIELD_HTTP_DEADLINE_S": "5"}).deadline_s == 5
    with pytest.raises(InvalidInputError, match="JACKFIELD_HTTP_DEADLINE_S: must be a number"):
        user_settings({**environment, "JACKFIELD_HTTP_DEADLINE_S": "x"})


def test_a_file_that_cannot_be_written_stays(jack: Jack, file: Path) -> None:
    """The message says which, and what to do."""
    file.parent.parent.mkdir(parents=True)
    file.parent.write_text("in the way")

    code, said = jack("config", "set", "http.deadline_s", "30").failure()

    assert code in (1, 3)
    assert str(file) in said[0]
    assert file.parent.read_text() == "in the way"


def test_settings_made_at_the_same_time_are_all_kept(environment: Mapping[str, str], jack: Jack) -> None:
    """One command waits for the other."""
    names = ["http.max_attempts", "http.max_redirects", "http.pool_size", "http.max_ratio"]
    commands = [
        subprocess.Popen([sys.executable, "-m", "jackfield", "config", "set", name, "9"], env=environment, stderr=-3)
        for name in names
    ]

    assert [command.wait(60) for command in commands] == [0, 0, 0, 0]
    assert {name for name, row in listed(jack).items() if row["source"] == "file"} == set(names)


@pytest.mark.parametrize(
    ("variables", "colored"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"JACKFIELD_OUTPUT_COLOR": "always", "NO_COLOR": "1"}, True),
        ({"JACKFIELD_OUTPUT_COLOR": "never", "FORCE_COLOR": "1"}, False),
    ],
    ids=str,
)
def test_colors_off_a_terminal_are_for_those_who_ask(spawn: Jack, variables: dict[str, str], *, colored: bool) -> None:
    """NO_COLOR outranks who forces colors; our own variable outranks both."""
    out = spawn("module", "list", env=variables).out

    assert ("\x1b[36m" in out) is colored
    assert ("\x1b" in out) is colored


def test_a_color_that_is_set_counts_for_every_table(spawn: Jack) -> None:
    """Unless NO_COLOR is set for this run."""
    assert spawn("config", "set", "output.color", "always").code == 0

    assert "\x1b[36m" in spawn("module", "list").out
    assert "\x1b" not in spawn("module", "list", env={"NO_COLOR": "1"}).out
