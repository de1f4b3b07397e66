"""Where Jackfield keeps its files, and how it writes one: whole or not at all.

Every start of the command line reads this file, so it imports no more than it must.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Self

PASSPHRASE = "JACKFIELD_PASSPHRASE"  # noqa: S105  the name of a variable
STORE_KEY = "JACKFIELD_STORE_KEY"
KEY_VARIABLES = frozenset({PASSPHRASE, STORE_KEY})
"""What opens the store of connections: for us, and for no program that we start."""

_ON_LINUX = sys.platform == "linux"
_XDG = (
    ("XDG_CONFIG_HOME", ".config"),
    ("XDG_DATA_HOME", ".local/share"),
    ("XDG_CACHE_HOME", ".cache"),
)
"""What platformdirs does on Linux, without the 7 ms that its import adds to every command, `--help` included."""


def _xdg(environ: Mapping[str, str], variable: str, otherwise: str) -> Path:
    # The XDG base directory specification: a relative path is to be ignored.
    given = environ.get(variable, "").strip()
    return Path(given if os.path.isabs(given) else os.path.join(_user_home(), otherwise)) / "jackfield"  # noqa: PTH117, PTH118


def _user_home() -> str:
    # In a container a user may have no name and no HOME, and "~" stays as it is: no folder of that name is to be made
    # or believed wherever somebody happens to be. Docker says "/" then, and so do we.
    found = os.path.expanduser("~")  # noqa: PTH111  Path.home() raises
    return found if os.path.isabs(found) else "/"  # noqa: PTH117


class Home(NamedTuple):
    """Where Jackfield keeps its files. The directories are made when something is first written to them.

    Attributes:
        config: What a user decided, such as which plugins are allowed.
        data: What must not be lost.
        cache: What can be made again.
    """

    config: Path
    data: Path
    cache: Path

    @classmethod
    def find(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Find them.

        Args:
            environ: Where ``JACKFIELD_HOME`` is looked up; the process's environment without. If it is not set or
                empty, they are where the operating system wants them.
        """
        said = os.environ if environ is None else environ
        given = said.get("JACKFIELD_HOME")
        if given:
            root = Path(os.path.abspath(os.path.expanduser(given)))  # noqa: PTH100, PTH111  these two never raise
            return cls(config=root / "config", data=root / "data", cache=root / "cache")
        if _ON_LINUX:
            return cls(*(_xdg(said, *place) for place in _XDG))
        from platformdirs import PlatformDirs  # noqa: PLC0415  needless where JACKFIELD_HOME is set

        dirs = PlatformDirs("jackfield", appauthor=False)
        return cls(config=dirs.user_config_path, data=dirs.user_data_path, cache=dirs.user_cache_path)


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Replace a file, or make it and its directory; whoever reads it meanwhile sees the old text or the new one.

    Args:
        path: The file; if it is a symbolic link, what it points to is replaced.
        text: Written as UTF-8.
        durable: Whether the text must have reached the disk before the old one goes.

    Raises:
        OSError: It cannot be written; the old text stays.
    """
    target = Path(os.path.realpath(path))  # resolve() raises where links form a loop
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.urandom(8).hex()}")
    try:
        with fresh.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
