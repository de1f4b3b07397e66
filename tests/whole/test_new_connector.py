"""A connector that was just generated works as its author installs it."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.wheels

Program = Callable[..., str]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Make an environment with the wheel of core; give what runs its programs in a folder."""
    root = tmp_path_factory.mktemp("author")
    words = ["-m", "pip", "wheel", "-q", "--no-deps", "-w", str(root), str(ROOT / "core")]
    subprocess.run([sys.executable, *words], check=True)
    venv.create(root / "env", with_pip=True)
    programs = root / "env" / ("Scripts" if os.name == "nt" else "bin")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JACKFIELD", "PYTHON", "PYTEST"))}
    environ = {**kept, "JACKFIELD_HOME": str(root / "home"), "PYTHONUTF8": "1"}

    def run(name: str, *words: str | Path, cwd: Path = root) -> str:
        path = programs / (name + (".exe" if os.name == "nt" else ""))
        done = subprocess.run(
            [path, *map(str, words)],
            cwd=cwd,
            env=environ,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, f"{name} {words}\n{done.stdout}{done.stderr}"
        return done.stdout

    (wheel,) = root.glob("jackfield-*.whl")
    run("python", "-m", "pip", "install", "-q", f"{wheel}[testing]")
    return run


@pytest.fixture(scope="module")
def made(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate a connector and install it, as its page says."""
    folder = tmp_path_factory.mktemp("made") / "acme"
    program("jackfield", "connector", "new", "acme", "--path", folder)
    program("python", "-m", "pip", "install", "-q", "-e", ".[dev]", cwd=folder)
    return folder


def test_it_is_found_once_it_is_installed(program: Program, made: Path) -> None:
    """Its modules are in the list."""
    ids = program("jackfield", "module", "list", "-o", "plain").split()

    assert {"acme.create_item", "acme.search_items", "acme.watch_items"} <= set(ids)


def test_its_tests_pass_at_once(program: Program, made: Path) -> None:
    """Before its author has changed anything."""
    assert " passed" in program("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=made)


def test_it_keeps_every_rule(program: Program, made: Path) -> None:
    """And nothing is left unchecked."""
    found = json.loads(program("jackfield", "connector", "check", "acme", "-o", "json"))

    wrong = [each for each in found if each["outcome"] != "passed" and each["details"] != ["this system cannot fork"]]
    assert wrong == []
    assert {each["subject"] for each in found} == {
        "acme",
        "acme.create_item",
        "acme.search_items",
        "acme.watch_items",
    }


def test_it_is_written_well(program: Program, made: Path) -> None:
    """By the linter, the formatter and the type checker that it brings along."""
    assert "All checks passed" in program("ruff", "check", ".", cwd=made)
    assert "already formatted" in program("ruff", "format", "--check", ".", cwd=made)
    assert "Success: no issues found" in program("mypy", cwd=made)


@pytest.mark.parametrize("name", ["a", "x" * 40])
def test_it_is_written_well_whatever_its_name(program: Program, made: Path, tmp_path: Path, name: str) -> None:
    """The shortest and the longest fit into the lines."""
    program("jackfield", "connector", "new", name, "--path", tmp_path / name, "--title", "T" * 60)

    assert "All checks passed" in program("ruff", "check", ".", cwd=tmp_path / name)
    assert "already formatted" in program("ruff", "format", "--check", ".", cwd=tmp_path / name)


def test_it_can_be_built(program: Program, made: Path, tmp_path: Path) -> None:
    """A wheel comes of it."""
    program("python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, made)

    assert [path.name for path in tmp_path.glob("*.whl")] == ["jackfield_acme-0.1.0-py3-none-any.whl"]
