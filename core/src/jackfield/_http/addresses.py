"""What kind of place an IP address is: the whole internet's, somebody's own network, or no place for a service.

A table of our own. ``ipaddress`` of Python 3.11 calls ``64:ff9b::7f00:1``, ``2002:7f00:1::`` and 239.1.1.1 global, and
differs between versions (CVE-2024-4032).

Source: IANA's registries of special-purpose addresses for IPv4 and IPv6, of IPv6 and of multicast address space, as
they stood on 2026-11-25; the metadata services' addresses from the documentation of their clouds.
"""

import ipaddress
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

_V4 = ipaddress.IPv4Network
_V6 = ipaddress.IPv6Network


class Kind(Enum):
    """Who can be reached at an address."""

    PUBLIC = "public"
    """Anybody on the internet."""
    LOCAL = "local"
    """This machine, or a network that somebody runs for themselves."""
    CLOSED = "closed"
    """Nobody whom a connector has business with: metadata of a cloud, a group of machines, an address for tunnels."""


class Standing(NamedTuple):
    """What an address is.

    Attributes:
        kind: Who can be reached there.
        name: The range that it belongs to, in words; empty for a public one.
    """

    kind: Kind
    name: str = ""


_PUBLIC = Standing(Kind.PUBLIC)
_METADATA = Standing(Kind.CLOSED, "the metadata service of a cloud")
_UNKNOWN = Standing(Kind.CLOSED, "an address that cannot be read")
_NOT_GLOBAL = Standing(Kind.CLOSED, "an address outside what IPv6 assigns to the internet (2000::/3)")


def _closed(name: str) -> Standing:
    return Standing(Kind.CLOSED, name)


def _local(name: str) -> Standing:
    return Standing(Kind.LOCAL, name)


_METADATA_SERVICES = frozenset(
    map(
        ipaddress.ip_address,
        (
            "100.100.100.200",  # Alibaba Cloud
            "168.63.129.16",  # Azure; stands in a public range
            "192.0.0.192",  # Oracle Cloud
            "fd00:ec2::23",  # Amazon EKS
            "fd00:ec2::254",  # Amazon EC2
            "fd20:ce::254",  # Google Cloud
        ),
    )
)

# The first that fits counts.
_IPV4: tuple[tuple[ipaddress.IPv4Network, Standing], ...] = (
    (_V4("0.0.0.0/8"), _local("this machine (0.0.0.0/8)")),
    (_V4("10.0.0.0/8"), _local("a private network (10.0.0.0/8)")),
    (_V4("100.64.0.0/10"), _local("a provider's own network (100.64.0.0/10)")),
    (_V4("127.0.0.0/8"), _local("this machine (127.0.0.0/8)")),
    (_V4("169.254.0.0/16"), _closed("a link-local address (169.254.0.0/16), where clouds keep their metadata")),
    (_V4("172.16.0.0/12"), _local("a private network (172.16.0.0/12)")),
    (_V4("192.0.0.0/24"), _closed("an address reserved for protocols (192.0.0.0/24)")),
    (_V4("192.0.2.0/24"), _closed("an address for documentation only (192.0.2.0/24)")),
    (_V4("192.88.99.0/24"), _closed("a relay for tunnels (192.88.99.0/24)")),
    (_V4("192.168.0.0/16"), _local("a private network (192.168.0.0/16)")),
    # For benchmarks, says IANA; some VPN programs answer every name with such an address, and take it from there.
    (_V4("198.18.0.0/15"), _local("a network for benchmarks (198.18.0.0/15)")),
    (_V4("198.51.100.0/24"), _closed("an address for documentation only (198.51.100.0/24)")),
    (_V4("203.0.113.0/24"), _closed("an address for documentation only (203.0.113.0/24)")),
    (_V4("224.0.0.0/4"), _closed("a multicast group (224.0.0.0/4)")),
    (_V4("240.0.0.0/4"), _closed("a reserved address (240.0.0.0/4)")),
)
_IPV6: tuple[tuple[ipaddress.IPv6Network, Standing], ...] = (
    (_V6("::/128"), _local("this machine (::)")),
    (_V6("::1/128"), _local("this machine (::1)")),
    (_V6("fc00::/7"), _local("a private network (fc00::/7)")),
    (_V6("fec0::/10"), _local("a private network (fec0::/10)")),
    (_V6("fe80::/10"), _closed("a link-local address (fe80::/10)")),
    (_V6("ff00::/8"), _closed("a multicast group (ff00::/8)")),
    (_V6("::/96"), _closed("an IPv4 address in an old disguise (::/96)")),
    (_V6("2001::/32"), _closed("a Teredo tunnel (2001::/32)")),
    (_V6("2001::/23"), _closed("an address reserved for protocols (2001::/23)")),
    (_V6("2001:db8::/32"), _closed("an address for documentation only (2001:db8::/32)")),
    (_V6("2002::/16"), _closed("a 6to4 tunnel (2002::/16)")),
    (_V6("3fff::/20"), _closed("an address for documentation only (3fff::/20)")),
)
_GLOBAL = _V6("2000::/3")
_MAPPED = _V6("::ffff:0:0/96")
_NAT64 = _V6("64:ff9b::/96")
"""How a network without IPv4 reaches the IPv4 internet: what is embedded there says who is reached."""


@lru_cache(maxsize=256)
def standing_of(address: str) -> Standing:
    """Say what an address is.

    Args:
        address: As ``socket.getpeername`` gives it, or a name service; a scope (``%eth0``) does not count.
    """
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return _UNKNOWN
    if isinstance(read, ipaddress.IPv6Address) and (read in _MAPPED or read in _NAT64):
        read = ipaddress.IPv4Address(int(read) & 0xFFFF_FFFF)
    if read in _METADATA_SERVICES:
        return _METADATA
    if isinstance(read, ipaddress.IPv4Address):
        return next((standing for network, standing in _IPV4 if read in network), _PUBLIC)
    named = next((standing for network, standing in _IPV6 if read in network), None)
    return named or (_PUBLIC if read in _GLOBAL else _NOT_GLOBAL)
