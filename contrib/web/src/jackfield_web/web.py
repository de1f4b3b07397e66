"""The API of one host, for any ASGI application: Starlette, FastAPI, or a server by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jackfield import Host, InputError, JackfieldError
from jackfield_web.asking import Authorize
from jackfield_web.calls import Call, Plugin
from jackfield_web.connections import Connections
from jackfield_web.document import document
from jackfield_web.endpoint import Endpoint
from jackfield_web.endpoints import endpoints
from jackfield_web.files import Files
from jackfield_web.logins import Logins
from jackfield_web.modules import Modules
from jackfield_web.operations import Operations
from jackfield_web.problems import WebError, defect, nothing_there, problem_response
from jackfield_web.rendering import Json
from jackfield_web.settings import WebSettings
from jackfield_web.shapes import read_query
from jackfield_web.shelf import Shelf
from jackfield_web.sites import refuse_other_sites
from jackfield_web.visits import Connected, Handler, Visit, asked_by, identified, read_body, store_for

__all__ = ["Served", "Web"]

_HEADERS: Mapping[bytes, bytes] = {
    b"cache-control": b"no-store",
    b"x-content-type-options": b"nosniff",
    b"cross-origin-resource-policy": b"same-origin",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; sandbox",
    b"referrer-policy": b"no-referrer",
}
"""Of every answer: what it holds is for whoever asked, and is never run or shown as a page."""


class Web(Plugin):
    """Offers the modules of one host over HTTP. It is also a plugin, which that host must have.

    Args:
        authorize: Says who asks, if they may do it: see Authorize. Without it nothing is served.
        connections: Where the connections of a principal are kept: a store for all, or a function, async or not,
            that gives that of each; it is called for each request, so it should give the same Store again. Without,
            none are kept.
        modules: Ids of modules, or patterns (``openai.*``), that are offered; every module without.
        settings: How far it goes.
        title: Of the OpenAPI document.
        security: How callers say who they are, for the document alone: security schemes of OpenAPI by name, of which
            any one does: ``{"token": {"type": "http", "scheme": "bearer"}}``. Programs that are made from it then have
            a place for it.

    Raises:
        InputError: There is no ``authorize``.
    """

    def __init__(
        self,
        *,
        authorize: Authorize | None = None,
        connections: Connected = None,
        modules: Sequence[str] = (),
        settings: WebSettings | None = None,
        title: str = "Jackfield",
        security: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__()
        if authorize is None or not callable(authorize):
            message = "Nothing is served over HTTP before somebody says who may use it."
            hint = (
                "Give Web(authorize=...): a function of a request and of what is asked that gives a Principal, or None."
            )
            raise InputError(message, hint=hint)
        self.who_asks = authorize
        self.connections = connections
        self.modules = tuple(modules)
        self.settings = settings or WebSettings()
        self.title = title
        self.security = dict(security or {})

    def served(self, host: Host) -> "Served":
        """Give the API of a host, to be mounted.

        Raises:
            InputError: The host has not this plugin, or is not fit to be used by strangers: they could name addresses
                in private networks, or any file of the server.
        """
        return Served(self, host)


class Served:
    """An ASGI application.

    Args:
        web: How it is offered.
        host: What is offered.

    Raises:
        InputError: As ``Web.served``.
    """

    def __init__(self, web: Web, host: Host) -> None:
        settings = web.settings
        self._web = web
        shelf, operations = Shelf(host.files, settings), Operations(settings)
        self._modules = Modules(host, web.modules, settings, operations, shelf)
        _check_fit(web, host)
        connections = Connections(host, settings, operations)
        self._operations = operations
        self._documents: dict[str, Response] = {}
        self._table = endpoints(settings)
        logins = Logins(host, settings, connections)
        parts = (self._modules, connections, logins, Files(host.files, shelf, settings, operations), self)
        self._router = Router(_routes(self._table, parts, web), redirect_slashes=False, default=_nothing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, as ASGI has it."""
        await self._router(scope, receive, send)

    def openapi(self, server: str = "/") -> dict[str, Any]:
        """Give the OpenAPI 3.1 document. Imports every module that is offered.

        Args:
            server: Where the API is mounted.
        """
        modules = ((handle, self._modules.schema(handle)) for handle in self._modules.offered)
        return document(self._table, modules, title=self._web.title, server=server, security=self._web.security)

    async def describe(self, visit: Visit) -> Response:
        """Give the document."""
        server = str(visit.request.scope.get("root_path", ""))
        if server not in self._documents:
            self._documents = {server: await visit.json(lambda: self.openapi(server))}
        return self._documents[server]

    async def list_operations(self, visit: Visit) -> Response:
        """List what runs for whoever asks."""
        return Json({"operations": [one.told() for one in self._operations.of(visit.owner)]})

    async def cancel(self, visit: Visit) -> Response:
        """Stop one of theirs."""
        self._operations.cancel(visit.owner, visit.path["operation"])
        return Response(status_code=204)


