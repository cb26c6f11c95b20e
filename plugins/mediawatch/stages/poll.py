"""feeds → entries: poll the due feeds of a shard and store what they announce."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from mediawatch.articles.identity import entry_identity
from mediawatch.articles.url import normalise
from mediawatch.errors import Reason
from mediawatch.feeds.hints import fresh_s
from mediawatch.feeds.life import Move, follow, moved_to
from mediawatch.feeds.schedule import PollOutcome, Schedule, next_poll
from mediawatch.feeds.trust import Body, Trust, after, asks_whole
from mediawatch.feeds.worker import JOB
from mediawatch.models import EntryData, Failure, FeedData, FeedState, ParseTask, Response
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts
from mediawatch.stages.life import rewrite
from mediawatch.stages.zones import zone_min
from mediawatch.store.database import Database, DataError, Row
from mediawatch.store.ledger import clean
from mediawatch.web.client import Client
from mediawatch.web.pacing import Pacing
from mediawatch.workers.pool import Pool

MOST_SHARDS = 16
GROUP = 50
"""Answers that are stored in one transaction."""
MOST_ENTRIES = 20_000
"""Of one poll; a feed that announces more is an attack or a mistake, and a note says so."""
NOT_FEEDS = ("html", "unknown")
MOST_PARSERS = 4
Parse = Callable[[ParseTask], Awaitable[FeedData | Failure]]


@dataclass(frozen=True)
class Poll:
    """What one feed answered: `data` when a new body was parsed, `body` to compare the next one with."""

    feed: Row
    result: str
    body: Body
    trust: Trust
    move: Move | None
    failure: Failure | None = None
    data: FeedData | None = None
    http_status: int | None = None
    size_bytes: int = 0
    elapsed_ms: int = 0
    fresh_s: int | None = None

    @property
    def answered(self) -> bool:
        """Whether it was answered with a feed, changed or not."""
        return self.result not in ("failed", "not_a_feed")

    @property
    def entries(self) -> tuple[EntryData, ...]:
        """What it announces."""
        return self.data.entries if self.data else ()

    @property
    def detail(self) -> str:
        """What was odd, or what the failure said."""
        if self.failure:
            return self.failure.detail
        data = self.data or FeedData("unknown", "", ())
        return "; ".join([*data.notes, *(f"advertises {url}" for url in data.alternates)])


def claim_feeds(db: Database, settings: Settings, run: str, *, force: bool = False) -> list[str]:
    """Lease the due feeds (with `force` all active ones) in shards; the name of each shard that holds any."""
    db.rows("feeds.free_run", run=run)  # this run's own, if it was interrupted before it could name them
    shards: list[str] = []
    while len(shards) < MOST_SHARDS:
        shard = f"{run}/{len(shards)}"
        limit, lease_s = settings.poll_shard_feeds, settings.lease_s
        if not db.rows("feeds.claim_due", owner=shard, limit=limit, lease_s=lease_s, force=force):
            break
        shards.append(shard)
    return shards


def poll(db: Database, settings: Settings, shard: str) -> Counts:
    """Poll a shard's feeds; counts of feeds by result, of entries and of new ones."""
    feeds = db.rows("feeds.of_owner", owner=shard, lease_s=settings.lease_s)
    with parsers(settings) as pool:
        counts = asyncio.run(_poll_all(db, settings, feeds, pool))
    return {"feeds": len(feeds), "entries": 0, "entries_new": 0, **dict(sorted(counts.items()))}


def parsers(settings: Settings) -> Pool[ParseTask, FeedData]:
    """Processes that parse; they start when a body needs them, so polls that find nothing changed start none."""
    size = min(settings.extract_workers or os.cpu_count() or 1, MOST_PARSERS)
    return Pool(JOB, size, settings.parse_limit_s, settings.parse_memory_mb)


def parse_with(pool: Pool[ParseTask, FeedData]) -> Parse:
    """Parsing as something to await, within one event loop; a slow feed holds one process, not the others."""
    free = asyncio.Semaphore(pool.size)

    async def parse(task: ParseTask) -> FeedData | Failure:
        async with free:
            return await asyncio.to_thread(pool.run, task)

    return parse


