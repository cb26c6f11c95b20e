"""feeds → entries: poll the due feeds of a shard and store what they announce."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from mediawatch.articles.url import normalise
from mediawatch.credentials import Credentials, from_environment
from mediawatch.errors import Reason
from mediawatch.feeds.wrappers import is_sealed, unwrap
from mediawatch.models import EntryData, Failure, ParseTask, Response
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts
from mediawatch.stages.life import rewrite
from mediawatch.stages.polled import (
    Parse,
    Poll,
    as_before,
    authorization,
    expanded,
    identity_of,
    is_index,
    judge,
    parse_with,
    parsers,
    record,
    validators,
)
from mediawatch.stages.visit import DOWN, Answer, NotReached, Visit, host_of, reserve_in
from mediawatch.stages.zones import zone_min
from mediawatch.store.database import Database, DataError, Row
from mediawatch.web.client import Client
from mediawatch.web.pacing import Reserve
from mediawatch.web.robots import origin_of

MOST_SHARDS = 16
MOST_CHILDREN = 5
"""Sitemaps of an index that a poll reads, the newest."""
GROUP = 50
"""Answers that are stored in one transaction."""
MOST_CONTENT_CHARS = 300_000
"""A longer body that a feed gives with an entry is not kept: cut, it could not pass for whole."""


def claim_feeds(db: Database, settings: Settings, run: str, *, force: bool = False) -> list[str]:
    """Lease the due feeds (with `force` all active ones) in shards; the name of each shard that holds any.

    Hosts take turns, and where requests are spaced one shard has a host to itself, with as many feeds as it can ask
    in its time; the others stay due.
    """
    db.rows("feeds.free_run", run=run)  # this run's own, if it was interrupted before it could name them
    spacing_s = settings.host_spacing_s
    limits = {
        "limit": settings.poll_shard_feeds,
        "per_host": max(1, int(settings.fetch_budget_s / spacing_s)) if spacing_s else settings.poll_shard_feeds,
        "exclusive": spacing_s > 0,
        "lease_s": settings.lease_s,
    }
    shards: list[str] = []
    while len(shards) < MOST_SHARDS:
        shard = f"{run}/{len(shards)}"
        if not db.rows("feeds.claim_due", owner=shard, force=force, **limits):
            break
        shards.append(shard)
    return shards


def poll(db: Database, settings: Settings, shard: str, credentials: Credentials = from_environment) -> Counts:
    """Poll a shard's feeds within the time budget; counts of feeds by result, of entries and of new ones.

    `released` feeds were not reached, as no time was left or their host is down or wants us to wait: they stay due.
    """
    feeds = db.rows("feeds.of_owner", owner=shard, lease_s=settings.lease_s)
    with db.another() as turns:
        round_ = Round(db, settings, Client.from_settings(settings), reserve_in(turns))
        # Secrets are looked up out here: Airflow's way to them blocks, and is not for event loops.
        asyncio.run(round_.poll([(feed, authorization(feed, credentials)) for feed in feeds]))
    released = len(db.rows("feeds.release", owner=shard))
    if round_.broken:
        raise round_.broken[0]
    return {
        "feeds": len(feeds),
        "entries": 0,
        "entries_new": 0,
        "released": released,
        **dict(sorted(round_.counts.items())),
    }


class Round:
    """One shard's polls: asked at once, stored in groups as they come in."""

    def __init__(self, db: Database, settings: Settings, client: Client, reserve: Reserve) -> None:
        self._db = db
        self._settings = settings
        self._client = client
        self._visit = Visit(settings, client, reserve)
        self._now = db.now()
        self._answered: asyncio.Queue[Poll | None] = asyncio.Queue(maxsize=2 * GROUP)
        self._unreached: list[Poll] = []
        """Failures that are stored once it is known that we are not offline ourselves."""
        self.counts: Counter[str] = Counter()
        self.broken: list[Exception] = []
        """Bugs that single feeds have brought to light; they are stored as `failed: internal`."""

    async def poll(self, feeds: Sequence[tuple[Row, dict[str, str] | Failure]]) -> None:
        """Ask every feed, with its own headers, and store what it answers; a Failure is its outcome, unasked."""
        with parsers(self._settings) as pool:
            parse = parse_with(pool)
            async with self._client:
                await asyncio.gather(self._store_all(), self._ask_all(feeds, parse))
        with self._db.transaction():
            self._visit.store(self._db, self._settings.retry_base_s)

    async def _ask_all(self, feeds: Sequence[tuple[Row, dict[str, str] | Failure]], parse: Parse) -> None:
        try:
            await asyncio.gather(*(self._ask(feed, own, parse) for feed, own in feeds))
            self._visit.check_online()
            for poll in self._unreached:
                await self._answered.put(poll)
        finally:
            await self._answered.put(None)

    async def _ask(self, feed: Row, own: dict[str, str] | Failure, parse: Parse) -> None:
        if isinstance(own, Failure):
            await self._answered.put(as_before(feed, "failed", own))
            return
        try:
            answer = await asyncio.wait_for(self._answer(feed, own), self._settings.fetch_budget_s)
        except asyncio.TimeoutError:
            return
        if isinstance(answer, Exception):
            self.broken.append(answer)
            answer = Failure(Reason.INTERNAL, repr(answer))
        if isinstance(answer, NotReached):
            return
        poll = await judge(feed, answer, parse, self._now)
        if isinstance(answer, Response) and is_index(poll):
            poll = await self._with_children(poll, own, parse)
        if poll.failure and poll.failure.reason in DOWN:
            self._unreached.append(poll)
        else:
            await self._answered.put(poll)

    async def _with_children(self, poll: Poll, own: dict[str, str], parse: Parse) -> Poll:
        """A sitemap index with what its newest sitemaps announce; those that cannot be had are told in a note."""
        found: list[tuple[str, object]] = []
        for url in poll.data.alternates[:MOST_CHILDREN] if poll.data else ():
            headers = own if origin_of(url) == origin_of(poll.feed.url) else {}
            most = self._settings.max_feed_bytes
            async with self._visit.answer(url, robots=False, headers=headers, max_bytes=most) as answer:
                pass
            if isinstance(answer, Response):
                task = ParseTask(answer.body, answer.final_url, answer.header("Content-Type"))
                found.append((url, await parse(task)))
            else:
                found.append((url, answer))
        return expanded(poll, found)

    async def _answer(self, feed: Row, own: dict[str, str]) -> Answer:
        options = {"headers": validators(feed, self._now) | own, "max_bytes": self._settings.max_feed_bytes}
        async with self._visit.answer(feed.url, robots=False, **options) as answer:
            pass
        return answer

    async def _store_all(self) -> None:
        more = True
        while more:
            group = [await self._answered.get()]
            while not self._answered.empty() and len(group) < GROUP:
                group.append(self._answered.get_nowait())
            more = group[-1] is not None
            polls = [poll for poll in group if poll is not None]
            # In a thread, so that the other feeds are read on while this group is written.
            self.counts.update(await asyncio.to_thread(store_safely, self._db, self._settings, polls))


