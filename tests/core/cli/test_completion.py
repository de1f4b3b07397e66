import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Jack = Callable[..., Any]

ASK = """
PATH="{folder}:$PATH"
{script}
COMP_LINE="{line}"
COMP_POINT=${{#COMP_LINE}}
_jackfield_completion jackfield
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("shell", "sign"),
    [
        ("bash", "complete -o nosort -F _jackfield_completion jackfield"),
        ("zsh", "#compdef jackfield"),
        ("fish", "complete --no-files --command jackfield"),
    ],
)
def test_each_shell_gets_its_script(jack: Jack, shell: str, sign: str) -> None:
    """Nothing else is on stdout, so that it can be evaluated."""
    code, out, err = jack("completion", shell)

    assert (code, err) == (0, "")
    assert sign in out
    assert f"_JACKFIELD_COMPLETE={shell}_complete" in out


CASES = [
    ("jackfield mod", ["module"]),
    ("jackfield module run station.get", ["station.get_weather"]),
    ("jackfield module run station.get_weather lat", ["latitude="]),
    ("jackfield module run station.get_weather units=", ["metric", "imperial"]),
    ("jackfield module run station.get_weather units=im", ["imperial"]),
    ("jackfield module run station.write_note par", ["parts.0."]),
    ("jackfield module run station.write_note parts.0.kind=", ["word", "picture"]),
    ("jackfield module run station.write_note author.n", ["author.name="]),
    ("jackfield module run station.write_note urgent=", ["yes", "no"]),
    ("jackfield module watch station.watch", ["station.watch_readings"]),
    ("jackfield module watch station.watch_readings st", ["station="]),
    ("jackfield module run station.nothing x", []),
    ("jackfield module show old-st", ["old-station:Weather"]),
    ("jackfield module choices old-station:W", ["Weather"]),
    ("jackfield module translate old", ["old-station:Weather"]),
    ("jackfield module run old-station:Weather lat", ["latitude="]),
    ("jackfield connection check station", ["station.account"]),
    ("jackfield connector show st", ["station"]),
    ("jackfield config set http.dead", ["http.deadline_s"]),
]


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(("line", "expected"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_bash_completes_with_it(jack: Jack, environment: Mapping[str, str], line: str, expected: list[str]) -> None:
    """Ids, names of fields and fixed values; bash ends words at "=", so only what is behind it is given."""
    script = jack("completion", "bash").out
    asked = ASK.format(folder=Path(sys.executable).parent, script=script, line=line)

    done = subprocess.run(
        [str(shutil.which("bash")), "--norc", "-c", asked], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == expected
    assert done.stderr == ""


def test_what_a_service_offers_is_completed(spawn: Jack, service: Any, tmp_path: Path) -> None:
    """Where the choices are asked for; a service that is away is passed over in silence."""
    service.replies(b'[{"id": "low", "label": "Deep"}, {"id": "high", "label": "Bright"}]')
    asks = {"_JACKFIELD_COMPLETE": "zsh_complete", "COMP_CWORD": "4"}
    words = {"COMP_WORDS": "jackfield module run station.tell_story voice="}

    assert spawn(env={**asks, **words}).out.split("\n")[:6] == [
        *("plain", "voice=low", "Deep"),
        *("plain", "voice=high", "Bright"),
    ]
    away = {"STATION_URL": "http://127.0.0.1:1", "JACKFIELD_HOME": str(tmp_path / "other")}
    assert spawn(env={**asks, **words, **away}) == (0, "\n", "")


def test_a_name_is_half_a_word(spawn: Jack) -> None:
    """No blank comes behind it in zsh; fish knows that by itself."""
    words = {"COMP_WORDS": "jackfield module run station.get_weather lat", "COMP_CWORD": "4"}

    assert spawn(env={**words, "_JACKFIELD_COMPLETE": "zsh_complete"}).out == "nospace\nlatitude=\nLatitude\n"
    assert "plain" in spawn(env={**words, "COMP_CWORD": "lat", "_JACKFIELD_COMPLETE": "fish_complete"}).out


@pytest.mark.parametrize("arguments", [(), ("tcsh",)])
def test_other_shells_are_a_usage_error(jack: Jack, arguments: tuple[str, ...]) -> None:
    """It says which there are."""
    code, said = jack("completion", *arguments).failure()

    assert code == 2
    assert "bash" in "\n".join(said)
    assert said[-1] == "next: jackfield completion --help"
