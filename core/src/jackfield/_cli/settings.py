"""What the command line goes by: the settings of the user."""

import os
from collections.abc import Sequence
from pathlib import Path

from jackfield import ConnectionStore, FileSettings, Host, hookimpl
from jackfield.settings import OutputSettings, Settings, anything_set
from jackfield.user import user_files, user_host


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
    # Whoever types may name what he can read; a module's file goes where he finds it again.
    directory = Path(os.path.expanduser(files)) if files else None  # noqa: PTH111  as in inputs.py
    return user_host(
        plugins=plugins,
        store=_UserStore(connection),
        files=FileSettings(directory=directory or user_files(), input_anywhere=True),
    )
