"""articles → topics: match each article against the topics and store which words caused each tag."""

from __future__ import annotations

from mediawatch.settings import Settings
from mediawatch.stages import tagging
from mediawatch.stages.batch import Counts, attempt_each, tally
from mediawatch.store import ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database


def tag(db: Database, settings: Settings, batch: Batch) -> Counts:
    """Tag a batch's articles; counts of entries and of articles on each topic."""
    tagger = tagging.Tagger(db.rows("topics.taggings"))
    generation = tagging.current_generation(db)
    rows = db.rows("entries.to_tag", batch_id=batch.batch_id)
    done, error = attempt_each(db, batch, "tag", rows, tagger.tags)
    moves = [ledger.Move(row.entry_id, "load") for row, _ in done]
    with db.transaction():
        tagging.store(db, generation, tagger, done)
        ledger.settle(db, batch, "tag", moves)
    if error:
        raise error
    counts = {f"topic {row.topic_id}": 0 for row in tagger.taggings}
    for each in (each for _, tags in done for each in tags if each.tagging.state == "live"):
        counts[f"topic {each.match.topic}"] += 1
    return {**tally(moves), **counts}
