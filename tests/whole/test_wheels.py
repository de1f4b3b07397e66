"""Each distribution builds a wheel that installs alone."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from distributions import DISTRIBUTIONS, ROOT

pytestmark = pytest.mark.wheels


def command(*words: str | Path, cwd: Path | None = None) -> str:
    """Run a program to its end and give what it printed."""
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build every wheel."""
    folder = tmp_path_factory.mktemp("wheels")
    sources = [ROOT / folder for folder in DISTRIBUTIONS]
    command(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, *sources)
    return folder


@pytest.mark.parametrize(
    ("names", "program"),
    [
        (["jackfield"], "from jackfield import Host; host = Host(); assert host.modules() == () and host.broken == ()"),
        (
            ["jackfield", "jackfield_openai"],
            "from jackfield import Host; assert 'openai.get_models' in [handle.id for handle in Host().modules()]",
        ),
        (
            ["jackfield", "jackfield_github"],
            "from jackfield import Host; assert 'github.create_issue' in [handle.id for handle in Host().modules()]",
        ),
        (
            ["jackfield", "jackfield_http"],
            "from jackfield import Host; assert 'http.download_file' in [handle.id for handle in Host().modules()]",
        ),
        (["jackfield", "jackfield_otel"], "from jackfield_otel import Tracing, plugin; Tracing(content=True)"),
        (["jackfield", "jackfield_policy"], "from jackfield_policy import Policy, Rules; Policy(Rules())"),
    ],
)
def test_a_wheel_installs_alone_and_works(wheels: Path, tmp_path: Path, names: list[str], program: str) -> None:
    """In a fresh environment with nothing but what it depends on, away from the sources."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    files = [next(wheels.glob(f"{name}-*.whl")) for name in names]
    command(python, "-m", "pip", "install", "-q", *files)

    command(python, "-W", "error", "-c", program, cwd=tmp_path)
    assert "jackfield" in command(python, "-m", "jackfield", "--version", cwd=tmp_path)


def test_wheels_hold_the_package_the_licence_and_nothing_else(wheels: Path) -> None:
    """No tests, no caches, the marker of typed packages."""
    for wheel in wheels.glob("*.whl"):
        names = zipfile.ZipFile(wheel).namelist()
        package = wheel.name.partition("-")[0]

        assert f"{package}/py.typed" in names
        assert any(name.endswith("licenses/LICENSE") for name in names)
        assert all(name.startswith((f"{package}/", f"{package}-")) for name in names)
        assert not any("__pycache__" in name or "/test_" in name for name in names)
