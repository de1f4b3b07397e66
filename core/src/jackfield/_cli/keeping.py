"""``connection add``, ``edit``, ``rename``, ``remove`` and ``rotate-key``: what changes what is saved."""

from collections.abc import Callable, Mapping

import click

from jackfield import (
    Cancellation,
    ConnectionCheck,
    Host,
    InputError,
    InvalidInputError,
    Protection,
    Secret,
    Store,
    Verdict,
)
from jackfield._cli.attend import attend
from jackfield._cli.credentials import (
    Wishes,
    ask_again,
    asked_values,
    given_values,
    missing_keys,
    read_stdin,
)
from jackfield._cli.login import LoginWishes, lives_by_login, login_ended, needs_login, tokens_of_login
from jackfield._cli.prompts import can_ask, confirm
from jackfield._cli.saved import (
    ask_twice,
    connection_type,
    is_saved,
    open_store,
    tell_protection,
    type_of,
    whole_type_id,
)
from jackfield._cli.settings import open_host
from jackfield._cli.talk import Talk
from jackfield._cli.terminal import say
from jackfield._cli.verdicts import told_tiers
from jackfield.connections import ConnectionType
from jackfield.vault.filling import checked_name


def add_connection(name: str, type_id: str, wishes: Wishes, login: LoginWishes, *, check: bool) -> None:
    """Save a new connection, once its service has said that it works.

    Raises:
        JackfieldError: It does not work, or cannot be saved.
    """
    store, name = open_store(), checked_name(name)
    if is_saved(store, name):
        message = f"There is a connection {name!r} already."
        raise InputError(message, hint=f"To change it: jackfield connection edit {name}")
    begins = not store.path.exists()
    talk = Talk()
    with open_host(talk) as host:
        type_id = whole_type_id(host, type_id)
        kind = connection_type(host, type_id)
        values = given_values(wishes, kind, f"The connection {name!r}")
        if can_ask():
            values |= asked_values(kind, values, missing_keys(kind, values, everything=not wishes.arguments))
        if needs_login(kind, values):
            values |= tokens_of_login(host, type_id, values, kind, login)
        found = _checked(host, type_id, values, talk) if check else None
        store.add(name, type_id, kind, values)
    _tell_saved(store, name, found)
    if begins:
        tell_protection(store)


def edit_connection(name: str, wishes: Wishes, *, check: bool) -> None:
    """Change a saved connection, once its service has said that it works so.

    Raises:
        JackfieldError: It does not work, or cannot be saved.
    """
    store = open_store()
    type_id = type_of(store, name)
    talk = Talk()
    with open_host(talk) as host:
        kind = connection_type(host, type_id)
        changes = given_values(wishes, kind, f"The connection {name!r}")
        changes |= _asked_changes(store, name, kind, wishes, changes)
        if not changes:
            say("Nothing was changed.")
            return
        try:
            values, revision = store.draft(name, kind, changes)
        except InvalidInputError as error:
            changes |= ask_again(error, kind)
            values, revision = store.draft(name, kind, changes)
        # A check may renew the tokens of a person's login, and only what is saved can keep them: it is checked later.
        by_login = lives_by_login(kind, values)
        found = _checked(host, type_id, values, talk) if check and not by_login else None
        view = store.edit(name, kind, changes, revision=revision)
    if by_login and not view.secrets["access_token"]:
        say(f"Saved {name}; it needs a new login. next: jackfield connection login {name}")
        return
    _tell_saved(store, name, found)


def _asked_changes(
    store: Store, name: str, kind: ConnectionType, wishes: Wishes, given: Mapping[str, object]
) -> Mapping[str, object]:
    if wishes.secrets or (wishes.is_empty() and can_ask()):
        if not can_ask():
            message = "--secret asks for a secret, and this is no terminal."
            raise click.UsageError(message, click.get_current_context(silent=True))
        if wishes.is_empty():
            view = store.view(name)
            say("What is left empty stays as it is. Now there are:")
            for key, value in view.settings.items():
                say(f"  {key}: {value}")
        keys = wishes.secrets or missing_keys(kind, given, everything=True)
        return asked_values(kind, given, keys, optional=True)
    return {}


def _checked(host: Host, type_id: str, values: Mapping[str, object], talk: Talk) -> ConnectionCheck:
    cancellation = Cancellation()

    def ask(tell: Callable[[object], None]) -> ConnectionCheck:
        talk.pass_on = tell
        return host.diagnose_connection(type_id, values, cancellation=cancellation)

    found = attend(ask, talk.hear, cancellation)
    if found.error is not None:
        lines = [found.error.message, told_tiers(found), "Nothing was saved; --no-check saves it as it is."]
        found.error.message = "\n".join(lines)
        raise found.error
    return found


def _tell_saved(store: Store, name: str, found: ConnectionCheck | None) -> None:
    if found is None:
        say(f"Saved {name}, unchecked. next: jackfield connection check {name}")
        return
    store.note_check(name, found.verdict)
    works = f"it works: {found.label}" if found.label else "it works"
    told = works if found.verdict is Verdict.WORKS else "nothing can be asked to prove that it works"
    say(f"Saved {name}; {told}. next: jackfield module run MODULE --connection {name}")


def rename_connection(name: str, new_name: str) -> None:
    """Give a saved connection another name."""
    open_store().rename(name, new_name)
    say(f"{name} is called {new_name} now.")


def remove_connection(name: str, *, sure: bool, revoke: bool) -> None:
    """Remove a saved connection.

    Raises:
        JackfieldError: It is not saved.
        click.UsageError: Nobody is there to say that it shall be.
    """
    store = open_store()
    type_id = type_of(store, name)
    if not sure:
        if not can_ask():
            message = "This is no terminal where you could be asked if you are sure; --yes says so."
            raise click.UsageError(message, click.get_current_context(silent=True))
        if not confirm(f"Remove {name} ({type_id})? Its secrets cannot be brought back."):
            say("Nothing was removed.")
            return
    ended = revoke and login_ended(type_id, name)
    store.remove(name)
    if ended:
        say(f"Removed {name}, and ended its login at the service.")
        return
    say(f"Removed {name}. The secret itself is still good at its service: end it there if nobody needs it.")


def rotate_key(method: str | None, *, stdin: bool) -> None:
    """Seal everything with a new key.

    Raises:
        JackfieldError: The store cannot be read or written.
    """
    store = open_store()
    if not store.saved():
        message = "Nothing is saved yet, so there is no key."
        raise InputError(message, hint="jackfield connection add --help")
    store.unlock()
    wanted = Protection(method) if method else store.protection()
    passphrase = Secret("")
    if wanted is Protection.PASSPHRASE:
        passphrase = read_stdin() if stdin else ask_new_passphrase()
    store.rotate(wanted, passphrase=passphrase)
    say("Everything is sealed with a new key.")
    tell_protection(store)


def ask_new_passphrase() -> Secret:
    """Ask for a new passphrase on the terminal; empty if nobody is there, so that the environment may have it."""
    return ask_twice("New passphrase for saved connections") if can_ask() else Secret("")
