"""An article's other text → its row, candidate keys, links, story and topics: what a revision and a replay write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from mediawatch.models import Extracted, Match, Sketch, TopicMatch
from mediawatch.stages.deduplicate import VERSION, link_row, regroup, sketch_row
from mediawatch.stages.extract import article_row
from mediawatch.stages.tag import compiled
from mediawatch.stages.tag import store as store_tags
from mediawatch.store import generations
from mediawatch.store.database import Database, Row, json, storable
from mediawatch.store.queries import statements
from mediawatch.topics.matcher import ENGINE_VERSION, Matcher

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
    """The methods that write derived rows now: generations of stories and of tags, the topics and their versions."""

    stories: int
    tags: int
    matcher: Matcher
    versions: Mapping[str, int]

    @classmethod
    def live(cls, db: Database) -> Current:
        """Those of this code and of the topics as the database has them."""
        stories = generations.ensure_live(db, "deduplicate", VERSION, b"")
        return cls(stories, generations.ensure_live(db, "tag", str(ENGINE_VERSION), b""), *topics_now(db))


def topics_now(db: Database) -> tuple[Matcher, dict[str, int]]:
    """The topics that tag now: their matcher, and the version of each."""
    live = db.rows("topics.live")
    return compiled(tuple((row.topic_id, row.body) for row in live)), {row.topic_id: row.version for row in live}


def index(db: Database, current: Current, sketches: Mapping[int, Sketch]) -> None:
    """Put articles into the candidate index with other texts; to be called in a transaction.

    Two workers with copies in hand find each other only if this is committed before links are looked for, or if
    nobody else writes to the index meanwhile.
    """
    db.rows("rewrites.forget_keys", article_ids=list(sketches))
    rows = [sketch_row(article, made, current.stories) for article, made in sketches.items()]
    db.many("stories.insert_sketches", rows)
    db.rows("stories.insert_keys", article_ids=list(sketches))


def write_texts(db: Database, texts: Mapping[int, Values]) -> None:
    """Replace columns of articles."""
    db.many("rewrites.articles", [(article, json(values)) for article, values in texts.items()])


def restory(db: Database, current: Current, articles: Sequence[int], links: Mapping[tuple[int, int], Match]) -> None:
    """Replace the links of articles and decide the stories of all that these touched or touch.

    To be called in a transaction that holds the grouping lock.
    """
    touched = unlink(db, articles)
    link(db, current, links)
    decide(db, sorted(touched.union(articles)))


def unlink(db: Database, articles: Sequence[int]) -> set[int]:
    """Forget what articles shared with others; all that had a part in it."""
    return {row.article_id for row in db.rows("rewrites.unlink", article_ids=list(articles))}


def link(db: Database, current: Current, links: Mapping[tuple[int, int], Match]) -> None:
    """Store which articles share text."""
    db.many("stories.insert_links", [link_row(a, b, m, current.stories) for (a, b), m in sorted(links.items())])


def decide(db: Database, affected: Sequence[int]) -> None:
    """Decide the stories of articles anew; to be called in a transaction that holds the grouping lock."""
    for chunk in chunks(affected, CHUNK):
        regroup(db, chunk)
    stories = [row.story_id for row in db.rows("rewrites.stories", article_ids=list(affected))]
    db.rows("stories.refresh", story_ids=stories)


Tagged = tuple[int, bytes, tuple[TopicMatch, ...]]
"""(article id, digest of the text that was read, what it is on)"""


def retag(db: Database, current: Current, tagged: Sequence[Tagged]) -> None:
    """Replace the topics of articles, and the words that caused them; to be called in a transaction.

    The articles are held, so that of two workers which tag one of them the second replaces what the first wrote.
    """
    rows = [(SimpleNamespace(article_id=article, text_sha256=digest), found) for article, digest, found in tagged]
    db.rows("rewrites.hold", article_ids=[article for article, _, _ in tagged])
    store_tags(db, current.tags, dict(current.versions), rows)


def chunks(items: Sequence[int], size: int) -> Iterable[list[int]]:
    """The items in lists of that size."""
    return (list(items[at : at + size]) for at in range(0, len(items), size))
