"""Copies of one story in two batches, worked on at the same moment by two processes: one story."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from mediawatch import stages
from mediawatch.settings import Settings
from mediawatch.store.database import Database

WIRE = "http://northwire.example/rss/world.rss"
REPRINTS = "http://citycourier.example/rss.xml"
BARRIER = 4711
FORGET = """
update article set story_id = null;
truncate sketch, story_key, story_link, story_redirect;
update story set canonical_article_id = null, articles = 0;
delete from story;
delete from outcome where stage = 'deduplicate';
update entry set stage = 'deduplicate' where stage = 'tag';
"""


def stories_of(db: Database) -> set[frozenset[str]]:
    rows = db.execute("select array_agg(url) as urls from article group by story_id")
    return {frozenset(row.urls) for row in rows}


def test_two_workers_put_copies_into_one_story(
    db: Database,
    settings: Settings,
    batch: Callable[..., int],
    worker: Callable[..., subprocess.Popen[bytes]],
    database_url: str,
) -> None:
    batches = [batch(WIRE), batch(REPRINTS)]
    for batch_id in batches:
        for stage in ("fetch", "extract"):
            stages.run(stage, db, settings, batch_id, "test")
    for batch_id in batches:
        stages.run("deduplicate", db, settings, batch_id, "test")
    one_after_the_other = stories_of(db)
    assert any(len(urls) > 1 for urls in one_after_the_other)

    for _ in range(5):
        db.execute(FORGET)
        with Database(database_url) as gate:
            gate.execute("select pg_advisory_lock(%(key)s)", {"key": BARRIER})
            workers = [worker("deduplicate", batch_id, wait_for=BARRIER) for batch_id in batches]
            waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            while gate.execute(waiting)[0][0] < len(workers):
                assert all(each.poll() is None for each in workers)
        assert [each.wait(timeout=60) for each in workers] == [0, 0]
        for each in workers:
            each.communicate()
        assert stories_of(db) == one_after_the_other
