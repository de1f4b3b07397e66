"""Programs of this machine that stand where a service would: those that whoever runs the host allowed, and no others.

No shell reads what is started. A program gets the variables that any program needs and none of our secrets, a group of
processes of its own, and no more time than the operation that it was started for.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from attrs import field, frozen

from jackfield._home import KEY_VARIABLES
from jackfield._http.limits import Cancellation, Deadline
from jackfield._processes import ON_WINDOWS, RunningProgram, Start
from jackfield.errors import InputError, RefusedByPolicyError
from jackfield.fields import Integer, Number, Text
from jackfield.secrets import Secret

__all__ = ["Program", "ProgramSettings", "Programs"]

_SHOWN = 100

_NEEDED = frozenset(
    {"APPDATA", "COMSPEC", "HOME", "HOMEDRIVE", "HOMEPATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LOCALAPPDATA"}
    | {"LOGNAME", "PATH", "PATHEXT", "PROGRAMDATA", "PROGRAMFILES", "SHELL", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP"}
    | {"TERM", "TMP", "TMPDIR", "TZ", "USER", "USERNAME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"}
    | {"XDG_DATA_HOME", "XDG_RUNTIME_DIR"}
)
"""The variables of ours that a program gets; every other one may hold a secret."""
_STEERING = frozenset(
    {"BASH_ENV", "CLASSPATH", "COMSPEC", "ENV", "IFS", "JAVA_TOOL_OPTIONS", "NODE_OPTIONS", "NODE_PATH", "PATH"}
    | {"PATHEXT", "PERL5LIB", "PERL5OPT", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "RUBYLIB", "RUBYOPT", "SHELL"}
    | {"SYSTEMROOT"}
)
_LOADERS = ("DYLD_", "LD_", "_JAVA_", "NPM_CONFIG_", "UV_")
"""What makes a program that was allowed run something else: by name, and by how the name begins."""
_READ_BY_CMD = frozenset('"%^&|<>()!\r\n')
"""What ``cmd.exe`` takes for its own in the arguments of a batch file, whoever starts it."""


@frozen(kw_only=True)
class ProgramSettings:
    """Which programs connections may start, and how far those go.

    Whoever writes a connection decides its arguments. So a program that runs what its arguments name (``npx``, ``uvx``,
    ``python``) is better allowed together with them: ``uvx mcp-server-time``.
    """

    allow: Annotated[
        str,
        Text(
            help="Programs that connections may start, with commas between: a name or a whole path, alone or with the "
            "arguments that it must begin with: uvx mcp-server-time."
        ),
    ] = ""
    max_line_bytes: Annotated[
        int, Integer(help="The longest line that a program may print.", minimum=1024, unit="bytes")
    ] = 16 * 1024 * 1024
    end_within_s: Annotated[
        float,
        Number(
            help="How long a program may take to end by itself when it has nothing more to do.",
            minimum=0,
            maximum=60,
            unit="seconds",
        ),
    ] = 2.0

    def allowed(self) -> Iterator[list[str]]:
        """Give the words with which what is started must begin.

        Raises:
            InputError: Quotes are open.
        """
        import shlex  # noqa: PLC0415  hardly any process starts a program, and it costs a cold start

        for entry in self.allow.split(","):
            try:
                words = shlex.split(entry, posix=not ON_WINDOWS)
            except ValueError:
                words = None
            if words is None:
                message = f"The setting programs.allow has an open quote in {entry.strip()!r}."
                raise InputError(message, hint="jackfield config set programs.allow ...")
            if words:
                yield words


def _words(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(words)


@frozen(kw_only=True)
class Program:
    """A program to start.

    Attributes:
        words: Its name (looked for where the system looks) or whole path, then its arguments. No shell reads them.
        environ: Variables for it, beside those that any program needs; it gets no others of ours.
        directory: Where it starts; where we are without.
    """

    words: Sequence[str] = field(converter=_words, repr=lambda words: repr(words[:1]))  # arguments may be secrets
    environ: Mapping[str, str | Secret] = field(factory=dict, repr=False)
    directory: str = ""


class Programs:
    """Starts what is allowed.

    Args:
        settings: What that is.
    """

    def __init__(self, settings: ProgramSettings | None = None) -> None:
        self._settings = settings or ProgramSettings()

    def start(self, program: Program, deadline: Deadline, cancellation: Cancellation) -> RunningProgram:
        """Start a program. Close what is given, or use it as a context manager.

        Args:
            program: Which.
            deadline: When it is over at the latest.
            cancellation: What ends it before.

        Raises:
            RefusedByPolicyError: Nobody allowed it.
            InputError: It is not there, or cannot be started.
        """
        _check(program)
        path = self._path(program)
        cancellation.check()
        deadline.check("start", sent=False)
        start = Start(
            words=[path, *program.words[1:]],
            environ=_environ(program),
            directory=program.directory,
            max_line_bytes=self._settings.max_line_bytes,
            end_within_s=self._settings.end_within_s,
        )
        return RunningProgram(start, deadline, cancellation)

    def _path(self, program: Program) -> str:
        name, *arguments = program.words
        path = _found(name)
        for first, *others in self._settings.allowed():
            if path and _found(first) == path and arguments[: len(others)] == others:
                _check_batch_file(path, arguments)
                return path
        if path is None and any(first == name for first, *_ in self._settings.allowed()):
            message = f"There is no program {name[:_SHOWN]!r} here."
            raise InputError(message, hint="Install it, or name it by its whole path.")
        place = f" ({path})" if path and path != name else ""
        message = f"{name[:_SHOWN]!r}{place} may not be started so: whoever runs this host did not allow it."
        hint = (
            "jackfield config set programs.allow 'PROGRAM ARGUMENT'; in a program: Host(programs=ProgramSettings(...))"
        )
        raise RefusedByPolicyError(message, hint=hint)


def _found(name: str) -> str | None:
    """Give the whole path of a program that can be started; never one of the folder where somebody happens to be."""
    import shutil  # noqa: PLC0415  as above

    if name != Path(name).name and not Path(name).is_absolute():
        return None
    found = shutil.which(name)
    if found is None or not Path(found).is_absolute():
        return None
    if ON_WINDOWS and name == Path(name).name and Path(found).parent == Path.cwd():
        return None  # Windows looks there first
    return os.path.normcase(found)


def _check(program: Program) -> None:
    """Go on with what can be handed over.

    Raises:
        InputError: It cannot.
        RefusedByPolicyError: A variable would make it another program.
    """
    # No variable of this frame holds a secret: some programs log those.
    has_nul = any("\0" in text for text in [*program.words, *program.environ, *_environ(program).values()])
    if not program.words or not program.words[0] or has_nul:
        message = "A program must have a name, and no word of it or variable a NUL."
        raise InputError(message)
    for name in program.environ:
        if not name or "=" in name:
            message = f"{name[:_SHOWN]!r} is no name of a variable."
            raise InputError(message)
        if name.upper() in _STEERING | KEY_VARIABLES or name.upper().startswith(_LOADERS):
            message = f"The variable {name[:_SHOWN]} decides what a program runs, so no connection sets it."
            raise RefusedByPolicyError(message, hint="Set it where the host runs; or allow a script that sets it.")


def _check_batch_file(path: str, arguments: Sequence[str]) -> None:
    # Windows has cmd.exe read the arguments of these, which nobody can quote for certain (CVE-2024-3566).
    if path.lower().endswith((".bat", ".cmd")) and any(_READ_BY_CMD & set(word) for word in arguments):
        message = f"The arguments of {Path(path).name} have signs that cmd.exe would read."
        raise RefusedByPolicyError(message, hint="Name the program that the batch file starts instead.")


def _environ(program: Program) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if name.upper() in _NEEDED}
    return ours | {name: _revealed(value) for name, value in program.environ.items()}


def _revealed(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value
