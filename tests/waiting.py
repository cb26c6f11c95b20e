"""Entries that wait for their fetch, without a feed."""

from __future__ import annotations

from hashlib import sha256

from mediawatch.store.database import Database


def announce(db: Database, *urls: str) -> None:
    """Entries with these URLs, ready to be fetched."""
    source, now = db.value("feeds.add_source", name="test", homepage=None, tags=[]), db.now()
    rows = [
        (
            sha256(u.encode()).digest(),
            source,
            u,
            u.split("/")[2],
            "",
            "",
            None,
            None,
            now,
            "fetch",
            "pending",
            None,
            now,
            None,
            None,
        )
        for u in urls
    ]
    db.many("entries.announce", rows)
