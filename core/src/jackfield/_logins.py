"""Logins of OAuth 2, as a program does them that embeds us; the command line is one of these."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from jackfield._http.limits import Cancellation
from jackfield._oauth import logins
from jackfield._oauth.endpoint import Way
from jackfield._oauth.logins import DeviceLogin, Login
from jackfield._runtime import Runtime
from jackfield._tokens import OAuth2
from jackfield.errors import InputError

T = TypeVar("T")
Given = str | Mapping[str, object] | None


class LoginMethods:
    """What a Host can do about logins.

    Each method takes a connection type and a connection: a name, or values, in which nothing but the tokens may be
    missing. Tokens are given as values by field; the host saves them beside the others.
    """

    _runtime: Runtime

    def begin_login(self, type_id: str, connection: Given = None, *, redirect_uri: str) -> Login:
        """Begin a login with a browser; sends nothing.

        Args:
            type_id: The connection type: ``openai.openai``.
            connection: As in RunOptions.
            redirect_uri: Where the service sends the browser back: a page of this host, registered with the service.

        Raises:
            InputError: The connection type has no such login.
        """
        return self._asked(
            type_id, connection, lambda _way, oauth, form: logins.begin(oauth, form, redirect_uri), 10, None
        )

    def finish_login(
        self,
        type_id: str,
        login: Login,
        params: Mapping[str, object],
        connection: Given = None,
        *,
        deadline_s: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> dict[str, object]:
        """Turn what the browser brought back into tokens.

        Args:
            type_id: As in ``begin_login``.
            login: What that gave, from the session of the same person.
            params: The query with which the browser came back; a name may have a list of texts.
            connection: As in ``begin_login``.
            deadline_s: As in RunOptions.
            cancellation: As in RunOptions.

        Raises:
            InputError: What came back belongs to another login or another server; nothing was sent.
            PermissionDeniedError: The person did not allow it.
            RemoteError: The server refuses.
        """

        def finish(way: Way, oauth: OAuth2, form: Any) -> dict[str, object]:
            return logins.finish(way, oauth, form, login, params)

        return self._asked(type_id, connection, finish, deadline_s, cancellation)

    def begin_device_login(
        self,
        type_id: str,
        connection: Given = None,
        *,
        deadline_s: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> DeviceLogin:
        """Begin a login on another device; arguments as ``finish_login``.

        Raises:
            InputError: The connection type has no such login.
        """
        return self._asked(type_id, connection, logins.begin_device, deadline_s, cancellation)

    def finish_device_login(
        self,
        type_id: str,
        login: DeviceLogin,
        connection: Given = None,
        *,
        deadline_s: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> dict[str, object]:
        """Wait until the person has logged in there, and give the tokens; arguments as ``finish_login``.

        Raises:
            CredentialsError: Nobody did in time.
            PermissionDeniedError: The person did not allow it.
        """

        def finish(way: Way, oauth: OAuth2, form: Any) -> dict[str, object]:
            return logins.finish_device(way, oauth, form, login)

        return self._asked(type_id, connection, finish, deadline_s, cancellation)

    def revoke_login(
        self,
        type_id: str,
        connection: Given = None,
        *,
        deadline_s: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> bool:
        """Give the tokens of a connection back, so that they are good for nothing; arguments as ``finish_login``.

        Returns:
            Whether there was something to give back, and the service has a place for it.
        """
        return self._asked(type_id, connection, logins.revoke, deadline_s, cancellation)

    def _asked(
        self,
        type_id: str,
        given: Given,
        ask: Callable[[Way, OAuth2, Any], T],
        deadline_s: float | None,
        cancellation: Cancellation | None,
    ) -> T:
        operation = self._runtime.check(type_id, connection=given, deadline_s=deadline_s, cancellation=cancellation)
        connection = operation.connection
        oauth = connection.oauth if connection else None
        if connection is None or oauth is None:
            message = f"{type_id} has no login: its connections are made of what a person types."
            raise InputError(message, hint=f"jackfield connector show {type_id.partition('.')[0]}")
        return self._runtime.asked(
            operation, lambda _hooks, _context: ask(self._runtime.way(operation), oauth, connection.form)
        )
