"""Names to addresses: the hosts setting first, then DNS, whose whole answer is refused if any address in it is."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from aiohttp import DefaultResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from mediawatch.web.guard import BlockedAddress, PinnedPort, ProxyPort, refused


class HostsResolver(AbstractResolver):
    """Resolver for aiohttp. `hosts` is {name: (address, port)}; a name in it is dialled there and nowhere else.

    `proxy` is the outgoing proxy's name.

    Raises OSError where a name does not resolve and BlockedAddress where it leads to a private or reserved address:
    a name with one public and one private address is an attack or a mistake, and neither is worth a connection.
    """

    def __init__(
        self, hosts: Mapping[str, tuple[str, int]], dns: AbstractResolver | None = None, proxy: str | None = None
    ) -> None:
        self._hosts = {name.lower(): target for name, target in hosts.items()}
        self._dns = dns or DefaultResolver()
        self._proxy = proxy and proxy.lower()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses to dial for a name."""
        mapped = self._hosts.get(host.lower().rstrip("."))
        if mapped:
            return [_pinned(host, *mapped)]
        try:
            answer = await self._dns.resolve(host, port, family)
        except UnicodeError as error:  # a label that is empty or over 63 characters
            raise OSError(f"{host} is not a host name: {error}") from error
        if host.lower() == self._proxy:  # it may lie inside: with one, nothing else is dialled by its name
            return [{**item, "port": ProxyPort(item["port"])} for item in answer]
        for item in answer:
            why = refused(item["host"])
            if why:
                raise BlockedAddress(f"{host} leads to {item['host']}, which is {why}")
        return answer

    async def close(self) -> None:
        """Frees what DNS lookups hold."""
        await self._dns.close()


def _pinned(name: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=name, host=address, port=PinnedPort(port), family=family, proto=0, flags=flags)
