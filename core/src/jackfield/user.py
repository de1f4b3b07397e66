"""The host that a person has at the command line, for other programs that the same person starts."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from jackfield._home import Home
from jackfield._http.limits import HttpSettings
from jackfield._privacy import check_private, make_folder, write_private
from jackfield.errors import StoreError
from jackfield.host import Host
from jackfield.programs import ProgramSettings
from jackfield.secrets import Secret
from jackfield.settings import SecretSettings, chosen
from jackfield.storage import FileSettings

__all__ = ["KeptToken", "kept_token", "user_data", "user_files", "user_host"]


def user_data(environ: Mapping[str, str] | None = None) -> Path:
    """Give the directory in which the command line keeps what must not be lost; it may not be there yet.

    Args:
        environ: Where ``JACKFIELD_HOME`` is looked up; the process's environment without.
    """
    return Home.find(environ).data


def user_files(environ: Mapping[str, str] | None = None) -> Path:
    """Give the directory in which the command line keeps the files that modules make.

    Args:
        environ: Where ``JACKFIELD_HOME`` is looked up; the process's environment without.
    """
    return user_data(environ) / "files"


@frozen(kw_only=True)
class KeptToken:
    """A token in a file that only its owner may read.

    Attributes:
        value: The token.
        path: The file.
        is_new: Whether both were made just now.
    """

    value: Secret
    path: Path
    is_new: bool


def kept_token(path: Path) -> KeptToken:
    """Give the token that is in a file; if there is no file, make one with 256 random bits.

    A server that other programs of the same person ask needs such a token.

    Args:
        path: The file; spaces and line ends around the token do not count.

    Raises:
        StoreError: Others may read the file, or it cannot be read or written.
    """
    reason = ""
    try:
        if not path.exists():
            make_folder(path.parent)
            made = Secret(secrets.token_urlsafe(32))
            write_private(path, made)
            return KeptToken(value=made, path=path, is_new=True)
        check_private(path, path.stat(), "The token file", then="   and if others are on this machine: delete it.")
        return KeptToken(value=Secret(path.read_text("utf-8").strip()), path=path, is_new=False)
    except OSError as error:
        reason = error.strerror or "it is no file"
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    message = f"The token file {path} cannot be used: {reason}."  # here: what cannot be decoded has the file in it
    raise StoreError(message, hint="Name a file that this program may read, in a folder that it may write to.")


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
        programs=chosen(ProgramSettings, environ),
    )
