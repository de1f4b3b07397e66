"""Saved connections at the command line."""

import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Jack = Callable[..., Any]

KEY = "key-of-the-vault"
TYPE = "station.account"
ADD = ("connection", "add", "roof", TYPE)

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such bits")


@pytest.fixture
def home(environment: Mapping[str, str]) -> Path:
    """Where the command line keeps its files; nothing else names a key."""
    os.environ.pop("STATION_API_KEY", None)
    return Path(environment["JACKFIELD_HOME"])


@pytest.fixture
def key_file(write: Callable[[str, bytes | str], str]) -> str:
    """A file with the key of the connection, as an editor leaves it."""
    return write("key.txt", f"{KEY}\n")


@pytest.fixture
def saved(jack: Jack, service: Any, home: Path, key_file: str) -> str:
    """A connection that is saved, and works."""
    service.replies(b"{}")
    outcome = jack(*ADD, f"api_key=@{key_file}", f"base_url={service.url}")
    assert outcome.code == 0, outcome.err
    service.requests.clear()
    return "roof"


def lying(home: Path) -> bytes:
    """Give all that lies on the disk."""
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_a_connection_is_checked_and_saved(jack: Jack, service: Any, home: Path, key_file: str) -> None:
    """One request proves it; what was saved and what protects it is told, the key is not."""
    service.replies(b"{}")

    code, out, err = jack(*ADD, f"api_key=@{key_file}", f"base_url={service.url}")

    lines = err.splitlines()
    assert (code, out) == (0, "")
    assert lines[0] == "Saved roof; it works. next: jackfield module run MODULE --connection roof"
    assert lines[1].startswith("note: the key of ")
    assert f"protected by the key file {home / 'config' / 'connections.key'}. Whoever can read" in lines[1]
    assert f"X-Key: {KEY}".encode() in service.requests[0]
    assert KEY not in err
    assert KEY.encode() not in lying(home)


def test_a_module_runs_with_it(jack: Jack, service: Any, saved: str) -> None:
    """By its name, as with the variables of that name."""
    service.replies(b'{"temperature_c": 1, "wind_kmh": 2}')

    arguments = ("module", "run", "station.get_weather", "latitude=1", "longitude=2", "--connection", saved)

    assert jack(*arguments).code == 0
    assert f"X-Key: {KEY}".encode() in service.requests[0]
    preview = jack(*arguments, "--dry-run")
    assert "***" in preview.out
    assert KEY not in preview.out


def test_what_does_not_work_is_not_saved(jack: Jack, service: Any, home: Path, key_file: str) -> None:
    """It is told why, how far it came, and how to save it all the same."""
    service.replies(b"{}", status="401 Unauthorized")
    arguments = (*ADD, f"api_key=@{key_file}", f"base_url={service.url}")

    code, lines = jack(*arguments).failure()

    assert code == 4
    assert "found: bad_key; proven: its values are right, a server answers; not proven:" in lines[1]
    assert lines[2].strip() == "Nothing was saved; --no-check saves it as it is."
    assert jack("connection", "list", "-o", "plain").out == ""
    assert jack(*arguments, "--no-check").code == 0
    assert jack("connection", "list", "-o", "plain").out == "roof\n"


@pytest.mark.parametrize("argument", [f"api_key={KEY}", f"api_key:={KEY}", f"api_key=@@{KEY}"])
def test_a_secret_is_never_an_argument(jack: Jack, service: Any, home: Path, argument: str) -> None:
    """Other users see it in the list of processes; the ways that there are instead are named."""
    code, lines = jack(*ADD, argument).failure()

    assert code == 3
    assert lines[0].startswith("error: api_key is a secret, and arguments are seen by other users")
    assert "--stdin, --from-env, api_key=@FILE, --reference api_key=env:NAME" in lines[1]
    assert KEY not in "".join(lines)
    assert service.requests == []


def test_a_secret_comes_from_standard_input(spawn: Jack, service: Any, home: Path) -> None:
    """As a password manager prints it."""
    service.replies(b"{}")

    done = spawn(*ADD, f"base_url={service.url}", "--stdin", stdin=f"{KEY}\n".encode())

    assert (done.code, done.out) == (0, "")
    assert f"X-Key: {KEY}".encode() in service.requests[0]
    assert f"X-Key: {KEY}".encode() + b"\r\n" in service.requests[0]


