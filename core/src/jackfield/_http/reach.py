"""How far a request may reach: by who named the host, and what the settings allow such people."""

import socket
from collections.abc import Sequence
from enum import Enum

from jackfield._http.addresses import Kind, Standing, standing_of
from jackfield._http.limits import HttpSettings
from jackfield._http.names import Address
from jackfield.errors import UnsafeRequestError


class NamedBy(Enum):
    """Who named the host of a request."""

    AUTHOR = "author"
    """The connector's author: it stands in code that was installed."""
    USER = "user"
    """Whoever filled in the connection: its base URL."""
    USER_PUBLIC = "user, public"
    """The same, who says nothing of a private network: such a host may only be a public one."""
    STRANGER = "stranger"
    """Anybody: a URL in an input or in a service's answer, and wherever that redirects."""

    __hash__ = object.__hash__  # Enum's own is a function in Python, and each request asks for it


class Reach(Enum):
    """Which addresses a connection may be made to."""

    ANYWHERE = "anywhere"
    PUBLIC_AND_LOCAL = "public and local"
    PUBLIC = "public"
    PUBLIC_AS_SAID = "public, since the connection does not say more"

    __hash__ = object.__hash__  # as above

    def admits(self, standing: Standing) -> bool:
        """Say whether a connection may be made to such an address."""
        if self is Reach.ANYWHERE or standing.kind is Kind.PUBLIC:
            return True
        return self is Reach.PUBLIC_AND_LOCAL and standing.kind is Kind.LOCAL


_PUBLIC = frozenset({Reach.PUBLIC, Reach.PUBLIC_AS_SAID})


def reach_of(named_by: NamedBy, settings: HttpSettings) -> Reach:
    """Say how far a request may reach."""
    if named_by is NamedBy.AUTHOR:
        return Reach.ANYWHERE
    if named_by is NamedBy.USER_PUBLIC:
        return Reach.PUBLIC_AS_SAID
    local = settings.allow_local if named_by is NamedBy.USER else settings.allow_local_downloads
    return Reach.PUBLIC_AND_LOCAL if local else Reach.PUBLIC


def admitted(addresses: Sequence[Address], reach: Reach, where: str) -> Sequence[Address]:
    """Give the addresses of a host that a connection may be made to.

    No packet goes to the others, so that nobody can find out through us who listens there.

    Args:
        addresses: What the name service gave, once; exactly these are connected to.
        reach: Which may be used.
        where: Host and port, for people.

    Raises:
        UnsafeRequestError: None may.
    """
    if reach is Reach.ANYWHERE:
        return addresses
    found = [address for address in addresses if reach.admits(standing_of(address[1][0]))]
    if addresses and not found:
        raise _refused(standing_of(addresses[0][1][0]), reach, where)
    return found


def check_peer(sock: socket.socket, reach: Reach, where: str) -> None:
    """Check who is at the other end of a connection.

    Raises:
        UnsafeRequestError: Somebody who may not be reached.
    """
    if reach is Reach.ANYWHERE:
        return
    standing = standing_of(sock.getpeername()[0])
    if not reach.admits(standing):
        raise _refused(standing, reach, where)


def check_proxied(host: str, reach: Reach, where: str, *, filters: bool) -> None:
    """Check a host to which a proxy connects: it looks the name up, so only an address can be judged here.

    Args:
        host: A name or an address.
        reach: Which addresses may be used.
        where: Host and port, for people.
        filters: Whether the proxy is trusted to refuse what may not be reached.

    Raises:
        UnsafeRequestError: It may not be reached, or nobody would look whether it may.
    """
    literal = _literal(host)
    if literal and not reach.admits(standing_of(literal)):
        raise _refused(standing_of(literal), reach, where)
    if reach in _PUBLIC and not (literal or filters):
        message = f"{where} was named by a user, and behind a proxy nobody here sees which address that is."
        hint = "If the proxy itself refuses addresses of private networks, say so with the setting proxy_filters."
        raise UnsafeRequestError(message, hint=hint)


def _literal(host: str) -> str:
    """Give the address that a host is, in whatever way it is written (``127.1``, ``0x7f000001``); empty for a name."""
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host.removesuffix(".")))  # some programs drop the dot
    except OSError:
        return ""


def _refused(standing: Standing, reach: Reach, where: str) -> UnsafeRequestError:
    # The address itself is not shown: it may be an internal one, and whoever named the host need not know it.
    message = f"{where} leads to {standing.name}. No request goes there whose host a user named; nothing was sent."
    hint = "Check the address. No setting allows this one."
    if standing.kind is Kind.LOCAL and reach is Reach.PUBLIC_AS_SAID:
        hint = "If this server is meant, say allow_local=yes in the connection."
    elif standing.kind is Kind.LOCAL:
        hint = "Whoever runs this host can allow it: allow_local for base URLs, allow_local_downloads for other URLs. "
        hint += "A connection that has a field for it must say so, too."
    return UnsafeRequestError(message, hint=hint)
