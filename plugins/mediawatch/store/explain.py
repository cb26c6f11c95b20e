"""Everything that the database knows of one URL, as plain values."""

from __future__ import annotations

from typing import Any

from mediawatch.store.database import Database, Row, plain

Facts = dict[str, Any]


def explain(db: Database, url: str, identity: bytes) -> list[Facts]:
    """One dict for each entry with this URL, or that led to the article at it; [] when nothing is known.

    Keys: entry, announcements, outcomes, page, article, links, topics (each with its evidence), changes
    (since it was loaded); `identity` is the key of the normalised URL.
    """
    return [_facts(db, entry) for entry in db.rows("explain.entries", url=url, identity=identity)]


def explain_article(db: Database, article_id: int) -> Facts | None:
    """The same for the entry that an article was read from; None when there is no such article."""
    entry = db.row("explain.entry_of_article", article_id=article_id)
    return _facts(db, entry) if entry else None


def _facts(db: Database, entry: Row) -> Facts:
    entry_id, article_id = entry.entry_id, entry.article_id
    return {
        "entry": plain(entry),
        "announcements": [plain(row) for row in db.rows("explain.announcements", entry_id=entry_id)],
        "outcomes": [plain(row) for row in db.rows("explain.outcomes", entry_id=entry_id)],
        "page": plain(db.row("explain.page", entry_id=entry_id)),
        "article": plain(db.row("explain.article", article_id=article_id)) if article_id else None,
        "links": [plain(row) for row in db.rows("explain.links", article_id=article_id)] if article_id else [],
        "topics": _topics(db, article_id) if article_id else [],
        "changes": [plain(row) for row in db.rows("revisions.changes", article_id=article_id)] if article_id else [],
    }


def _topics(db: Database, article_id: int) -> list[Facts]:
    evidence = [plain(row) for row in db.rows("explain.evidence", article_id=article_id)]
    return [
        {**plain(row), "evidence": [hit for hit in evidence if hit["topic"] == row.topic]}
        for row in db.rows("explain.topics", article_id=article_id)
    ]
