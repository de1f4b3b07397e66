"""Writing the package of types, and seeing whether it is as it would be written."""

import keyword
from collections.abc import Sequence
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path

from jackfield._cli.exits import FAILURE, OK
from jackfield._cli.settings import open_host
from jackfield._cli.stub_text import MARK, stale, stub_files
from jackfield._cli.terminal import say, write
from jackfield._engine.suggestions import close_names
from jackfield._writing import unwritable, write_whole
from jackfield.errors import InputError, PluginError


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
    target = folder / name
    if not name.isidentifier() or keyword.iskeyword(name) or name == "jackfield":
        message = f"{name!r} cannot be the name of the package: it is a name in Python, and not jackfield."
    elif _hides_another(target):
        message = f"{name!r} cannot be the name of the package: one of that name is installed, and would be hidden."
    else:
        return target
    raise InputError(message, hint="Leave --name out, or give one such as jackfield_typed.")


def _hides_another(target: Path) -> bool:
    """Say whether programs that run where the package is would get it instead of another one."""
    known = find_spec(target.name)
    places = (known.submodule_search_locations or [known.origin or ""]) if known else []
    return bool(known) and not any(Path(place).resolve() == target.resolve() for place in places)


def _wanted(patterns: Sequence[str]) -> dict[str, str]:
    broken: dict[str, PluginError] = {}
    with open_host() as host:
        handles = host.modules()
        ids = [handle.id for handle in handles]
        for pattern in patterns:
            if not any(fnmatchcase(module_id, pattern) for module_id in ids):
                message = f"There is no module {pattern!r}.{close_names(pattern, ids)}"
                raise InputError(message, hint="`jackfield module list` has them all.")
        chosen = [handle for handle in handles if not patterns or any(fnmatchcase(handle.id, one) for one in patterns)]
        wanted = stub_files(host, chosen, broken)
    for module_id, error in broken.items():
        say(f"warning: {module_id} is left out. {error.message}")
    if broken:
        say("next: jackfield plugin list --load")
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
