"""Who may ask a server over HTTP: looked at before anything of a request's body is read."""

import hmac
from collections.abc import Awaitable, Callable, Collection, Iterable, MutableMapping
from typing import Any

import anyio
from starlette.responses import PlainTextResponse

from jackfield import Secret

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH = "/mcp"
"""Where the protocol is spoken."""

GONE = "jackfield_mcp.gone"
"""In the scope of a request: an event that is set when its client hung up."""


class Guard:
    """Lets requests through that come from where they may, with the token, to the one path.

    A page that a browser shows can have its own name lead to this machine (DNS rebinding), so names and origins count,
    too; the SDK has such a check, but reads the body of a request first.

    Args:
        app: What is guarded.
        hosts: What the header ``Host`` may be.
        origins: What the header ``Origin`` may be, if there is one: browsers alone send it.
        token: What each request must bring.
    """

    def __init__(self, app: App, *, hosts: Iterable[str], origins: Iterable[str], token: Secret) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._origins = frozenset(origin.lower() for origin in origins)
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        gone = scope[GONE] = anyio.Event()

        async def received() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                gone.set()
            return message

        await self._app(scope, received, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        if not _only(scope, b"host", self._hosts, at_least=1):
            return _refused(421, "This server is not called so; --allow-host NAME lets it be.")
        if not _only(scope, b"origin", self._origins, at_least=0):
            return _refused(403, "Pages of this origin may not ask; --allow-origin ORIGIN lets them.")
        if not self._has_token(_headers(scope, b"authorization")):
            text = "The header must be `Authorization: Bearer TOKEN`, with the token of this server."
            return _refused(401, text, {"WWW-Authenticate": 'Bearer realm="jackfield"'})
        return None if scope["path"] == PATH else _refused(404, f"There is {PATH} only.")

    def _has_token(self, given: Collection[bytes]) -> bool:
        scheme, _, token = next(iter(given), b"").partition(b" ")
        right = hmac.compare_digest(token.strip(), self._token.reveal().encode())
        return len(given) == 1 and scheme.lower() == b"bearer" and right


def _headers(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def _only(scope: Scope, name: bytes, allowed: Collection[str], *, at_least: int) -> bool:
    found = _headers(scope, name)
    return at_least <= len(found) <= 1 and all(value.decode("latin-1").lower() in allowed for value in found)


def _refused(status: int, text: str, headers: dict[str, str] | None = None) -> PlainTextResponse:
    # What is left of the body is not read: the connection ends with the answer.
    return PlainTextResponse(f"{text}\n", status, {"Connection": "close", **(headers or {})})
