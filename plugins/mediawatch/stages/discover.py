"""A homepage → the site's feeds: candidates are asked politely, and each is parsed before it is called a feed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from mediawatch.errors import MediawatchError
from mediawatch.feeds.discover import Candidate, candidates
from mediawatch.models import Failure, FeedData, ParseTask, Response
from mediawatch.settings import Settings
from mediawatch.stages.polled import NOT_FEEDS, Parse, parse_with, parsers
from mediawatch.web.client import Client
from mediawatch.web.pacing import Pacing
from mediawatch.web.robots import Robots, Wait

MOST_TRIED = 40
BUDGET_S = 90.0
"""A person waits: what was not answered by then is left out."""
SPACING_S = 0.5
"""Between two requests to one host, if the settings ask for more: they are few, and a person waits."""


@dataclass(frozen=True)
class Found:
    """A feed and where it was found; origin is advertised, linked, well-known or given (the URL itself is a feed)."""

    url: str
    origin: str
    format: str
    title: str
    entries: int
    newest: datetime | None


@dataclass(frozen=True)
class Answer:
    """A candidate's body, parsed."""

    found: Found
    final_url: str
    digest: bytes


def discover(settings: Settings, url: str) -> list[Found]:
    """The feeds of the site at `url`, the most likely first; well-known paths are tried if the page names no feed.

    MediawatchError when the page cannot be had.
    """
    with parsers(settings) as pool:
        return asyncio.run(_discover(settings, url, parse_with(pool)))


async def _discover(settings: Settings, url: str, parse: Parse) -> list[Found]:
    async with Client.from_settings(settings) as client:
        site = Site(settings, client, parse)
        page = await site.page(url)
        data = await parse(ParseTask(page.body, page.final_url, page.header("Content-Type")))
        if isinstance(data, FeedData) and data.format not in NOT_FEEDS:
            return [_found(Candidate(url, "advertised"), data, origin="given")]
        possible = candidates(page.body, page.final_url, page.header("Content-Type"))
        named = [each for each in possible if each.origin != "well-known"]
        return await site.feeds(named) or await site.feeds(each for each in possible if each.origin == "well-known")


class Site:
    """One site's way of being asked: the page as robots.txt allows, a few requests at once to each host."""

    def __init__(self, settings: Settings, client: Client, parse: Parse) -> None:
        self._settings = settings
        self._client = client
        self._parse = parse
        self._pacing = Pacing(min(settings.host_spacing_s, SPACING_S), settings.host_concurrency)
        self._robots = Robots(client, self._pacing)

    async def page(self, url: str) -> Response:
        """The homepage."""
        allowed = await self._robots.allowed(url)
        answer = await self._get(url, self._settings.max_page_bytes) if allowed is True else allowed
        if isinstance(answer, Response):
            return answer
        why = "its robots.txt disallows it"
        if answer:
            why = answer.why if isinstance(answer, Wait) else f"{answer.reason.value}: {answer.detail}"
        raise MediawatchError(f"cannot read {url}: {why}")

    async def feeds(self, possible: Iterable[Candidate]) -> list[Found]:
        """Those of the candidates that are feeds, each once however many URLs lead to it."""
        tasks = [asyncio.create_task(self._try(each)) for each in list(possible)[:MOST_TRIED]]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=BUDGET_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        answers = [answer for task in tasks if not task.cancelled() and (answer := task.result())]
        seen: set[str | bytes] = set()
        found: list[Found] = []
        for each in answers:
            if not seen.intersection((each.final_url, each.digest)):
                found.append(each.found)
            seen.update((each.final_url, each.digest))
        return found

    async def _try(self, each: Candidate) -> Answer | None:
        answer = await self._get(each.url, self._settings.max_feed_bytes)
        if isinstance(answer, Failure):
            return None
        data = await self._parse(ParseTask(answer.body, answer.final_url, answer.header("Content-Type")))
        if isinstance(data, Failure) or data.format in NOT_FEEDS or (data.format == "sitemap" and not data.entries):
            return None
        return Answer(_found(each, data, each.origin), answer.final_url, sha256(answer.body).digest())

    async def _get(self, url: str, max_bytes: int) -> Response | Failure:
        async with self._pacing.turn(urlsplit(url).hostname or ""):
            return await self._client.get(url, max_bytes=max_bytes)


def _found(each: Candidate, data: FeedData, origin: str) -> Found:
    newest = max((entry.published for entry in data.entries if entry.published), default=None)
    return Found(each.url, origin, data.format, data.title, len(data.entries), newest)
