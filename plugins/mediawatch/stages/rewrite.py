"""An article's other text → its row, candidate keys, links, story and topics: what a revision and a replay write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from mediawatch.models import Extracted, Match, Sketch
from mediawatch.stages import events, tagging
from mediawatch.stages.deduplicate import VERSION, link_row, regroup, sketch_row
from mediawatch.stages.extract import article_row
from mediawatch.stages.reading import Reading, agency_row, reader
from mediawatch.stages.tagging import Tagger
from mediawatch.store import generations
from mediawatch.store.database import Database, Row, json, storable
from mediawatch.store.queries import statements

Values = dict[str, Any]
"""Columns of an article, as JSON writes them."""

IDENTITY = frozenset({"entry_id", "page_id", "source_id", "url", "url_key", "claimed_at", "first_seen_at"})
"""What stays with an article whatever its page says later."""
CHUNK = 1_000
"""Articles whose stories are decided in one go."""


def values_of(row: Row, article: Extracted, generation: int) -> Values:
    """The columns that an extraction decides, all but an article's identity."""
    made = zip(columns(), article_row(row, article, row.url, generation), strict=True)
    return {name: _plain(value) for name, value in made if name not in IDENTITY}


@cache
def columns() -> tuple[str, ...]:
    """The columns of an article in the order of `article_row`."""
    listed = statements()["articles.insert"].partition("(")[2].partition(")")[0]
    return tuple(name.strip() for name in listed.split(","))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return value.isoformat() if isinstance(value, datetime) else storable(getattr(value, "adapted", value))


@dataclass(frozen=True)
class Current:
    """The methods that write derived rows now: generations of stories, events and tags, and what tags."""

    stories: int
    events: int
    tags: int
    tagger: Tagger

    @classmethod
    def live(cls, db: Database) -> Current:
        """Those of this code and of the topics as the database has them."""
        return cls(
            generations.ensure_live(db, "deduplicate", VERSION, b""),
            generations.ensure_live(db, "group", events.VERSION, b""),
            tagging.current_generation(db),
            Tagger(db.rows("topics.taggings")),
        )


Read = Sequence[tuple[Row, Reading]]
"""Articles as deduplication knows them, each with what it keeps of its text."""


def read_texts(db: Database, texts: Mapping[int, str]) -> Read:
    """What deduplication keeps of articles with these texts, which need not be stored yet; writes nothing."""
    rows = [row._replace(text=texts[row.article_id]) for row in db.rows("rewrites.to_sketch", article_ids=list(texts))]
    read = reader(db, rows)
    return [(row, read(row)) for row in rows]


def index(db: Database, current: Current, read: Read) -> dict[int, Sketch]:
    """Put articles into the candidate index with other texts; to be called in a transaction. Their sketches.

    Two workers with copies in hand find each other only if this is committed before links are looked for, or if
    nobody else writes to the index meanwhile.
    """
    articles = [row.article_id for row, _ in read]
    db.rows("rewrites.forget_keys", article_ids=articles)
    db.many("stories.insert_sketches", [sketch_row(row, made.sketch, current.stories) for row, made in read])
    db.rows("stories.insert_keys", article_ids=articles)
    db.rows("rewrites.forget_agencies", article_ids=articles)
    db.rows("rewrites.stale_terms", article_ids=articles)
    named = [agency_row(row, made, current.stories) for row, made in read if made.agency.evidence]
    db.many("stories.note_agencies", named)
    return {row.article_id: made.sketch for row, made in read}


def write_texts(db: Database, texts: Mapping[int, Values]) -> None:
    """Replace columns of articles."""
    db.many("rewrites.articles", [(article, json(values)) for article, values in texts.items()])
    db.rows("search.index", article_ids=list(texts))


def restory(db: Database, current: Current, articles: Sequence[int], links: Mapping[tuple[int, int], Match]) -> None:
    """Replace the links of articles and decide the stories of all that these touched or touch.

    To be called in a transaction that holds the grouping lock.
    """
    touched = unlink(db, articles)
    link(db, current, links)
    decide(db, current, sorted(touched.union(articles)))


def unlink(db: Database, articles: Sequence[int]) -> set[int]:
    """Forget what articles shared with others; all that had a part in it."""
    return {row.article_id for row in db.rows("rewrites.unlink", article_ids=list(articles))}


def link(db: Database, current: Current, links: Mapping[tuple[int, int], Match]) -> None:
    """Store which articles share text."""
    db.many("stories.insert_links", [link_row(a, b, m, current.stories) for (a, b), m in sorted(links.items())])


def decide(db: Database, current: Current, affected: Sequence[int]) -> None:
    """Decide the stories of articles anew, and the events of those; to be called under the grouping lock."""
    for chunk in chunks(affected, CHUNK):
        regroup(db, chunk)
    events.follow_stories(db, affected, current.events)


def retag(db: Database, current: Current, articles: Sequence[int]) -> None:
    """Replace the topics of articles by those of their texts, and the words that caused them; in a transaction.

    The articles are held, so that of two workers which tag one of them the second replaces what the first wrote.
    """
    rows = db.rows("rewrites.hold", article_ids=list(articles))
    tagging.store(db, current.tags, current.tagger, [(row, current.tagger.tags(row)) for row in rows])


def chunks(items: Sequence[int], size: int) -> Iterable[list[int]]:
    """The items in lists of that size."""
    return (list(items[at : at + size]) for at in range(0, len(items), size))