async def _poll_all(
    db: Database, settings: Settings, feeds: Sequence[Row], pool: Pool[ParseTask, FeedData]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    answered: asyncio.Queue[Poll] = asyncio.Queue(maxsize=2 * GROUP)
    slots = asyncio.Semaphore(settings.fetch_concurrency)
    pacing = Pacing(settings.host_spacing_s, settings.host_concurrency)
    parse = parse_with(pool)
    now = db.now()

    async def ask(client: Client, feed: Row) -> None:
        async with pacing.turn(host_of(feed.url)), slots:
            answer = await client.get(feed.url, headers=validators(feed, now), max_bytes=settings.max_feed_bytes)
        await answered.put(await judge(feed, answer, parse, now))

    async def store_all() -> None:
        left = len(feeds)
        while left:
            group = [await answered.get()]
            while not answered.empty() and len(group) < GROUP:
                group.append(answered.get_nowait())
            # In a thread, so that the other feeds are read on while this group is written.
            counts.update(await asyncio.to_thread(store_safely, db, settings, group))
            left -= len(group)

    async with Client.from_settings(settings) as client:
        await asyncio.gather(store_all(), *(ask(client, feed) for feed in feeds))
    return counts


def host_of(url: str) -> str:
    """The host that a URL names; '' for one that names none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def validators(feed: Row, now: datetime) -> dict[str, str]:
    """Headers that let a server say 304; none when the whole body is wanted."""
    if whole(feed, now):
        return {}
    sent = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    return {name: value for name, value in sent.items() if value and value.isprintable()}


def whole(feed: Row, now: datetime) -> bool:
    """Whether a feed is asked for its whole body, changed or not."""
    return asks_whole(feed.feed_id, feed.polls, Trust(feed.unmodified, feed.distrust_until), now)


def as_before(feed: Row, result: str, failure: Failure | None = None) -> Poll:
    """A poll that leaves what is known of the feed's body, server and place as it is."""
    return Poll(
        feed,
        result,
        Body(feed.etag, feed.last_modified, None if feed.body_sha256 is None else bytes(feed.body_sha256)),
        Trust(feed.unmodified, feed.distrust_until),
        Move(feed.moved_to, feed.moved_since, feed.moved_polls) if feed.moved_to else None,
        failure,
    )


async def judge(feed: Row, answer: Response | Failure, parse: Parse, now: datetime) -> Poll:
    """What a feed's answer is, before its entries are looked up; `now` as for its validators."""
    if isinstance(answer, Failure):
        return replace(as_before(feed, "failed", answer), http_status=answer.status)
    poll = replace(
        as_before(feed, "not_modified"),
        http_status=answer.status,
        size_bytes=len(answer.body),
        elapsed_ms=answer.elapsed_ms,
        fresh_s=fresh_s(answer),
    )
    body = None
    if answer.status != 304:
        body = Body(answer.header("ETag"), answer.header("Last-Modified"), sha256(answer.body).digest())
    read = replace(
        poll,
        body=body or poll.body,
        trust=after(poll.trust, whole(feed, now), poll.body, body, now),
        move=follow(poll.move, moved_to(feed.url, answer.hops, answer.final_url), now),
    )
    if body is None:
        return read
    if body.sha256 == poll.body.sha256:
        return replace(read, result="same_body")
    data = await parse(ParseTask(answer.body, answer.final_url, answer.header("Content-Type")))
    if isinstance(data, Failure):  # the body before stays the known one, so this one is tried again
        return replace(poll, result="failed", failure=data)
    if data.format in NOT_FEEDS:  # asked for whole again next time: it may have become one
        return replace(poll, result="not_a_feed", data=data)
    if len(data.entries) > MOST_ENTRIES:
        notes = (*data.notes, f"the first {MOST_ENTRIES} of {len(data.entries)} entries were taken")
        data = replace(data, entries=data.entries[:MOST_ENTRIES], notes=notes)
    return replace(read, result="nothing_new", data=data)


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
        new, again = announce(db, polls, now)
        records = []
        for poll in polls:
            fresh = new[poll.feed.feed_id]
            result = "new" if fresh else poll.result
            counts.update({result: 1, "entries": len(poll.entries), "entries_new": fresh})
            records.append(record(settings, poll, result, fresh, again[poll.feed.feed_id], now))
        db.many("feeds.record_polls", records)
        for poll in polls:
            if poll.answered and poll.move and poll.move.confirmed(now):
                rewrite(db, poll.feed, poll.move)
    return counts


def announce(db: Database, polls: Sequence[Poll], now: datetime) -> tuple[Counter[int], Counter[int]]:
    """Insert the entries that are new and note who announced what.

    Returns, by feed id, entries that nobody had announced and entries that this feed had announced before.

    In the feeds' own order, so one worker at a time: two that met the same entries could lock each other crosswise.
    """
    db.rows("entries.serialise_announcing")
    said: dict[tuple[bytes, int], tuple[Row, EntryData]] = {}
    for poll in polls:
        for entry in poll.entries:
            said.setdefault((entry_identity(entry, poll.feed.identity_url), poll.feed.feed_id), (poll.feed, entry))
    first: dict[bytes, tuple[Row, EntryData]] = {}
    for (identity, _), announced in said.items():
        first.setdefault(identity, announced)
    new = db.many("entries.announce", [entry_row(identity, *announced, now) for identity, announced in first.items()])
    db.many("entries.note_outcomes", [(r.entry_id, "poll", 0, "dropped", r.reason, "", now) for r in new if r.reason])
    uses = Counter((feed, entry.guid) for (_, feed), (_, entry) in said.items())
    notes = [
        (identity, feed, entry.url, entry.guid, uses[feed, entry.guid] == 1, entry.title, entry.updated, now)
        for (identity, feed), (_, entry) in said.items()
    ]
    noted = db.many("entries.note_announcements", notes)
    again = Counter(feed for _, feed in said)
    again.subtract(row.feed_id for row in noted if row.announced_at == now)
    return Counter(first[bytes(row.identity)][0].feed_id for row in new), again


def entry_row(identity: bytes, feed: Row, entry: EntryData, now: datetime) -> tuple[object, ...]:
    """An entry's values in the order of entries.announce; without a usable URL it ends here."""
    reason = Reason.NO_URL if not entry.url else None if normalise(entry.url) else Reason.BAD_URL
    return (
        identity,
        feed.source_id,
        entry.url,
        host_of(entry.url) if entry.url and not reason else "",
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
    )


def due_again(settings: Settings, poll: Poll, result: str, new: int, now: datetime) -> Schedule:
    """When a feed is due after a poll that brought so many new entries."""
    feed, data = poll.feed, poll.data
    state = FeedState(
        feed.feed_id,
        feed.url,
        feed.interval_s,
        feed.failures,
        body_sha256=feed.body_sha256,
        kept_retired=feed.retired_by == "hand",
    )
    hints = (poll.fresh_s, data.interval_hint_s if data else None)
    return next_poll(
        state,
        PollOutcome(
            reason=poll.failure.reason if poll.failure else None,
            not_a_feed=result == "not_a_feed",
            entries=len(poll.entries),
            entries_new=new,
            hint_s=max(filter(None, hints), default=None),
            retry_at=poll.failure.retry_at if poll.failure else None,
            elapsed_s=round((now - feed.polled_at).total_seconds()) if feed.polled_at else None,
        ),
        now,
        min_s=settings.poll_min_s,
        max_s=settings.poll_max_s,
    )


def record(settings: Settings, poll: Poll, result: str, new: int, again: int, now: datetime) -> tuple[object, ...]:
    """A poll's values in the order of feeds.record_polls."""
    feed, body, data = poll.feed, poll.body, poll.data
    due = due_again(settings, poll, result, new, now)
    return (
        feed.feed_id,
        now,
        result,
        poll.failure and poll.failure.reason.value,
        clean(poll.detail),
        poll.http_status,
        poll.size_bytes,
        poll.elapsed_ms,
        len(poll.entries),
        new,
        data and data.format,
        data and data.title,
        body.etag,
        body.last_modified,
        body.sha256,
        due.state,
        due.interval_s,
        due.next_poll_at,
        due.failures,
        due.why,
        poll.trust.unmodified,
        poll.trust.distrust_until,
        poll.move and poll.move.to,
        poll.move and poll.move.since,
        poll.move.polls if poll.move else 0,
        poll.answered,
        again,
    )
