"""Queries that people keep: saved under a name, listed, run again, followed as a feed."""

from __future__ import annotations

from psycopg2.extensions import QuotedString

from mediawatch.errors import QueryError
from mediawatch.store.database import Database, Row
from mediawatch.store.export import opened, query_of, reading

SEARCH = ("query", "since", "until", "language", "source", "topic")
"""Parameters of analyst.search that a saved search may have, all as text."""


def save(db: Database, name: str, query: str, owner: str, note: str = "") -> None:
    """Keep a query over the analyst's views, in the place of one of that name. QueryError when it cannot be run."""
    query = query_of(query)
    if not name.strip():
        raise QueryError("a saved query needs a name")
    with reading(db):
        opened(db, query)
    db.rows("saved.put", name=name.strip(), query=query, owner=owner, note=note)


def save_search(db: Database, name: str, owner: str, note: str = "", **parameters: str) -> None:
    """Keep a search, by the parameters of analyst.search (SEARCH) that are given; its newest articles come first."""
    if unknown := parameters.keys() - set(SEARCH):
        raise QueryError(f"a search has no {min(unknown)}")
    if not parameters.get("query", "").strip():
        raise QueryError("a search needs words")
    arguments = ", ".join(f"{key} => {_literal(value)}" for key, value in parameters.items() if value)
    found = f"search({arguments}, most => 200) s"
    query = f"select s.*, s.snippet as summary from {found} order by published_at desc nulls last"  # noqa: S608 - quoted
    save(db, name, query, owner, note)


def load(db: Database, name: str) -> Row:
    """The query of that name. QueryError when there is none."""
    found = db.row("saved.get", name=name)
    if found is None:
        known = ", ".join(row.name for row in every(db)) or "none"
        raise QueryError(f"there is no saved query {name!r}; there are: {known}")
    return found


def every(db: Database) -> list[Row]:
    """All saved queries (name, query, owner, note, saved_at), by name."""
    return db.rows("saved.list")


def forget(db: Database, name: str) -> bool:
    """Drop a saved query; whether there was one."""
    return bool(db.rows("saved.forget", name=name))


def _literal(value: str) -> str:
    quoted = QuotedString(value.replace("\0", ""))
    quoted.encoding = "utf-8"
    return quoted.getquoted().decode()
