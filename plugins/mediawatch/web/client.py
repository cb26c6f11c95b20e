"""The HTTP client: one page for one URL, within limits, or the reason why not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from http import HTTPStatus
from types import TracebackType
from urllib.parse import quote, urljoin

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from mediawatch.credentials import basic
from mediawatch.errors import ProxyError, Reason
from mediawatch.models import Failure, Hop, Response
from mediawatch.settings import Settings
from mediawatch.web.failures import NETWORK_ERRORS, failure_of, failure_of_status
from mediawatch.web.guard import AddressGuard, closed, disguised, inside
from mediawatch.web.hosts import HostsResolver
from mediawatch.web.retry_after import retry_at

BeforeHop = Callable[[str], Awaitable[Failure | None]]
"""Called with each redirect's target before it is asked, and may forbid it; the time that it takes does not count."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAY_ASK_TO_WAIT = frozenset({429, 503})
_CONDITIONS = frozenset({"if-none-match", "if-modified-since"})
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
_HEADER_BYTES = 65_536
"""aiohttp's own limit, 8,190, is less than some publishers' Content-Security-Policy."""
_DNS_CACHE_S = 60
_PROXY_IS_DOWN = (aiohttp.ClientProxyConnectionError, aiohttp.ClientConnectorDNSError)
"""Its own name is the only one that is resolved where a proxy is used."""
_HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]+(%\w*)?")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Limits:
    """What one `get` may take. `allow_types` are media types; None allows all. `truncate` keeps the first max_bytes."""

    max_bytes: int
    allow_types: Collection[str] | None = None
    truncate: bool = False


