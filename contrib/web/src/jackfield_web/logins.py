"""Logins with OAuth 2: begun by somebody who has a connection, and finished by nobody else, once, and in time."""

import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

import attrs
from attrs import frozen
from starlette.responses import RedirectResponse, Response

from jackfield import Cancellation, Deadline, Host, JackfieldError, Login, Store, Tokens
from jackfield_web.connections import Connections
from jackfield_web.problems import WebError, nothing_there
from jackfield_web.rendering import Json
from jackfield_web.seen import needs_person, store_of, told_saved, view_of
from jackfield_web.settings import WebSettings
from jackfield_web.visits import Visit

_POLL_S = 0.02
_OF_TOKENS = frozenset(attrs.fields_dict(Tokens))
"""What a renewal changes, which is no change of a connection."""
Params = Mapping[str, list[str]]


@frozen(kw_only=True, eq=False)
class _Begun:
    """A login that somebody began; what proves it (PKCE) never leaves the server.

    Attributes:
        state: Of the connection. One that was changed meanwhile, or made anew, may lead elsewhere, where the code of
            this login must not go.
        return_to: The path to which the browser goes afterwards; empty for none.
        until: By the clock of time.monotonic.
    """

    owner: str
    connection: str
    type_id: str
    login: Login
    state: tuple[object, ...]
    return_to: str
    until: float


class Logins:
    """Begins logins and finishes them; those of one process.

    Args:
        host: Knows how.
        settings: Where browsers come back to, how many logins, and for how long.
        connections: For which they are.
    """

    def __init__(self, host: Host, settings: WebSettings, connections: Connections) -> None:
        self._host = host
        self._settings = settings
        self._connections = connections
        self._lock = threading.Lock()
        self._begun: dict[str, _Begun] = {}

    async def begin_login(self, visit: Visit) -> Response:
        """Say where the browser has to go."""
        return await visit.json(lambda: self._begin(visit), 201)

    def _begin(self, visit: Visit) -> dict[str, Any]:
        if not self._settings.login_address:
            message = "This application has no address to which a service could send the browser back."
            hint = "Whoever runs the application can give WebSettings(login_address=...)."
            raise WebError(message, status=404, hint=hint)
        view = view_of(visit)
        kind = self._connections.type(view.type_id).kind
        if not needs_person(kind):
            message = f"Nobody logs in to {view.type_id}: its connections are made of what is typed."
            raise WebError(message, status=409, hint="Change the connection with PATCH.")
        state = self._state_of(store_of(visit), view.name, view.type_id)  # first: what is changed now counts
        begun = _Begun(
            owner=visit.owner,
            connection=view.name,
            type_id=view.type_id,
            login=self._host.begin_login(view.type_id, view.name, redirect_uri=self._settings.login_address),
            state=state,
            return_to=visit.body.get("return_to", ""),
            until=time.monotonic() + self._settings.login_ttl_s,
        )
        self._keep(begun)
        return {"url": begun.login.url, "expires_in_s": self._settings.login_ttl_s}

    def _keep(self, new: _Begun) -> None:
        now = time.monotonic()
        with self._lock:
            kept = {state: begun for state, begun in self._begun.items() if begun.until > now}
            mine = [state for state, begun in kept.items() if begun.owner == new.owner]
            for state in mine[: max(0, len(mine) + 1 - int(self._settings.max_logins))]:
                del kept[state]
            self._begun = {**kept, new.login.state: new}

    def _take(self, owner: str, params: Params) -> _Begun:
        """Give a login of somebody, which is over by that, however it ends.

        Raises:
            WebError: They have none such: it is another's, was finished, or has expired.
        """
        state = params.get("state", [""])[0]
        with self._lock:
            found = self._begun.get(state)
            if found is not None and found.owner == owner:
                del self._begun[state]
                if found.until > time.monotonic():
                    return found
        hint = f"Begin it again: one is good once, and for {self._settings.login_ttl_s:g} seconds (login_ttl_s)."
        missing = nothing_there("login of yours", hint)
        raise missing

    async def finish_login(self, visit: Visit) -> Response:
        """Take what the browser brings back, and send it on to where the page wants it."""
        query = visit.request.query_params
        params = {name: query.getlist(name) for name in query}
        begun = self._take(visit.owner, params)
        if not begun.return_to:
            return Json(await self._finish(visit, begun, params))
        try:
            await self._finish(visit, begun, params)
        except JackfieldError as error:
            return _back(begun, login="failed", error=type(error).__name__)
        return _back(begun, login="done")

    async def post_login(self, visit: Visit) -> Response:
        """Take what a page of the application was brought back."""
        params = parse_qs(visit.body["query"].removeprefix("?"), keep_blank_values=True)
        return Json(await self._finish(visit, self._take(visit.owner, params), params))

    async def _finish(self, visit: Visit, begun: _Begun, params: Params) -> Any:
        def work(deadline_s: float, cancellation: Cancellation) -> dict[str, Any]:
            name, type_id, deadline = begun.connection, begun.type_id, Deadline(deadline_s)
            options: dict[str, Any] = {"deadline_s": deadline_s, "cancellation": cancellation}

            def wait() -> None:
                cancellation.wait(_POLL_S)
                deadline.check("queue", sent=True)

            self._check_unchanged(visit, begun)
            tokens = self._host.finish_login(type_id, begun.login, params, name, **options)
            store, kind = store_of(visit), self._connections.type(type_id).kind
            with store.renewing(name, wait):  # who renews the old ones just now must not come last
                self._check_unchanged(visit, begun)
                store.renew(name, kind, tokens)
            checked = self._host.diagnose_connection(type_id, name, **options)
            return told_saved(store, store.view(name), checked)

        return await self._connections.run(visit, begun.type_id, work)

    def _check_unchanged(self, visit: Visit, begun: _Begun) -> None:
        if self._state_of(store_of(visit), begun.connection, begun.type_id) != begun.state:
            message = "The connection was changed since this login began, so nothing was saved."
            raise WebError(message, status=409, hint="Log in again.")

    def _state_of(self, store: Store, name: str, type_id: str) -> tuple[object, ...]:
        """Give what must be the same: its revision, which one that is made anew may have, too, and what it says."""
        if not any((one.name, one.type_id) == (name, type_id) for one in store.saved()):
            return ()
        view, kind = store.view(name), self._connections.type(type_id).kind
        said = {key: value for key, value in view.settings.items() if key not in _OF_TOKENS}
        return (store.draft(name, kind, {})[1], view.base_url, said)


def _back(begun: _Begun, **told: str) -> Response:
    query = urlencode({"connection": begun.connection, **told})
    page, hash_sign, part = begun.return_to.partition("#")
    return RedirectResponse(f"{page}{'&' if '?' in page else '?'}{query}{hash_sign}{part}", 303)
