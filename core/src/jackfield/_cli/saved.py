"""The user's own store of connections, as the command line opens it."""

from itertools import count

from jackfield import ConnectionType, Host, InputError, Secret, StoreError
from jackfield._cli.prompts import ask_secret, can_ask
from jackfield._cli.terminal import say
from jackfield._engine.suggestions import close_names
from jackfield.vault import Protection, Store
from jackfield.vault.filling import not_saved

_NEW = "New passphrase for saved connections"
_AGAIN = "The same again"
_KNOWN = "Passphrase of saved connections"


def open_store() -> Store:
    """Give the store of this user; nothing is opened yet."""
    tries = count()

    def ask_for_it(new: bool) -> Secret:
        # A store asks again only because what it was given opened nothing.
        return ask_passphrase(new, again=not new and next(tries) > 0)

    return Store.default(ask=ask_for_it)


def ask_passphrase(new: bool, *, again: bool = False) -> Secret:
    """Ask for the passphrase of the store.

    Args:
        new: Whether there is none yet.
        again: Whether the last answer was wrong.

    Raises:
        StoreError: Nobody is there to be asked.
    """
    if again:
        say("That is not the passphrase of the saved connections; please type it again.")
    if not can_ask():
        message = (
            "The saved connections are protected by a passphrase, and this is no terminal where it can be asked for."
        )
        raise StoreError(message, hint="Set JACKFIELD_PASSPHRASE.")
    return ask_twice(_NEW) if new else ask_secret(_KNOWN)


def ask_twice(prompt: str) -> Secret:
    """Ask for something new that is not shown, until it is typed twice in the same way."""
    while True:
        typed = ask_secret(prompt)
        if typed == ask_secret(_AGAIN):
            return typed
        say("These are two different ones; please type it again.")


def store_for(connection: str) -> Store:
    """Give the store, unlocked if the connection is in it: here, where Ctrl-C is heard, not where the work is done."""
    store = open_store()
    if store.protection() is Protection.PASSPHRASE and is_saved(store, connection):
        store.unlock()
    return store


def is_saved(store: Store, name: str) -> bool:
    """Tell whether a connection of that name is saved."""
    return any(saved.name == name for saved in store.saved())


def type_of(store: Store, name: str) -> str:
    """Give the type of a saved connection.

    Raises:
        NoConnectionError: It is not saved.
    """
    types = {saved.name: saved.type_id for saved in store.saved()}
    if name not in types:
        raise not_saved(name, types)
    return types[name]


def tell_protection(store: Store) -> None:
    """Say what protects the key, once it was made."""
    told = {
        Protection.FILE: "Whoever can read that file and the store can read the secrets.",
        Protection.KEYRING: "Whoever is logged in as you can read the secrets.",
        Protection.PASSPHRASE: "Without it nobody can read the secrets, you included.",
        Protection.ENVIRONMENT: "Whoever can read it and the store can read the secrets.",
    }
    say(f"note: the key of {store.path} is protected by {store.told_protection()}. {told[store.protection()]}")


def whole_type_id(host: Host, given: str) -> str:
    """Give the id of a connection type; a connector that has one type may stand for it.

    Raises:
        InputError: It is a connector that has several types, or none.
    """
    if given not in [connector.id for connector in host.connectors()]:
        return given
    types = [*host.connector(given).connection_types]
    if len(types) == 1:
        return types[0]
    message = f"{given} is a connector, and no connection type. Its types are: {', '.join(types) or 'none'}."
    raise InputError(message, hint=f"jackfield connector show {given}")


def connection_type(host: Host, type_id: str) -> ConnectionType:
    """Give a connection type.

    Raises:
        InputError: There is none.
    """
    types = host.connector(type_id.partition(".")[0]).connection_types
    if type_id not in types:
        meant = close_names(type_id, types) or f" There are: {', '.join(types) or 'none'}."
        message = f"There is no connection type {type_id!r}.{meant}"
        raise InputError(message, hint="jackfield connector list")
    return types[type_id]
