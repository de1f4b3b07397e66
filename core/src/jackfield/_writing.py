"""Writing a file whole or not at all."""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from jackfield.errors import FileError


def reason_of(error: Exception) -> str:
    """Say what the operating system says, without the path that it repeats."""
    return getattr(error, "strerror", None) or str(error)


def write_whole(target: Path, pieces: Iterable[bytes], *, overwrite: bool = False) -> Path:
    """Write a file whole or not at all.

    Args:
        target: Where it goes.
        pieces: Its content.
        overwrite: Whether a file that is there makes room. Who may read that, may read the new one, and nobody else. A
            link makes room itself: what it leads to is left alone.

    Raises:
        FileError: There is a file already, the disk is full, or the directory cannot be written to.
    """
    part = part_beside(target)
    try:
        write_part(part, pieces, like=target if overwrite and target.is_file() else None)
        if overwrite:
            part.replace(target)
        else:
            place(part, target)
    except FileExistsError:
        message = f"{target.name} is there already; nothing was written."
        raise FileError(message, hint="Choose another name, or say overwrite=True.") from None
    except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
        raise unwritable(target.name, error) from None
    finally:
        with suppress(OSError, ValueError):
            part.unlink(missing_ok=True)
    return target


def part_beside(target: Path) -> Path:
    """Give a name for a file while it is written, in the directory of the whole one."""
    return target.with_name(f".{os.urandom(8).hex()}.part")


def place(part: Path, target: Path) -> None:
    """Give a written file its name.

    Raises:
        FileExistsError: Somebody has that name, be it a link that leads nowhere.
    """
    target.open("xb").close()  # takes the name
    try:
        part.replace(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def write_part(part: Path, pieces: Iterable[bytes], *, like: Path | None = None) -> int:
    """Write a file that nobody looks at yet, for those who may read another; give its size."""
    size = 0
    with part.open("xb") as file:
        if like is not None:
            shutil.copymode(like, part)
        for piece in pieces:
            file.write(piece)
            size += len(piece)
    return size


def unwritable(name: str, error: Exception) -> FileError:
    """Make the error for a file that could not be written."""
    message = f"{name} cannot be written: {reason_of(error)}."
    return FileError(message, hint="Nothing of it was kept. Is there room, and may this program write there?")
