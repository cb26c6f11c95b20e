"""A real server on loopback, reached by invented names through the hosts map; no test leaves the machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from mediawatch.models import Failure, Response
from mediawatch.web.client import Client
from mediawatch.web.guard import AddressGuard

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Story = Callable[[Client, int], Awaitable[Any]]
NAMES = ("pub.example", "other.example")


class FakeDns(AbstractResolver):
    """Answers with the addresses it was given; a name it does not know does not resolve."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        if host not in self.answers:
            raise OSError(None, "Name or service not known")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in self.answers[host]
        ]

    async def close(self) -> None:
        pass


def client_for(port: int, **options: Any) -> Client:
    hosts = dict.fromkeys(NAMES, ("127.0.0.1", port))
    options.setdefault("dns", FakeDns({}))
    return Client(guard=AddressGuard(hosts.values()), hosts=hosts, **options)


@pytest.fixture
def fake_dns() -> type[FakeDns]:
    """`fake_dns({name: [address, …]})`: a resolver that knows these names only."""
    return FakeDns


@pytest.fixture
def on_site() -> Callable[..., Any]:
    """`on_site(handler, story, **client_options)`: runs `story(client, port)` beside a server with that handler."""

    def run(handler: Handler, story: Story, **options: Any) -> Any:
        async def play() -> Any:
            server = web.Server(handler)
            listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
            port = listening.sockets[0].getsockname()[1]
            try:
                async with client_for(port, **options) as client:
                    return await story(client, port)
            finally:
                listening.close()
                await server.shutdown(0.1)
                await listening.wait_closed()

        return asyncio.run(play())

    return run


@pytest.fixture
def visit(on_site: Callable[..., Any]) -> Callable[..., Response | Failure]:
    """`visit(handler, url, max_bytes=…, **get_options)`: what the client makes of it; `{port}` in the URL is filled."""

    def run(
        handler: Handler, url: str = "http://pub.example/", client: dict[str, Any] | None = None, **options: Any
    ) -> Response | Failure:
        async def story(session: Client, port: int) -> Response | Failure:
            return await session.get(url.replace("{port}", str(port)), **{"max_bytes": 100_000, **options})

        answer: Response | Failure = on_site(handler, story, **(client or {}))
        return answer

    return run


@pytest.fixture
def visit_bytes() -> Callable[..., Response | Failure]:
    """`visit_bytes(answer)`: a server that reads a request, sends these bytes as they are, and hangs up."""

    def run(answer: bytes, reset: bool = False, **options: Any) -> Response | Failure:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            if reset:
                await asyncio.sleep(0.05)
                writer.transport.abort()
            writer.close()

        async def play() -> Response | Failure:
            listening = await asyncio.start_server(serve, "127.0.0.1", 0)
            port = listening.sockets[0].getsockname()[1]
            try:
                async with client_for(port, **options) as client:
                    return await client.get("http://pub.example/", max_bytes=100_000)
            finally:
                listening.close()
                await listening.wait_closed()

        return asyncio.run(play())

    return run
