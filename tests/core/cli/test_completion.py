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
COMP_WORDS=(jackfield mod)
COMP_CWORD=1
_jackfield_completion jackfield mod jackfield
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


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="needs bash")
def test_bash_completes_with_it(jack: Jack, environment: Mapping[str, str]) -> None:
    """The script defines a function that asks the program and fills in its answer."""
    script = jack("completion", "bash").out.replace("complete -o nosort", "complete")  # bash 3 of macOS lacks nosort
    asked = ASK.format(folder=Path(sys.executable).parent, script=script)

    done = subprocess.run(
        [str(shutil.which("bash")), "-c", asked], env=environment, capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr) == ("module\n", "")


@pytest.mark.parametrize("arguments", [(), ("tcsh",)])
def test_other_shells_are_a_usage_error(jack: Jack, arguments: tuple[str, ...]) -> None:
    """It says which there are."""
    code, said = jack("completion", *arguments).failure()

    assert code == 2
    assert "bash" in "\n".join(said)
    assert said[-1] == "next: jackfield completion --help"
