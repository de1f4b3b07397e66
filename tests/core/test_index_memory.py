import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from jackfield._engine.index import KEPT, YOUNG_NS, Entry, read_entries

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


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory, template: Path, write_metadata: Write) -> Callable[[], Path]:
    """Give places that are old enough to be remembered; each only once."""
    root = tmp_path_factory.mktemp("settled")
    places = [copytree(template, root / str(number)) for number in range(16)]
    for place in places:
        write_metadata(place, "old-style", "", kind="egg-info")
    time.sleep(YOUNG_NS / 1e9 + 0.2)
    return places.pop


@pytest.fixture(scope="module")
def old(template: Path, settled: object) -> Path:
    """Give a place that is old enough to be remembered; nobody changes it."""
    assert settled
    return template


def remembered(cache: Path) -> list[Path]:
    """Give the files of the memory."""
    return sorted((cache / "entry-points").glob("*")) if cache.exists() else []


def test_an_answer_is_remembered(settled: Callable[[], Path], tmp_path: Path) -> None:
    """The second answer comes from the file that the first one left: here somebody changed it meanwhile."""
    place = settled()
    first = read_entries(tmp_path, [str(place)])
    (file,) = remembered(tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace("w:get", "w:tampered"), encoding="utf-8")

    second = read_entries(tmp_path, [str(place)])

    assert [entry.value for entry in (*first, *second)] == ["w:get", "w:tampered"]


def test_a_remembered_answer_needs_no_library(settled: Callable[[], Path], tmp_path: Path, run_python: Run) -> None:
    """A process that finds an answer imports nothing that takes long; the file alone never does."""
    place = settled()
    read_entries(tmp_path, [str(place)])
    code = (
        "import sys; from pathlib import Path; from jackfield._engine.index import read_entries\n"
        f"found = read_entries(Path({str(tmp_path)!r}), [{str(place)!r}])\n"
        "print(len(found), {'importlib_metadata', 'importlib.metadata', 'attr', 'attrs', 'pluggy', 'packaging',"
        " 'requests', 'cattrs', 'platformdirs'} & {*sys.modules})"
    )

    assert run_python(code) == "1 set()"


def add_a_package(place: Path, write_metadata: Write) -> None:
    """Do as pip install does."""
    write_metadata(place, "another", "[jackfield.modules]\nweather.set = w:set\n")


def upgrade(place: Path, write_metadata: Write) -> None:
    """Do as pip install --upgrade does."""
    rmtree(place / "jackfield_weather-1.0.dist-info")
    write_metadata(place, "jackfield-weather", TWO, "1.1")


def reinstall(place: Path, write_metadata: Write) -> None:
    """Do as pip install --force-reinstall of a changed working tree does."""
    rmtree(place / "jackfield_weather-1.0.dist-info")
    write_metadata(place, "jackfield-weather", TWO)


def edit_by_hand(place: Path, _: Write) -> None:
    """Do as a curious user does."""
    (place / "jackfield_weather-1.0.dist-info" / "entry_points.txt").write_text(TWO, encoding="utf-8")


def edit_and_set_the_time_back(place: Path, _: Write) -> None:
    """Do as rsync and tar do."""
    file = place / "jackfield_weather-1.0.dist-info" / "entry_points.txt"
    before = file.stat()
    file.write_text(TWO, encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def install_and_set_the_time_back(place: Path, write_metadata: Write) -> None:
    """Do as builders of images do."""
    before = place.stat()
    add_a_package(place, write_metadata)
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))


def regenerate_an_egg(place: Path, _: Write) -> None:
    """Do as `setup.py develop` does: no directory on the path changes."""
    points = "[jackfield.modules]\nweather.set = w:set\n"
    (place / "old_style-1.0.egg-info" / "entry_points.txt").write_text(points, encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        add_a_package,
        upgrade,
        reinstall,
        edit_by_hand,
        edit_and_set_the_time_back,
        install_and_set_the_time_back,
        regenerate_an_egg,
    ],
)
def test_what_is_installed_is_seen_at_once(
    settled: Callable[[], Path], tmp_path: Path, write_metadata: Write, change: Callable[[Path, Write], None]
) -> None:
    """However it comes there, and whatever is remembered."""
    place = settled()
    assert names(read_entries(tmp_path, [str(place)])) == ["weather.get"]
    assert remembered(tmp_path)

    change(place, write_metadata)

    assert names(read_entries(tmp_path, [str(place)])) == ["weather.get", "weather.set"]


def test_what_is_removed_is_gone_at_once(settled: Callable[[], Path], tmp_path: Path) -> None:
    """The same for pip uninstall."""
    place = settled()
    assert names(read_entries(tmp_path, [str(place)])) == ["weather.get"]

    rmtree(place / "jackfield_weather-1.0.dist-info")

    assert read_entries(tmp_path, [str(place)]) == ()


def test_other_files_do_not_matter(settled: Callable[[], Path], tmp_path: Path) -> None:
    """A directory without packages, such as the current one, may change all the time."""
    place, busy = settled(), tmp_path / "busy"
    busy.mkdir()
    path = [str(busy), str(place)]
    read_entries(tmp_path / "cache", path)
    (file,) = remembered(tmp_path / "cache")
    before = file.read_bytes()

    (busy / "notes.txt").touch()

    assert names(read_entries(tmp_path / "cache", path)) == ["weather.get"]
    assert file.read_bytes() == before


