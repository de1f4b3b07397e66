"""Serving over streamable HTTP: many clients at once, each with the token."""

import contextlib
import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from ipaddress import ip_address
from types import FrameType

import uvicorn
from attrs import frozen
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.routing import Mount

from jackfield import InputError, Secret
from jackfield_mcp.gateway import Served
from jackfield_mcp.guard import PATH, Guard
from jackfield_mcp.quiet import quieten

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,}")
_ENDS_WITHIN_S = 3


@frozen(kw_only=True)
class HttpServing:
    """How a server is reached over HTTP, and how far it goes.

    Attributes:
        token: What each request must bring as ``Authorization: Bearer TOKEN``: 16 characters or more.
        host: The address to listen at.
        port: The port; 0 for any that is free.
        allow_remote: Whether ``host`` may be an address that other machines reach. Nothing is encrypted then: a proxy
            that speaks TLS belongs in front.
        allowed_hosts: What clients may call the server beside its own address: ``tools.example``,
            ``tools.example:8443``.
        allowed_origins: Which web pages may ask: ``https://app.example``.
        max_body_bytes: The largest request.
        max_sessions: How many clients may be there at once; of newer clients, that have no session, each call counts.
        idle_timeout_s: Seconds after which the session of a client that asks nothing ends.
    """

    token: Secret
    host: str = "127.0.0.1"
    port: int = 8722
    allow_remote: bool = False
    allowed_hosts: Sequence[str] = ()
    allowed_origins: Sequence[str] = ()
    max_body_bytes: int = 4 * 1024 * 1024
    max_sessions: int = 100
    idle_timeout_s: float = 1800.0


class HttpServer:
    """A server over streamable HTTP. It listens from the beginning, and answers while ``serve`` runs.

    Args:
        served: What is offered.
        serving: How it is reached.

    Attributes:
        url: Where clients find it.

    Raises:
        InputError: The address is not free, or other machines reach it and that was not allowed; or the token is
            too short.
    """

    def __init__(self, served: Served, serving: HttpServing) -> None:
        _check(serving)
        self._served = served
        self._serving = serving
        self._socket = _listening(serving)
        self._port = self._socket.getsockname()[1]
        self.url = f"http://{_in_url(serving.host)}:{self._port}{PATH}"
        self._server = _Server(
            uvicorn.Config(
                self._app(),
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=_ENDS_WITHIN_S,
            ),
            ending=served.stop,
        )

    def serve(self, ready: Callable[[], None] = lambda: None) -> None:
        """Answer until ``stop`` is called or, in the main thread, the process is told to end: SIGINT or SIGTERM.

        Operations that still run then are cancelled.

        Args:
            ready: Called once from when on it answers, and ends when told.
        """
        quieten()
        self._server.ready = ready
        self._server.run([self._socket])

    def stop(self) -> None:
        """End, from any thread."""
        self._server.should_exit = True

    def _app(self) -> Starlette:
        serving = self._serving
        manager = StreamableHTTPSessionManager(
            self._served.server(),
            session_idle_timeout=serving.idle_timeout_s,
            max_request_body_size=serving.max_body_bytes,
            max_sessions=serving.max_sessions,
        )

        @contextlib.asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            async with manager.run():
                yield

        # The address in all ways in which it is written; of another machine's names only those that were told.
        own = [_in_url(serving.host), *(_LOOPBACK_NAMES if _is_loopback(serving.host) else ())]
        hosts = [f"{name}:{self._port}" for name in own]
        guard = Guard(
            manager.handle_request,
            hosts=[*hosts, *serving.allowed_hosts],
            origins=[*(f"http://{host}" for host in hosts), *serving.allowed_origins],
            token=serving.token,
        )
        return Starlette(routes=[Mount("/", guard)], lifespan=lifespan)


class _Server(uvicorn.Server):
    """Ends what runs before it waits for it, and does not send itself the signal again that ended it."""

    def __init__(self, config: uvicorn.Config, *, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending
        self.ready: Callable[[], None] = lambda: None

    async def main_loop(self) -> None:
        self.ready()  # not at the end of startup: uvicorn takes a signal that comes then for a startup that failed
        await super().main_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  uvicorn's names
        self.force_exit = self.should_exit  # a second time: at once
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)


def _check(serving: HttpServing) -> None:
    if not _TOKEN.fullmatch(serving.token.reveal()):
        message = "The token must be 16 or more letters, digits and -._~+/= signs."
        raise InputError(message, hint="Without --token-file and --token-env one is made and kept.")
    if not serving.allow_remote and not _is_loopback(serving.host):
        message = f"Other machines reach {serving.host}."
        hint = "--allow-remote serves them, unencrypted: put a proxy in front that speaks TLS."
        raise InputError(message, hint=hint)


def _listening(serving: HttpServing) -> socket.socket:
    family = socket.AF_INET6 if ":" in serving.host else socket.AF_INET
    try:
        return socket.create_server((serving.host, serving.port), family=family)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    message = f"{_in_url(serving.host)}:{serving.port} cannot be listened at: {reason}."
    raise InputError(message, hint="--http PORT chooses another port, --http 0 one that is free.")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
