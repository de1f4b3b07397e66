"""What ``jackfield config`` does."""

import os
from collections.abc import Iterable
from pathlib import Path

from jackfield._cli.describe import type_words
from jackfield._cli.locking import locked
from jackfield._cli.output import write_json, write_plain
from jackfield._cli.terminal import say, write
from jackfield._home import Home
from jackfield.fields import FromText
from jackfield.settings import Found, Settings, SettingsFile, setting_named

_EMPTY = "not set"
_PATHS = ("http.ca_bundle", "run.prices")
_WIDE = 110
"""Fewer columns leave no room for a sentence beside name, value and source."""


def print_settings(form: str) -> None:
    """Print everything that can be set; then tell what is wrong."""
    settings = Settings()
    if form == "json":
        write_json([_as_json(found) for found in settings.found.values()])
    else:
        write(_as_text(settings.found.values()))
    settings.check()


def _as_json(found: Found) -> dict[str, object]:
    setting = found.setting
    shown = setting.shown(found.value)
    return {
        "name": setting.name,
        "value": shown if isinstance(found.value, str) else found.value,
        "source": found.source,
        "default": setting.slot.default,
        "type": type_words(setting.slot),
        "variable": setting.variable,
        "help": setting.slot.word.help,
    }


def _as_text(settings: Iterable[Found]) -> str:
    from jackfield._cli.tables import cell, indented, rendered, table, width  # noqa: PLC0415  rich is for tables only

    rows = [(found.setting.name, *_state(found), _meaning(found)) for found in settings]
    if width() >= _WIDE:
        return rendered(table(["Setting", "Value", "From", "Meaning"], rows, unbroken=["Setting", "Value", "From"]))
    parts = [(cell(f"{name} = {value} ({source})", "bold"), indented(meaning)) for name, value, source, meaning in rows]
    return rendered(*(line for part in parts for line in part))


def _state(found: Found) -> tuple[str, str]:
    return found.setting.shown(found.value) or _EMPTY, found.source


def _meaning(found: Found) -> str:
    setting = found.setting
    otherwise = f" Default: {setting.shown_default or _EMPTY}." if found.source != "default" else ""
    return f"{setting.slot.word.help} ({type_words(setting.slot)}; {setting.variable}){otherwise}"


def print_value(name: str) -> None:
    """Print the value that counts.

    Raises:
        InputError: There is no such setting, or some setting is wrong.
    """
    setting = setting_named(name)
    settings = Settings()
    settings.check()
    write_plain(f"{setting.shown(settings.found[name].value)}\n")


def set_setting(name: str, text: str) -> None:
    """Write a value to the file, and tell what counts now.

    Raises:
        InputError: There is no such setting, it cannot have the value, or the file cannot be changed.
    """
    setting = setting_named(name)
    # A path that is right here is to be right everywhere.
    given = str(Path(text).expanduser().absolute()) if name in _PATHS and text else text
    value = setting.read_new(FromText(given))
    home = Home.find()
    file = SettingsFile(home)
    with locked(home.config / "settings.lock"):
        file.write({**file.read(), name: value})
    say(f"{name} is {setting.shown(value) or _EMPTY} ({file.path}).")
    if os.environ.get(setting.variable):
        say(f"warning: {setting.variable} is set, and outranks it.")


def unset_setting(name: str) -> None:
    """Take a value out of the file, also one that is wrong or has no meaning; tell what counts now.

    Raises:
        InputError: There is no such setting, neither in the file nor in Jackfield.
    """
    home = Home.find()
    file = SettingsFile(home)
    with locked(home.config / "settings.lock"):
        given = file.read()
        if name not in given:
            setting_named(name)
            say(f"{name} was not set in {file.path}.")
            return
        file.write({key: value for key, value in given.items() if key != name})
    found = Settings().found.get(name)
    say(
        f"{name} is {found.setting.shown(found.value) or _EMPTY} (from: {found.source})."
        if found
        else f"{name} is gone."
    )


def print_path() -> None:
    """Print where the file is, or would be."""
    write_plain(f"{SettingsFile(Home.find()).path}\n")
