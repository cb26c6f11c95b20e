"""robots.txt (RFC 9309): asked once an origin, kept until it expires, waited for while the site is broken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

from protego import Protego

from mediawatch.errors import Reason
from mediawatch.feeds.hints import fresh_s
from mediawatch.models import Failure, Response
from mediawatch.web.client import Client
from mediawatch.web.pacing import Pacing

MAX_BYTES = 524_288
"""RFC 9309 asks for at least 500 KiB to be read; the rest is ignored."""
MAX_CRAWL_DELAY_S = 60.0
"""Longer delays are meant to keep crawlers out or are typing errors; the least that is honoured of them."""
KEPT = timedelta(hours=24)
"""RFC 9309, 2.4: not to be used for longer without asking again; what the answer says of its freshness shortens it."""
KEPT_LEAST = timedelta(hours=1)
FIRST_WAIT = timedelta(minutes=10)
"""Before a broken site is asked again; then as long again as it has been broken, up to KEPT."""
AT_ONCE = 100
"""Requests for robots.txt, where the caller does not say: a batch may hold as many new sites as entries."""
LEAST_WAIT = timedelta(minutes=1)
"""However soon a broken site wants to be asked again: `Retry-After: 0` would be asked in a loop without end."""
GIVEN_UP = timedelta(days=30)
"""RFC 9309, 2.3.1.4: broken for so long, a site counts as one without rules."""

# RFC 9309, 2.3.1.3: "unavailable" means that anything may be fetched; so do too many redirects (2.3.1.2).
_UNAVAILABLE = frozenset({Reason.NOT_FOUND, Reason.GONE, Reason.REFUSED, Reason.REDIRECTS})
BROKEN = frozenset({Reason.SERVER_ERROR, Reason.RATE_LIMITED, Reason.BAD_RESPONSE})
"""The site is there and says nothing usable: its pages wait. Any other failure would meet the page as well."""


@dataclass(frozen=True)
class RobotsFile:
    """A site's robots.txt as it was last had: what all workers share of it.

    `body` is None while it was never had, b"" where there is none; `broken_since` is set while the site answers
    without one.
    """

    origin: str
    body: bytes | None
    fetched_at: datetime
    expires_at: datetime
    broken_since: datetime | None = None
    why: str = ""


def judge(origin: str, answer: Response | Failure, before: RobotsFile | None, now: datetime) -> RobotsFile | Failure:
    """What an answer makes of what was known; a Failure where the site cannot be reached and nothing is known."""
    if isinstance(answer, Response):
        fresh = fresh_s(answer)
        kept = KEPT if fresh is None else min(max(timedelta(seconds=fresh), KEPT_LEAST), KEPT)
        return RobotsFile(origin, answer.body, now, now + kept)
    if answer.reason in _UNAVAILABLE:
        return RobotsFile(origin, b"", now, now + KEPT)
    if answer.reason not in BROKEN and before is None:
        return answer
    since = (before and before.broken_since) or now
    wait = min(max(FIRST_WAIT, now - since), KEPT)
    again = max(answer.retry_at, now + LEAST_WAIT) if answer.retry_at else now + wait
    body = b"" if now - since >= GIVEN_UP else before.body if before else None
    why = f"robots.txt: {answer.reason.value}: {answer.detail}"
    return RobotsFile(origin, body, before.fetched_at if before else now, again, since, why)


@dataclass(frozen=True)
class Wait:
    """The site's robots.txt cannot be had and it may forbid everything: no page of it before `until`."""

    until: datetime
    why: str


Verdict = bool | Wait | Failure
"""May be fetched or not; to be waited for; or why the site cannot be reached at all."""


class Robots:
    """What sites allow. Its own requests are spaced, but take no turn: it may be asked from within one.

    `known` is what other batches have learned; `learned` is what this one adds to it. `slots` bounds its requests.
    """

    def __init__(
        self,
        client: Client,
        pacing: Pacing,
        known: Iterable[RobotsFile] = (),
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        slots: asyncio.Semaphore | None = None,
    ) -> None:
        self._client = client
        self._slots = slots or asyncio.Semaphore(AT_ONCE)
        self._pacing = pacing
        self._now = now
        self._name = client.user_agent.partition("/")[0].strip()
        self._known = {file.origin: file for file in known}
        self._rules: dict[str, Protego | Wait | Failure] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self.learned: dict[str, RobotsFile] = {}

    async def allowed(self, url: str) -> Verdict:
        """Whether the URL may be fetched."""
        rules = await self._rules_for(url)
        return bool(rules.can_fetch(url, self._name)) if isinstance(rules, Protego) else rules

    def crawl_delay_s(self, url: str) -> float | None:
        """Crawl-delay of the URL's site, up to a limit; None where it states none or was not asked yet."""
        rules = self._rules.get(origin_of(url) or "")
        delay_s = rules.crawl_delay(self._name) if isinstance(rules, Protego) else None
        return None if delay_s is None else min(float(delay_s), MAX_CRAWL_DELAY_S)

    async def _rules_for(self, url: str) -> Protego | Wait | Failure:
        origin = origin_of(url)
        if origin is None:
            return Failure(Reason.BAD_URL, url[:200])
        # A lock, not a shared task: if the first who asks is cancelled, the next one asks again.
        async with self._locks.setdefault(origin, asyncio.Lock()):
            if origin not in self._rules:
                self._rules[origin] = _rules(await self._file(origin))
                self._slow_down(origin)
        return self._rules[origin]

    async def _file(self, origin: str) -> RobotsFile | Failure:
        before = self._known.get(origin)
        if before and before.expires_at > self._now():
            return before
        host = urlsplit(origin).hostname or ""
        await self._pacing.spaced(host)
        async with self._slots:
            answer = await self._client.get(
                f"{origin}/robots.txt", max_bytes=MAX_BYTES, truncate=True, before_hop=self._hop
            )
        if isinstance(answer, Failure) and answer.retry_at is not None:
            self._pacing.hold(host, answer.retry_at)
        file = judge(origin, answer, before, self._now())
        if isinstance(file, RobotsFile):
            self.learned[origin] = file
        return file

    async def _hop(self, url: str) -> Failure | None:
        """Waits for the host that robots.txt was redirected to, but not where it has asked for a long wait."""
        host = urlsplit(url).hostname or ""
        if await self._pacing.spaced(host, lambda: self._pacing.ready_in_s(host) > MAX_CRAWL_DELAY_S):
            return None
        return Failure(Reason.RATE_LIMITED, f"{host} wants us to wait")

    def _slow_down(self, origin: str) -> None:
        delay_s = self.crawl_delay_s(origin)
        if delay_s is not None:
            self._pacing.space(urlsplit(origin).hostname or "", delay_s)


def _rules(file: RobotsFile | Failure) -> Protego | Wait | Failure:
    if isinstance(file, Failure):
        return replace(file, detail=f"robots.txt: {file.detail}")
    if file.body is None:
        return Wait(file.expires_at, file.why)
    return Protego.parse(file.body.decode("utf-8-sig", "replace"))


def origin_of(url: str) -> str | None:
    """Scheme, host and port, as robots.txt is kept for; None for what is no http(s) URL."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"
