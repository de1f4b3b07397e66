"""Whether installed distributions are what was installed: compared with their RECORD, without importing any of them."""

from collections.abc import Iterable, Sequence

from jackfield._engine.index import normalize, read_entries
from jackfield._engine.installed import installations, read_installation
from jackfield._engine.suggestions import close_names
from jackfield._engine.verification import FileFinding, Verification, manifest_text, verify
from jackfield.errors import InputError

__all__ = ["FileFinding", "Verification", "manifest_text", "verify_installed"]

_CORE = "jackfield"


def verify_installed(
    names: Iterable[str] | None = None, *, everything: bool = False, path: Sequence[str] | None = None
) -> tuple[Verification, ...]:
    """Compare the files of distributions with the hashes that their installer wrote down.

    Reads every file of theirs, and writes nothing. Whoever changed RECORD, too, is not found out: pin what must not
    change, and compare ``Verification.sha256``.

    Args:
        names: Which; without, those that provide something for Jackfield, and Jackfield itself.
        everything: Whether, without names, all that are installed are meant.
        path: Where packages are looked for; ``sys.path`` without.

    Returns:
        One for each, sorted by normalized name.

    Raises:
        InputError: Nothing that is installed has such a name.
    """
    folders = installations(path)
    if names is None:
        ours = {_CORE, *(normalize(entry.distribution) for entry in read_entries(None, path))}
        wanted = {*folders} if everything else ours
    else:
        wanted = {*map(normalize, names)}
        for name in sorted(wanted - folders.keys()):
            message = f"Nothing that is installed is called {name!r}.{close_names(name, folders)}"
            raise InputError(message, hint="jackfield plugin list")
    return tuple(
        verify(read_installation(folders[name])) if name in folders else _elsewhere(name) for name in sorted(wanted)
    )


def _elsewhere(name: str) -> Verification:
    reason = "it has no folder of metadata: it lies in a zip file, or runs without having been installed"
    return Verification(distribution=name, version="", status="unverifiable", reason=reason)
