"""The address guard: what mediawatch never connects to, checked on each address that is really dialled."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry, 2024. Written out, because
# what Python's is_private and is_global say differs between its versions.
_REFUSED = tuple(
    (ipaddress.ip_network(network), word)
    for network, word in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared (CGNAT)"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "reserved (Teredo and protocol assignments)"),
        ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"),
    )
)
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


# https://fetch.spec.whatwg.org/#port-blocking: ports whose services may take an HTTP request for one of their own;
# and behind them those of databases and caches.
_CLOSED_PORTS = frozenset(
    (
        *(0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104),
        *(109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515),
        *(526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049),
        *(3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080),
        *(1433, 1521, 2375, 2379, 3306, 5432, 6379, 9200, 9300, 11211, 27017),
    )
)
_INSIDE_NAMES = (".localhost", ".local", ".localdomain", ".internal", ".intranet", ".lan", ".corp", ".home.arpa")


class BlockedAddress(Exception):
    """The connection was refused before a byte was sent; the text says which address and why.

    Not an OSError: the connector would take that for a network that is down and try the next address.
    """


class PinnedPort(int):
    """The port of a dialled address that the hosts setting chose, not the URL.

    Only the resolver makes one, and a URL with a literal address never reaches the resolver: so the guard can tell
    `http://name.example/` mapped to 127.0.0.1:8080 from `http://127.0.0.1:8080/` written out.
    """


class ProxyPort(int):
    """The port of a dialled address that is the outgoing proxy's, whose name only the resolver knows as such."""


class AddressGuard:
    """Opens sockets for public addresses, for the pinned (address, port) pairs reached by their names, and the proxy.

    `proxy` is its host and port; with it, every other connection to a host that is not pinned goes through it.
    """

    def __init__(self, pinned: Iterable[tuple[str, int]] = (), proxy: tuple[str, int] | None = None) -> None:
        self._pinned = frozenset((str(ipaddress.ip_address(address)), port) for address, port in pinned)
        self._proxy = proxy

    def open_socket(self, addr_info: tuple[Any, ...]) -> socket.socket:
        """`socket_factory` of aiohttp's TCPConnector: sees each address before it is dialled, on every hop."""
        family, kind, protocol, _, sockaddr = addr_info
        self.check(sockaddr[0], sockaddr[1])
        return socket.socket(family=family, type=kind, proto=protocol)

    def check(self, address: str, port: int) -> None:
        """BlockedAddress unless the address may be dialled on that port."""
        if isinstance(port, ProxyPort) or (address, port) == self._proxy:
            return
        why = refused(address)
        if why and not (isinstance(port, PinnedPort) and (address, int(port)) in self._pinned):
            raise BlockedAddress(f"{address} is {why}")


def closed(port: int | None) -> bool:
    """Whether no page is ever asked for on that port."""
    return port in _CLOSED_PORTS


def inside(host: str) -> str | None:
    """Why a host as it is written leads inside, or None: all that can be told before a proxy resolves the name."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        name = host.lower().rstrip(".")
        return "a name of inside networks" if "." not in name or name.endswith(_INSIDE_NAMES) else None
    return refused(host)


def refused(address: str) -> str | None:
    """Why an IP address may not be dialled (loopback, private, ...), or None if it is public.

    An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4) is judged by itself; what cannot be read is refused.
    """
    try:
        ip = _innermost(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return "not an IP address"
    word = next((word for network, word in _REFUSED if ip in network), None)
    if word is None and ip.version == 6 and ip not in _GLOBAL_IPV6:
        return "reserved"
    return word


def disguised(host: str) -> str | None:
    """The IPv4 address that C libraries read in a host like `0x7f000001`, `127.1` or `2130706433`; else None.

    Browsers and resolvers disagree on such hosts, and no publisher needs one.
    """
    try:
        address = socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))
    except (OSError, ValueError):
        return None
    return None if address == host.rstrip(".") else address


def _innermost(ip: Address) -> Address:
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
