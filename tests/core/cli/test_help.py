import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest

from jackfield._cli.lazy import LazyGroup
from jackfield._cli.main import cli

Jack = Callable[..., Any]

HEAVY = (
    *("requests", "urllib3", "attrs", "cattrs", "pluggy", "rich", "importlib_metadata", "packaging", "platformdirs"),
    *("sqlite3", "cryptography", "keyring", "subprocess"),
)
PLUGINS = ("jackfield_station", "jackfield_station_commands", "jackfield_openai", "jackfield_policy")
PROBE = """
import sys
from jackfield._cli.main import run
code = run(sys.argv[1:])
import json
print("\\n" + json.dumps([code, sorted(sys.modules)]))
"""


def modules_after(*arguments: str, environment: Mapping[str, str]) -> set[str]:
    """Run a command line twice in fresh processes, and say what the second one has imported."""
    for _ in range(2):  # the first may have had to read metadata, which the second remembers
        done = subprocess.run(
            [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True, env=environment
        )
    code, names = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    return set(names)


def commands(group: LazyGroup | click.Group, path: str = "") -> dict[str, click.Command]:
    """Give every built-in command by what a user types."""
    context = click.Context(group)
    found = {}
    for name in group.lazy if isinstance(group, LazyGroup) else group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found[f"{path}{name}"] = command
        if isinstance(command, click.Group):
            found |= commands(command, f"{path}{name} ")
    return found


@pytest.mark.parametrize("arguments", [["--help"], ["module", "--help"], ["module", "run", "--help"], ["plugin", "-h"]])
def test_help_imports_nothing_heavy(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Help is quick because it imports no plugin and nothing that a request would need."""
    imported = modules_after(*arguments, environment=environment)

    # The index remembers what is installed only if it is no younger than two seconds: then the metadata is read again.
    assert imported.isdisjoint({*PLUGINS, *HEAVY} - {"importlib_metadata"})


def test_help_lists_contributed_commands_and_their_owner(jack: Jack) -> None:
    """What a plugin adds is found without knowing of the plugin."""
    code, out, err = jack("--help")

    assert (code, err) == (0, "")
    listed = out.partition("Commands from plugins:")[2].splitlines()
    assert "  greet  from station-weather" in listed
    assert "  storm  from station-weather" in listed


@pytest.mark.parametrize("arguments", [[], ["module"], ["connector"], ["connection"], ["plugin"]])
def test_without_a_command_there_is_help(jack: Jack, arguments: list[str]) -> None:
    """Somebody who types the name of the program wants to know what it can do."""
    code, out, err = jack(*arguments)

    assert (code, err) == (0, "")
    assert out == jack(*arguments, "--help").out
    assert "Commands:" in out


@pytest.mark.parametrize("path", commands(cli))
def test_every_command_has_help(jack: Jack, path: str) -> None:
    """The first sentence of each help says what the command does."""
    code, out, _ = jack(*path.split(), "--help")

    assert code == 0
    assert out.startswith(f"Usage: jackfield {path} ")
    assert commands(cli)[path].get_short_help_str(200).endswith(".")


def test_the_list_says_what_the_commands_say() -> None:
    """The summaries that help shows without an import are those of the commands."""
    summaries = {name: lazy.summary for name, lazy in cli.lazy.items()}

    assert summaries == {
        name: command.get_short_help_str(200) for name, command in commands(cli).items() if " " not in name
    }


def test_the_version_is_the_installed_one(jack: Jack) -> None:
    """It is read from the metadata of the distribution."""
    assert jack("--version") == (0, f"jackfield {version('jackfield')}\n", "")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("jackfield mod", "module"), ("jackfield gre", "greet"), ("jackfield module sch", "schema")],
)
def test_shells_complete_names(spawn: Jack, typed: str, completed: str) -> None:
    """Contributed ones too, from metadata."""
    variables = {"_JACKFIELD_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}

    assert spawn(env=variables).out == f"plain,{completed}\n"


def test_a_contributed_command_runs(jack: Jack) -> None:
    """It is loaded when it is asked for, options and help included."""
    assert jack("greet", "--name", "Ada") == (0, "Hello, Ada.\n", "")
    assert "--name TEXT  Whom." in jack("greet", "--help").out


def test_a_contributed_command_fails_as_ours_do(jack: Jack) -> None:
    """Its errors get the same words and exit codes."""
    code, out, err = jack("storm")

    assert (code, out) == (6, "")
    assert err.splitlines()[:2] == [
        "error: There is a storm.",
        "request: req-7 (quote it to the service's support)",
    ]


def test_a_contributed_command_cannot_take_a_built_in_name(jack: Jack, place: Any) -> None:
    """The built-in command stays what it is, and the clash is reported."""
    place.install("impostor", "[jackfield.commands]\nmodule = jackfield_station_commands:module\n")

    assert "What can be run" in jack("module", "--help").out
    assert "impostor" not in jack("--help").out
    assert "The command 'module' of impostor has the name of a built-in command." in jack("plugin", "list").out
    assert jack("doctor").code == 1


def test_two_distributions_with_one_command_get_none(jack: Jack, place: Any) -> None:
    """Both owners are named, and neither is loaded."""
    place.install("also-greets", "[jackfield.commands]\ngreet = no_such_module:greet\n")

    code, out, err = jack("greet")

    assert (code, out) == (7, "")
    first, second = err.splitlines()
    assert (
        first == "error: The command 'greet' is provided by also-greets and station-weather, so none of them is used."
    )
    assert second == "next: jackfield plugin deny station-weather"
    assert "(duplicate: not available)" in jack("--help").out


def test_a_broken_contributed_command_breaks_nothing_else(jack: Jack, place: Any) -> None:
    """Help does not import it; running it says what is wrong and exits with 7."""
    place.write("broken_command.py", "raise SystemExit(0)\n")
    place.install("breaks", "[jackfield.commands]\nbroken = broken_command:main\n")

    assert "broken  from breaks" in jack("--help").out
    code, out, err = jack("broken")
    assert (code, out) == (7, "")
    assert "SystemExit" in err
    assert "jackfield plugin deny breaks" in err


BUGGY = """
import click

@click.command()
def fails():
    raise KeyError("swordfish")

@click.command()
def asks():
    click.confirm("Sure?", abort=True, err=True)
"""


def test_a_bug_is_called_a_bug(jack: Jack, place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its place, without its text, and with the way to see more."""
    place.write("buggy.py", BUGGY)
    place.install("buggy", "[jackfield.commands]\nfails = buggy:fails\n")

    code, out, err = jack("fails")

    assert (code, out) == (1, "")
    assert err.splitlines()[0] == "error: KeyError at buggy.py:6: this is a bug, in Jackfield or in a plugin."
    assert err.splitlines()[1].startswith("next: Set the environment variable JACKFIELD_DEBUG=1")
    monkeypatch.setenv("JACKFIELD_DEBUG", "1")
    assert "Traceback" in jack("fails").err


@pytest.mark.parametrize(
    ("stdin", "message"),
    [(b"n\n", "error: Stopped as asked."), (b"", "error: The input ended before an answer was given.")],
)
def test_a_question_that_is_not_answered_with_yes(spawn: Jack, place: Any, stdin: bytes, message: str) -> None:
    """The command stops, and says why."""
    place.write("asking.py", BUGGY)
    place.install("asking", "[jackfield.commands]\nasks = asking:asks\n")

    code, out, err = spawn("asks", stdin=stdin)

    assert (code, out.strip()) == (1, "")  # older versions of click write a blank to stdout when they ask
    assert err.endswith(f"{message}\n")


def test_a_denied_command_is_not_loaded(jack: Jack) -> None:
    """It is listed as denied, and says how to allow it."""
    assert jack("plugin", "deny", "Station_Weather").code == 0

    code, _, err = jack("greet")

    assert code == 7
    assert err.splitlines()[1] == "next: jackfield plugin allow station-weather"
    assert "from station-weather (denied: not available)" in jack("--help").out


def test_help_works_where_the_policy_does_not(jack: Jack, environment: Mapping[str, str]) -> None:
    """A file that nobody can read denies everything, and stops no help."""
    file = Path(environment["JACKFIELD_HOME"]) / "config" / "plugins.json"
    file.parent.mkdir(parents=True)
    file.write_text("{")

    assert "(denied: not available)" in jack("--help").out
    assert jack("greet").code == 7


def test_an_unknown_command_is_a_usage_error(jack: Jack) -> None:
    """It says where the commands are listed."""
    code, out, err = jack("modul")

    assert (code, out) == (2, "")
    assert err == "error: No such command 'modul'. Did you mean module?\nnext: jackfield --help\n"


def test_a_subcommand_that_is_spelt_wrong_brings_the_right_one(jack: Jack) -> None:
    """At each level; what is like none is told without a guess."""
    assert jack("module", "lst").err.startswith("error: No such command 'lst'. Did you mean list?\n")
    assert jack("module", "frob").err.startswith("error: No such command 'frob'.\n")


@pytest.mark.parametrize(
    ("option", "meant"),
    [
        ("--model", " A field of the module is given without dashes: model=VALUE."),
        ("--max-size=5", " A field of the module is given without dashes: max_size=VALUE."),
        ("--conection", " Did you mean --connection? A field of the module is given without dashes: conection=VALUE."),
    ],
)
@pytest.mark.parametrize("command", ["run", "watch"])
def test_a_field_with_dashes_is_told_how_to_give_it(jack: Jack, command: str, option: str, meant: str) -> None:
    """Other programs take their input so; another option is proposed only where one is spelt alike."""
    code, said = jack("module", command, "station.tell_story", option, "x").failure()

    assert code == 2
    assert said == [
        f"error: No such option {option.partition('=')[0]!r}.{meant}",
        f"next: jackfield module {command} --help",
    ]


@pytest.mark.parametrize(
    ("arguments", "next_step"),
    [
        (["module", "run"], "jackfield module run --help"),
        (["module", "run", "a.b", "--nope"], "jackfield module run --help"),
        (["module", "run", "a.b", "--deadline"], "jackfield module run --help"),
        (["module", "run", "a.b", "-o", "xml"], "jackfield module run --help"),
        (["module", "run", "a.b", "--deadline", "soon"], "jackfield module run --help"),
        (["module", "run", "a.b", "--deadline", "0"], "jackfield module run --help"),
        (["module", "run", "a.b", "--deadline", "nan"], "jackfield module run --help"),
        (["plugin", "deny"], "jackfield plugin deny --help"),
        (["plugin", "allow"], "jackfield plugin allow --help"),
        (["plugin", "allow", "x", "--all"], "jackfield plugin allow --help"),
    ],
    ids=" ".join,
)
def test_usage_errors_name_the_help_to_read(jack: Jack, arguments: list[str], next_step: str) -> None:
    """Exit code 2, one line, then what to type."""
    code, out, err = jack(*arguments)

    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.splitlines()[-1] == f"next: {next_step}"
