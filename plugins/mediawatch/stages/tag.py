"""articles → topics: match each article against the live topics and store which words caused each tag."""

from __future__ import annotations

from functools import cache

from mediawatch.models import TopicMatch
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts, attempt_each, tally
from mediawatch.store import generations, ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database, Row
from mediawatch.topics.definition import parse_topic
from mediawatch.topics.matcher import ENGINE_VERSION, Matcher


def tag(db: Database, settings: Settings, batch: Batch) -> Counts:
    """Tag a batch's articles; counts of entries and of articles on each topic."""
    live = db.rows("topics.live")
    matcher = compiled(tuple((row.topic_id, row.body) for row in live))
    generation = generations.ensure_live(db, "tag", str(ENGINE_VERSION), b"")
    rows = db.rows("entries.to_tag", batch_id=batch.batch_id)
    done, error = attempt_each(db, batch, "tag", rows, lambda row: matcher.match(row.title, row.text, row.language))
    moves = [ledger.Move(row.entry_id, "load") for row, _ in done]
    with db.transaction():
        store(db, generation, {row.topic_id: row.version for row in live}, done)
        ledger.settle(db, batch, "tag", moves)
    if error:
        raise error
    counts = {f"topic {row.topic_id}": 0 for row in live}
    for match in (match for _, matches in done for match in matches):
        counts[f"topic {match.topic}"] += 1
    return {**tally(moves), **counts}


@cache
def compiled(bodies: tuple[tuple[str, str], ...]) -> Matcher:
    """The matcher of these topic files, (name, YAML) each; a process builds it once."""
    return Matcher([parse_topic(body, name) for name, body in bodies])


def store(
    db: Database, generation: int, versions: dict[str, int], tagged: list[tuple[Row, tuple[TopicMatch, ...]]]
) -> None:
    """Replace the articles' tags and evidence by these."""
    now = db.now()
    db.rows("topics.forget_tags", article_ids=[row.article_id for row, _ in tagged])
    db.many(
        "topics.insert_tags",
        [
            (row.article_id, m.topic, versions[m.topic], generation, m.level, m.score, row.text_sha256, now)
            for row, matches in tagged
            for m in matches
        ],
    )
    db.many("topics.note_topics", [(row.article_id, strongest_first(matches)) for row, matches in tagged])
    db.many(
        "topics.insert_evidence",
        [
            (row.article_id, m.topic, position, e.signal, e.term, e.matched, e.zone, e.start, e.end, e.weight)
            for row, matches in tagged
            for m in matches
            for position, e in enumerate(m.evidence)
        ],
    )


def strongest_first(matches: tuple[TopicMatch, ...]) -> list[str]:
    """The topics of an article, the one with the highest score first."""
    return [m.topic for m in sorted(matches, key=lambda m: (-m.score, m.topic))]
