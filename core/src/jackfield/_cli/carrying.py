"""``connection export`` and ``import``: connections on their way to another machine."""

from collections.abc import Sequence
from pathlib import Path

import click

from jackfield import InputError, Secret
from jackfield._cli.credentials import read_stdin
from jackfield._cli.prompts import ask_secret, can_ask
from jackfield._cli.saved import ask_twice, open_store, tell_protection
from jackfield._cli.terminal import say, write
from jackfield._privacy import write_private
from jackfield.vault.carrying import MAX_BYTES, is_encrypted

_NEEDED = "A passphrase is needed; this is no terminal where it can be asked for, so give it with --stdin."


def export_connections(names: Sequence[str], output: str, *, without_secrets: bool, stdin: bool, force: bool) -> None:
    """Write connections to a file, encrypted unless they have no secrets.

    Raises:
        JackfieldError: One is not saved, or the file is there already.
    """
    path = Path(output).expanduser()
    if output != "-" and path.exists() and not force:
        message = f"{path} is there already."
        raise InputError(message, hint="--force replaces it.")
    store = open_store()
    store.unlock()
    passphrase = None if without_secrets else _passphrase("Passphrase for the file", stdin=stdin, new=True)
    text = store.export(names, passphrase=passphrase)
    if output == "-":
        write(text)
    else:
        _save(path, text)
    count = len(names or store.saved())
    told = "without secrets" if without_secrets else "encrypted with the passphrase"
    say(f"Exported {count} connection{'s' if count != 1 else ''}, {told}.")


def import_connections(source: str, *, replace: bool, references: bool, stdin: bool) -> None:
    """Save the connections of a file.

    Raises:
        JackfieldError: The file cannot be used, or a name is taken.
    """
    text = _read(Path(source).expanduser())
    sealed = is_encrypted(text)
    passphrase = _passphrase("Passphrase of the file", stdin=stdin, new=False) if sealed else Secret("")
    store = open_store()
    begins = not store.path.exists()
    for view in store.load(text, passphrase=passphrase, replace=replace, references=references):
        missing = [key for key, is_set in view.secrets.items() if not is_set]
        left_out = f"; left out, since it is kept elsewhere: {', '.join(missing)} (--references)" if missing else ""
        kept = ", with the secrets that it had" if not sealed and any(view.secrets.values()) else ""
        say(f"Imported {view.name} ({view.type_id}){kept}{left_out}. next: jackfield connection check {view.name}")
    if begins:
        tell_protection(store)


def _save(path: Path, text: str) -> None:
    try:
        write_private(path, text)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise InputError(message, hint=f"ls -ld '{path.absolute().parent}'") from None


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        return data.decode()
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 at byte {error.start}."
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
    raise InputError(message, hint="Give a file that `jackfield connection export` wrote.")


def _passphrase(prompt: str, *, stdin: bool, new: bool) -> Secret:
    if stdin:
        return read_stdin()
    if not can_ask():
        raise click.UsageError(_NEEDED, click.get_current_context(silent=True))
    return ask_twice(prompt) if new else ask_secret(prompt)
