"""What the command line goes by: the settings of the user."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from jackfield import ConnectionStore, FileSettings, Host, HttpSettings, hookimpl
from jackfield._home import Home
from jackfield.settings import OutputSettings, SecretSettings, Settings, anything_set

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


class _UserStore:
    """Gives a host the store of this user; it is opened when a connection is looked up by its name."""

    def __init__(self, connection: str | None) -> None:
        self._stores: Sequence[ConnectionStore] = ()
        if connection:
            from jackfield._cli.saved import store_for  # noqa: PLC0415  most runs need neither it nor SQLite

            self._stores = [store_for(connection)]

    @hookimpl
    def connection_stores(self) -> Sequence[ConnectionStore]:
        """Give it."""
        from jackfield._cli.saved import open_store  # noqa: PLC0415  as above

        return self._stores or [open_store()]


def open_host(*plugins: object, files: str | None = None, connection: str | None = None) -> Host:
    """Make the host that this command line is.

    Args:
        plugins: More of them.
        files: The directory for files that modules make; the one in the data directory without.
        connection: Which connection will be used, if any: a passphrase that its store wants is asked for here.
    """
    home = Home.find()
    # Whoever types may name what he can read; a module's file goes where he finds it again.
    directory = Path(os.path.expanduser(files)) if files else home.data / "files"  # noqa: PTH111  as in inputs.py
    return Host(
        plugins=(_UserStore(connection), *plugins),
        settings=chosen(HttpSettings),
        choices_dir=home.cache / "choices",
        files=FileSettings(directory=directory, input_anywhere=True),
        allow_commands=chosen(SecretSettings).allow_commands,
    )
