"""The host that a person has at the command line, for other programs that the same person starts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jackfield._home import Home
from jackfield._http.limits import HttpSettings
from jackfield.host import Host
from jackfield.settings import SecretSettings, chosen
from jackfield.storage import FileSettings

__all__ = ["user_files", "user_host"]


def user_files(environ: Mapping[str, str] | None = None) -> Path:
    """Give the directory in which the command line keeps the files that modules make.

    Args:
        environ: Where ``JACKFIELD_HOME`` is looked up; the process's environment without.
    """
    return Home.find(environ).data / "files"


def user_host(
    *,
    plugins: Sequence[object] = (),
    store: object | None = None,
    files: FileSettings | None = None,
    environ: Mapping[str, str] | None = None,
) -> Host:
    """Make a host that goes by what this user set, and knows the connections that this user saved.

    A ``Host`` by itself knows neither. Nobody is asked for a passphrase: a store that has one needs
    ``JACKFIELD_PASSPHRASE``, or a ``store`` that asks.

    Args:
        plugins: As in ``Host``.
        store: The plugin that brings the saved connections; ``Store.default()`` without.
        files: As in ``Host``; without, what modules make is kept in ``user_files()``, and no caller may name a file of
            this machine.
        environ: As in ``Host``.

    Raises:
        InputError: A setting of the user cannot be used.
    """
    if store is None:
        from jackfield.vault import Store  # noqa: PLC0415  a store that is given may never need SQLite

        store = Store.default(environ)
    return Host(
        plugins=(store, *plugins),
        environ=environ,
        settings=chosen(HttpSettings, environ),
        choices_dir=Home.find(environ).cache / "choices",
        files=files or FileSettings(directory=user_files(environ)),
        allow_commands=chosen(SecretSettings, environ).allow_commands,
    )
