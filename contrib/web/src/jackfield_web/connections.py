"""What can be done with connections: nothing of it ever gives a secret back."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import frozen
from starlette.responses import JSONResponse, Response

from jackfield import (
    ConnectionCheck,
    ConnectionType,
    ConnectionView,
    Host,
    InputError,
    InvalidInputError,
    JackfieldError,
    Problem,
    SavedConnection,
    Store,
)
from jackfield.secrets import MASK
from jackfield_web.operations import Operations
from jackfield_web.problems import OverLimitError, WebError, nothing_there, problem
from jackfield_web.settings import WebSettings
from jackfield_web.visits import Visit


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
        return JSONResponse({"types": await visit.blocking(self._types)})

    def _types(self) -> list[dict[str, Any]]:
        found = []
        for connector in self._host.connectors():
            try:
                kinds = {**connector.connection_types}
            except JackfieldError:  # `Host.broken` tells those who run the host
                continue
            found += [_told_type(type_id, kind, connector.title) for type_id, kind in kinds.items()]
        return found

    async def show_type(self, visit: Visit) -> Response:
        """Give the form of one."""

        def work() -> dict[str, Any]:
            found = self._type(visit.path["type"])
            connector = self._host.connector(found.id.partition(".")[0])
            return {**_told_type(found.id, found.kind, connector.title), "form": found.schema}

        return JSONResponse(await visit.blocking(work))

    def _type(self, type_id: str) -> _Type:
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
        found = await visit.blocking(lambda: _store(visit).saved())
        told = [_told_saved(saved) for saved in found if wanted in (None, saved.type_id)]
        return JSONResponse({"connections": told})

    async def show_connection(self, visit: Visit) -> Response:
        """Show one."""
        return JSONResponse(await visit.blocking(lambda: _told(_view(visit))))

    async def add_connection(self, visit: Visit) -> Response:
        """Save a new one, if it works."""
        name, type_id = visit.path["connection"], visit.query["type"]

        def work(**options: Any) -> dict[str, Any]:
            found, store = self._type(type_id), _store(visit)
            self._check_room(store, name)
            given = found.cleaned(visit.body["values"])
            values = {key: value for key, value in given.items() if value is not None}
            checked = self._proven(type_id, values, **options) if visit.body.get("check", True) else None
            return _saved(store, store.add(name, type_id, found.kind, values), checked)

        return JSONResponse(await self._run(visit, type_id, work), 201)

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
        view = await visit.blocking(lambda: _view(visit))

        def work(**options: Any) -> dict[str, Any]:
            found, store = self._type(view.type_id), _store(visit)
            changes = found.cleaned(visit.body["values"])
            draft, revision = store.draft(name, found.kind, changes)
            checked = self._proven(found.id, draft, **options) if visit.body.get("check", True) else None
            return _saved(store, store.edit(name, found.kind, changes, revision=revision), checked)

        return JSONResponse(await self._run(visit, view.type_id, work))

    async def rename_connection(self, visit: Visit) -> Response:
        """Give one another name."""

        def work() -> dict[str, Any]:
            store, new, _ = _store(visit), visit.body["name"], _view(visit)
            if new != visit.path["connection"] and any(one.name == new for one in store.saved()):
                message = f"There is a connection {new!r} already."
                raise WebError(message, status=409, hint="Choose another name.")
            store.rename(visit.path["connection"], new)
            return _told(store.view(new))

        return JSONResponse(await visit.blocking(work))

    async def remove_connection(self, visit: Visit) -> Response:
        """Remove one."""
        await visit.blocking(lambda: _store(visit).remove(_view(visit).name))
        return Response(status_code=204)

    async def check_connection(self, visit: Visit) -> Response:
        """Ask the service about one."""
        view = await visit.blocking(lambda: _view(visit))

        def work(**options: Any) -> dict[str, Any]:
            offline = visit.body.get("offline", False)
            found = self._host.diagnose_connection(view.type_id, view.name, offline=offline, **options)
            if not offline:
                _store(visit).note_check(view.name, found.verdict)
            return _told_check(found)

        return JSONResponse(await self._run(visit, view.type_id, work))

    def _proven(self, type_id: str, values: Mapping[str, Any], **options: Any) -> ConnectionCheck:
        found = self._host.diagnose_connection(type_id, values, **options)
        if isinstance(found.error, InvalidInputError):
            raise found.error
        if found.error is not None:
            message = f"The connection does not work ({found.verdict}), and was not saved: {found.error.message}"
            hint = found.error.hint or 'Change what is wrong, or save it as it is with "check": false.'
            raise NotWorkingError(message, status=422, hint=hint)
        return found

    async def _run(self, visit: Visit, type_id: str, work: Callable[..., dict[str, Any]]) -> Any:
        one = self._operations.begin(visit.owner, type_id)
        deadline_s = visit.body.get("deadline_s", min(self._settings.max_deadline_s, self._host.settings.deadline_s))
        job = partial(work, deadline_s=deadline_s, cancellation=one.cancellation)

        def current() -> dict[str, Any]:
            with visit.call.current():
                return job()

        return visit.call.masked(await self._operations.for_caller(visit.request, one, current, deadline_s=deadline_s))


def _store(visit: Visit) -> Store:
    store = visit.call.store
    if store is None:
        hint = "Whoever runs the application can give Web(connections=...)."
        message = "This application keeps no connections."
        raise WebError(message, status=404, hint=hint)
    return store


def _view(visit: Visit) -> ConnectionView:
    """Give what may be seen of the connection that the path names."""
    store, name = _store(visit), visit.path["connection"]
    if not any(saved.name == name for saved in store.saved()):
        missing = nothing_there("connection", "GET connections lists those that there are.")
        raise missing
    return store.view(name)


def _is_masked(value: object) -> bool:
    return value == MASK or (isinstance(value, Mapping) and MASK in value.values())


def _saved(store: Store, view: ConnectionView, checked: ConnectionCheck | None) -> dict[str, Any]:
    if checked is not None:
        store.note_check(view.name, checked.verdict)
    return {**_told(view), "check": _told_check(checked) if checked else None}


def _told(view: ConnectionView) -> dict[str, Any]:
    """Say what may be seen of one; where it is kept on the server is nobody's business."""
    return {
        "name": view.name,
        "type": view.type_id,
        "base_url": view.base_url,
        "settings": {**view.settings},
        "secrets": {**view.secrets},
        "references": {**view.references},
    }


def _told_saved(saved: SavedConnection) -> dict[str, Any]:
    return {
        "name": saved.name,
        "type": saved.type_id,
        "secrets": list(saved.secrets),
        "changed": saved.changed,
        "verdict": saved.verdict,
        "checked": saved.checked,
    }


def _told_check(found: ConnectionCheck) -> dict[str, Any]:
    return {
        "verdict": str(found.verdict),
        "passed": [str(tier) for tier in found.passed],
        "account": found.label,
        "error": problem(found.error) if found.error else None,
    }


def _told_type(type_id: str, kind: ConnectionType, connector: str) -> dict[str, Any]:
    return {
        "id": type_id,
        "label": kind.label,
        "connector": connector,
        "help": kind.help,
        "needs_login": kind.oauth is not None,
        "can_check": bool(kind.check),
    }
