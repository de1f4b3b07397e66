"""What a user set once, for every run: a file in the configuration directory, and variables of the environment.

The command line goes by it. A ``Host`` does not: a program that embeds one decides for itself, and may ask for
``user_settings()``. Each setting is a field of a form, which says its type, its bounds, its default and its help.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from attrs import frozen

from jackfield._engine.conversion import dump, load_field
from jackfield._engine.problems import describe, near_miss, spell_number
from jackfield._home import Home, write_text
from jackfield._http.limits import HttpSettings
from jackfield._http.routes import parse_proxy
from jackfield._json import JsonError, parse
from jackfield._variables import CA_BUNDLE, PROXY
from jackfield.errors import InputError, InvalidInputError, JackfieldError, LimitError, Problem
from jackfield.fields import Boolean, FromText, Integer, Select, Text
from jackfield.forms import Slot, form_of
from jackfield.polls import WatchSettings
from jackfield.programs import ProgramSettings

__all__ = [
    "SECTIONS",
    "OutputSettings",
    "RunSettings",
    "SecretSettings",
    "Setting",
    "Settings",
    "SettingsFile",
    "chosen",
    "user_settings",
]

T = TypeVar("T")

_MASK = "***"
_LIST = "jackfield config list"


@frozen(kw_only=True)
class OutputSettings:
    """How the command line looks."""

    color: Annotated[
        Literal["auto", "always", "never"],
        Select(help="When tables have colors; auto: on a terminal, unless NO_COLOR is set."),
    ] = "auto"


@frozen(kw_only=True)
class RunSettings:
    """How ``jackfield module run`` behaves where its options do not say."""

    format: Annotated[
        Literal["auto", "table", "json", "jsonl", "plain"],
        Select(help="How a run prints what it gives; auto: a table on a terminal, json elsewhere."),
    ] = "auto"
    ask: Annotated[
        bool, Boolean(help="Whether, on a terminal, a run asks for required fields that were not given.")
    ] = True
    prices: Annotated[
        str, Text(help="A file of JSON with what models cost, so that a run can say it and be kept in a budget.")
    ] = ""
    concurrency: Annotated[
        int, Integer(help="How many lines of --each are worked on at once.", minimum=1, maximum=1000)
    ] = 8


@frozen(kw_only=True)
class SecretSettings:
    """Where secrets may come from."""

    allow_commands: Annotated[
        bool, Boolean(help="Whether a secret may be what a program prints: a reference such as command:pass show key.")
    ] = False


SECTIONS: Mapping[str, type] = {
    "http": HttpSettings,
    "output": OutputSettings,
    "programs": ProgramSettings,
    "run": RunSettings,
    "secrets": SecretSettings,
    "watch": WatchSettings,
}
"""The forms of the settings, by the first part of their names."""


_VARIABLES = (PROXY, CA_BUNDLE, *(f"JACKFIELD_{section}_".upper() for section in SECTIONS))


class Setting(NamedTuple):
    """One thing that can be set.

    Attributes:
        name: With its section: ``http.deadline_s``.
        slot: What may be set.
    """

    name: str
    slot: Slot

    @property
    def variable(self) -> str:
        """The environment variable that outranks the file."""
        return self.slot.word.env or f"JACKFIELD_{self.name.replace('.', '_')}".upper()

    def read(self, value: object, place: str) -> Any:
        """Check a value.

        Args:
            value: A JSON value; FromText if a person typed it.
            place: Where it was found, for the error.

        Raises:
            InvalidInputError: It cannot be used.
        """
        try:
            found = load_field(self.slot, value, path=place)
        except InvalidInputError as error:
            raise InvalidInputError(error.problems, hint=_LIST) from None
        self._refuse_flawed(found, _FLAWS, place)
        return found

    def read_new(self, value: object) -> Any:
        """Check a value that is to be written to the file: a file that it names must be there now.

        Args:
            value: As for ``read``.

        Raises:
            InvalidInputError: It cannot be used, or has no place in a file that is not encrypted.
        """
        found = read_for_file(self, value)
        self._refuse_flawed(found, _FLAWS_OF_NEW, self.name)
        return found

    def _refuse_flawed(self, value: object, flaws: Mapping[str, Callable[[Any], str]], place: str) -> None:
        flaw = flaws.get(self.name, lambda _: "")(value) if value else ""
        if flaw:
            raise InvalidInputError([Problem(path=place, rule="setting", message=flaw)], hint=_LIST)

    @property
    def shown_default(self) -> str:
        """What counts where nothing is set, as a person would write it."""
        default: Any = self.slot.default
        return self.shown(default)

    def shown(self, value: str | float | None) -> str:
        """Write a value as a person would, without the password that the URL of a proxy may hold."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        text = value if isinstance(value, str) else spell_number(value)
        before, at, after = text.rpartition("@")
        return f"{before.rpartition('//')[0]}//{_MASK}@{after}" if at and self.name == "http.proxy" else text


