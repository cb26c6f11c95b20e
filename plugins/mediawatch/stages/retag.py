"""stored articles → topics: a run gives changed topics their tags beside the live ones, then switches the views.

A run (`topic_retag`) has batches of articles. Each is done in small transactions that move a pointer, so it may be
killed and taken up by anybody. Articles that come in meanwhile are tagged for both (see `tagging.store`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mediawatch.errors import StoreError
from mediawatch.stages import tagging
from mediawatch.stages.batch import Counts
from mediawatch.store.database import Database
from mediawatch.topics.definition import parse_topic

BATCH_ARTICLES = 20_000
"""Articles of a batch: a million make 50 tasks."""

CHUNK_ARTICLES = 500
"""Articles of one transaction."""

Version = tuple[str, int]
"""Id of a topic, number of its version."""


def activate(db: Database, versions: Iterable[Version], by: str) -> int:
    """Begin a run after which these versions tag; its id. A run that was building one of the topics gives it up."""
    with db.transaction():
        db.rows("topics.serialise_sync")
        return begin(db, versions, by)


def begin(db: Database, versions: Iterable[Version], by: str) -> int:
    """`activate`, within a transaction of the caller's. Where no article is stored yet, it switches at once."""
    wanted = dict(versions)
    db.rows("topics.change_taggings")
    db.rows("retag.abandon", topic_ids=list(wanted))
    run = db.rows("retag.begin", by=by)[0]
    for topic_id, version in wanted.items():
        db.rows("retag.build", retag_id=run.retag_id, topic_id=topic_id, version=version, engine=tagging.ENGINE_VERSION)
    batches = db.rows("retag.divide", retag_id=run.retag_id, upto=run.upto_article_id, size=BATCH_ARTICLES)
    if not batches:
        _switch(db, run.retag_id)
    return int(run.retag_id)


def open_runs(db: Database) -> list[int]:
    """The runs that have not switched yet, the oldest first."""
    return [row.retag_id for row in db.rows("retag.open")]


def unfinished(db: Database, retag_id: int) -> list[int]:
    """The batches that a run has to do."""
    return [row.batch for row in db.rows("retag.unfinished", retag_id=retag_id)]


def do_batch(db: Database, retag_id: int, batch: int, tick: Callable[[int], None] = lambda _: None) -> Counts:
    """Tag a batch's articles from where it stands; counts of articles and tags. `tick` is told of each chunk's."""
    totals = {"articles": 0, "tags": 0}
    generation = tagging.current_generation(db)
    db.rows("batches.plan_by_index")
    while counts := _do_chunk(db, generation, retag_id, batch):
        totals = {key: totals[key] + counts[key] for key in totals}
        tick(counts["articles"])
    return totals


def _do_chunk(db: Database, generation: int, retag_id: int, batch: int) -> Counts:
    """One transaction's articles; {} when the batch has no more, or its run was given up."""
    with db.transaction():
        held = db.row("retag.hold", retag_id=retag_id, batch=batch)
        if held is None:
            return {}
        first, last = held.next_article_id, held.last_article_id
        # The chunk before may belong to a worker that was killed, and articles may have been tagged as they came in.
        taggings = db.rows("retag.building", retag_id=retag_id)
        rows = db.rows("retag.to_tag", first=first, last=last, count=CHUNK_ARTICLES)
        if not taggings:
            return {}
        done = len(rows) < CHUNK_ARTICLES
        end = last if done else rows[-1].article_id
        db.rows("retag.clear", tagging_ids=[row.tagging_id for row in taggings], first=first, last=end)
        matcher = tagging.compiled(tuple((row.topic_id, row.body) for row in taggings))
        by_topic = {row.topic_id: row for row in taggings}
        tagged = [
            (row, tuple(tagging.Tag(by_topic[m.topic], m) for m in matcher.match(row.title, row.text, row.language)))
            for row in rows
        ]
        counts = {"articles": len(rows), "tags": tagging.insert(db, generation, tagged)}
        db.rows("retag.advance", retag_id=retag_id, batch=batch, next=end + 1, done=done, **counts)
    return counts


def switch(db: Database, retag_id: int) -> int:
    """Show analysts what a run has built, all of it at once; how many articles changed their topics.

    A run that has switched already, or was given up, is left alone. StoreError while batches are unfinished.
    """
    with db.transaction():
        db.rows("topics.serialise_sync")
        db.rows("topics.change_taggings")
        standing = db.row("retag.progress", retag_id=retag_id)
        if standing is None or standing.state != "building":
            return 0
        if standing.unfinished:
            raise StoreError(f"run {retag_id} over the stored articles has {standing.unfinished} batches to do")
        return _switch(db, retag_id)


def _switch(db: Database, retag_id: int) -> int:
    bodies = {row.topic_id: row.body for row in db.rows("retag.building", retag_id=retag_id)}
    db.rows("retag.retire", retag_id=retag_id)
    for row in db.rows("retag.switch", retag_id=retag_id):
        topic = parse_topic(bodies[row.topic_id], row.topic_id)
        known = {"topic_id": row.topic_id, "version": row.version}
        db.rows("retag.name", **known, title=topic.title, definition=topic.definition)
    changed = db.rows("retag.renote_topics", retag_id=retag_id)
    db.rows("retag.finish", retag_id=retag_id)
    return len(changed)


def run(db: Database, retag_id: int, tick: Callable[[int], None] = lambda _: None) -> Counts:
    """Do a whole run in this process; counts of articles read, tags given, and articles whose topics changed."""
    totals = {"articles": 0, "tags": 0}
    for batch in unfinished(db, retag_id):
        counts = do_batch(db, retag_id, batch, tick)
        totals = {key: totals[key] + counts[key] for key in totals}
    return {**totals, "changed": switch(db, retag_id)}
