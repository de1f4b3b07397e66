import os
import subprocess
import sys
from pathlib import Path

import pytest
from platformdirs import PlatformDirs

from jackfield._home import Home, write_text


def test_jackfield_home_moves_everything(tmp_path: Path) -> None:
    """One variable holds all that Jackfield keeps."""
    home = Home.find({"JACKFIELD_HOME": str(tmp_path)})

    assert home == Home(config=tmp_path / "config", data=tmp_path / "data", cache=tmp_path / "cache")


def test_the_operating_system_says_where_without_it() -> None:
    """Without the variable, or with an empty one, files are where others keep theirs; nothing is made yet."""
    home = Home.find({})

    assert Home.find({"JACKFIELD_HOME": ""}) == home
    assert all(path.is_absolute() and "jackfield" in path.parts for path in home)


@pytest.mark.parametrize("place", ["", "/some/where"])
def test_it_is_where_platformdirs_says(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """On Linux the specification is followed without the library, to the same end."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, place)
    dirs = PlatformDirs("jackfield", appauthor=False)

    home = Home.find({**os.environ, "JACKFIELD_HOME": ""})

    assert home == (dirs.user_config_path, dirs.user_data_path, dirs.user_cache_path)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can be somebody without a name")
def test_somebody_without_a_home_leaves_nothing_where_he_happens_to_be() -> None:
    """A user of a container may have neither name nor HOME: a folder called ~ is neither made nor believed."""
    code = (
        "import os; from jackfield._home import Home; os.setuid(61111); os.environ.pop('HOME', ''); print(*Home.find())"
    )

    done = subprocess.run([sys.executable, "-c", code], env={}, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["/.config/jackfield", "/.local/share/jackfield", "/.cache/jackfield"]


@pytest.mark.skipif(sys.platform != "linux", reason="only there is the specification ours to follow")
def test_a_relative_place_is_ignored() -> None:
    """As the XDG specification asks; versions of platformdirs differ here."""
    assert Home.find({"XDG_CACHE_HOME": "relative"}).cache == Path.home() / ".cache" / "jackfield"


def test_a_relative_home_does_not_move_with_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is taken from where the program was when it looked."""
    monkeypatch.chdir(tmp_path)

    assert Home.find({"JACKFIELD_HOME": "here"}).config == Path.cwd() / "here" / "config"


def test_a_tilde_is_the_users_directory() -> None:
    """Not every place where variables are set expands it."""
    assert Home.find({"JACKFIELD_HOME": "~/jack"}).data == Path.home() / "jack" / "data"


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_made_with_its_directory(tmp_path: Path, *, durable: bool) -> None:
    """Text goes out as UTF-8 with plain line ends, and nothing else is left in the directory."""
    path = tmp_path / "new" / "file.json"

    write_text(path, "é\n", durable=durable)

    assert path.read_bytes() == "é\n".encode()
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_text(tmp_path: Path) -> None:
    """Half a file is worse than an old one."""
    path = tmp_path / "file.json"
    write_text(path, "old")

    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \udc80")

    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="making links needs a privilege there")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Whoever keeps configuration in another place keeps it there."""
    (tmp_path / "kept").mkdir()
    link = tmp_path / "plugins.json"
    link.symlink_to(tmp_path / "kept" / "plugins.json")

    write_text(link, "text")

    assert link.is_symlink()
    assert (tmp_path / "kept" / "plugins.json").read_text(encoding="utf-8") == "text"
