"""What a draft would add and drop, at a glance: the newest articles within a time that a person waits.

`topic_review.difference` reads all stored articles, which takes a million of them minutes. Here the newest that the
topic tags now tell what the draft drops, and the newest of the others tell what it adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from mediawatch.models import TopicMatch
from mediawatch.stages.topic_review import change_of, live_version, only
from mediawatch.store.database import Database, Row
from mediawatch.topics.definition import TopicDefinition
from mediawatch.topics.matcher import Matcher

CHUNK = 100
TAGGED_SHARE = 4
"""Of so many articles read, one is of those that the topic tags now."""
SAMPLES = 8


@dataclass
class Part:
    """Articles of one side that were read: `counts` by kind of change, the newest few of each, and how far back."""

    read: int = 0
    since: datetime | None = None
    whole: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    samples: dict[str, list[tuple[Row, TopicMatch]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Glance:
    """`tagged`: articles that the topic tags now; `others`: those that it does not. `in_time` is False when the time
    ran out before as many were read as were asked for."""

    tagged: Part
    others: Part
    in_time: bool


def glance(db: Database, draft: TopicDefinition, most: int, in_time: Callable[[], bool]) -> Glance:
    """Read up to `most` of the newest articles with the draft; `in_time` says whether there is time for more."""
    live = live_version(db, draft.id)
    before, after = Matcher([live] if live else []), Matcher([draft])
    tagged, others = Part(), Part()

    def of_topic(**place: Any) -> list[Row]:
        return db.rows("desk_topics.recent_on", topic=draft.id, **place)

    def of_all(**place: Any) -> list[Row]:
        return db.rows("desk_topics.recent", **place)

    for row in _read(of_topic, most // TAGGED_SHARE, tagged, in_time):
        _note(tagged, row, only(before, row), only(after, row))
    for row in _read(of_all, most - tagged.read, others, in_time):
        if draft.id not in row.topics:
            _note(others, row, None, only(after, row))
    return Glance(tagged, others, in_time())


def _read(page: Callable[..., list[Row]], most: int, part: Part, in_time: Callable[[], bool]) -> Iterator[Row]:
    at, article_id = None, None
    stream = iter(lambda: page(at=at, article_id=article_id, count=CHUNK), [])
    for rows in islice(stream, -(-most // CHUNK)):
        yield from rows
        at, article_id = rows[-1].published_at, rows[-1].article_id
        part.read, part.since = part.read + len(rows), at
        if len(rows) < CHUNK or not in_time():
            part.whole = len(rows) < CHUNK
            return


def _note(part: Part, row: Row, before: TopicMatch | None, after: TopicMatch | None) -> None:
    kind = change_of(before, after)
    if kind is None:
        return
    part.counts[kind] = part.counts.get(kind, 0) + 1
    kept = part.samples.setdefault(kind, [])
    if (match := after or before) and len(kept) < SAMPLES:
        kept.append((row, match))
