"""Which plugins may be used, and how one is loaded so that its failure stays its own."""

import importlib
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import reduce
from pathlib import Path
from traceback import extract_tb
from typing import Self

from attrs import field, frozen

from jackfield._engine.compatibility import core_version, unmet_requirement
from jackfield._engine.index import Entry, normalize
from jackfield._engine.pins import Pin, Pins
from jackfield._home import Home, write_text
from jackfield._json import JsonError, parse
from jackfield.errors import JackfieldError, LimitError, PluginError

_VALUE = re.compile(r"(?P<module>\w+(?:\.\w+)*)\s*(?::\s*(?P<names>\w+(?:\.\w+)*)\s*)?(?:\[[^\]]*\]\s*)?")
_SHA256 = re.compile("[0-9a-f]{64}")
_MACHINERY = {__file__, importlib.__file__, "<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>"}


@frozen(kw_only=True)
class PluginProblem:
    """Why something that is installed is not used.

    Attributes:
        group: Of its entry point: ``jackfield.modules``.
        name: Of its entry point: ``weather.get_weather``.
        distributions: Who provides it; two or more where they clash.
        stage: How far it came: ``denied``, ``duplicate``, ``incompatible``, ``changed``, ``import``, ``object`` or
            ``register``.
        message: What is wrong.
        hint: What to do about it.
    """

    group: str
    name: str
    distributions: tuple[str, ...]
    stage: str
    message: str
    hint: str = ""


# Which may be used.


def _names(names: Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(map(normalize, names))


def _some_names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(normalize, names))


def _read_pins(pins: Mapping[str, Pin | Mapping[str, str]]) -> dict[str, Pin]:
    return {normalize(name): pin if isinstance(pin, Pin) else Pin(**pin) for name, pin in pins.items()}


@frozen(kw_only=True)
class PluginPolicy:
    """Which distributions may provide anything. It is asked before any of their code is imported.

    Attributes:
        allow: Only these, normalized; ``None`` for all that are not denied.
        deny: Not these, normalized; even if they are allowed.
        pins: What a distribution must be to be used, by its normalized name.
        lists: Where the lists of files behind the pins lie.
    """

    allow: frozenset[str] | None = field(default=None, converter=_names)
    deny: frozenset[str] = field(default=frozenset(), converter=_some_names)
    pins: Mapping[str, Pin] = field(factory=dict, converter=_read_pins)
    lists: Path | None = field(default=None, eq=False)

    @classmethod
    def load(cls, home: Home) -> Self:
        """Read what a user decided; everything is allowed if nothing was.

        Raises:
            JackfieldError: The file is there and cannot be understood, so nobody knows whom it denies.
        """
        path = _file_in(home)
        try:
            said = parse(path.read_bytes(), unique=True)
        except (FileNotFoundError, NotADirectoryError):
            return cls()
        except (OSError, JsonError, LimitError) as error:
            raise _unreadable(path, getattr(error, "strerror", "") or str(error)) from error
        wrong = _wrong_with(said)
        if wrong:
            raise _unreadable(path, wrong)
        return cls(**said, lists=lists_in(home))  # type: ignore[arg-type]  # _wrong_with has seen to it

    def save(self, home: Home) -> None:
        """Write it to where ``load`` reads it.

        Raises:
            JackfieldError: It cannot be written; what was there stays.
        """
        path = _file_in(home)
        said: dict[str, object] = {
            "allow": None if self.allow is None else sorted(self.allow),
            "deny": sorted(self.deny),
        }
        if self.pins:
            said["pins"] = {name: pin_as_json(pin) for name, pin in sorted(self.pins.items())}
        try:
            write_text(path, json.dumps(said, indent=2) + "\n")
        except OSError as error:
            message = f"{path} cannot be written: {error.strerror or error}"
            raise JackfieldError(
                message, hint="Make it writable, or set JACKFIELD_HOME to a directory that is."
            ) from error

    def checked_pins(self) -> Pins:
        """Give the pins to ask before something is imported; they read the files of each distribution once."""
        return Pins(self.pins, self.lists)

    def denies(self, distribution: str) -> bool:
        """Say whether nothing of a distribution may be used."""
        name = normalize(distribution)
        return name in self.deny or (self.allow is not None and name not in self.allow)


def pin_as_json(pin: Pin) -> dict[str, str]:
    """Write a pin as it stands in the policy."""
    return {key: value for key, value in pin._asdict().items() if value}


def lists_in(home: Home) -> Path:
    """Say where the lists of files behind the pins are kept."""
    return home.config / "pins"


def _file_in(home: Home) -> Path:
    return home.config / "plugins.json"


