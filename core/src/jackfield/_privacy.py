"""Files that only their owner may read."""

import os
import stat
import sys
from pathlib import Path

from jackfield.errors import StoreError
from jackfield.secrets import Secret

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_ANYBODY_WRITES = stat.S_IWOTH

REPLACE_SECRETS = "   and if others are on this machine: replace its secrets."
"""What else to do about a file of secrets that others could read."""


def check_private(path: Path, found: os.stat_result, what: str, *, then: str = "") -> None:
    """Go on if a file is its owner's alone.

    Windows has no such bits: there the folder of the user's profile, where the file is by default, keeps others out.

    Args:
        path: The file.
        found: What the system says of it.
        what: The file in words.
        then: What else to do if others could read it.

    Raises:
        StoreError: Others may read or change it, or it is somebody else's.
    """
    if sys.platform == "win32":
        return
    if found.st_uid not in (os.geteuid(), 0):
        message = f"{what} {path} belongs to another user."
        raise StoreError(message, hint=f"If it is yours: sudo chown $(id -u) '{path}'")
    if found.st_mode & _OTHERS:
        message = f"{what} {path} can be read or changed by others (mode {stat.S_IMODE(found.st_mode):04o})."
        raise StoreError(message, hint=f"chmod 600 '{path}'{then}")


def check_folder(path: Path) -> None:
    """Go on if not everybody may put another file in the place of one in this folder.

    Raises:
        StoreError: Everybody may.
    """
    if sys.platform == "win32":
        return
    mode = path.stat().st_mode
    if mode & _ANYBODY_WRITES and not mode & stat.S_ISVTX:
        message = f"The folder {path} can be written by everybody (mode {stat.S_IMODE(mode):04o})."
        raise StoreError(message, hint=f"chmod o-w '{path}'")


def make_folder(path: Path) -> None:
    """Make a folder that is its owner's alone; one that is there stays as it is, if it can be trusted."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_folder(path)


def create_private(path: Path) -> bool:
    """Make an empty file that is its owner's alone; tells whether it was not there."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return False
    return True


def write_private(path: Path, text: str | Secret, *, head: str = "") -> None:
    """Replace a file, or make it; it is its owner's alone from its first byte on, and whole or not at all.

    Args:
        path: The file.
        text: What is to be in it.
        head: What stands above that.

    Raises:
        OSError: It cannot be written; the old one stays.
    """
    fresh = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123  a descriptor, no path
            file.write(head)
            file.write(Secret.of(text).reveal())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    """Have a new name reach the disk, where the system can be asked to."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
