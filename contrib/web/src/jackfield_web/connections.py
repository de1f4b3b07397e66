"""What can be done with connections: nothing of it ever gives a secret back."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import frozen
from starlette.responses import Response

from jackfield import (
    Cancellation,
    ConnectionCheck,
    ConnectionType,
    ConnectionView,
    Host,
    InputError,
    InvalidInputError,
    JackfieldError,
    NoConnectionError,
    Problem,
    Store,
)
from jackfield.secrets import MASK
from jackfield_web.operations import Operations
from jackfield_web.problems import OverLimitError, WebError, nothing_there
from jackfield_web.rendering import Json
from jackfield_web.seen import (
    needs_person,
    store_of,
    told_check,
    told_connection,
    told_listed,
    told_saved,
    told_type,
    view_of,
)
from jackfield_web.settings import WebSettings
from jackfield_web.visits import Visit

_logger = logging.getLogger("jackfield_web")
_REVOKE_S = 20.0


class NotWorkingError(WebError):
    """The service does not accept the connection, so it was not saved."""


@frozen(kw_only=True, eq=False)
class _Type:
    id: str
    kind: ConnectionType
    schema: Mapping[str, Any]

    def cleaned(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Leave out secrets that are empty: a form cannot show what is set, so it sends them so.

        Raises:
            InvalidInputError: A mask was given for a value.
        """
        known = self.schema["properties"]
        masked = [name for name, value in values.items() if _is_masked(value)]
        if masked:
            message = f"is {MASK}, which stands for what is not shown; give the value, or leave the field out"
            raise InvalidInputError(
                [Problem(path=f"$.values.{name}", rule="masked", message=message) for name in masked]
            )
        return {
            name: value for name, value in values.items() if not (value == "" and known.get(name, {}).get("writeOnly"))
        }