def test_what_was_just_written_is_not_remembered(tmp_path: Path, write_metadata: Write) -> None:
    """It might be written again within one tick of the clock, and nobody would see the difference."""
    write_metadata(tmp_path / "place", "jackfield-weather", ONE)

    for points in (ONE, TWO):
        (tmp_path / "place" / "jackfield_weather-1.0.dist-info" / "entry_points.txt").write_text(points)

        assert len(read_entries(tmp_path / "cache", [str(tmp_path / "place")])) == points.count("=")
    assert remembered(tmp_path / "cache") == []


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '{"key": 1}', "\x00\xff", DEEP],
    ids=["empty", "cut", "list", "number", "key", "binary", "deep"],
)
def test_a_broken_memory_is_no_memory(tmp_path: Path, old: Path, text: str) -> None:
    """Whatever stands in the file, the answer is right, and the file is mended when that is due."""
    path = [str(old)]
    read_entries(tmp_path, path)
    (file,) = remembered(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(text.encode("latin-1"))

    assert names(read_entries(tmp_path, path)) == ["weather.get"]
    assert file.read_bytes() == whole


@pytest.mark.parametrize(
    "entries", [[[1, 2, 3, 4, 5, []]], [["a"]], [7], None, [["a", "b", "c", "d", "e", [None]]]], ids=repr
)
def test_a_memory_of_something_else_is_no_memory(old: Path, tmp_path: Path, entries: object) -> None:
    """The picture fits, and the entries are none."""
    read_entries(tmp_path, [str(old)])
    (file,) = remembered(tmp_path)
    file.write_text(json.dumps({**json.loads(file.read_bytes()), "entries": entries}), encoding="utf-8")

    assert names(read_entries(tmp_path, [str(old)])) == ["weather.get"]


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, old: Path) -> None:
    """A read-only home, or a file where the directory should be, only costs time."""
    (tmp_path / "file").touch()

    assert names(read_entries(tmp_path / "file", [str(old)])) == ["weather.get"]
    assert names(read_entries(tmp_path / "file" / "below", [str(old)])) == ["weather.get"]


def test_few_answers_are_kept(tmp_path: Path, old: Path) -> None:
    """Each path has its own answer; the oldest ones go."""
    for number in range(KEPT + 3):
        read_entries(tmp_path, [str(old), str(tmp_path / f"missing {number}")])

    assert len(remembered(tmp_path)) == KEPT


def test_several_processes_at_once_agree(tmp_path: Path, old: Path) -> None:
    """Nobody reads half of what another writes, and nothing is left behind."""
    code = (
        "from pathlib import Path; from jackfield._engine.index import read_entries\n"
        f"print({{read_entries(Path({str(tmp_path)!r}), [{str(old)!r}]) for _ in range(20)}})"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, encoding="utf-8")
        for _ in range(4)
    ]

    said = {process.communicate(timeout=60)[0].strip() for process in running}

    assert said == {str({read_entries(None, [str(old)])})}
    assert [file.suffix for file in remembered(tmp_path)] == [".json"]


FINDER = """
import sys
from importlib.metadata import Distribution, DistributionFinder
from pathlib import Path
from jackfield._engine.index import read_entries

FILES = {"METADATA": "Name: frozen\\nVersion: 3\\n", "entry_points.txt": "[jackfield.modules]\\na.b = c:d\\n"}

class Frozen(Distribution):
    def read_text(self, name):
        return FILES.get(name)
    def locate_file(self, path):
        return Path(path)

class Finder(DistributionFinder):
    def find_spec(self, *args):
        return None
    def find_distributions(self, context=DistributionFinder.Context()):
        return [Frozen()]

sys.meta_path.append(Finder())
cache = Path("cache")
print([entry.distribution for entry in read_entries(cache) if entry.name == "a.b"], cache.exists())
"""


def test_what_another_finder_offers_is_not_remembered(tmp_path: Path, run_python: Run) -> None:
    """A frozen application knows its packages from elsewhere, and no directory shows when they change."""
    assert run_python(FINDER, cwd=tmp_path) == "['frozen'] False"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the directories of users apart itself")
@pytest.mark.parametrize("mode", [0o646, 0o602], ids=oct)
def test_a_file_that_anybody_may_write_is_not_believed(old: Path, tmp_path: Path, mode: int) -> None:
    """What it names would be imported; a shared directory is no reason to run the code of its other users."""
    read_entries(tmp_path, [str(old)])
    (file,) = remembered(tmp_path)
    file.write_text(file.read_text("utf-8").replace("w:get", "evil:get"), "utf-8")
    believed = read_entries(tmp_path, [str(old)])
    file.chmod(mode)

    (entry,) = read_entries(tmp_path, [str(old)])

    assert believed[0].value == "evil:get"
    assert entry.value == "w:get"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_is_not_believed(old: Path, tmp_path: Path) -> None:
    """Nor if its permissions look harmless."""
    read_entries(tmp_path, [str(old)])
    (file,) = remembered(tmp_path)
    file.write_text(file.read_text("utf-8").replace("w:get", "evil:get"), "utf-8")
    os.chown(file, 12345, 12345)

    (entry,) = read_entries(tmp_path, [str(old)])

    assert entry.value == "w:get"
