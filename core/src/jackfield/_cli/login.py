"""``connection login``: a person logs in at the service, with a browser here or on another device."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from jackfield import Cancellation, Deadline, Host, InputError, JackfieldError, Loopback, Store
from jackfield._cli.attend import attend
from jackfield._cli.browsing import open_browser
from jackfield._cli.saved import connection_type, open_store, type_of
from jackfield._cli.settings import open_host
from jackfield._cli.terminal import say
from jackfield._engine.conversion import load_form
from jackfield._tokens import OAuth2
from jackfield.connections import ConnectionType
from jackfield.references import Reference
from jackfield.secrets import MASK, Secret

T = TypeVar("T")
Given = str | Mapping[str, object]

_REVOKE_S = 20.0
_SAVE_S = 60.0
"""How long to wait for another process that renews the tokens meanwhile."""


class LoginWishes(NamedTuple):
    """How a person wants to log in.

    Attributes:
        device: On another device.
        browser: Whether a browser may be opened.
        timeout_s: How long to wait.
    """

    device: bool = False
    browser: bool = True
    timeout_s: float = 300.0


def lives_by_login(kind: ConnectionType, values: Mapping[str, object]) -> bool:
    """Tell whether a person logs in for values; a type may take a key as well."""
    if kind.oauth is None or not kind.oauth.needs_person:
        return False
    known = {name: Secret(MASK) if isinstance(value, Reference) else value for name, value in values.items()}
    try:
        return kind.oauth_of(load_form(kind.form, known)) is not None
    except InputError:
        return True  # what is wrong with the values is told by whoever uses them


def needs_login(kind: ConnectionType, values: Mapping[str, object]) -> bool:
    """Tell whether values want a login before they are of use."""
    return not (values.keys() & {"access_token", "refresh_token"}) and lives_by_login(kind, values)


def login_again(name: str, wishes: LoginWishes) -> None:
    """Log in for a saved connection, and save what it gives in the place of what was there.

    Raises:
        JackfieldError: It did not succeed; what was saved stays.
    """
    store = open_store()
    type_id = type_of(store, name)
    with open_host(connection=name) as host:
        kind = connection_type(host, type_id)
        tokens = tokens_of_login(host, type_id, name, kind, wishes)
        _save(store, name, kind, tokens)
    say(f"Logged in; saved in {name}. next: jackfield connection check {name}")


def _save(store: Store, name: str, kind: ConnectionType, tokens: Mapping[str, object]) -> None:
    deadline = Deadline(_SAVE_S)

    def wait() -> None:
        time.sleep(0.02)
        deadline.check("queue", sent=False)

    with store.renewing(name, wait):  # who renews the old ones just now must not come last
        store.renew(name, kind, tokens)


def tokens_of_login(
    host: Host, type_id: str, given: Given, kind: ConnectionType, wishes: LoginWishes
) -> Mapping[str, object]:
    """Have a person log in, and give the tokens as values.

    Raises:
        InputError: The type has no such login.
        JackfieldError: It did not succeed.
    """
    oauth = kind.oauth
    if oauth is None or not oauth.needs_person:
        reason = "it gets its tokens by itself" if oauth else "its connections are made of what is typed"
        message = f"Nobody logs in to {type_id}: {reason}."
        raise InputError(message, hint="jackfield connection edit --help")
    if wishes.device and not oauth.device_url:
        message = f"The service of {type_id} has no login on another device."
        raise InputError(message, hint="Leave --device out, and use a browser on this machine.")
    if wishes.device or not oauth.authorize_url:
        return _on_device(host, type_id, given, wishes)
    return _in_browser(host, type_id, given, oauth, wishes)


def _in_browser(host: Host, type_id: str, given: Given, oauth: OAuth2, wishes: LoginWishes) -> Mapping[str, object]:
    with Loopback(oauth.redirect_path, oauth.redirect_port) as loopback:
        login = host.begin_login(type_id, given, redirect_uri=loopback.uri)
        opened = wishes.browser and open_browser(login.url)
        begin = "The login was opened in your browser; if it was not, open" if opened else "To log in, open"
        say(f"{begin} this address in a browser on this machine:\n\n{login.url}\n")

        def finish(cancellation: Cancellation) -> Mapping[str, object]:
            params = loopback.wait(login.state, Deadline(wishes.timeout_s), cancellation)
            return host.finish_login(type_id, login, params, given, cancellation=cancellation)

        try:
            tokens = _attended(finish)
        except JackfieldError as error:
            loopback.tell("The login failed", error.message)
            raise
        loopback.tell("You are logged in", "This page can be closed. Jackfield goes on where you began the login.")
        return tokens


def _on_device(host: Host, type_id: str, given: Given, wishes: LoginWishes) -> Mapping[str, object]:
    def begin(cancellation: Cancellation) -> Mapping[str, object]:
        login = host.begin_device_login(type_id, given, cancellation=cancellation)
        say(f"On any device, open {login.verification_uri} and type the code {login.user_code}")
        if login.verification_uri_complete:
            say(f"or open {login.verification_uri_complete}")
        return host.finish_device_login(type_id, login, given, deadline_s=wishes.timeout_s, cancellation=cancellation)

    return _attended(begin)


def _attended(work: Callable[[Cancellation], T]) -> T:
    cancellation = Cancellation()
    return attend(lambda _tell: work(cancellation), lambda _told: None, cancellation)


def login_ended(type_id: str, name: str) -> bool:
    """End the login of a saved connection at its service; says whether it was. What fails is told, and no more."""
    try:
        with open_host(connection=name) as host:
            oauth = connection_type(host, type_id).oauth
            if oauth is None or not oauth.revocation_url:
                return False
            return _attended(
                lambda cancellation: host.revoke_login(type_id, name, deadline_s=_REVOKE_S, cancellation=cancellation)
            )
    except JackfieldError as error:
        say(f"warning: its login could not be ended at the service: {error.message}")
        return False