def _proxy_flaw(url: str) -> str:
    try:
        parse_proxy(url)
    except InvalidInputError as error:
        return error.problems[0].message
    return ""


def _file_flaw(path: str) -> str:
    return "" if Path(path).expanduser().exists() else f"{path} is no file"


_FLAWS: Mapping[str, Callable[[Any], str]] = {
    "http.proxy": _proxy_flaw,
    "http.ca_bundle": _file_flaw,
}
"""What a form cannot say about a setting; empty if the value will do."""

_FLAWS_OF_NEW: Mapping[str, Callable[[Any], str]] = {"run.prices": _file_flaw}
"""The same, while it is being set only: what is read by few commands must not keep the others from running."""


def all_settings() -> Iterator[Setting]:
    """Give everything that can be set, in the order to show it."""
    for section, cls in SECTIONS.items():
        for slot in form_of(cls).slots:
            yield Setting(f"{section}.{slot.key}", slot)


def setting_named(name: str) -> Setting:
    """Give a setting.

    Raises:
        InputError: There is none of that name.
    """
    known = {setting.name: setting for setting in all_settings()}
    if name not in known:
        last = {each.rpartition(".")[2]: each for each in known}
        meant = near_miss(name, known) or (f"; did you mean {last[name]}?" if name in last else "")
        message = f"There is no setting {name!r}{meant or '.'}"
        raise InputError(message, hint=_LIST)
    return known[name]


class SettingsFile:
    """The file of settings, as it is: values in it may be wrong, and names unknown.

    Args:
        home: Where Jackfield keeps its files.
    """

    def __init__(self, home: Home) -> None:
        self.path = home.config / "settings.json"

    def read(self) -> dict[str, object]:
        """Give what stands in the file, by the settings' names; nothing if there is no file.

        Raises:
            InputError: It cannot be read, or is not a JSON object of objects.
        """
        try:
            found = parse(self.path.read_bytes(), unique=True)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, JsonError, LimitError) as error:
            raise self._unreadable(getattr(error, "strerror", "") or str(error)) from error
        if not isinstance(found, Mapping):
            why = f"it must be an object, was {describe(found)}"
            raise self._unreadable(why)
        values: dict[str, object] = {}
        for section, inner in found.items():
            if not isinstance(inner, Mapping):
                why = f"{section} must be an object, was {describe(inner)}"
                raise self._unreadable(why)
            values |= {f"{section}.{key}": value for key, value in inner.items()}
        return values

    def write(self, values: Mapping[str, object]) -> None:
        """Replace what stands in the file: whole, or not at all.

        Raises:
            JackfieldError: It cannot be written; what was there stays.
        """
        sections: dict[str, dict[str, object]] = {}
        for name, value in values.items():
            section, _, key = name.partition(".")
            sections.setdefault(section, {})[key] = value
        try:
            write_text(self.path, json.dumps(sections, indent=2) + "\n")
        except OSError as error:
            message = f"{self.path} cannot be written: {error.strerror or error}"
            hint = "Make it writable, or set JACKFIELD_HOME to a directory that is."
            raise JackfieldError(message, hint=hint) from error

    def _unreadable(self, why: str) -> InputError:
        return InputError(f"{self.path} cannot be used: {why}", hint="Mend that file, or delete it.")


class Found(NamedTuple):
    """A setting as it is.

    Attributes:
        setting: Which.
        value: What counts.
        source: ``default``, ``file`` or ``environment``.
    """

    setting: Setting
    value: Any
    source: str


