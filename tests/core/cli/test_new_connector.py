import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Jack = Callable[..., Any]


def files_in(folder: Path) -> list[str]:
    """Name every file below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_new_connector_is_a_whole_package(jack: Jack, tmp_path: Path) -> None:
    """With its own names in every file, and nothing left of the template."""
    target = tmp_path / "somewhere" / "mine"

    code, out, err = jack("connector", "new", "acme_mail", "--path", str(target), "--title", "ACME Mail")

    assert (code, out) == (0, f"{target}\n")
    assert 'pip install -e ".[dev]"' in err
    texts = {name: (target / name).read_text("utf-8") for name in files_in(target)}
    assert {"README.md", "CHANGELOG.md", "pyproject.toml", ".github/workflows/test.yml"} <= texts.keys()
    assert {"src/jackfield_acme_mail/connection.py", "tests/test_item.py"} <= texts.keys()
    assert [name for name, text in texts.items() if re.search(r"@\w+@", text)] == []
    assert "ACME Mail for Jackfield" in texts["README.md"]
    assert 'env="ACME_MAIL_API_KEY"' in texts["src/jackfield_acme_mail/connection.py"]
    for name, text in texts.items():
        if name.endswith(".py"):
            compile(text, name, "exec")


def test_its_modules_are_where_its_metadata_say(jack: Jack, tmp_path: Path) -> None:
    """Each id names a function in a file that there is."""
    jack("connector", "new", "acme", "--path", str(tmp_path / "acme"))

    project = tomllib.loads((tmp_path / "acme" / "pyproject.toml").read_text("utf-8"))["project"]
    points = project["entry-points"]["jackfield.modules"]
    assert (project["name"], project["version"]) == ("jackfield-acme", "0.1.0")
    assert set(points) == {"acme.create_item", "acme.search_items", "acme.watch_items"}
    for place in points.values():
        file, _, function = place.partition(":")
        source = (tmp_path / "acme" / "src" / f"{file.replace('.', '/')}.py").read_text("utf-8")
        assert f"def {function}(" in source


def test_its_workflow_looks_no_name_up_that_others_can_take(jack: Jack, tmp_path: Path) -> None:
    """Jackfield comes from where the author says, before anything asks for it by name; a release is compared."""
    jack("connector", "new", "acme", "--path", str(tmp_path / "acme"))

    text = (tmp_path / "acme" / ".github" / "workflows" / "test.yml").read_text("utf-8")
    steps = [text.index(part) for part in ('install "${JACKFIELD:?', 'install -e ".[dev]"', "connector diff")]
    assert steps == sorted(steps)
    assert "JACKFIELD: ${{ vars.JACKFIELD }}" in text


def test_without_a_place_it_is_in_the_current_folder(
    jack: Jack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the name of the distribution."""
    monkeypatch.chdir(tmp_path)

    assert jack("connector", "new", "acme_mail").code == 0

    assert (tmp_path / "jackfield-acme-mail" / "pyproject.toml").is_file()


def test_an_empty_folder_is_used(jack: Jack, tmp_path: Path) -> None:
    """As one makes it before."""
    assert jack("connector", "new", "acme", "--path", str(tmp_path / "packages")).code == 0

    assert (tmp_path / "packages" / "pyproject.toml").is_file()


def test_nothing_is_overwritten(jack: Jack, tmp_path: Path) -> None:
    """A folder with anything in it, or a file, stays as it is."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine too")

    for name in ("full", "file"):
        code, lines = jack("connector", "new", "acme", "--path", str(tmp_path / name)).failure()
        assert code == 3
        assert "stays as it is" in lines[0]
        assert "--path" in lines[1]

    assert files_in(tmp_path / "full") == ["mine.txt"]
    assert (tmp_path / "file").read_text() == "mine too"


def test_what_cannot_be_written_leaves_nothing(jack: Jack, tmp_path: Path) -> None:
    """The place is told."""
    (tmp_path / "file").write_text("")

    code, lines = jack("connector", "new", "acme", "--path", str(tmp_path / "file" / "below")).failure()

    assert code != 0
    assert "cannot be written" in lines[0]
    written = {path.name for path in tmp_path.iterdir()} - {"home", "packages"}  # what every command may write to
    assert written == {"file"}


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("Acme-Mail", "acme_mail"),
        ("jackfield-acme", "acme"),
        ("2fast", "fast"),
        ("acme.mail", "acme_mail"),
        ("../acme", "acme"),
        ("a__b", "a_b"),
        ("x" * 41, "x" * 40),
        ("é", "acme"),
    ],
)
def test_a_name_that_makes_no_id_is_refused_with_one_that_does(
    jack: Jack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, remedy: str
) -> None:
    """The rule is told, and nothing is written."""
    monkeypatch.chdir(tmp_path)

    code, lines = jack("connector", "new", name).failure()

    assert code == 3
    assert "lower-case letters, digits and single underscores" in lines[0]
    assert lines[1] == f"next: Try: jackfield connector new {remedy}"
    assert [path.name for path in tmp_path.iterdir()] == ["packages"]


def test_a_name_that_is_taken_is_refused(jack: Jack, tmp_path: Path) -> None:
    """Two connectors of one name could neither be used; who has it is told."""
    code, lines = jack("connector", "new", "station", "--path", str(tmp_path / "new")).failure()

    assert code == 3
    assert "station-weather" in lines[0]
    assert not (tmp_path / "new").exists()


def test_a_title_that_would_break_the_files_is_refused(jack: Jack, tmp_path: Path) -> None:
    """It stands in docstrings, in TOML and in Markdown."""
    for title in ('say "hi"', "two\nlines", "back\\slash", "x" * 61):
        code, lines = jack("connector", "new", "acme", "--path", str(tmp_path / "new"), "--title", title).failure()
        assert code == 3
        assert "title" in lines[0]

    assert not (tmp_path / "new").exists()
