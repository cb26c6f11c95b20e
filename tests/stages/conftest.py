"""Runs of a part of the corpus, stage by stage, and what they leave in the database, told without ids and times."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages import claim, poll
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database

WIRE = "http://northwire.example/rss/world.rss"
REPRINTS = ("http://citycourier.example/rss.xml", "http://lakesidetribune.example/feed.json")
OWNER = "test"


@pytest.fixture
def batch(db: Database, settings: Settings) -> Callable[..., int]:
    """Polls the given feeds and claims what they announced as one batch; its id."""

    def make(*feeds: str) -> int:
        subscribe(db, [Subscription(url=url) for url in feeds])
        for shard in poll.claim_feeds(db, settings, OWNER):
            poll.poll(db, settings, shard)
        return claim.claim(db, settings, OWNER)[-1]

    return make


@pytest.fixture
def worker(settings: Settings) -> Callable[..., subprocess.Popen[bytes]]:
    """Starts a worker process on one stage of a batch."""

    def start(stage: str, batch_id: int = 0, **more: Any) -> subprocess.Popen[bytes]:
        order = {"database_url": settings.database_url, "settings": asdict(settings), "stage": stage} | more
        order |= {"batch_id": batch_id, "owner": OWNER}
        script = Path(__file__).with_name("worker.py")
        return subprocess.Popen([sys.executable, str(script), json.dumps(order)], stdout=subprocess.PIPE)

    return start


FACTS = {
    "feeds": "select url, state, format, interval_s, failures, etag, lease_owner from feed order by 1",
    "polls": "select f.url, p.result, p.entries, p.entries_new from feed_poll p join feed f using (feed_id) order by 1, 2",
    "announcements": """select encode(e.identity, 'hex') as entry, f.url, n.guid from entry_announcement n
        join entry e using (entry_id) join feed f using (feed_id) order by 1, 2""",
    "entries": "select encode(identity, 'hex') as entry, stage, status, reason, attempts, breaks from entry order by 1",
    "outcomes": """select encode(e.identity, 'hex') as entry, o.stage, o.attempt, o.status, o.reason
        from outcome o join entry e using (entry_id) order by 1, 2, 3""",
    "pages": """select encode(e.identity, 'hex') as entry, p.url, p.http_status, encode(p.sha256, 'hex') as digest
        from page p join entry e using (entry_id) order by 1""",
    "articles": """select url, title, encode(text_sha256, 'hex') as text, language, published_at, word_count,
        loaded_at is not null as loaded from article order by 1""",
    "stories": """select array_agg(a.url order by a.url) as members, s.articles, s.sources, s.first_published_at, c.url as canonical
        from article a join story s using (story_id) left join article c on c.article_id = s.canonical_article_id
        group by s.story_id, s.articles, s.sources, s.first_published_at, c.url order by 1""",
    "links": """select least(a.url, b.url) as one, greatest(a.url, b.url) as other, l.kind, score, shared from story_link l
        join article a on a.article_id = l.article_a join article b on b.article_id = l.article_b order by 1, 2""",
    "keys": "select a.url, count(*) as keys, bit_xor(key) as digest from story_key join article a using (article_id) group by 1 order by 1",
    "topics": "select a.url, topic_id, level, score from article_topic join article a using (article_id) order by 1, 2",
    "evidence": """select a.url, topic_id, position, matched, zone, start_at from topic_evidence join article a using (article_id)
        order by 1, 2, 3""",
    "batches": "select state, entries, stage_tries, in_hand from batch order by batch_id",
}


@pytest.fixture
def facts(db: Database) -> Callable[[], dict[str, list[tuple[Any, ...]]]]:
    """Reads everything that a run must leave the same, whatever happened on the way."""
    return lambda: {name: [tuple(row) for row in db.execute(query)] for name, query in FACTS.items()}


@pytest.fixture
def reset(db: Database) -> Callable[[], None]:
    """Forgets everything but the topics, as if nothing had been subscribed to."""
    empty = "truncate source, batch, story, host, generation restart identity cascade"

    def forget() -> None:
        db.execute(empty)

    return forget