def store_safely(db: Database, settings: Settings, polls: Sequence[Poll]) -> Counter[str]:
    """Store a group; if that breaks, each by itself, so that one feed which cannot be stored keeps no other back."""
    try:
        return store(db, settings, polls)
    except DataError as error:
        if len(polls) == 1:
            failure = Failure(Reason.INTERNAL, repr(error))
            return store(db, settings, [as_before(polls[0].feed, "failed", failure)])
    counts: Counter[str] = Counter()
    for poll in polls:
        counts.update(store_safely(db, settings, [poll]))
    return counts


def store(db: Database, settings: Settings, polls: Sequence[Poll]) -> Counter[str]:
    """Insert what a group of polls announces and record the polls, in one transaction; counts of both."""
    now = db.now()
    counts: Counter[str] = Counter()
    with db.transaction():
        new, own, again = announce(db, polls, now)
        records = []
        for poll in polls:
            fresh = new[poll.feed.feed_id]
            result = "new" if fresh else poll.result
            counts.update({result: 1, "entries": len(poll.entries), "entries_new": fresh})
            feed_id = poll.feed.feed_id
            records.append(record(settings, poll, result, fresh, own[feed_id], again[feed_id], now))
        db.many("feeds.record_polls", records)
        for poll in polls:
            if poll.answered and poll.move and poll.move.confirmed(now):
                rewrite(db, poll.feed, poll.move)
    return counts


def announce(db: Database, polls: Sequence[Poll], now: datetime) -> tuple[Counter[int], Counter[int], Counter[int]]:
    """Insert the entries that are new and note who announced what.

    What was taken away stays away.

    Returns, by feed id, entries that nobody had announced, that this feed had not announced, and that it had.

    In the feeds' own order, so one worker at a time: two that met the same entries could lock each other crosswise.
    """
    db.rows("entries.serialise_announcing")
    said: dict[tuple[bytes, int], tuple[Row, EntryData]] = {}
    for poll in polls:
        for entry in poll.entries:
            said.setdefault((identity_of(entry, poll.feed), poll.feed.feed_id), (poll.feed, entry))
    heard = Counter(feed for _, feed in said)
    gone = {bytes(row.url_key) for row in db.rows("removals.tombstones", keys=sorted({key for key, _ in said}))}
    said = {key: announced for key, announced in said.items() if key[0] not in gone}
    first: dict[bytes, tuple[Row, EntryData]] = {}
    for (identity, _), announced in said.items():
        first.setdefault(identity, announced)
    known = {bytes(row.identity) for row in db.rows("entries.known", identities=list(first))}
    rows = [entry_row(identity, *announced, now, identity in known) for identity, announced in first.items()]
    new = db.many("entries.announce", rows)
    db.many("entries.note_outcomes", [(r.entry_id, "poll", 0, "dropped", r.reason, "", now) for r in new if r.reason])
    uses = Counter((feed, entry.guid) for (_, feed), (_, entry) in said.items())
    notes = [
        (identity, feed, entry.url, entry.guid, uses[feed, entry.guid] == 1, entry.title, entry.updated, now)
        for (identity, feed), (_, entry) in said.items()
    ]
    noted = db.many("entries.note_announcements", notes)
    own = Counter(row.feed_id for row in noted if row.announced_at == now)
    again = heard
    again.subtract(own)
    return Counter(first[bytes(row.identity)][0].feed_id for row in new), own, again


def entry_row(identity: bytes, feed: Row, entry: EntryData, now: datetime, known: bool) -> tuple[object, ...]:
    """An entry's values in the order of entries.announce; without a usable URL it ends here.

    The body of a `known` one stays behind: a feed gives them all again with each poll, to no purpose.
    """
    url = unwrap(entry.url)
    reason = None
    if not url or not normalise(url):
        reason = Reason.BAD_URL if url else Reason.NO_URL
    elif is_sealed(url):
        reason = Reason.SEALED_LINK
    return (
        identity,
        feed.source_id,
        url,
        host_of(url) if url and not reason else "",
        entry.title,
        entry.summary,
        entry.published,
        entry.published and zone_min(entry.published),
        now,
        "done" if reason else "fetch",
        reason.status.value if reason else "pending",
        reason.value if reason else None,
        now,
        now if reason else None,
        None if reason or known or len(entry.content or "") > MOST_CONTENT_CHARS else entry.content,
    )
