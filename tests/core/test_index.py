import ast
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from jackfield._engine.index import Entry, read_entries

Write = Callable[..., Path]
Run = Callable[..., str]

ONE = "[jackfield.modules]\nweather.get = w:get\n"
TWO = ONE + "weather.set = w:set\n"


def names(entries: tuple[Entry, ...]) -> list[str]:
    """Give the names of entries, sorted."""
    return sorted(entry.name for entry in entries)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, write_metadata: Write) -> Path:
    """Give a place with one package."""
    place = tmp_path_factory.mktemp("template")
    write_metadata(place, "jackfield-weather", ONE)
    return place


def test_it_reads_the_four_groups_and_who_provides_them(tmp_path: Path, write_metadata: Write) -> None:
    """Names, places, distribution, version and what it requires of core come from metadata alone."""
    groups = ["modules", "connectors", "plugins", "commands"]
    points = "".join(f"[jackfield.{group}]\nname-{group} = nowhere:{group}\n" for group in groups)
    head = (
        "Requires-Dist: jackfield<2,>=0.1\nRequires-Dist: jackfield-openai\nRequires-Dist: jackfield[x]; extra=='y'\n"
    )
    write_metadata(
        tmp_path, "Jackfield.Weather", points + "[console_scripts]\nother = nowhere:main\n", "2.0", head=head
    )

    entries = read_entries(None, [str(tmp_path)])

    assert set(entries) == {
        Entry(
            f"jackfield.{group}",
            f"name-{group}",
            f"nowhere:{group}",
            "Jackfield.Weather",
            "2.0",
            ("jackfield<2,>=0.1", "jackfield[x]; extra=='y'"),
        )
        for group in groups
    }


def test_it_reads_what_python_would_import_from(template: Path, run_python: Run) -> None:
    """Without a path, it is the path of this process."""
    code = (
        "from jackfield._engine.index import read_entries\n"
        "print([entry for entry in read_entries(None) if entry.name == 'weather.get'])"
    )

    assert run_python(code, template) == str(
        [Entry("jackfield.modules", "weather.get", "w:get", "jackfield-weather", "1.0")]
    )


def test_nobody_provides_anything_in_places_that_are_not_there(tmp_path: Path) -> None:
    """A path may name what does not exist, is a plain file, or is no name at all."""
    file = tmp_path / "file"
    file.touch()

    assert read_entries(tmp_path / "cache", [str(tmp_path / "no"), str(file), "a\0b"]) == ()


def test_the_first_of_two_copies_counts(tmp_path: Path, write_metadata: Write) -> None:
    """A distribution that is installed twice is the one that Python would import, even if that has no entry points."""
    write_metadata(tmp_path / "a", "both", ONE, "1.0")
    write_metadata(tmp_path / "b", "both", TWO, "2.0")
    write_metadata(tmp_path / "a", "not-any-more", "")
    write_metadata(tmp_path / "b", "not-any-more", "[jackfield.modules]\nweather.gone = w:gone\n")

    entries = read_entries(None, [str(tmp_path / "a"), str(tmp_path / "b")])

    assert [(entry.name, entry.version) for entry in entries] == [("weather.get", "1.0")]


@pytest.mark.parametrize("in_process", [True, False], ids=["a given path", "the path of a process"])
@pytest.mark.parametrize(
    ("broken", "also"),
    [
        (b"[jackfield.modules]\nweather.set\n", [("weather.set", "")]),
        (b"no section\n[jackfield.modules]\n# a comment\nweather.set = w:set\n", [("weather.set", "w:set")]),
        (b"[jackfield.modules]\nweather.\xff = w:set\n", []),
    ],
    ids=["no value", "no section", "no utf-8"],
)
def test_a_malformed_package_hides_no_other(
    tmp_path: Path,
    template: Path,
    *,
    broken: bytes,
    also: list[tuple[str, str]],
    in_process: bool,
    write_metadata: Write,
    run_python: Run,
) -> None:
    """What can be read of it is given, so that it can be reported; everybody else's is there."""
    folder = write_metadata(tmp_path, "broken", "x")
    (folder / "entry_points.txt").write_bytes(broken)
    code = (
        "from jackfield._engine.index import read_entries\n"
        "print([(e.name, e.value) for e in read_entries(None) if e.distribution in ('broken', 'jackfield-weather')])"
    )

    if in_process:
        found = [(entry.name, entry.value) for entry in read_entries(None, [str(tmp_path), str(template)])]
    else:
        found = ast.literal_eval(run_python(code, tmp_path, template))

    assert sorted(found) == sorted([("weather.get", "w:get"), *also])


def test_a_package_without_a_name_is_there_without_one(tmp_path: Path, write_metadata: Write) -> None:
    """An installer that was interrupted leaves such."""
    folder = write_metadata(tmp_path, "half", ONE)
    (folder / "METADATA").unlink()

    (entry,) = read_entries(None, [str(tmp_path)])

    assert (entry.name, entry.distribution, entry.version) == ("weather.get", "unnamed", "")


def test_it_reads_zip_files(tmp_path: Path, run_python: Run) -> None:
    """Python imports from them, so they may provide something; one that is replaced is read again."""
    archive = tmp_path / "app.zip"
    code = (
        "from pathlib import Path; from jackfield._engine.index import read_entries\n"
        f"print(*sorted(entry.name for entry in read_entries(Path('cache'), [{str(archive)!r}])))"
    )
    said = []

    for points in (ONE, TWO):
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("zipped-1.0.dist-info/METADATA", "Name: zipped\nVersion: 1.0\n")
            file.writestr("zipped-1.0.dist-info/entry_points.txt", points)
        said.append(run_python(code, cwd=tmp_path))  # a process of its own: importlib_metadata leaves the file open

    assert said == ["weather.get", "weather.get weather.set"]


def test_the_current_directory_is_a_place(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty item of the path means wherever the process is now, also to what is remembered."""
    monkeypatch.chdir(template)
    there = read_entries(tmp_path / "cache", [""])
    monkeypatch.chdir(tmp_path)

    assert (names(there), read_entries(tmp_path / "cache", [""])) == (["weather.get"], ())


@pytest.mark.skipif(os.name == "nt", reason="the current directory cannot be removed there")
def test_a_current_directory_that_is_gone_is_no_place(tmp_path: Path, run_python: Run) -> None:
    """Somebody removed it while the process was in it."""
    (tmp_path / "gone").mkdir()
    code = (
        "import os; from pathlib import Path; from jackfield._engine.index import read_entries\n"
        f"os.rmdir(os.getcwd()); print(read_entries(Path({str(tmp_path)!r}), ['', '.']))"
    )

    assert run_python(code, cwd=tmp_path / "gone") == "()"
