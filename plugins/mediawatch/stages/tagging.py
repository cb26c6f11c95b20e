"""What tags an article, and how tags and their evidence are stored; shared by the stage and by runs over the past."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from mediawatch.models import Evidence, TopicMatch
from mediawatch.store import generations
from mediawatch.store.database import Database, Row
from mediawatch.topics.definition import parse_topic
from mediawatch.topics.matcher import ENGINE_VERSION, Matcher

__all__ = ["ENGINE_VERSION", "Tag", "Tagger", "Tags", "compiled", "current_generation", "insert", "store"]


class Tag(NamedTuple):
    """A topic that an article is on, and the row of the tagging that says so; analysts see it if that is live."""

    tagging: Row
    match: TopicMatch


Tags = tuple[Tag, ...]


class Tagger:
    """What tags now: the live version of each topic, and those that are being built beside it."""

    def __init__(self, taggings: Sequence[Row]) -> None:
        self.taggings = list(taggings)
        by_state = [{row.topic_id: row for row in taggings if row.state == state} for state in ("live", "building")]
        self._matchers = [
            (rows, compiled(tuple((topic, row.body) for topic, row in rows.items()))) for rows in by_state if rows
        ]

    def tags(self, row: Row) -> Tags:
        """The tags of a row with title, text and language."""
        return tuple(
            Tag(rows[match.topic], match)
            for rows, matcher in self._matchers
            for match in matcher.match(row.title, row.text, row.language)
        )


@lru_cache(maxsize=8)
def compiled(bodies: tuple[tuple[str, str], ...]) -> Matcher:
    """The matcher of these topic files, (name, YAML) each; a process builds it once."""
    return Matcher([parse_topic(body, name) for name, body in bodies])


def current_generation(db: Database) -> int:
    """The generation of this engine, live from now on; outside of a transaction."""
    return generations.ensure_live(db, "tag", ENGINE_VERSION, b"")


def store(db: Database, generation: int, tagger: Tagger, tagged: Sequence[tuple[Row, Tags]]) -> None:
    """Put these tags and their evidence in the place of those that the articles have; within a transaction.

    Rows have article_id, title, text, language and text_sha256. If a topic was activated since the tagger was made, the
    articles are read again: no article that comes in while a topic is being built is left without its tags.
    """
    db.rows("topics.keep_taggings")
    taggings = db.rows("topics.taggings")
    if [row[:4] for row in taggings] != [row[:4] for row in tagger.taggings]:
        tagger = Tagger(taggings)
        tagged = [(row, tagger.tags(row)) for row, _ in tagged]
    db.rows("topics.forget_tags", article_ids=[row.article_id for row, _ in tagged])
    insert(db, generation, tagged)
    db.many("topics.note_topics", [(row.article_id, strongest_first(tags)) for row, tags in tagged])


def insert(db: Database, generation: int, tagged: Sequence[tuple[Row, Tags]]) -> int:
    """Store tags with their evidence beside what is there, within a transaction; how many."""
    now = db.now()
    flat = [(row, each.tagging, each.match) for row, tags in tagged for each in tags]
    stored = db.many(
        "topics.insert_tags",
        [
            (g.tagging_id, row.article_id, m.topic, g.version, generation, m.level, m.score, row.text_sha256, now)
            for row, g, m in flat
        ],
    )
    tag_ids = {(row.tagging_id, row.article_id): row.tag_id for row in stored}
    db.many(
        "topics.insert_evidence",
        [
            (tag_ids[g.tagging_id, row.article_id], position, *_cells(e))
            for row, g, m in flat
            for position, e in enumerate(m.evidence)
        ],
    )
    return len(flat)


def _cells(e: Evidence) -> tuple[object, ...]:
    return (e.signal, e.term, e.matched, e.zone, e.start, e.end, *e.sentence, e.weight)


def strongest_first(tags: Tags) -> list[str]:
    """The topics of an article that analysts see, the one with the highest score first."""
    seen = [each.match for each in tags if each.tagging.state == "live"]
    return [m.topic for m in sorted(seen, key=lambda m: (-m.score, m.topic))]
