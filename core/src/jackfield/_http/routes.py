"""The way to an origin: directly, or through a proxy."""

from base64 import b64encode
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from jackfield._http.names import Resolver
from jackfield._http.reach import Reach
from jackfield._http.tls import Certificate, Contexts, Verify
from jackfield._http.url import Origin, split
from jackfield._http.wire import PlainConnection, TlsConnection
from jackfield.errors import InvalidInputError, Problem, UnsafeRequestError


class Proxy(NamedTuple):
    """A proxy that is spoken to in plain HTTP.

    Attributes:
        origin: Where it is.
        authorization: What it wants to see in Proxy-Authorization; may be empty.
    """

    origin: Origin
    authorization: str

    def __repr__(self) -> str:
        """Leave out the credentials."""
        return f"Proxy({self.origin})"


def parse_proxy(url: str) -> Proxy | None:
    """Read the URL of a proxy; ``None`` for an empty one.

    Raises:
        InvalidInputError: It is no URL, or not of a proxy for plain HTTP.
    """
    if not url:
        return None
    scheme, _, rest = url.rpartition("://")
    userinfo, _, place = rest.rpartition("@")
    try:
        origin = split(f"{scheme or 'http'}://{place}").origin
    except UnsafeRequestError:
        origin = Origin("", "", 0)
    if origin.scheme != "http":
        problem = Problem(path="$.proxy", rule="url", message="must be http://[user:password@]host:port")
        hint = "A proxy that wants TLS or SOCKS itself is not supported; https:// services work through an http:// one."
        raise InvalidInputError([problem], subject="HTTP settings", hint=hint)
    return Proxy(origin, f"Basic {b64encode(unquote_to_bytes(userinfo)).decode()}" if userinfo else "")


class Route(NamedTuple):
    """All that two requests must have in common to use one connection."""

    origin: Origin
    verify: Verify
    certificate: Certificate
    proxy: Proxy | None
    reach: Reach = Reach.ANYWHERE

    @property
    def forwards(self) -> bool:
        """Whether a proxy takes the requests themselves, and not a tunnel."""
        return self.proxy is not None and self.origin.scheme == "http"

    def __str__(self) -> str:
        """Name host and port, for people."""
        if self.proxy is None:
            return self.origin.netloc
        return f"{self.origin.netloc} (through the proxy {self.proxy.origin.netloc})"

    def connection(self, contexts: Contexts, resolver: Resolver) -> PlainConnection:
        """Make a connection that is not open yet.

        Raises:
            InvalidInputError: The certificates of the route cannot be read.
        """
        to = self.proxy.origin if self.proxy else self.origin
        shared: dict[str, Any] = {"where": str(self), "reach": Reach.ANYWHERE if self.proxy else self.reach}
        own = {"Host": str(self.origin).partition("://")[2]}
        for_proxy = {"Proxy-Authorization": self.proxy.authorization} if self.proxy and self.proxy.authorization else {}
        if self.origin.scheme == "http":
            lines = _lines(own | for_proxy)
            return PlainConnection(to.host, to.port, resolver, own_lines=lines, **shared)
        context = contexts.get(self.verify, self.certificate)
        lines = _lines(own)
        connection = TlsConnection(to.host, to.port, resolver, own_lines=lines, ssl_context=context, **shared)
        if self.proxy:
            headers = {"Host": self.origin.netloc} | for_proxy
            connection.set_tunnel(self.origin.host, self.origin.port, headers=headers, scheme="http")
        return connection


def _lines(headers: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())