class Connections:
    """Answers what is asked about connections.

    Args:
        host: Knows the types.
        settings: How far the API goes.
        operations: Where a check has its room.
    """

    def __init__(self, host: Host, settings: WebSettings, operations: Operations) -> None:
        self._host = host
        self._settings = settings
        self._operations = operations

    # Types.

    async def list_types(self, visit: Visit) -> Response:
        """List the types."""
        return await visit.json(lambda: {"types": self._types()})

    def _types(self) -> list[dict[str, Any]]:
        found = []
        for connector in self._host.connectors():
            try:
                kinds = {**connector.connection_types}
            except JackfieldError:  # `Host.broken` tells those who run the host
                continue
            found += [told_type(type_id, kind, connector.title) for type_id, kind in kinds.items()]
        return found

    async def show_type(self, visit: Visit) -> Response:
        """Give the form of one."""

        def work() -> dict[str, Any]:
            found = self.type(visit.path["type"])
            connector = self._host.connector(found.id.partition(".")[0])
            return {**told_type(found.id, found.kind, connector.title), "form": found.schema}

        return await visit.json(work)

    def type(self, type_id: str) -> _Type:
        """Give a connection type.

        Raises:
            WebError: There is none.
        """
        try:
            connector = self._host.connector(type_id.partition(".")[0])
            schema = connector.connection_schema(type_id)
        except InputError:
            missing = nothing_there("connection type", "GET connection-types lists them.")
            raise missing from None
        return _Type(id=type_id, kind=connector.connection_types[type_id], schema=schema)

    # What is saved.

    async def list_connections(self, visit: Visit) -> Response:
        """List those of whoever asks."""
        wanted = visit.query.get("type")
        found = await visit.blocking(lambda: store_of(visit).saved())
        told = [told_listed(saved) for saved in found if wanted in (None, saved.type_id)]
        return Json({"connections": told})

    async def show_connection(self, visit: Visit) -> Response:
        """Show one."""
        return await visit.json(lambda: told_connection(view_of(visit)))

    async def add_connection(self, visit: Visit) -> Response:
        """Save a new one, if it works."""
        name, type_id = visit.path["connection"], visit.query["type"]

        def work(**options: Any) -> dict[str, Any]:
            found, store = self.type(type_id), store_of(visit)
            self._check_room(store, name)
            given = found.cleaned(visit.body["values"])
            values = {key: value for key, value in given.items() if value is not None}
            checked = self._proven(found, values, **options) if visit.body.get("check", True) else None
            return told_saved(store, store.add(name, type_id, found.kind, values), checked)

        return Json(await self.run(visit, type_id, work), 201)

    def _check_room(self, store: Store, name: str) -> None:
        saved, most = store.saved(), self._settings.max_connections
        if any(one.name == name for one in saved):
            message = f"There is a connection {name!r} already."
            raise WebError(message, status=409, hint="Choose another name, or change it with PATCH.")
        if len(saved) >= most:
            message = f"There are {len(saved)} connections, and max_connections is {most}. Remove some."
            raise OverLimitError(message, limit="max_connections", maximum=most, status=429)

    async def edit_connection(self, visit: Visit) -> Response:
        """Change one, if it works afterwards."""
        name = visit.path["connection"]
        view = await visit.blocking(lambda: view_of(visit))

        def work(**options: Any) -> dict[str, Any]:
            found, store = self.type(view.type_id), store_of(visit)
            changes = found.cleaned(visit.body["values"])
            draft, revision = store.draft(name, found.kind, changes)
            # A check may renew the tokens of a person's login, and only what is saved can keep them.
            checks = visit.body.get("check", True) and not needs_person(found.kind)
            checked = self._proven(found, draft, **options) if checks else None
            return told_saved(store, store.edit(name, found.kind, changes, revision=revision), checked)

        return Json(await self.run(visit, view.type_id, work))

    async def rename_connection(self, visit: Visit) -> Response:
        """Give one another name."""

        def work() -> dict[str, Any]:
            store, new, _ = store_of(visit), visit.body["name"], view_of(visit)
            if new != visit.path["connection"] and any(one.name == new for one in store.saved()):
                message = f"There is a connection {new!r} already."
                raise WebError(message, status=409, hint="Choose another name.")
            store.rename(visit.path["connection"], new)
            return told_connection(store.view(new))

        return await visit.json(work)

    async def remove_connection(self, visit: Visit) -> Response:
        """Remove one; a login that it has is ended at the service, too."""
        view = await visit.blocking(lambda: view_of(visit))

        def work(**options: Any) -> dict[str, Any]:
            self._end_login(view, **options)
            store_of(visit).remove(view.name)
            return {}

        await self.run(visit, view.type_id, work)
        return Response(status_code=204)

    def _end_login(self, view: ConnectionView, deadline_s: float, cancellation: Cancellation) -> None:
        """Give its tokens back. That the service is away keeps nobody from removing what is here."""
        try:
            found = self.type(view.type_id)
            if found.kind.oauth is not None and found.kind.oauth.revocation_url:
                limit_s = min(deadline_s, _REVOKE_S)
                self._host.revoke_login(found.id, view.name, deadline_s=limit_s, cancellation=cancellation)
        except JackfieldError as error:
            _logger.warning("A login could not be ended at its service: %s.", type(error).__name__)

    async def check_connection(self, visit: Visit) -> Response:
        """Ask the service about one."""
        view = await visit.blocking(lambda: view_of(visit))

        def work(**options: Any) -> dict[str, Any]:
            offline = visit.body.get("offline", False)
            found = self._host.diagnose_connection(view.type_id, view.name, offline=offline, **options)
            if not offline:
                store_of(visit).note_check(view.name, found.verdict)
            return told_check(found)

        return Json(await self.run(visit, view.type_id, work))

    def _proven(self, kind: _Type, values: Mapping[str, Any], **options: Any) -> ConnectionCheck | None:
        found = self._host.diagnose_connection(kind.id, values, **options)
        if isinstance(found.error, InvalidInputError):
            raise found.error
        if isinstance(found.error, NoConnectionError) and needs_person(kind.kind):
            return None  # there is nothing to check before somebody has logged in, which needs what is saved
        if found.error is not None:
            message = f"The connection does not work ({found.verdict}), and was not saved: {found.error.message}"
            hint = found.error.hint or 'Change what is wrong, or save it as it is with "check": false.'
            raise NotWorkingError(message, status=422, hint=hint)
        return found

    async def run(self, visit: Visit, type_id: str, work: Callable[..., dict[str, Any]]) -> Any:
        """Do what may ask the service, with room for it, as long as the caller is there."""
        one = self._operations.begin(visit.owner, type_id)
        deadline_s = visit.body.get("deadline_s", min(self._settings.max_deadline_s, self._host.settings.deadline_s))
        job = partial(work, deadline_s=deadline_s, cancellation=one.cancellation)

        def current() -> dict[str, Any]:
            with visit.call.current():
                return job()

        return visit.call.masked(await self._operations.for_caller(visit.request, one, current, deadline_s=deadline_s))


def _is_masked(value: object) -> bool:
    return value == MASK or (isinstance(value, Mapping) and MASK in value.values())
