"""What the command line goes by: the settings of the user."""

import os
from pathlib import Path
from typing import TypeVar

from jackfield import FileSettings, Host, HttpSettings
from jackfield._home import Home
from jackfield.settings import OutputSettings, Settings, anything_set

T = TypeVar("T")


def chosen(section: type[T]) -> T:
    """Give what the user set, of one of the forms of ``jackfield.settings``.

    What other programs go by (``HTTPS_PROXY``, ``REQUESTS_CA_BUNDLE``, ``.netrc``) is ignored: it may send a credential
    where its owner never meant it to go. ``jackfield doctor`` says so.

    Raises:
        InputError: A setting cannot be used, of whichever form.
    """
    if not anything_set():
        return section()
    settings = Settings()
    settings.check()
    return settings.section(section)


def wanted_color() -> tuple[str, bool]:
    """Give when there are colors, and whether that was said for this run alone. What is wrong is told elsewhere."""
    if not anything_set():
        return OutputSettings().color, False
    found = Settings().found["output.color"]
    return found.value, found.source == "environment"


def open_host(*plugins: object, files: str | None = None) -> Host:
    """Make the host that this command line is.

    Args:
        plugins: More of them.
        files: The directory for files that modules make; the one in the data directory without.
    """
    home = Home.find()
    # Whoever types may name what he can read; a module's file goes where he finds it again.
    directory = Path(os.path.expanduser(files)) if files else home.data / "files"  # noqa: PTH111  as in inputs.py
    return Host(
        plugins=plugins,
        settings=chosen(HttpSettings),
        choices_dir=home.cache / "choices",
        files=FileSettings(directory=directory, input_anywhere=True),
    )
