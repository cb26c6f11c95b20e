"""A dry poll: what polling a URL now would find and change; nothing is written."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from mediawatch.credentials import Credentials, from_environment
from mediawatch.feeds.schedule import Schedule
from mediawatch.models import Failure, FeedData, Hop, Response
from mediawatch.settings import Settings
from mediawatch.stages.polled import Poll, authorization, due_again, identity_of, judge, parse_with, parsers, validators
from mediawatch.store.database import Database, Row
from mediawatch.web.client import Client


@dataclass(frozen=True)
class NewFeed:
    """A URL that nobody has subscribed to, with what the database gives a new feed."""

    url: str
    feed_id: int = 0
    interval_s: int = 1_800
    failures: int = 0
    etag: None = None
    last_modified: None = None
    body_sha256: None = None
    polled_at: None = None
    polls: int = 0
    unmodified: bool = False
    distrust_until: None = None
    state: str = "active"
    retired_by: None = None
    moved_to: None = None
    credential: None = None

    @property
    def identity_url(self) -> str:
        """What identities of entries without a URL rest on."""
        return self.url


@dataclass(frozen=True)
class Check:
    """What a poll would say (`result` and `reason` as feed_poll has them) and when the feed would be due again."""

    url: str
    subscribed: str | None
    """State of the subscription: active, paused, retired; None if there is none."""
    result: str
    reason: str | None
    detail: str
    http_status: int | None
    redirects: tuple[Hop, ...]
    size_bytes: int
    elapsed_ms: int
    format: str | None
    title: str
    notes: tuple[str, ...]
    advertised: tuple[str, ...]
    entries: int
    entries_new: int
    newest: datetime | None
    state: str
    interval_s: int
    next_poll_at: datetime
    why: str

    def plain(self) -> dict[str, Any]:
        """As a dict, redirects too."""
        return asdict(self)


def check(db: Database, settings: Settings, url: str, credentials: Credentials = from_environment) -> Check:
    """Ask the URL as a poll would, with the validators and the credential of its subscription if there is one."""
    row: Row = db.row("feeds.by_url", url=url)
    feed = row or NewFeed(url)
    answer, poll = asyncio.run(_ask(settings, feed, authorization(feed, credentials), db.now()))
    identities = list({identity_of(entry, feed) for entry in poll.entries})
    new = len(identities) - len(db.rows("entries.known", identities=identities))
    own = len(identities) - len(db.rows("entries.known_from", identities=identities, feed_id=feed.feed_id))
    result = "new" if new else poll.result
    due = due_again(settings, poll, result, own, db.now())
    return _check(row and row.state, answer, poll, result, new, due)


async def _ask(
    settings: Settings, feed: Row, own: dict[str, str] | Failure, now: datetime
) -> tuple[Response | Failure, Poll]:
    with parsers(settings) as pool:
        async with Client.from_settings(settings) as client:
            if isinstance(own, Failure):
                answer: Response | Failure = own
            else:
                headers = validators(feed, now) | own
                answer = await client.get(feed.url, headers=headers, max_bytes=settings.max_feed_bytes)
            return answer, await judge(feed, answer, parse_with(pool), now)


def _check(
    subscribed: str | None, answer: Response | Failure, poll: Poll, result: str, new: int, due: Schedule
) -> Check:
    data = poll.data or FeedData("unknown", "", ())
    return Check(
        url=poll.feed.url,
        subscribed=subscribed,
        result=result,
        reason=poll.failure.reason.value if poll.failure else None,
        detail=poll.failure.detail if poll.failure else "",
        http_status=poll.http_status,
        redirects=answer.hops,
        size_bytes=poll.size_bytes,
        elapsed_ms=poll.elapsed_ms,
        format=data.format if poll.data else None,
        title=data.title,
        notes=data.notes,
        advertised=data.alternates,
        entries=len(data.entries),
        entries_new=new,
        newest=max((entry.published for entry in data.entries if entry.published), default=None),
        state=due.state,
        interval_s=due.interval_s,
        next_poll_at=due.next_poll_at,
        why=due.why,
    )
