"""Writing the package of types, and seeing whether it is as it would be written."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from jackfield._cli.exits import FAILURE, OK
from jackfield._cli.settings import open_host
from jackfield._cli.stub_text import MARK, stale, stub_files
from jackfield._cli.terminal import say, write
from jackfield._engine.suggestions import close_names
from jackfield._writing import unwritable, write_whole
from jackfield.errors import InputError


def write_stubs(patterns: Sequence[str], folder: Path, name: str) -> int:
    """Write the package, and tell how it is used.

    Raises:
        InputError: The name cannot be used, no module fits, or there is something of somebody else's.
        FileError: It cannot be written.
    """
    target, wanted = _target(folder, name), _wanted(patterns)
    found = _found(target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for file in stale(wanted, found):
            if file in wanted:
                write_whole(target / file, [wanted[file].encode()], overwrite=True)
            else:
                (target / file).unlink()
    except OSError as error:
        raise unwritable(name, error) from error
    write(f"{target}\n")
    say(f"Use it: from {name} import Host")
    return OK


def check_stubs(patterns: Sequence[str], folder: Path, name: str) -> int:
    """Tell which files are not as they would be written, and give the exit code; errors as for writing."""
    target = _target(folder, name)
    wrong = stale(_wanted(patterns), _found(target))
    for file in wrong:
        write(f"{target / file}\n")
    if wrong:
        say(f"Not as they would be written: {len(wrong)}. Write them anew: jackfield stubs")
    return FAILURE if wrong else OK


def _target(folder: Path, name: str) -> Path:
    if not name.isidentifier() or name == "jackfield":
        message = f"{name!r} cannot be the name of the package: it is a name in Python, and not jackfield."
        raise InputError(message, hint="Leave --name out, or give one such as jackfield_typed.")
    return folder / name


def _wanted(patterns: Sequence[str]) -> dict[str, str]:
    broken: list[str] = []
    with open_host() as host:
        handles = host.modules()
        ids = [handle.id for handle in handles]
        for pattern in patterns:
            if not any(fnmatchcase(module_id, pattern) for module_id in ids):
                message = f"There is no module {pattern!r}.{close_names(pattern, ids)}"
                raise InputError(message, hint="`jackfield module list` has them all.")
        chosen = [handle for handle in handles if not patterns or any(fnmatchcase(handle.id, one) for one in patterns)]
        wanted = stub_files(host, chosen, broken)
    for module_id in broken:
        say(f"warning: {module_id} cannot be used, and is left out; `jackfield doctor` says why.")
    return wanted


def _found(target: Path) -> dict[str, str]:
    """Give what is there.

    Raises:
        InputError: Some of it was not written by us.
    """
    if not target.exists():
        return {}
    paths = [path for path in sorted(target.iterdir()) if path.name != "__pycache__"] if target.is_dir() else [target]
    texts = {path.name: path.read_text("utf-8", "replace") if path.is_file() else "" for path in paths}
    foreign = [name for name, text in texts.items() if not text.startswith(MARK) and name != "py.typed"]
    if foreign:
        message = f"{target} has something that `jackfield stubs` did not write: {', '.join(foreign)}."
        raise InputError(message, hint="Choose another place with --output or --name, or take it away yourself.")
    return texts
