"""sitemaps → entries: announce what a site's sitemaps date within a range; the fetch stage then asks for it."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, timezone
from itertools import islice

from mediawatch.articles.identity import url_key
from mediawatch.articles.url import normalise
from mediawatch.errors import MediawatchError, Reason
from mediawatch.models import EntryData, Failure, FeedData, ParseTask, Response, without_credentials
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts
from mediawatch.stages.polled import Parse, parse_with, parsers
from mediawatch.stages.publishers import Publishers
from mediawatch.stages.visit import LONGEST_HOLD, host_of, reserve_in, told
from mediawatch.stages.zones import zone_min
from mediawatch.store.database import Database
from mediawatch.web.client import Client
from mediawatch.web.pacing import Pacing

MOST_SITEMAPS = 200
"""Read in one go; at 5 s a request that is a quarter of an hour."""
MOST_BYTES = 50_000_000
"""Of one sitemap: the protocol's own limit."""
LONGEST_WAIT_S = 600.0
"""For a host that asks for a wait; its sitemaps count as failed where it asks for more."""
GROUP = 1_000
"""Entries that are stored in one transaction."""

Progress = Callable[[str, Counts], None]
"""Called after each sitemap with its URL and the totals so far."""


def announce_sitemap(
    db: Database,
    settings: Settings,
    url: str,
    since: date,
    until: date,
    *,
    most: int = MOST_SITEMAPS,
    progress: Progress = lambda *_: None,
) -> Counts:
    """Read a sitemap, or an index and up to `most` sitemaps in all, and announce what is dated from `since` to `until`.

    Both days, in UTC, are in the range; the date is that of publication, else the last change. Counts: sitemaps, unread
    (over `most`), failed (sitemaps without an answer, or no sitemaps), urls; of these entries_new, known, outside (the
    range), undated, bad_url. MediawatchError when the first one cannot be read. Run again, it only adds what is new.
    """
    begin = datetime(since.year, since.month, since.day, tzinfo=timezone.utc)
    end = datetime(until.year, until.month, until.day, tzinfo=timezone.utc) + timedelta(days=1)
    if end <= begin:
        raise MediawatchError(f"the range ends ({until}) before it begins ({since})")
    with parsers(settings) as pool:
        reading = Reading(db, settings, (begin, end), most, parse_with(pool), progress)
        return asyncio.run(reading.all_from(url))


class Reading:
    """One sitemap after another, so that one site is asked slowly and one sitemap is in memory."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        span: tuple[datetime, datetime],
        most: int,
        parse: Parse,
        progress: Progress,
    ) -> None:
        self._db = db
        self._settings = settings
        self._span = span
        self._most = most
        self._parse = parse
        self._progress = progress
        self._publishers = Publishers(db)
        self._pacing = Pacing(settings.host_spacing_s, settings.host_concurrency, reserve=reserve_in(db))
        self._counts: Counter[str] = Counter()

    async def all_from(self, url: str) -> Counts:
        """Read from `url` on, breadth first, each sitemap once."""
        waiting = deque([url])
        seen = {url}
        async with Client.from_settings(self._settings) as client:
            while waiting and self._counts["sitemaps"] < self._most:
                here = waiting.popleft()
                data = await self._read(client, here)
                if isinstance(data, str):
                    if here == url:
                        raise MediawatchError(f"cannot read {url}: {data}")
                    self._counts["failed"] += 1
                else:
                    self._announce_all(data.entries)
                    waiting.extend(link for link in data.alternates if link not in seen)
                    seen.update(data.alternates)
                self._counts["sitemaps"] += 1
                self._counts["unread"] = len(waiting)
                self._progress(here, dict(self._counts))
        return {"sitemaps": 0, "urls": 0, "entries_new": 0} | dict(+self._counts)

    async def _read(self, client: Client, url: str) -> FeedData | str:
        """A sitemap's contents, or why there are none."""
        answer = await self._ask(client, url)
        if isinstance(answer, Failure) and answer.retry_at:
            self._heed(host_of(url), answer, answer.retry_at)
            answer = await self._ask(client, url)
        if isinstance(answer, Failure):
            return f"{answer.reason.value}: {answer.detail}"
        data = await self._parse(ParseTask(answer.body, answer.final_url, answer.header("Content-Type")))
        if isinstance(data, Failure):
            return f"{data.reason.value}: {data.detail}"
        return data if data.format == "sitemap" else f"it is no sitemap but {data.format}"

    async def _ask(self, client: Client, url: str) -> Response | Failure:
        host = host_of(url)
        async with self._pacing.turn(host, lambda: self._pacing.ready_in_s(host) > LONGEST_WAIT_S) as ours:
            if not ours:
                return Failure(Reason.RATE_LIMITED, f"{host} asks for a longer wait than {LONGEST_WAIT_S:.0f} s")
            return await client.get(url, max_bytes=MOST_BYTES)

    def _heed(self, host: str, failure: Failure, until: datetime) -> None:
        """Wait as the host asks; the other workers too."""
        self._pacing.hold(host, until)
        self._db.many("hosts.hold", [(host, min(until, self._db.now() + LONGEST_HOLD), told(failure))])

    def _announce_all(self, entries: Sequence[EntryData]) -> None:
        self._counts["urls"] += len(entries)
        wanted = (entry for entry in entries if self._in_range(entry))
        while group := list(islice(wanted, GROUP)):
            new = announce(self._db, self._publishers, group)
            self._counts.update({"entries_new": new, "known": len(group) - new})

    def _in_range(self, entry: EntryData) -> bool:
        """Whether an entry is to be announced; counts those that are not."""
        begin, end = self._span
        if entry.published is None:
            why = "undated"
        elif not begin <= entry.published < end:
            why = "outside"
        else:
            why = "" if normalise(entry.url or "") else "bad_url"
        if why:
            self._counts[why] += 1
        return not why


def announce(db: Database, publishers: Publishers, entries: Sequence[EntryData]) -> int:
    """Insert entries that wait for their fetch, in one transaction; how many are new."""
    now = db.now()
    urls: dict[bytes, tuple[str, EntryData]] = {}
    for entry in entries:
        urls.setdefault(url_key(entry.url or ""), (without_credentials(entry.url or ""), entry))
    with db.transaction():
        db.rows("entries.serialise_announcing")
        known = {bytes(row.identity) for row in db.rows("entries.known", identities=list(urls))}
        rows = [
            (
                identity,
                publishers.source_of(url),
                url,
                host_of(url),
                entry.title,
                entry.published,
                entry.published and zone_min(entry.published),
                now,
                now,
                "fetch",
                None,
            )
            for identity, (url, entry) in urls.items()
            if identity not in known
        ]
        return len(db.many("backfill.announce", rows))