class Settings:
    """What a user set, read once.

    Args:
        environ: Where variables are looked up, ``JACKFIELD_HOME`` too; the process's environment without.

    Attributes:
        found: Every setting by its name; one whose value is wrong as if it were not set.
        problems: All that is wrong.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self.file = SettingsFile(Home.find(self._environ))
        self.problems: list[Problem] = []
        given = self.file.read()
        self.found = {setting.name: self._find(setting, given) for setting in all_settings()}
        self.problems += [_unknown(name, self.found) for name in given if name not in self.found]
        variables = [found.setting.variable for found in self.found.values()]
        self.problems += [_unknown(name, variables) for name in _set_in(self._environ) if name not in variables]

    def check(self) -> None:
        """Go on if nothing is wrong.

        Raises:
            InvalidInputError: Something is; all of it is named.
        """
        if self.problems:
            in_file = [problem.path for problem in self.problems if problem.path in self.found or "." in problem.path]
            hint = f"jackfield config unset {in_file[0]}" if in_file else f"Mend or unset {self.problems[0].path}."
            raise InvalidInputError(self.problems, subject=f"The settings ({self.file.path})", hint=hint)

    def section(self, cls: Callable[..., T]) -> T:
        """Give the settings of one form of SECTIONS."""
        name, form = next((name, form_of(kind)) for name, kind in SECTIONS.items() if kind is cls)
        return cls(**{slot.name: self.found[f"{name}.{slot.key}"].value for slot in form.slots})

    def _find(self, setting: Setting, given: Mapping[str, object]) -> Found:
        text = self._environ.get(setting.variable)
        try:
            if text:
                return Found(setting, setting.read(FromText(text), setting.variable), "environment")
            if setting.name in given:
                return Found(setting, read_for_file(setting, given[setting.name]), "file")
        except InvalidInputError as error:
            self.problems += error.problems
        return Found(setting, setting.slot.default, "default")


def read_for_file(setting: Setting, value: object) -> Any:
    """Check a value that stands in the file.

    Raises:
        InvalidInputError: It cannot be used, or has no place in a file that is not encrypted.
    """
    found = setting.read(value, setting.name)
    if setting.name == "http.proxy" and "@" in found:
        message = f"must be without user and password: the file is not encrypted; set {setting.variable} instead"
        raise InvalidInputError([Problem(path=setting.name, rule="secret", message=message)], hint=_LIST)
    return dump(found)


def _set_in(environ: Mapping[str, str]) -> list[str]:
    # On Windows the names of variables have no case.
    return [name for name in environ if name.upper().startswith(_VARIABLES) and environ[name]]


def anything_set(environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether a user set anything, without reading it: mostly not, and then every form holds its defaults."""
    said = os.environ if environ is None else environ
    return bool(_set_in(said)) or SettingsFile(Home.find(said)).path.exists()


def _unknown(name: str, known: Iterable[str]) -> Problem:
    return Problem(path=name, rule="unknown_setting", message=f"is no setting{near_miss(name, known)}")


def chosen(section: Callable[..., T], environ: Mapping[str, str] | None = None) -> T:
    """Give what the user set, of one of the forms of SECTIONS.

    What other programs go by (``HTTPS_PROXY``, ``REQUESTS_CA_BUNDLE``, ``.netrc``) is ignored: it may send a credential
    where its owner never meant it to go. ``jackfield doctor`` says so.

    Args:
        section: The form.
        environ: As in ``Settings``.

    Raises:
        InputError: A setting cannot be used, of whichever form.
    """
    if not anything_set(environ):
        return section()
    settings = Settings(environ)
    settings.check()
    return settings.section(section)


def user_settings(environ: Mapping[str, str] | None = None) -> HttpSettings:
    """Give the settings that the command line goes out to the network by.

    A ``Host`` reads none of them by itself; ``Host(settings=user_settings())`` goes by them.

    Args:
        environ: As in ``Settings``.

    Raises:
        InputError: The file cannot be read, or a value in it or in a variable is wrong.
    """
    return chosen(HttpSettings, environ)
