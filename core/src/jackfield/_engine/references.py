"""Fetching secrets that are kept elsewhere: in a variable, a file, the keyring, or what a program prints.

Errors say what is missing and where, never what was found.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from jackfield._http.forking import forget_after_fork
from jackfield.errors import NoConnectionError
from jackfield.references import Reference
from jackfield.secrets import Secret

MAX_BYTES = 64 * 1024
"""The most that a file or program may give: no secret is longer, and a device has no end."""
COMMAND_TIMEOUT_S = 30.0
"""How long a program may take: it may have to ask its own service."""
KEPT_S = 60.0
"""For how long what the keyring or a program gave is used again: asking takes long, and many runs may want it."""

ALLOW_COMMANDS = "jackfield config set secrets.allow_commands yes; in a program: Host(allow_commands=True)"


class References:
    """Fetches secrets.

    Args:
        environ: Where variables are looked up.
        allow_commands: Whether programs may be run.
    """

    def __init__(self, environ: Mapping[str, str], *, allow_commands: bool) -> None:
        self._environ = environ
        self._allow_commands = allow_commands
        self._kept: dict[Reference, tuple[float, str]] = {}
        self._lock = threading.Lock()
        self._schemes: Mapping[str, Callable[[Reference], str]] = {
            "env": self._from_environment,
            "file": _from_file,
            "keyring": lambda reference: self._remembered(reference, _from_keyring),
            "command": self._from_command,
        }
        forget_after_fork(self)

    def forget(self) -> None:
        """Make a new lock: in a child process a vanished thread may hold it."""
        self._lock = threading.Lock()

    def fetch(self, reference: Reference) -> Secret | None:
        """Fetch a secret; ``None`` if its scheme is not known here.

        Raises:
            NoConnectionError: There is none at its place.
        """
        scheme = self._schemes.get(reference.scheme)
        return Secret(scheme(reference)) if scheme else None

    def _from_environment(self, reference: Reference) -> str:
        found = self._environ.get(reference.place)
        if not found:
            raise missing(reference, "the variable is not set", f"Set the environment variable {reference.place}.")
        return found

    def _from_command(self, reference: Reference) -> str:
        if not self._allow_commands:
            raise missing(reference, "this host runs no programs for a secret", f"To allow it: {ALLOW_COMMANDS}")
        return self._remembered(reference, _from_command)

    def _remembered(self, reference: Reference, fetch: Callable[[Reference], str]) -> str:
        with self._lock:  # of many threads that want it, one asks
            kept = self._kept.get(reference)
            if kept is None or time.monotonic() - kept[0] > KEPT_S:
                kept = self._kept[reference] = (time.monotonic(), fetch(reference))
            return kept[1]


def missing(reference: Reference, reason: str, hint: str = "") -> NoConnectionError:
    """Make the error for a secret that is not where it should be."""
    message = f"The secret that is kept at {reference.shown()} is not there: {reason}."
    return NoConnectionError(message, tried=(f"{reference.shown()}: {reason}",), hint=hint)


def _from_file(reference: Reference) -> str:
    path = Path(os.path.expanduser(reference.place))  # noqa: PTH111  leaves the name of an unknown user as it is
    if not path.is_absolute():
        raise missing(reference, "the path is not absolute", "Write it from the root, or from ~.")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise missing(reference, error.strerror or type(error).__name__, f"ls -l '{path}'") from None
    return _as_text(reference, data)


def _as_text(reference: Reference, data: bytes) -> str:
    """Read what an editor or a program wrote: the line break at its end is none of the secret."""
    if len(data) > MAX_BYTES:
        raise missing(reference, f"what is there is longer than {MAX_BYTES // 1024} KiB")
    try:
        text, fault = data.decode().removeprefix("\ufeff").rstrip("\r\n"), "empty"
    except UnicodeDecodeError as error:
        text, fault = "", f"not UTF-8 at byte {error.start}"
    if not text:  # raised out here: the decoder's error holds all the bytes, and would stay reachable
        raise missing(reference, f"what is there is {fault}")
    return text


def _from_keyring(reference: Reference) -> str:
    service, slash, name = reference.place.rpartition("/")
    if not slash:
        raise missing(reference, "it has the shape keyring:SERVICE/NAME")
    try:
        import keyring  # noqa: PLC0415  an extra, and seldom needed
    except ImportError:
        reason = "the package keyring is not installed"
        raise missing(reference, reason, "pip install 'jackfield[keyring]'") from None
    try:
        found = keyring.get_password(service, name)
    except Exception as error:  # noqa: BLE001  backends raise what they like
        raise missing(reference, f"the keyring fails ({type(error).__name__})", "Unlock it.") from None
    if not found:
        raise missing(reference, "the keyring has no such entry", f"keyring set '{service}' '{name}'")
    return str(found)


def _from_command(reference: Reference) -> str:
    from jackfield._engine.programs import printed  # noqa: PLC0415  few connections need it, and it costs a cold start

    fault, data, code = "", b"", None
    try:
        data, code = printed(reference.place, timeout_s=COMMAND_TIMEOUT_S, max_bytes=MAX_BYTES)
    except (OSError, ValueError) as error:  # raised below: the error may hold the arguments
        fault = f"the program cannot be run ({type(error).__name__})"
    if fault:
        raise missing(reference, fault)
    if len(data) > MAX_BYTES:
        return _as_text(reference, data)  # which refuses it; the program was ended for it
    if code is None:
        raise missing(reference, f"the program took longer than {COMMAND_TIMEOUT_S:g} s")
    if code != 0:
        raise missing(reference, f"the program ended with code {code}", "What it said stands above.")
    return _as_text(reference, data)