@pytest.mark.parametrize(
    ("given", "told"), [(b"", "is empty"), (b"\n", "is empty"), (b"\xff", "is not UTF-8"), (b"x" * 70_000, "64 KiB")]
)
def test_standard_input_that_holds_no_secret_is_told(
    spawn: Jack, service: Any, home: Path, given: bytes, told: str
) -> None:
    """Before anything is sent."""
    code, lines = spawn(*ADD, f"base_url={service.url}", "--stdin", stdin=given).failure()

    assert code == 3
    assert told in lines[0]
    assert service.requests == []


def test_values_come_from_the_environment(
    jack: Jack, service: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that the fields name; they are saved, so that the variables may go."""
    monkeypatch.setenv("STATION_API_KEY", KEY)
    service.replies(b"{}")
    assert jack(*ADD, "--from-env").code == 0
    for name in ("STATION_API_KEY", "STATION_URL"):
        monkeypatch.delenv(name)

    assert jack("connection", "check", "roof").code == 0
    code, lines = jack("connection", "add", "other", TYPE, "--from-env").failure()

    assert code == 3
    assert "STATION_API_KEY, STATION_URL" in lines[0]


def test_a_reference_is_saved_and_never_what_it_names(
    jack: Jack, service: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is fetched at each use."""
    service.replies(b"{}")
    monkeypatch.setenv("ROOF_KEY", KEY)
    arguments = (*ADD, f"base_url={service.url}", "--reference", "api_key=env:ROOF_KEY")
    assert jack(*arguments).code == 0
    assert KEY.encode() not in lying(home)

    monkeypatch.setenv("ROOF_KEY", "another-key")
    assert jack("connection", "check", "roof").code == 0
    assert b"X-Key: another-key" in service.requests[1]
    assert json.loads(jack("connection", "show", "roof", "-o", "json").out)["secrets"] == {
        "api_key": {"set": True, "reference": "env:ROOF_KEY"}
    }
    monkeypatch.delenv("ROOF_KEY")
    code, lines = jack("connection", "check", "roof").failure()
    assert code == 4
    assert "env:ROOF_KEY is not there: the variable is not set" in lines[0]


@pytest.mark.parametrize("reference", ["api_key", "key=env:X", "api_key=sk-1234"])
def test_what_is_no_reference_is_told(jack: Jack, home: Path, reference: str) -> None:
    """In the shape that it must have."""
    code, lines = jack(*ADD, "--reference", reference).failure()

    assert code in (2, 3)
    assert "SCHEME:PLACE" in lines[0]
    assert "1234" not in "".join(lines)


@posix
def test_a_program_is_run_for_a_secret_only_if_that_is_allowed(jack: Jack, service: Any, home: Path) -> None:
    """By a setting, since whoever may edit a connection need not be allowed to run programs."""
    service.replies(b"{}")
    program = f"command:{shlex.join([sys.executable, '-c', f'print({KEY!r})'])}"
    arguments = (*ADD, f"base_url={service.url}", "--reference", f"api_key={program}")
    code, lines = jack(*arguments).failure()
    assert code == 4
    assert "jackfield config set secrets.allow_commands yes" in lines[-1]

    assert jack("config", "set", "secrets.allow_commands", "yes").code == 0

    assert jack(*arguments).code == 0
    assert f"X-Key: {KEY}".encode() in service.requests[0]


def test_lists_and_views_show_what_is_set_and_no_secret(jack: Jack, saved: str) -> None:
    """For people and for programs."""
    outcomes = [jack("connection", "list", "-o", form) for form in ("table", "json", "jsonl", "plain")]
    outcomes += [jack("connection", "show", saved, "-o", form) for form in ("table", "json")]
    outcomes += [jack("connection", "explain", saved, "-o", form) for form in ("table", "json")]

    (listed,) = json.loads(outcomes[1].out)
    assert (listed["name"], listed["type"], listed["secrets"], listed["verdict"]) == (
        saved,
        TYPE,
        ["api_key"],
        "works",
    )
    assert ["api_key", "set"] in [line.split() for line in outcomes[4].out.splitlines()]
    assert all((outcome.code, outcome.err) == (0, "") for outcome in outcomes)
    assert not any(KEY in outcome.out for outcome in outcomes)


def test_it_is_explained_where_a_connection_comes_from(jack: Jack, saved: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every place in order, and which of them is used."""
    first = json.loads(jack("connection", "explain", saved, "-o", "json").out)
    monkeypatch.setenv("JACKFIELD_CONNECTION__ROOF__API_KEY", "key-of-the-shell")
    second = json.loads(jack("connection", "explain", TYPE, "--connection", saved, "-o", "json").out)
    text = jack("connection", "explain", saved).out

    assert [(each["found"], each["used"]) for each in first] == [(False, False), (True, True)]
    assert [(each["found"], each["used"]) for each in second] == [(True, True), (True, False)]
    assert "JACKFIELD_CONNECTION__ROOF__API_KEY is set" in second[0]["details"]
    assert "api_key is a secret that is saved" in first[1]["details"]
    assert "the environment: used" in text
    assert "key-of-the-shell" not in text
    assert "Nobody knows it." in jack("connection", "explain", TYPE, "--connection", "nobody").out


def test_an_edit_keeps_the_secret_and_checks_the_rest(jack: Jack, service: Any, saved: str) -> None:
    """What fails the check is not saved."""
    service.replies(b"{}", status="403 Forbidden")
    assert jack("connection", "edit", saved, f"base_url={service.url}/").code == 4
    service.replies(b"{}")

    assert jack("connection", "edit", saved, f"base_url={service.url}/").code == 0
    assert json.loads(jack("connection", "show", saved, "-o", "json").out)["settings"] == {
        "base_url": f"{service.url}/"
    }
    assert f"X-Key: {KEY}".encode() in service.requests[-1]


def test_a_changed_address_wants_the_secret_again(jack: Jack, service: Any, saved: str, key_file: str) -> None:
    """No byte goes to the new one before."""
    elsewhere = f"base_url={service.url}/elsewhere"

    code, lines = jack("connection", "edit", saved, elsewhere).failure()

    assert code == 3
    assert "$.api_key: must be given again, since the address changes" in lines[1]
    assert lines[-1] == "next: Give the same command again with: --secret api_key"
    assert service.requests == []
    assert jack("connection", "edit", saved, elsewhere, f"api_key=@{key_file}").code == 0
    assert service.requests[0].startswith(b"GET /elsewhere/status ")


def test_names_are_changed_and_connections_removed(jack: Jack, saved: str, home: Path) -> None:
    """A removal wants to be meant."""
    assert jack("connection", "rename", saved, "shed").code == 0
    code, lines = jack("connection", "remove", "shed").failure()
    assert code == 2
    assert "--yes" in lines[0]

    code, out, err = jack("connection", "remove", "shed", "--yes")

    assert (code, out) == (0, "")
    assert err.startswith("Removed shed.")
    assert b"shed" not in lying(home)
    assert jack("connection", "list", "-o", "json").out == "[]\n"


@pytest.mark.parametrize(
    "arguments",
    [("show", "rof"), ("check", "rof"), ("edit", "rof"), ("rename", "rof", "x"), ("remove", "rof"), ("explain", "rof")],
)
def test_a_name_that_is_not_saved_is_told_with_what_is_meant(
    jack: Jack, saved: str, arguments: tuple[str, ...]
) -> None:
    """By every command."""
    code, lines = jack("connection", *arguments).failure()

    assert code == 4
    assert lines == [
        "error: There is no saved connection 'rof'. Did you mean roof?",
        "next: jackfield connection list",
    ]


def test_a_failed_check_is_data_where_that_is_wanted(jack: Jack, service: Any, saved: str) -> None:
    """With the exit code of its remedy; it is remembered."""
    service.replies(b"{}", status="404 Not Found")

    code, out, err = jack("connection", "check", saved, "-o", "json")

    found = json.loads(out)
    assert code == 5
    assert (found["verdict"], found["passed"]) == ("wrong_base_url", ["offline", "reachable"])
    assert found["error"]["message"]
    assert found["secrets"] == {"api_key": {"set": True, "from": found["source"]}}
    assert found["source"].startswith("the store ")
    assert err.startswith("error: ")
    (listed,) = json.loads(jack("connection", "list", "-o", "json").out)
    assert listed["verdict"] == "wrong_base_url"


def test_values_are_checked_without_sending(jack: Jack, service: Any, saved: str) -> None:
    """And it is said that no more was proven."""
    code, out, _ = jack("connection", "check", saved, "--offline")

    assert (code, service.requests) == (0, [])
    assert out.startswith("The values are right; nothing was sent (station.account, roof)")


def test_connections_are_carried_to_another_home(spawn: Jack, service: Any, saved: str, tmp_path: Path) -> None:
    """With a passphrase from standard input; the file is its owner's alone."""
    file = tmp_path / "carried.json"
    passphrase = b"four words make one\n"
    assert spawn("connection", "export", "--output", str(file), "--stdin", stdin=passphrase).code == 0
    assert KEY not in file.read_text("utf-8")
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600
    elsewhere = {"JACKFIELD_HOME": str(tmp_path / "elsewhere")}

    done = spawn("connection", "import", str(file), "--stdin", stdin=passphrase, env=elsewhere)

    assert done.code == 0
    assert done.err.splitlines()[0] == "Imported roof (station.account). next: jackfield connection check roof"
    service.replies(b"{}")
    assert spawn("connection", "check", "roof", env=elsewhere).code == 0
    assert f"X-Key: {KEY}".encode() in service.requests[0]
    again = spawn("connection", "export", "--output", str(file), "--stdin", stdin=passphrase).failure()
    assert again == (3, [f"error: {file} is there already.", "next: --force replaces it."])
    wrong = spawn("connection", "import", str(file), "--stdin", stdin=b"another one\n", env=elsewhere).failure()
    assert wrong[0] == 3
    taken = spawn("connection", "import", str(file), "--stdin", stdin=passphrase, env=elsewhere).failure()
    assert taken[1][-1] == "next: To put the one of the file in its place: --replace"
    plain = spawn("connection", "export", "--without-secrets", "--output", "-")
    assert (plain.code, KEY in plain.out) == (0, False)
    assert json.loads(plain.out)["connections"][0]["name"] == "roof"


def test_a_file_without_secrets_takes_none_away(jack: Jack, saved: str, tmp_path: Path) -> None:
    """With --replace too; it is said that they stay."""
    file = tmp_path / "bare.json"
    assert jack("connection", "export", "--without-secrets", "--output", str(file)).code == 0

    code, out, err = jack("connection", "import", "--replace", str(file))

    assert (code, out) == (0, "")
    assert err.startswith("Imported roof (station.account), with the secrets that it had. next: ")
    assert json.loads(jack("connection", "show", "roof", "-o", "json").out)["secrets"]["api_key"] == {"set": True}


def test_a_file_that_is_not_there_is_told_with_what_to_give(jack: Jack, tmp_path: Path) -> None:
    """By its name."""
    file = tmp_path / "nofile.json"

    code, lines = jack("connection", "import", str(file)).failure()

    assert (code, lines) == (
        3,
        [
            f"error: {file} cannot be read: No such file or directory.",
            "next: Give a file that `jackfield connection export` wrote.",
        ],
    )


def test_a_run_without_a_connection_names_those_that_are_saved(jack: Jack, saved: str) -> None:
    """None is taken by itself: which one is meant, only a person knows."""
    code, lines = jack("module", "run", "station.get_weather", "latitude=1", "longitude=2").failure()

    assert code == 4
    assert lines[-1].startswith("next: Name one that is saved: roof. Or: Set the environment variable STATION_API_KEY.")


def test_a_run_with_a_mistyped_connection_names_those_that_are_saved(jack: Jack, saved: str) -> None:
    """Not only the variable that would make one of that name."""
    run = ("module", "run", "station.get_weather", "latitude=1", "longitude=2")
    code, lines = jack(*run, "--connection", "rof").failure()

    assert code == 4
    assert "There is no connection 'rof'." in lines[0]
    add = "jackfield connection add rof station.account"
    assert lines[-1].startswith(f"next: Name one that is saved: roof. Or: Save one of this name: {add}. Or: Set the ")


def test_a_file_that_cannot_be_written_is_told_by_its_name(jack: Jack, saved: str, tmp_path: Path) -> None:
    """Not by that of the file in which it was begun."""
    file = tmp_path / "nowhere" / "away.json"

    code, lines = jack("connection", "export", "--without-secrets", "--output", str(file)).failure()

    assert (code, lines[0]) == (3, f"error: {file} cannot be written: No such file or directory.")
    assert str(file.parent) in lines[-1]


def test_the_key_is_changed_and_its_protection_told(spawn: Jack, service: Any, saved: str, home: Path) -> None:
    """From a file to a passphrase; without it nothing opens."""
    old = (home / "config" / "connections.key").read_text("utf-8")
    assert spawn("connection", "rotate-key").code == 0
    assert (home / "config" / "connections.key").read_text("utf-8") != old

    done = spawn("connection", "rotate-key", "--protect", "passphrase", "--stdin", stdin=b"four words make one\n")

    assert done.code == 0
    assert "is protected by a passphrase. Without it nobody can read the secrets, you included." in done.err
    code, lines = spawn("connection", "show", "roof").failure()
    assert code == 4
    assert lines[-1] == "next: Set JACKFIELD_PASSPHRASE."
    service.replies(b"{}")
    given = {"JACKFIELD_PASSPHRASE": "four words make one"}
    assert spawn("connection", "check", "roof", env=given).code == 0
    wrong = spawn("connection", "show", "roof", env={"JACKFIELD_PASSPHRASE": "another"}).failure()
    assert "The passphrase is not the one of the store." in wrong[1][0]


def test_there_is_no_key_before_something_is_saved(jack: Jack, home: Path) -> None:
    """And nothing is made by looking."""
    assert jack("connection", "rotate-key").failure()[0] == 3
    assert jack("connection", "list").err.startswith("No connection is saved. next: jackfield connection add")
    assert not home.exists() or KEY.encode() not in lying(home)
    assert not (home / "data").exists()


@posix
def test_a_store_that_others_can_read_is_refused(jack: Jack, saved: str, home: Path) -> None:
    """With the command that mends it; a module is not run with it either."""
    store = home / "data" / "connections.sqlite"
    store.chmod(0o644)

    for arguments in (("connection", "list"), ("connection", "check", saved)):
        code, lines = jack(*arguments).failure()
        assert code == 4
        assert f"{store} can be read or changed by others (mode 0644)" in lines[0]
        assert lines[-1].startswith(f"next: chmod 600 '{store}'")


def test_doctor_says_what_protects_what_is_saved(jack: Jack, saved: str, home: Path) -> None:
    """And what is wrong with it, with the remedy."""
    key = home / "config" / "connections.key"
    assert f"saved connections: 1; their key is protected by the key file {key}" in jack("doctor").out
    if sys.platform != "win32":
        (home / "data" / "connections.sqlite").chmod(0o644)

        outcome = jack("doctor")

        assert outcome.code == 1
        assert "can be read or changed by others" in outcome.out


def test_a_key_that_is_lost_is_told_before_it_is_needed(jack: Jack, saved: str, home: Path) -> None:
    """Doctor looks for it; the remedies are to bring it back, and to begin anew."""
    (home / "config" / "connections.key").unlink()

    outcome = jack("doctor")

    assert outcome.code == 1
    assert "connections.key is missing." in outcome.out
    assert "Put it back, or name its place in JACKFIELD_KEY_FILE. If it is lost, so are the secrets" in outcome.out


def test_without_a_name_no_saved_connection_is_used(jack: Jack, service: Any, saved: str) -> None:
    """A missing key is an error, and never somebody's saved one."""
    code, lines = jack("module", "run", "station.get_weather", "latitude=1", "longitude=2").failure()

    assert code == 4
    assert "STATION_API_KEY" in lines[-1]
    assert service.requests == []
