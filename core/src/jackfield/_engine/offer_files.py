"""Lists of choices in files, for the processes that come after: a command line lives for one command only.

The name of a file tells nobody whose list it is: it is derived from the function, the address, the settings and the
secrets, with a random salt of the directory, in a way that makes each guess dear. No secret is written into a file.
What cannot be read or written is passed over, since every list can be asked for again.
"""

import hashlib
import json
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from attrs import astuple

from jackfield import _json
from jackfield._held import secrets_in
from jackfield._home import write_text
from jackfield.connections import Connection
from jackfield.errors import LimitError
from jackfield.fields import Choice
from jackfield.secrets import Redactor

FORMAT = 1
KEPT = 64
"""How many lists one directory holds at most; the oldest go first."""
_MOST_BYTES = 4 * 1024 * 1024
"""What a file may hold; a longer list is asked for each time."""


class Place(NamedTuple):
    """Whose list it is.

    Attributes:
        function: Asks for it.
        identity: What tells its connection from others in this process.
        arguments: What else the function is given, as JSON; empty if nothing.
        passing: Whether a person is typing that: such a list is not worth a file.
    """

    function: Callable[..., Any]
    identity: bytes
    arguments: str = ""
    passing: bool = False


class Offer(NamedTuple):
    """A list of choices, and when it was asked for: in seconds since 1970, since another process may read it."""

    choices: tuple[Choice, ...]
    asked_at: float


class OfferFiles:
    """The lists in one directory.

    Args:
        directory: Made when a list is first written; nobody else may look into it, where the system has such rights.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._paths: dict[Place, Path | None] = {}

    def read(self, place: Place, connection: Connection | None) -> Offer | None:
        """Give the list of a function for a connection, if there is one.

        Args:
            place: Says which; files are known by it while the process lives.
            connection: Whose list it is.
        """
        path = self._path(place, connection, make=False)
        with suppress(OSError, _json.JsonError, LimitError, ValueError, TypeError, KeyError):
            if path is not None and path.stat().st_size <= _MOST_BYTES:
                return _read(_json.parse(path.read_bytes()))
        return None

    def write(self, place: Place, connection: Connection | None, offer: Offer) -> None:
        """Keep a list; arguments as for ``read``."""
        mask = Redactor(secrets_in(connection.form) if connection else ()).mask_json
        choices = [mask(astuple(choice)) for choice in offer.choices]
        text = json.dumps({"format": FORMAT, "asked_at": offer.asked_at, "choices": choices})
        with suppress(OSError):
            path = self._path(place, connection, make=True)
            if path is not None and len(text) <= _MOST_BYTES:
                write_text(path, text, durable=False)
                self._prune()

    def _path(self, place: Place, connection: Connection | None, *, make: bool) -> Path | None:
        if place not in self._paths:
            name, salt = _name_of(place.function), self._salt(make=make)
            if not salt:
                return None
            if len(self._paths) >= KEPT:
                self._paths.clear()
            self._paths[place] = (
                self._directory / f"{_file_name(name + place.arguments, connection, salt)}.json" if name else None
            )
        return self._paths[place]

    def _salt(self, *, make: bool) -> bytes:
        path = self._directory / "salt"
        with suppress(OSError, ValueError):
            return bytes.fromhex(path.read_text("ascii"))
        if not make:
            return b""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        salt = secrets.token_bytes(32)
        write_text(path, salt.hex(), durable=False)
        return salt

    def _prune(self) -> None:
        dated = []
        for path in self._directory.glob("*.json"):
            with suppress(OSError):  # another process may have been quicker
                dated.append((path.stat().st_mtime_ns, path))
        for _, path in sorted(dated)[:-KEPT]:
            with suppress(OSError):
                path.unlink()


def _name_of(function: Callable[..., Any]) -> str:
    """Name a function as another process would find it; empty for one that it would not find."""
    try:
        found = attrgetter(function.__qualname__)(sys.modules[function.__module__])
    except (AttributeError, KeyError):
        return ""
    return f"{function.__module__}:{function.__qualname__}" if found is function else ""


def _file_name(name: str, connection: Connection | None, salt: bytes) -> str:
    own = connection.identity(salt) if connection else b""
    # Some credentials are short: whoever takes the directory must not try them by the million.
    return hashlib.pbkdf2_hmac("sha256", own + name.encode(), salt, 100_000, dklen=16).hex()


def _read(value: Any) -> Offer | None:
    if value["format"] != FORMAT:
        return None
    return Offer(tuple(_choice(*item) for item in value["choices"]), float(value["asked_at"]))


def _choice(value: str | float, *texts: str) -> Choice:
    label, help_text, group = map(str, texts)
    return Choice(value=value, label=label, help=help_text, group=group)
