"""Every address is judged by a table of our own, in whatever disguise it comes."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield._http.addresses import Kind, standing_of

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2001:4860:4860::8888",
    "2001:200::1",
    "2a00:1450:4001:800::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
LOCAL = [
    "0.0.0.0",  # noqa: S104  nobody listens
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "::",
    "::1",
    "fc00::1",
    "fdff::1",
    "fec0::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
]
CLOSED = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "ff02::1",
    "::127.0.0.1",
    "::a9fe:a9fe",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "::ffff:0:127.0.0.1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "not an address",
    "",
]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        *((address, Kind.PUBLIC) for address in PUBLIC),
        *((address, Kind.LOCAL) for address in LOCAL),
        *((address, Kind.CLOSED) for address in CLOSED),
    ],
)
def test_each_address_has_its_kind(address: str, kind: Kind) -> None:
    """Ranges end where IANA says; what is embedded counts where it says who is reached."""
    standing = standing_of(address)

    assert standing.kind is kind
    assert bool(standing.name) is (kind is not Kind.PUBLIC)


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Python's own table is not enough, and is never overruled."""
    if standing_of(str(address)).kind is Kind.PUBLIC and not _embeds(address):
        assert address.is_global
        assert not address.is_multicast


def _embeds(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return isinstance(address, ipaddress.IPv6Address) and int(address) >> 32 in {0xFFFF, 0x64FF9B << 64}


@given(st.ip_addresses(v=4))
def test_a_disguise_changes_nothing(address: ipaddress.IPv4Address) -> None:
    """Mapped into IPv6 or behind NAT64, an IPv4 address stays what it is."""
    plain = standing_of(str(address))

    assert standing_of(f"::ffff:{address}") == plain
    assert standing_of(f"64:ff9b::{address}") == plain
