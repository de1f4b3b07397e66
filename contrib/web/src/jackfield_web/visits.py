"""One request, from the question who asks to the answer."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from inspect import isawaitable, iscoroutinefunction
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from attrs import frozen
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp

from jackfield import InputError, LimitError, OperationCancelledError, PluginError, Store, read_json
from jackfield_web.asking import Asked, Authorize, Principal
from jackfield_web.calls import Call
from jackfield_web.endpoint import BYTES, JSON, Endpoint
from jackfield_web.problems import OverLimitError, WebError, not_logged_in
from jackfield_web.rendering import Json
from jackfield_web.settings import WebSettings
from jackfield_web.shapes import check

T = TypeVar("T")


@frozen(kw_only=True, eq=False)
class Visit:
    """A request that may be answered: somebody may do this, and it is spelled as it should be.

    Attributes:
        request: It.
        path: What stands in its path, by name.
        query: Its parameters, read.
        body: Its body in JSON, checked; empty if there is none.
        call: What the host is told of it.
    """

    request: Request
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    call: Call

    @property
    def owner(self) -> str:
        """The id of whoever asks."""
        return self.call.principal.id

    async def blocking(self, work: Callable[[], T]) -> T:
        """Do something in a thread that asks no service: it may read the disk, or import a connector."""

        def job() -> T:
            with self.call.current():
                return work()

        return await anyio.to_thread.run_sync(job)

    async def json(self, work: Callable[[], object], status: int = 200, *, media_type: str = JSON) -> Json:
        """Do the same, and answer with what it gives; it is written there, too."""
        return await self.blocking(lambda: Json(work(), status, media_type=media_type))


Handler = Callable[[Visit], Awaitable[ASGIApp]]
Connected = Store | Callable[[Principal], Store | Awaitable[Store | None] | None] | None


def asked_by(request: Request, endpoint: Endpoint) -> Asked:
    """Say what a request asks for, as far as its line tells."""
    path, query = request.path_params, request.query_params
    return Asked(
        action=endpoint.action,
        module_id=path.get("module", ""),
        connection=path.get("connection", query.get("connection", "") if "connection" in endpoint.query else ""),
        connection_type=path.get("type", query.get("type", "") if "type" in endpoint.query else ""),
        item=path.get("operation", path.get("file", "")),
    )


async def called(function: Callable[..., Any], *given: Any) -> Any:
    """Ask a function of the application; an ordinary one in a thread, since it may look into a database."""
    if iscoroutinefunction(function):
        return await function(*given)
    answer = await anyio.to_thread.run_sync(function, *given)
    return await answer if isawaitable(answer) else answer


async def identified(authorize: Authorize, request: Request, asked: Asked) -> Principal:
    """Ask the application who this is, and whether they may.

    Raises:
        WebError: It knows nobody, or refuses with a status of its own.
        JackfieldError: As it refuses.
        PluginError: It answers with something else.
    """
    try:
        answer = await called(authorize, request, asked)
    except HTTPException as error:
        raise WebError(str(error.detail), status=error.status_code, headers=error.headers) from None
    except InputError as error:  # the application's mistake, not the caller's
        message = f"authorize failed: {error.message}"
        raise PluginError(message, stage="hook") from None
    if answer is None:
        raise not_logged_in()
    if not isinstance(answer, Principal):
        message = f"authorize answered with {type(answer).__name__}, not with a Principal."
        raise PluginError(message, stage="hook")
    return answer


async def store_for(connections: Connected, principal: Principal) -> Store | None:
    """Ask the application for the connections of whoever asks.

    Raises:
        PluginError: It gives something else.
    """
    answer = connections if isinstance(connections, Store | None) else await called(connections, principal)
    if not isinstance(answer, Store | None):
        message = f"connections answered with {type(answer).__name__}, not with a Store."
        raise PluginError(message, stage="hook")
    return answer


async def read_body(request: Request, endpoint: Endpoint, settings: WebSettings) -> Mapping[str, Any]:
    """Read the body that an endpoint takes, if it is JSON; no form of another site can send that.

    Raises:
        WebError: It is of another media type.
        OverLimitError: It is too large, too slow, or nested too deep.
        InvalidInputError: It is no JSON, or not of the shape that it should have.
    """
    if endpoint.raw:
        require_type(request, BYTES)
        return {}
    if endpoint.body is None:
        return {}
    require_type(request, JSON)
    data, deepest = b"", settings.max_json_depth
    with anyio.move_on_after(settings.max_body_s) as time:
        data = await _bytes_of(request, settings.max_body_bytes)
    if time.cancelled_caught:
        raise too_slow(settings.max_body_s, "max_body_s")
    try:
        body = read_json(data, max_depth=deepest)
    except LimitError as error:
        raise OverLimitError(error.message, limit=error.limit, maximum=deepest, status=413) from None
    check(body, endpoint.body)
    assert isinstance(body, dict)  # noqa: S101  the schema is that of an object
    return body


def require_type(request: Request, wanted: str) -> None:
    """Go on with a body of a media type, of which exactly one is said.

    Raises:
        WebError: It is of another.
    """
    said = request.headers.getlist("content-type")
    bare = said[0].partition(";")[0].strip().lower() if len(said) == 1 else ""
    if bare != wanted:
        message = f"The body must be {wanted}, and exactly one Content-Type must say so."
        raise WebError(message, status=415, hint=f"Send the header Content-Type: {wanted}.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        message = "The body must come as it is, and its Content-Encoding says that it does not."
        raise WebError(message, status=415, hint="Send it uncompressed.", headers={"Accept-Encoding": "identity"})


async def _bytes_of(request: Request, max_bytes: int) -> bytes:
    refuse_too_large(request, max_bytes, "max_body_bytes")
    found = bytearray()
    async for piece in pieces_of(request):
        found += piece
        if len(found) > max_bytes:
            raise too_large(max_bytes, "max_body_bytes")
    return bytes(found)


async def pieces_of(request: Request) -> AsyncIterator[bytes]:
    """Give a body as it comes.

    Raises:
        OperationCancelledError: The caller goes away.
    """
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect:
        message = "The caller went away before all had come."
        raise OperationCancelledError(message) from None


def refuse_too_large(request: Request, max_bytes: int, limit: str) -> None:
    """Go on with a body whose announced size is within a limit.

    Raises:
        OverLimitError: It is not.
    """
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said[:20]) > max_bytes:
        raise too_large(max_bytes, limit)


def too_large(max_bytes: int, limit: str) -> OverLimitError:
    """Make the error for a body that is too large."""
    message = f"The body is larger than the {max_bytes} bytes that {limit} allows."
    return OverLimitError(message, limit=limit, maximum=max_bytes, status=413)


def too_slow(limit_s: float, limit: str) -> OverLimitError:
    """Make the error for a body that does not come to its end."""
    message = f"The body did not come whole within the {limit_s:g} s that {limit} allows."
    return OverLimitError(message, limit=limit, maximum=limit_s, status=408)
