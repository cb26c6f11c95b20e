"""articles → analyst views: a batch becomes visible, with the counts of its stories, in one transaction."""

from __future__ import annotations

from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts, tally
from mediawatch.store import ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database


def load(db: Database, settings: Settings, batch: Batch) -> Counts:
    """Set loaded_at, refresh the stories and end the entries, all at once; counts of articles and stories."""
    with db.transaction():
        db.rows("stories.serialise_grouping")
        rows = db.rows("entries.to_load", batch_id=batch.batch_id)
        moves = [ledger.Move(row.entry_id, "done", article_id=row.article_id) for row in rows]
        stories = sorted({row.story_id for row in rows})
        articles = [row.article_id for row in rows]
        db.rows("articles.load", article_ids=articles)
        db.rows("search.index", article_ids=articles)
        db.rows("stories.refresh", story_ids=stories)
        ledger.settle(db, batch, "load", moves)
    return {**tally(moves), "stories": len(stories)}
