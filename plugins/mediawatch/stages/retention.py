"""What is old goes, by the rules of the settings and of each publisher: articles, pages without one, archived bytes."""

from __future__ import annotations

import time
from typing import Any

from mediawatch.errors import MediawatchError
from mediawatch.settings import Settings
from mediawatch.stages import removal
from mediawatch.stages.batch import Counts
from mediawatch.store.database import Database

BUDGET_S = 1_200.0
"""A run begins nothing new after so long: the rest is the next one's."""
KINDS = ("articles", "pages", "archive")
Rules = dict[str, int]


def rules(settings: Settings) -> Rules:
    """{articles, pages, archive}: the days of the settings, for publishers without rules of their own; 0: for ever."""
    return {kind: getattr(settings, f"keep_{kind}_days") for kind in KINDS}


def retain(db: Database, settings: Settings, budget_s: float = BUDGET_S) -> Counts:
    """Take away what is old, a bounded batch a transaction; counts of entries, articles, pages, bytes and records.

    What a take-down asked for and did not finish comes first.
    """
    end = time.monotonic() + budget_s
    counts = {"pages": 0, "bytes": 0, **removal.finish(db, settings)}
    shortest = db.row("removals.least_days")
    for kind, days in rules(settings).items():
        values = {"days": days, "limit": removal.CHUNK}
        values["least"] = min(filter(None, (days, getattr(shortest, kind))), default=0)
        while values["least"] and time.monotonic() < end and (some := take(db, kind, values)):
            counts = {key: count + some.get(key, 0) for key, count in counts.items()}
    return {**counts, "records": counts["records"] + removal.clear_archive(db, settings)}


def take(db: Database, kind: str, values: dict[str, int]) -> Counts:
    """The next batch of what one rule says; {} when nothing is left."""
    if kind == "pages":
        pages = db.rows("removals.old_pages", **values)
        return {"pages": len(pages)} if pages else {}
    if kind == "archive":
        discarded = db.rows("removals.old_bytes", **values)
        return {"bytes": len(discarded)} if discarded else {}
    due = [row.entry_id for row in db.rows("removals.old_articles", **values)]
    db.rows("removals.ask", entry_ids=due, why="expired", by="retention")
    rows = removal.remove_some(db)
    return {"entries": len(rows), "articles": sum(row.article_id is not None for row in rows)} if rows else {}


def set_rules(db: Database, source: str, **days: int | None) -> None:
    """A publisher's own rules: days for `articles`, `pages` and `archive`; None goes by the settings."""
    if not db.rows("removals.set_rules", name=source, **days):
        raise MediawatchError(f"no publisher is called {source}")


def own_rules(db: Database) -> list[dict[str, Any]]:
    """[{name, articles, pages, archive}] of the publishers with rules of their own."""
    return [
        {"name": row.name, **{kind: getattr(row, f"keep_{kind}_days") for kind in KINDS}}
        for row in db.rows("removals.rules")
    ]
