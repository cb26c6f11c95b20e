"""Names to addresses."""

from __future__ import annotations

import asyncio

import pytest
from mediawatch.web.guard import BlockedAddress, PinnedPort
from mediawatch.web.hosts import HostsResolver

HOSTS = {"Pub.example": ("127.0.0.1", 8080)}


def resolve(name, dns, port=80):
    return asyncio.run(HostsResolver(HOSTS, dns).resolve(name, port))


@pytest.mark.parametrize("name", ["pub.example", "PUB.EXAMPLE", "pub.example."])
def test_a_mapped_name_gives_its_pinned_port(fake_dns, name):
    (answer,) = resolve(name, fake_dns({}))
    assert (answer["host"], answer["port"]) == ("127.0.0.1", 8080)
    assert isinstance(answer["port"], PinnedPort)


def test_another_name_gives_what_dns_says_with_an_ordinary_port(fake_dns):
    (answer,) = resolve("news.example", fake_dns({"news.example": ["93.184.216.34"]}), port=443)
    assert (answer["host"], answer["port"]) == ("93.184.216.34", 443)
    assert not isinstance(answer["port"], PinnedPort)


def test_a_subdomain_of_a_mapped_name_is_not_mapped(fake_dns):
    with pytest.raises(OSError, match="not known"):
        resolve("www.pub.example", fake_dns({}))


def test_one_inside_address_spoils_the_whole_answer(fake_dns):
    dns = fake_dns({"news.example": ["93.184.216.34", "192.168.0.1"]})
    with pytest.raises(BlockedAddress, match=r"news.example leads to 192.168.0.1, which is private"):
        resolve("news.example", dns)


def test_a_name_that_no_codec_takes_does_not_resolve(fake_dns):
    class Strict(fake_dns):
        async def resolve(self, host, port=0, family=0):
            host.encode("idna")
            return []

    with pytest.raises(OSError, match="not a host name"):
        resolve("a" * 70 + ".example", Strict({}))
