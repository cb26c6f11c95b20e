"""Which addresses are refused, whatever they are wrapped in."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.web.guard import AddressGuard, BlockedAddress, PinnedPort, closed, disguised, refused

INSIDE_V4 = [
    ("0.0.0.0", "unspecified"),  # an address to refuse, nothing binds to it
    ("0.1.2.3", "unspecified"),
    ("10.0.0.1", "private"),
    ("100.64.0.1", "shared (CGNAT)"),
    ("100.127.255.255", "shared (CGNAT)"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("169.254.169.254", "link-local"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("198.18.0.1", "benchmarking"),
    ("224.0.0.1", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
]
INSIDE_V6 = [
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("fc00::1", "private"),
    ("fd12:3456::1", "private"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("fec0::1", "private"),
    ("ff02::1", "multicast"),
    ("2001:db8::1", "documentation"),
    ("64:ff9b:1::1", "reserved"),
    ("::7f00:1", "reserved"),
    ("4000::1", "reserved"),
]
OUTSIDE = ["93.184.216.34", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "2606:4700::1111"]


def wrapped(address: str) -> list[str]:
    """The ways to write an IPv4 address as an IPv6 one."""
    number = int(ipaddress.IPv4Address(address))
    return [
        f"::ffff:{address}",
        str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | number)),
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))),
    ]


@pytest.mark.parametrize(("address", "word"), INSIDE_V4 + INSIDE_V6)
def test_inside_addresses_are_refused_with_a_word(address, word):
    assert refused(address) == word


@pytest.mark.parametrize("address", OUTSIDE)
def test_public_addresses_pass(address):
    assert refused(address) is None


@pytest.mark.parametrize(("address", "word"), INSIDE_V4)
def test_wrapping_an_inside_address_changes_nothing(address, word):
    assert [refused(form) for form in wrapped(address)] == [word] * 3


def test_wrapping_a_public_address_changes_nothing():
    assert [refused(form) for form in wrapped("93.184.216.34")] == [None] * 3


def test_teredo_is_refused_whatever_it_carries():
    assert refused("2001:0:4136:e378:8000:63bf:3fff:fdd2")


@given(st.ip_addresses(v=4))
def test_what_python_calls_private_is_never_let_through(ip):
    if ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        # 192.0.0.9 and .10 are anycast services that newer Pythons call global; none serves news.
        assert refused(str(ip))


@given(st.ip_addresses(v=6))
def test_only_global_unicast_ipv6_passes(ip):
    outside = ip in ipaddress.ip_network("2000::/3")
    assert outside or refused(str(ip)) or ip in ipaddress.ip_network("64:ff9b::/96") or ip.ipv4_mapped


@given(st.text())
def test_what_is_no_address_is_refused_and_never_raises(text):
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        assert refused(text)


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "127.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f.1.", "127.1."])
def test_a_disguised_address_is_unmasked(host):
    assert disguised(host) == "127.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "pub.example", "::1", "cafe", "", "1.2.3.4.5"])
def test_a_plain_host_is_no_disguise(host):
    assert disguised(host) is None


def info(address: str, port: int):
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))


def test_a_pinned_pair_opens_only_through_the_resolver():
    guard = AddressGuard([("127.0.0.1", 8080)])
    guard.open_socket(info("127.0.0.1", PinnedPort(8080))).close()
    with pytest.raises(BlockedAddress, match=r"127\.0\.0\.1 is loopback"):
        guard.open_socket(info("127.0.0.1", 8080))


@pytest.mark.parametrize(("address", "port"), [("127.0.0.1", 8081), ("127.0.0.2", 8080), ("10.0.0.1", 8080)])
def test_a_pin_holds_for_its_own_pair_only(address, port):
    with pytest.raises(BlockedAddress):
        AddressGuard([("127.0.0.1", 8080)]).open_socket(info(address, PinnedPort(port)))


@pytest.mark.parametrize("port", [22, 25, 6379, 5432])
def test_ports_of_other_services_are_closed(port):
    assert closed(port)


@pytest.mark.parametrize("port", [None, 80, 443, 8080, 8443, 50_000])
def test_ports_of_web_servers_are_open(port):
    assert not closed(port)
