"""An outgoing proxy: what goes through it, what never reaches it, and what its own failures are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from mediawatch.errors import ProxyError, Reason, SettingsError
from mediawatch.settings import Settings
from mediawatch.web.client import Client
from mediawatch.web.guard import AddressGuard
from yarl import URL

Story = Callable[[Client], Awaitable[object]]
HEAD = "HTTP/1.1 {} X\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: {}\r\n\r\n"


@dataclass
class Proxy:
    """A proxy that answers everything itself; `asked` is the first line of each request, `auth` what it was sent."""

    status: int = 200
    asked: list[str] = field(default_factory=list)
    auth: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        self.asked.append(head[0].rpartition(" ")[0])
        self.auth += [line for line in head if line.lower().startswith("proxy-authorization:")]
        writer.write((HEAD.format(self.status, 2) + "ok").encode())
        await writer.drain()
        writer.close()


def through(proxy: Proxy, story: Story, *, user: str = "", name: str = "127.0.0.1", **options: object) -> object:
    """The story with a client that has the proxy, reached by its address or by a name."""

    async def play() -> object:
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        url = URL(f"http://{user}{name}:{port}")
        try:
            guard = AddressGuard([("127.0.0.1", port)], proxy=(name, port))
            async with Client(guard=guard, proxy=url, **options) as client:
                return await story(client)
        finally:
            server.close()
            await server.wait_closed()

    return asyncio.run(play())


def get(url: str) -> Story:
    return lambda client: client.get(url, max_bytes=1_000)


def test_pages_go_through_the_proxy_which_resolves_their_names():
    proxy = Proxy()
    assert through(proxy, get("http://pub.example/a?b=1")).body == b"ok"
    assert proxy.asked == ["GET http://pub.example/a?b=1"]


def test_the_proxy_may_be_named_and_lie_inside(fake_dns):
    proxy, dns = Proxy(), fake_dns({"proxy.corp.example": ["127.0.0.1"], "pub.example": ["127.0.0.1"]})
    assert through(proxy, get("http://pub.example/"), name="proxy.corp.example", dns=dns).status == 200
    assert dns.asked == ["proxy.corp.example"]


def test_a_tunnel_is_asked_for_where_tls_is_due_and_its_refusal_is_the_pages_failure():
    proxy = Proxy(status=403)
    answer = through(proxy, get("https://pub.example/"))
    assert (answer.reason, answer.detail) == (Reason.REFUSED, "the proxy says HTTP 403")
    assert proxy.asked == ["CONNECT pub.example:443"]


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "http://10.1.2.3/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://0x7f000001/"),
        *("http://localhost/", "http://intranet/", "http://db.internal/", "http://printer.local./", "http://a.corp/"),
    ],
)
def test_what_is_written_as_an_inside_address_never_reaches_the_proxy(url):
    proxy = Proxy()
    assert through(proxy, get(url)).reason is Reason.BLOCKED_ADDRESS
    assert proxy.asked == []


def test_the_proxys_credentials_go_to_the_proxy_only():
    proxy = Proxy()
    answer = through(proxy, get("http://pub.example/"), user="me:secret@")
    assert proxy.auth == ["Proxy-Authorization: Basic bWU6c2VjcmV0"]
    assert "secret" not in repr(answer)
    assert "bWU6" not in repr(answer)


@pytest.mark.parametrize("url", ["http://pub.example/", "https://pub.example/"])
def test_a_proxy_that_wants_other_credentials_stops_the_work_and_is_no_pages_fault(url):
    with pytest.raises(ProxyError, match="other credentials"):
        through(Proxy(status=407), get(url), user="me:secret@")


@pytest.mark.parametrize("name", ["127.0.0.1", "proxy.example"])
def test_a_proxy_that_is_not_there_stops_the_work(name, fake_dns):
    async def play():
        guard = AddressGuard(proxy=(name, 9))
        async with Client(guard=guard, proxy=URL(f"http://me:secret@{name}:9"), dns=fake_dns({})) as client:
            await client.get("http://pub.example/", max_bytes=10)

    with pytest.raises(ProxyError) as raised:
        asyncio.run(play())
    assert "cannot be reached" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_the_setting_is_a_url_and_a_bad_one_does_not_tell_the_password():
    assert Settings.from_env({"MEDIAWATCH_PROXY": "http://me:pw@proxy:3128"}).proxy_url() == URL(
        "http://me:pw@proxy:3128"
    )
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({"MEDIAWATCH_PROXY": "socks5://me:hunter2@proxy"})
    assert "hunter2" not in str(raised.value)