class Client:
    """One session, as an async context manager; safe for any number of requests at once in one event loop.

    Cookies are off, proxies of the environment are ignored, bodies are decoded from gzip, deflate, br and zstd.
    """

    def __init__(
        self,
        *,
        guard: AddressGuard,
        hosts: Mapping[str, tuple[str, int]] | None = None,
        user_agent: str = "mediawatch",
        connect_timeout_s: float = 10.0,
        read_timeout_s: float = 30.0,
        total_timeout_s: float = 60.0,
        max_redirects: int = 8,
        dns: AbstractResolver | None = None,
        proxy: URL | None = None,
    ) -> None:
        self.user_agent = user_agent
        self._guard = guard
        self._hosts = dict(hosts or {})
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._total_timeout_s = total_timeout_s
        self._max_redirects = max_redirects
        self._dns = dns
        self._proxy = None if proxy is None else proxy.with_user(None)
        # aiohttp turns it into Proxy-Authorization, for plain requests and for tunnels.
        self._proxy_headers = (
            {"Authorization": basic(proxy.user, proxy.password or "")} if proxy is not None and proxy.user else {}
        )
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Client:
        """The client that the settings describe; the guard's only exceptions are the targets of the hosts setting."""
        hosts, proxy = settings.host_map(), settings.proxy_url()
        contact = f" (+{settings.contact})" if settings.contact else ""
        return cls(
            guard=AddressGuard(hosts.values(), (proxy.host or "", proxy.port or 0) if proxy is not None else None),
            hosts=hosts,
            user_agent=settings.user_agent + contact,
            connect_timeout_s=settings.connect_timeout_s,
            read_timeout_s=settings.read_timeout_s,
            total_timeout_s=settings.total_timeout_s,
            max_redirects=settings.max_redirects,
            proxy=proxy,
        )

    async def __aenter__(self) -> Client:
        connector = aiohttp.TCPConnector(
            resolver=HostsResolver(self._hosts, self._dns, self._proxy.host if self._proxy is not None else None),
            socket_factory=self._guard.open_socket,
            limit=0,  # pacing decides how many run at once
            ttl_dns_cache=_DNS_CACHE_S,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self.user_agent},
            trust_env=False,
            max_line_size=_HEADER_BYTES,
            max_field_size=_HEADER_BYTES,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int,
        allow_types: Collection[str] | None = None,
        truncate: bool = False,
        before_hop: BeforeHop | None = None,
    ) -> Response | Failure:
        """The whole answer, after redirects, or why there is none; never raises for what the network does.

        2xx are answers, and 304 to a condition in `headers`; every other status is a Failure. `max_bytes` counts
        decoded bytes while they stream; more is TOO_LARGE, or cut there with `truncate`. A media type outside
        `allow_types` (lower case, no parameters) is UNSUPPORTED_TYPE before the body is read; an answer that names no
        type passes.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        limits = Limits(max_bytes, allow_types, truncate)
        hops: list[Hop] = []
        answer = await self._follow(url, dict(headers or {}), limits, hops, before_hop)
        if isinstance(answer, Failure):
            return replace(answer, hops=tuple(hops), detail=_text(answer.detail))
        return replace(answer, url=url, hops=tuple(hops), elapsed_ms=round((loop.time() - started) * 1000))

    async def _follow(
        self, url: str, headers: dict[str, str], limits: Limits, hops: list[Hop], before_hop: BeforeHop | None
    ) -> Response | Failure:
        time = asyncio.get_running_loop().time
        deadline = time() + self._total_timeout_s
        seen: set[str] = set()
        here = url
        while True:
            target = _target(here)
            if isinstance(target, Failure):
                return target
            seen.add(str(target))
            if hops and before_hop:
                asked = time()
                refusal = await before_hop(str(target))
                if refusal is not None:
                    return refusal
                deadline += time() - asked
            answer = await self._ask(target, headers, limits, deadline)
            if not isinstance(answer, Hop):
                return answer
            hops.append(answer)
            here = answer.location
            if not here or _same_page(here) in seen:
                return Failure(Reason.REDIRECTS, f"a loop at {here}" if here else "a redirect to nowhere")
            if len(hops) > self._max_redirects:
                return Failure(Reason.REDIRECTS, f"more than {self._max_redirects} redirects")
            if _origin(here) != target.origin():
                headers = {name: value for name, value in headers.items() if name.lower() not in _CREDENTIALS}

    async def _ask(
        self, target: URL, headers: Mapping[str, str], limits: Limits, deadline: float
    ) -> Response | Failure | Hop:
        """One request. The deadline covers all hops together, so each gets what is left of it."""
        assert self._session is not None, "the client is used outside of `async with`"
        left_s = deadline - asyncio.get_running_loop().time()
        if left_s <= 0:
            return Failure(Reason.TIMEOUT, "redirects took all the time")
        timeout = aiohttp.ClientTimeout(total=left_s, connect=self._connect_timeout_s, sock_read=self._read_timeout_s)
        host = (target.raw_host or "").lower().rstrip(".")
        proxy = None if host in self._hosts else self._proxy
        if proxy and (why := inside(host)):
            return Failure(Reason.BLOCKED_ADDRESS, f"{host} is {why}")
        options = {"proxy": proxy, "proxy_headers": self._proxy_headers} if proxy else {}
        try:
            async with self._session.get(
                target, headers=headers, timeout=timeout, allow_redirects=False, **options
            ) as answer:
                if proxy:
                    _heed_proxy(proxy, answer.status)
                if answer.status == HTTPStatus.NOT_MODIFIED and _CONDITIONS.isdisjoint(map(str.lower, headers)):
                    return Failure(Reason.BAD_RESPONSE, "HTTP 304, and there was no condition", status=304)
                return await _read(answer, limits)
        except NETWORK_ERRORS as error:
            if proxy and isinstance(error, aiohttp.ClientHttpProxyError):
                _heed_proxy(proxy, error.status)
                return replace(failure_of_status(error.status), detail=f"the proxy says HTTP {error.status}")
            if proxy and isinstance(error, _PROXY_IS_DOWN):
                raise ProxyError(f"the proxy {proxy} cannot be reached: {error}") from None
            return failure_of(error)


def _heed_proxy(proxy: URL, status: int) -> None:
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        raise ProxyError(f"the proxy {proxy} wants other credentials than ours")


async def _read(answer: aiohttp.ClientResponse, limits: Limits) -> Response | Failure | Hop:
    now = datetime.now(timezone.utc)
    if answer.status in _REDIRECTS:
        return Hop(str(answer.url), answer.status, _location(answer))
    if answer.status != 304 and not 200 <= answer.status < 300:
        asked = retry_at(answer.headers.get("Retry-After"), now) if answer.status in _MAY_ASK_TO_WAIT else None
        return replace(failure_of_status(answer.status), retry_at=asked)
    refusal = _refusal(answer, limits)
    body = refusal or await _body(answer, limits)
    if isinstance(body, Failure):
        return body
    headers = tuple((name, _text(value)) for name, value in answer.headers.items())
    url = str(answer.url)
    return Response(url, url, answer.status, headers, body, now, elapsed_ms=0, sent=_sent(answer))


def _sent(answer: aiohttp.ClientResponse) -> tuple[tuple[str, str], ...]:
    headers = answer.request_info.headers
    return tuple((name, _text(value)) for name, value in headers.items() if name.lower() not in _CREDENTIALS)


def _refusal(answer: aiohttp.ClientResponse, limits: Limits) -> Failure | None:
    """What the headers alone rule out."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if limits.allow_types is not None and kind and kind not in limits.allow_types and answer.status != 304:
        return Failure(Reason.UNSUPPORTED_TYPE, kind[:100], status=answer.status)
    if (answer.content_length or 0) > limits.max_bytes and not limits.truncate:
        return Failure(Reason.TOO_LARGE, f"{answer.content_length} bytes announced", status=answer.status)
    return None