def _check_fit(web: Web, host: Host) -> None:
    settings = host.settings
    if not host.has_plugin(web):
        message = "This host has not the plugin by which it knows who asks."
        raise InputError(message, hint="Give it to the host as well: Host(plugins=[web]).")
    if not web.settings.allow_local and (settings.allow_local or settings.allow_local_downloads):
        message = "Users of this API could name addresses in private networks, and this host would go there."
        hint = "Give the host HttpSettings(allow_local=False); or, if they may, Web WebSettings(allow_local=True)."
        raise InputError(message, hint=hint)
    if host.files.settings.input_anywhere:
        message = "Users of this API could name any file that this process can read."
        raise InputError(message, hint="Give the host FileSettings without input_anywhere.")


def _routes(table: Sequence[Endpoint], parts: Sequence[object], web: Web) -> list[Route]:
    paths: dict[str, dict[str, tuple[Endpoint, Handler]]] = {}
    for endpoint in table:
        handler = next(getattr(part, endpoint.name) for part in parts if hasattr(part, endpoint.name))
        paths.setdefault(endpoint.path, {})[endpoint.method] = (endpoint, handler)
    return [Route(path, _Resource(methods=methods, web=web)) for path, methods in paths.items()]


@frozen(kw_only=True, eq=False)
class _Resource:
    """What stands at one path."""

    methods: Mapping[str, tuple[Endpoint, Handler]]
    web: Web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = await self._answer(request)
        await answer(scope, receive, _with_headers(send))

    async def _answer(self, request: Request) -> ASGIApp:
        try:
            endpoint, handler = self._chosen(request)
            refuse_other_sites(request, self.web.settings.trusted_origins)
            return await handler(await self._visit(request, endpoint))
        except JackfieldError as error:
            return problem_response(error)
        except Exception as error:  # noqa: BLE001  nothing but its place may be told, and that in the log only
            return problem_response(defect(error))

    def _chosen(self, request: Request) -> tuple[Endpoint, Handler]:
        known = {**self.methods}
        if "GET" in known and not known["GET"][0].redirects:  # what only looks; of what it answers servers send no body
            known["HEAD"] = known["GET"]
        if request.method not in known:
            allowed = ", ".join(sorted(known))
            message = f"Here is no {request.method}."
            raise WebError(message, status=405, hint=f"There are: {allowed}.", headers={"Allow": allowed})
        return known[request.method]

    async def _visit(self, request: Request, endpoint: Endpoint) -> Visit:
        principal = await identified(self.web.who_asks, request, asked_by(request, endpoint))
        query = read_query(request.query_params, endpoint.query)
        body = await read_body(request, endpoint, self.web.settings)
        call = Call(
            principal=principal,
            store=await store_for(self.web.connections, principal),
            allow_environment=self.web.settings.allow_environment,
        )
        return Visit(request=request, path=request.path_params, query=query, body=body, call=call)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            said = [pair for pair in message.get("headers", ()) if pair[0].lower() not in _HEADERS]
            message = {**message, "headers": [*said, *_HEADERS.items()]}
        await send(message)

    return sending


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
        return
    error = nothing_there("path", "GET openapi.json lists those that there are.")
    await problem_response(error)(scope, receive, _with_headers(send))
