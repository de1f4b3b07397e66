"""What the pages claim is executed or counted."""

import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Protocol

import attrs
import pytest
from distributions import ALL, HEAVY

import jackfield
from jackfield import Host, HttpSettings, JackfieldError, errors, hookspecs, paging, rest, testing
from jackfield_openai.sandbox import Sandbox
from jackfield_policy import Rules

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WRITTEN = sorted(page for page in DOCS.rglob("*.md") if page.parent.name != "reference")
PACKAGE_PAGES = [ROOT / folder / "README.md" for folder in ALL]
ELSEWHERE = {*(ROOT / folder / "README.md" for folder in HEAVY), DOCS / "howto" / "use-modules-in-airflow.md"}
"""What these show is run by the tests of the host that they are about."""
README = ROOT / "README.md"
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


class Reader(Protocol):
    """Does what a page shows; see conftest.py."""

    def follow(self, text: str) -> None:
        """Do all that a page shows."""


def text_of(page: Path) -> str:
    """Read a page."""
    return page.read_text("utf-8")


def runs_something(page: Path) -> bool:
    """Tell whether a page shows a program or a command."""
    return "```python" in text_of(page) or "```console" in text_of(page)


def named(page: Path) -> str:
    """Name a page in the list of tests."""
    return page.relative_to(ROOT).as_posix()


def slugs_of(text: str) -> set[str]:
    """Give the anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


posix = pytest.mark.skipif(sys.platform == "win32", reason="the pages show commands for a POSIX shell")


@posix
@pytest.mark.parametrize(
    "page", [page for page in (*WRITTEN, *PACKAGE_PAGES) if runs_something(page) and page not in ELSEWHERE], ids=named
)
def test_a_page_shows_what_happens(quick_reader: Reader, page: Path) -> None:
    """Every file is saved, every command typed, and each prints what the page says, no more and no less."""
    quick_reader.follow(text_of(page))


@posix
@pytest.mark.wheels
def test_the_tutorial_works_from_nothing(thorough_reader: Reader, tmp_path: Path) -> None:
    """In a copy of the repository, with an environment that the tutorial itself makes."""
    for folder in ("core", "plugins"):
        shutil.copytree(ROOT / folder, tmp_path / "reader" / folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))

    thorough_reader.follow(text_of(DOCS / "tutorial.md"))


@posix
def test_the_readmes_program_runs(quick_reader: Reader) -> None:
    """As it stands there, but for the address: its connection gets that of a stand-in."""
    (program,) = re.findall(r"^```python\n(.*?)^```$", text_of(README), re.MULTILINE | re.DOTALL)

    with Sandbox() as sandbox:
        pointed = program.replace('{"api_key": "..."}', f'{{"api_key": "...", "base_url": "{sandbox.url}"}}')
        assert sandbox.url in pointed
        shown = f"```python\n# program.py\n{pointed}```\n\n```console\n$ python program.py\nI heard: Hello ...\n```\n"
        quick_reader.follow(shown)


@pytest.mark.parametrize("page", [*WRITTEN, README], ids=named)
def test_every_link_leads_somewhere(page: Path, reference: dict[str, str]) -> None:
    """To a file, to a heading in it, or to a public name."""
    names = {f"jackfield.{name}" for name in jackfield.__all__}
    names |= {f"{package.__name__}.{name}" for package in (testing, rest, paging) for name in package.__all__}
    names |= {f"jackfield.hookspecs.{name}" for name in vars(hookspecs)}
    for target in LINK.findall(CODE.sub("", text_of(page))):
        path, _, anchor = target.partition("#")
        assert "://" not in target
        if not path:
            assert anchor in names, target
            continue
        place = (page.parent / path).resolve()
        if place.parent == DOCS / "reference":
            text = reference[place.name]
        else:
            assert place.exists(), target
            text = text_of(place) if place.is_file() else ""
        assert not anchor or anchor in slugs_of(text), target


@pytest.mark.parametrize("page", PACKAGE_PAGES, ids=named)
def test_the_page_of_a_distribution_stands_alone(page: Path) -> None:
    """A package index shows it without its neighbors, so it names them and links to none."""
    assert LINK.findall(CODE.sub("", text_of(page))) == []
    assert tomllib.loads(text_of(page.parent / "pyproject.toml"))["project"]["name"] in text_of(page)


@pytest.mark.parametrize("page", [*WRITTEN, *PACKAGE_PAGES], ids=named)
def test_each_sentence_has_a_line_of_its_own(page: Path) -> None:
    """A change of one sentence is a change of one line."""
    prose = [line for line in CODE.sub("", text_of(page)).splitlines() if not line.startswith(("|", "#", "```"))]

    assert [line for line in prose if re.search(r"[^.][.!?] [A-Z`\[]", line)] == []


def test_every_error_has_a_remedy() -> None:
    """The page of errors by what to do has a row for each class."""
    told = re.findall(r"#jackfield\.(\w+)\)", text_of(DOCS / "explanation" / "errors.md"))
    classes = [name for name in errors.__all__ if issubclass(getattr(errors, name), JackfieldError)]

    assert sorted(told) == sorted(classes)


def test_the_floors_are_those_that_are_kept() -> None:
    """The page of the house has every floor that import-linter knows, from top to bottom."""
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    kept = [sorted(re.findall(r"jackfield\.(\w+)", layer)) for layer in layers]
    rows = re.findall(r"^\| (`.*?`) \|", text_of(DOCS / "explanation" / "floors.md"), re.MULTILINE)

    assert [sorted(re.findall(r"`(\w+)`", row)) for row in rows] == kept


def test_settings_and_rules_have_the_names_that_the_pages_give_them() -> None:
    """A setting that the page of the network names exists; the how-to of the policy has every rule."""
    network = text_of(DOCS / "explanation" / "network.md")
    settings = {field.name for field in attrs.fields(HttpSettings)}
    policy = re.findall(r"^\| (`.*?`) \|", text_of(DOCS / "howto" / "write-a-policy.md"), re.MULTILINE)

    assert set(re.findall(r"`((?:max|retry|connect|pool)_\w+)`", network)) <= settings
    assert re.findall(r"`(\w+)`", " ".join(policy)) == [field.name for field in attrs.fields(Rules)]


def test_what_was_shut_down_is_told_in_order() -> None:
    """Each row begins with a date, oldest first, and names only modules that are installed."""
    rows = re.findall(r"^\| (\d{4}-\d\d-\d\d) \| (.*) \|$", text_of(DOCS / "explanation" / "sunsets.md"), re.MULTILINE)
    named_modules = {name for _, row in rows for name in re.findall(r"`(openai\.\w+)`", row)}
    with Host() as host:
        ids = {module.id for module in host.modules()}

    assert len(rows) > 5
    assert [date for date, _ in rows] == sorted(date for date, _ in rows)
    assert named_modules <= ids


def test_a_module_whose_endpoint_is_gone_stands_on_the_page_with_its_date() -> None:
    """What a module declares as its sunset is what the page says of it."""
    page = text_of(DOCS / "explanation" / "sunsets.md").splitlines()
    with Host() as host:
        sunsets = {module.id: module.sunset for module in host.modules() if module.sunset}

    assert "openai.create_edit" in sunsets
    for module_id, sunset in sunsets.items():
        assert any(line.startswith(f"| {sunset.date} ") and f"`{module_id}`" in line for line in page), module_id