async def _body(answer: aiohttp.ClientResponse, limits: Limits) -> bytes | Failure:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > limits.max_bytes:
            if limits.truncate:
                break
            return Failure(Reason.TOO_LARGE, f"more than {limits.max_bytes} bytes", status=answer.status)
    return bytes(body[: limits.max_bytes])


def _target(url: str) -> URL | Failure:
    """The URL to ask, or why it is none. `raw_host`, because decoding a host's punycode may fail."""
    try:
        target = URL(url.strip()).with_fragment(None)
        host = target.raw_host or ""
        f"{target.user}{target.password}".encode("latin-1")  # as aiohttp will write them
    except ValueError as error:
        return Failure(Reason.BAD_URL, str(error)[:200])
    if target.scheme not in ("http", "https") or not _HOST.fullmatch(host) or ":" in (target.user or ""):
        return Failure(Reason.BAD_URL, f"not an http(s) address: {target.scheme or 'no scheme'}, host {host!r}"[:200])
    if closed(target.port):
        return Failure(Reason.BLOCKED_ADDRESS, f"port {target.port} is no web server's")
    address = disguised(host)
    return Failure(Reason.BLOCKED_ADDRESS, f"{host} stands for {address}") if address else target


def _location(answer: aiohttp.ClientResponse) -> str:
    """Absolute URL of the Location header, whose bytes beyond ASCII are percent-encoded; '' if there is none."""
    raw = answer.headers.get("Location", "").strip().encode("utf-8", "surrogateescape")
    if not raw:
        return ""
    location = quote(raw, safe="".join(map(chr, range(0x21, 0x7F))))
    try:
        joined = URL(urljoin(str(answer.url), location), encoded=True)
        return str(joined.with_user(None) if joined.user or joined.password else joined)
    except ValueError:
        return location


def _same_page(url: str) -> str:
    target = _target(url)
    return url if isinstance(target, Failure) else str(target)


def _origin(url: str) -> URL | None:
    target = _target(url)
    return None if isinstance(target, Failure) else target.origin()


def _text(value: str) -> str:
    """Unicode that can be stored: aiohttp keeps bytes of headers that are not UTF-8 as lone surrogates."""
    return _UNSTORABLE.sub("\ufffd", value)
