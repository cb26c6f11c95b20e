"""articles → analyst views: a batch becomes visible, with its events and its stories' counts, in one transaction."""

from __future__ import annotations

from mediawatch.settings import Settings
from mediawatch.stages import events
from mediawatch.stages.batch import Counts, tally
from mediawatch.store import generations, ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database


def load(db: Database, settings: Settings, batch: Batch) -> Counts:
    """Group the stories into events, set loaded_at, refresh all counts and end the entries, all at once.

    Counts of articles, of stories, and of events that changed. StoreError when the batch's ledger does not balance.
    """
    generation = generations.ensure_live(db, "group", events.VERSION, b"")
    waiting = db.rows("entries.to_load", batch_id=batch.batch_id)
    readings = events.read_stories(db, [row.article_id for row in waiting])
    with db.transaction():
        db.rows("search.index", article_ids=[row.article_id for row in waiting])  # long, and no others need wait for it
        db.rows("stories.serialise_grouping")
        rows = db.rows("entries.to_load", batch_id=batch.batch_id)
        moves = [ledger.Move(row.entry_id, "done", article_id=row.article_id) for row in rows]
        stories = sorted({row.story_id for row in rows})
        changed = events.forget_stories(db, stories) + events.group_stories(db, readings, generation)
        articles = [row.article_id for row in rows]
        db.rows("articles.load", article_ids=articles)
        db.rows("stories.refresh", story_ids=stories)
        db.rows("events.refresh", story_ids=stories, event_ids=changed)
        ledger.settle(db, batch, "load", moves)
    ledger.check(db, batch.batch_id)
    return {**tally(moves), "stories": len(stories), "events": len(changed)}
