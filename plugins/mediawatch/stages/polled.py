"""What one feed answered to a poll, and what follows from it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from mediawatch.articles.identity import entry_identity
from mediawatch.credentials import Credentials
from mediawatch.errors import Reason, SettingsError
from mediawatch.feeds.hints import fresh_s
from mediawatch.feeds.life import Move, follow, moved_to
from mediawatch.feeds.schedule import PollOutcome, Schedule, next_poll
from mediawatch.feeds.trust import Body, Trust, after, asks_whole
from mediawatch.feeds.worker import JOB
from mediawatch.feeds.wrappers import unwrap
from mediawatch.models import EntryData, Failure, FeedData, FeedState, ParseTask, Response
from mediawatch.settings import Settings
from mediawatch.store.database import Row
from mediawatch.store.ledger import clean
from mediawatch.workers.pool import Pool

MOST_ENTRIES = 50_000
"""Of one poll, as many as a sitemap may hold; a feed that announces more is an attack or a mistake, a note says so."""
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


def validators(feed: Row, now: datetime) -> dict[str, str]:
    """Headers that let a server say 304; none when the whole body is wanted."""
    if whole(feed, now):
        return {}
    sent = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    return {name: value for name, value in sent.items() if value and value.isprintable()}


def authorization(feed: Row, credentials: Credentials) -> dict[str, str] | Failure:
    """The header that a feed with a credential is asked with; a Failure when the secret is not to be found."""
    try:
        return {"Authorization": credentials(feed.credential)} if feed.credential else {}
    except SettingsError as error:
        return Failure(Reason.NO_CREDENTIAL, str(error))


def identity_of(entry: EntryData, feed: Row) -> bytes:
    """What an entry is known by; an aggregator's link stands for the address that it carries."""
    return entry_identity(replace(entry, url=unwrap(entry.url)), feed.identity_url)


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
    return replace(read, result="nothing_new", data=bounded(data))


def bounded(data: FeedData) -> FeedData:
    """A feed's contents with no more entries than are taken of one poll."""
    if len(data.entries) <= MOST_ENTRIES:
        return data
    notes = (*data.notes, f"the first {MOST_ENTRIES} of {len(data.entries)} entries were taken")
    return replace(data, entries=data.entries[:MOST_ENTRIES], notes=notes)


def is_index(poll: Poll) -> bool:
    """Whether it is a sitemap index, whose entries are in the sitemaps that it names."""
    return poll.data is not None and poll.data.format == "sitemap" and bool(poll.data.alternates)


def expanded(index: Poll, found: Sequence[tuple[str, object]]) -> Poll:
    """An index with the entries of its sitemaps: (URL, what was read of it).

    Nothing is remembered of the index's own body, which may stay the same while its sitemaps change.
    """
    assert index.data is not None
    entries: list[EntryData] = []
    notes = [*index.data.notes, f"{len(found)} of {len(index.data.alternates)} sitemaps were read"]
    for url, data in found:
        if isinstance(data, FeedData) and data.format == "sitemap":
            entries.extend(data.entries)
        else:
            notes.append(f"{url}: {data.reason.value if isinstance(data, Failure) else 'no sitemap'}")
    data = replace(index.data, entries=tuple(entries), notes=tuple(notes), alternates=())
    return replace(index, data=bounded(data), body=Body(None, None, None))


def due_again(settings: Settings, poll: Poll, result: str, new: int, now: datetime) -> Schedule:
    """When a feed is due after a poll that brought so many entries which it had not announced before."""
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


def record(
    settings: Settings, poll: Poll, result: str, new: int, own: int, again: int, now: datetime
) -> tuple[object, ...]:
    """A poll's values in the order of feeds.record_polls.

    `new` entries nobody had announced, `own` ones not this feed: its rhythm is its own, whoever is ahead of it.
    """
    feed, body, data = poll.feed, poll.body, poll.data
    due = due_again(settings, poll, result, own, now)
    merged = len(poll.entries) - own - again
    notes = [poll.detail, f"{merged} items are the same entry as another one" if merged else ""]
    return (
        feed.feed_id,
        now,
        result,
        poll.failure and poll.failure.reason.value,
        clean("; ".join(filter(None, notes))),
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