def _unreadable(path: Path, reason: str) -> JackfieldError:
    hint = (
        'Mend it: {"allow": null, "deny": ["a-distribution"]}. Or delete it, which allows everything that is installed.'
    )
    return JackfieldError(f"{path} cannot be read: {reason.partition(chr(10))[0]}", hint=hint)


def _wrong_with(said: object) -> str:
    if not isinstance(said, dict):
        return "it must be an object"
    unknown = sorted(said.keys() - {"allow", "deny", "pins"})
    if unknown:
        return f"unknown key {unknown[0]!r}; there are 'allow', 'deny' and 'pins'"
    for key, value in said.items():
        if value is None and key == "allow":
            continue
        if key == "pins":
            wrong = _wrong_with_pins(value)
            if wrong:
                return wrong
            continue
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            return f"{key!r} must be a list of names of distributions"
    return ""


def _wrong_with_pins(said: object) -> str:
    if not isinstance(said, dict):
        return "'pins' must be an object with a pin for each distribution"
    for name, pin in said.items():
        if not isinstance(pin, dict) or not pin or not pin.keys() <= {"version", "sha256"}:
            return f"the pin of {name!r} must be an object with 'version', 'sha256' or both"
        if not all(isinstance(value, str) and value for value in pin.values()):
            return f"what the pin of {name!r} holds must be text"
        if not _SHA256.fullmatch(pin.get("sha256", "0" * 64)):
            return f"the 'sha256' in the pin of {name!r} must be 64 digits from 0 to f"
    if len({*map(normalize, said)}) < len(said):
        return "'pins' names one distribution twice, spelt differently"
    return ""


# Loading one.


def split_value(entry: Entry) -> tuple[str, str]:
    """Take the value of an entry point apart.

    Returns:
        The Python module, and the dotted name of the object in it; empty if the module itself is meant.

    Raises:
        PluginError: It is not spelt as an entry point is.
    """
    match = _VALUE.fullmatch(entry.value)
    if match is None:
        message = f"{_said(entry)} names {entry.value!r}, which is not spelt package.module:object."
        raise _failure(entry, "object", message)
    return match["module"], match["names"] or ""


def load_entry(entry: Entry, kind: type | tuple[type, ...], pins: Pins) -> object:
    """Import what an entry point names, whatever that may do.

    Args:
        entry: The entry point; nobody denied it.
        kind: What it must be an instance of.
        pins: What its distribution must be, before any of its code runs.

    Raises:
        PluginError: It is not for this version of core, is not what was pinned, does not import, or is something else.
            ``stage`` says which.
    """
    module, names = split_value(entry)
    unmet = unmet_requirement(entry)
    if unmet:
        message = f"{_said(entry)} requires {unmet!r}, and this is jackfield {core_version()}."
        raise _failure(entry, "incompatible", message)
    pins.check(entry, module)
    try:
        found = importlib.import_module(module)
    except KeyboardInterrupt:  # the user's, as far as anybody can tell
        raise
    except BaseException as error:
        message = f"{_said(entry)} cannot be imported: {told(error)}"
        raise _failure(entry, "import", message) from error
    try:
        value: object = reduce(getattr, filter(None, names.split(".")), found)
        fits = value is not None and isinstance(value, kind)
    except (Exception, SystemExit) as error:
        message = f"{_said(entry)} is not where {entry.value!r} says: {told(error)}"
        raise _failure(entry, "object", message) from error
    if not fits:
        types = f"of the type {_called(kind)}, and {entry.value!r} is of the type {type(value).__name__}"
        raise _failure(entry, "object", f"{_said(entry)} must be {types}.")
    return value


def _said(entry: Entry) -> str:
    what = {
        "jackfield.modules": "module",
        "jackfield.connectors": "connector",
        "jackfield.plugins": "plugin",
        "jackfield.commands": "command",
    }.get(entry.group, entry.group)
    return f"The {what} {entry.name!r} of {entry.distribution} {entry.version}".rstrip()


def _called(kind: type | tuple[type, ...]) -> str:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return " or ".join(one.__name__ for one in kinds)


def _failure(entry: Entry, stage: str, message: str) -> PluginError:
    hint = f"Upgrade or remove {entry.distribution}, or run `jackfield plugin deny {entry.distribution}`."
    return PluginError(message, distributions=(entry.distribution,), stage=stage, hint=hint)


def told(error: BaseException) -> str:
    """Put an error of somebody else's code on one line, with the place where it was raised."""
    text = ""
    with suppress(Exception):  # its __str__ is somebody else's code too
        text = " ".join(str(error).split())[:300]
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename not in _MACHINERY]
    place = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{': ' if text else ''}{text}{place}"
