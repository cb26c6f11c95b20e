"""robots.txt (RFC 9309), asked once an origin for the client's life."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from protego import Protego

from mediawatch.errors import Reason
from mediawatch.models import Failure, Response
from mediawatch.web.client import Client
from mediawatch.web.pacing import Pacing

MAX_BYTES = 524_288
"""RFC 9309 asks for at least 500 KiB to be read; the rest is ignored."""
MAX_CRAWL_DELAY_S = 60.0
"""Longer delays are meant to keep crawlers out or are typing errors; the least that is honoured of them."""

# RFC 9309, 2.3.1.3: "unavailable" means that anything may be fetched; so do too many redirects (2.3.1.2).
_UNAVAILABLE = frozenset({Reason.NOT_FOUND, Reason.GONE, Reason.REFUSED, Reason.REDIRECTS})


class Robots:
    """What a site allows. Its own request takes a turn of the pacing: ask before taking a turn for the page."""

    def __init__(self, client: Client, pacing: Pacing) -> None:
        self._client = client
        self._pacing = pacing
        self._name = client.user_agent.partition("/")[0].strip()
        self._rules: dict[str, Protego | Failure] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def allowed(self, url: str) -> bool | Failure:
        """Whether the URL may be fetched; a Failure, to be waited out, where robots.txt cannot be had."""
        rules = await self._rules_for(url)
        return rules if isinstance(rules, Failure) else bool(rules.can_fetch(url, self._name))

    def crawl_delay_s(self, url: str) -> float | None:
        """Crawl-delay of the URL's site, up to a limit; None where it states none or was not asked yet."""
        rules = self._rules.get(_origin(url) or "")
        delay_s = None if rules is None or isinstance(rules, Failure) else rules.crawl_delay(self._name)
        return None if delay_s is None else min(float(delay_s), MAX_CRAWL_DELAY_S)

    async def _rules_for(self, url: str) -> Protego | Failure:
        origin = _origin(url)
        if origin is None:
            return Failure(Reason.BAD_URL, url[:200])
        # A lock, not a shared task: if the first who asks is cancelled, the next one asks again.
        async with self._locks.setdefault(origin, asyncio.Lock()):
            if origin not in self._rules:
                self._rules[origin] = await self._fetch(origin)
                self._slow_down(origin)
        return self._rules[origin]

    async def _fetch(self, origin: str) -> Protego | Failure:
        host = urlsplit(origin).hostname or ""
        async with self._pacing.turn(host):
            answer = await self._client.get(
                f"{origin}/robots.txt", max_bytes=MAX_BYTES, truncate=True, before_hop=self._pacing.spaced
            )
        if isinstance(answer, Response):
            return Protego.parse(answer.body.decode("utf-8-sig", "replace"))
        if answer.retry_at is not None:
            self._pacing.hold(host, answer.retry_at)
        return Protego.parse("") if answer.reason in _UNAVAILABLE else answer

    def _slow_down(self, origin: str) -> None:
        delay_s = self.crawl_delay_s(origin)
        if delay_s is not None:
            self._pacing.space(urlsplit(origin).hostname or "", delay_s)


def _origin(url: str) -> str | None:
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"
