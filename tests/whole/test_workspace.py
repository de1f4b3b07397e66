"""The house stays fit to live in: what README, CI and metadata say is so."""

import ast
import configparser
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from distributions import ALL, DISTRIBUTIONS, HEAVY

import jackfield

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def tracked(*endings: str) -> list[Path]:
    """Give the files of the workspace, without what tools have made."""
    made = {".tox", ".git", "__pycache__", "build", "dist"}
    found = [path for path in ROOT.rglob("*") if path.suffix in endings or path.name in endings]
    inside = [path.relative_to(ROOT) for path in found]
    return [path for path in inside if not any(part in made or part.startswith(".venv") for part in path.parts)]


def metadata(folder: str) -> dict[str, Any]:
    """Read the project table of a distribution."""
    project: dict[str, Any] = tomllib.loads((ROOT / folder / "pyproject.toml").read_text("utf-8"))["project"]
    return project


def test_ci_runs_the_readmes_test_command() -> None:
    """There is one command that tests, said in the README and called by CI to the letter."""
    commands = re.findall(r"^```console\n(.*)\n```$", README, re.MULTILINE)

    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_the_readme_fits_a_screen_and_names_what_exists() -> None:
    """Every relative link leads somewhere."""
    links = re.findall(r"\]\(([^)#]+)\)", README)

    assert len(README.splitlines()) <= 60
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("folder", ALL)
def test_each_distribution_has_what_an_installer_and_a_reader_need(folder: str) -> None:
    """Licence, readme, changelog of the version, and the marker of typed packages."""
    project = metadata(folder)
    changelog = (ROOT / folder / "CHANGELOG.md").read_text("utf-8")
    package = project["name"].replace("-", "_")

    assert project["license"] == "Apache-2.0"
    assert (ROOT / folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert f"## {project['version']}" in changelog
    assert (ROOT / folder / "src" / package / "py.typed").is_file()
    assert len((ROOT / folder / "README.md").read_text("utf-8")) > 200


@pytest.mark.parametrize("folder", DISTRIBUTIONS)
def test_every_dependency_has_a_lower_bound_that_is_tested(folder: str) -> None:
    """The lowest versions are the ones that tox's environment `lowest` installs."""
    lowest = (ROOT / "constraints-lowest.txt").read_text("utf-8")
    bounds = [re.match(r"([\w-]+)>=([\d.]+)", text) for text in metadata(folder)["dependencies"]]

    assert all(bounds)
    for bound in bounds:
        assert bound is not None
        name, version = bound.groups()
        if not name.startswith("jackfield"):
            assert re.search(rf"^{name.replace('-', '[-_]')}=={re.escape(version)}(\.0)*$", lowest, re.MULTILINE), name


def test_every_list_of_distributions_names_them_all() -> None:
    """Those of the tools cannot look for folders, so that one that is new must be named in each."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    packages = {metadata(folder)["name"].replace("-", "_") for folder in DISTRIBUTIONS}
    contracts = {contract["name"].partition(":")[0]: contract for contract in tools["importlinter"]["contracts"]}
    ours = configparser.ConfigParser(interpolation=None)
    ours.read(ROOT / "tox.ini", "utf-8")

    assert {*tools["coverage"]["run"]["source_pkgs"]} == packages - {"jackfield_celery"}  # it runs in workers
    assert {*tools["importlinter"]["root_packages"]} == packages
    assert {*contracts["Only conversion knows cattrs"]["source_modules"]} == packages
    assert {*contracts["Core imports no plugin"]["forbidden_modules"]} == packages - {"jackfield"}
    assert {f"{folder}/src" for folder in ALL} <= {*tools["mypy"]["mypy_path"].split(":")}
    assert {*ours["ours"]["wheels"].split()} == {f"./{folder}" for folder in DISTRIBUTIONS}
    assert {*ours["ours"]["editable"].replace("-e ", "").split()} == {f"./{folder}" for folder in DISTRIBUTIONS}


@pytest.mark.parametrize("folder", HEAVY)
def test_what_is_heavy_has_an_environment_of_its_own(folder: str) -> None:
    """The others go without, so it keeps by itself to core's public names."""
    name = folder.rpartition("/")[2]
    ours = configparser.ConfigParser(interpolation=None)
    ours.read(ROOT / "tox.ini", "utf-8")
    sources = [*(ROOT / folder / "src").rglob("*.py")]
    imports = re.findall(r"^ *(?:from|import) (jackfield[\w.]*)", "\n".join(map(_text, sources)), re.MULTILINE)

    assert f"./{folder}" in ours[f"testenv:{name}"]["commands_pre"]
    assert f'-m "{name} and not live"' in ours[f"testenv:{name}"]["commands"]
    assert f"not {name}" in ours["testenv"]["quick"]
    assert imports
    assert {each for each in imports if not each.startswith(f"jackfield_{name}")} == {"jackfield"}


def _text(path: Path) -> str:
    return path.read_text("utf-8")


def test_the_root_publishes_nothing() -> None:
    """The workspace file holds tools and their settings only."""
    root = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    assert set(root) == {"tool"}


def test_importing_jackfield_imports_nothing_heavy() -> None:
    """Names are loaded when they are first used."""
    heavy = ("requests", "cattrs", "attrs", "pluggy", "sqlite3", "cryptography")
    program = f"import sys, jackfield; print([name for name in {heavy} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_what_type_checkers_see_is_what_there_is() -> None:
    """The lazy table, the imports for type checkers and each file's own list agree."""
    source = Path(jackfield.__file__).read_text("utf-8")
    block = next(node for node in ast.parse(source).body if isinstance(node, ast.If))
    seen = {name.name for node in block.body if isinstance(node, ast.ImportFrom) for name in node.names}

    assert seen == set(jackfield.__all__)
    for home, names in jackfield._HOMES.items():  # noqa: SLF001  the table is what is tested
        listed = getattr(importlib.import_module(f"jackfield.{home}"), "__all__", names)
        assert set(names) <= set(listed), home


def test_nothing_depends_on_one_machine() -> None:
    """No absolute path of a developer and no package index is named anywhere."""
    forbidden = re.compile(r"/(?:work|root|home)/\w|pypi\.org/simple|index-url|files\.pythonhosted")
    here = Path(__file__).relative_to(ROOT)
    texts = tracked(".py", ".md", ".toml", ".ini", ".yml", ".txt", "run")

    found = [path for path in texts if path != here and forbidden.search((ROOT / path).read_text("utf-8"))]

    assert found == []


def test_no_file_of_ours_is_too_long_to_read() -> None:
    """A source file has at most 400 lines."""
    lengths = {
        path: len((ROOT / path).read_text("utf-8").splitlines()) for path in tracked(".py") if "tests" not in path.parts
    }

    assert [(str(path), lines) for path, lines in lengths.items() if lines > 400] == []
