"""subscriptions → feeds: add feeds by hand or from OPML."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from mediawatch.feeds.opml import Subscription
from mediawatch.store.database import Database


def subscribe(db: Database, subscriptions: Iterable[Subscription]) -> tuple[list[str], list[str]]:
    """Add feeds to their sources; the URLs added, and those that were there already."""
    added: list[str] = []
    known: list[str] = []
    with db.transaction():
        for each in subscriptions:
            source = each.source or urlsplit(each.url).hostname or each.url
            source_id = db.value("feeds.add_source", name=source, homepage=each.homepage or None, tags=list(each.tags))
            new = db.row("feeds.add", source_id=source_id, url=each.url, title=each.title)
            (added if new else known).append(each.url)
    return added, known


def subscriptions(db: Database) -> tuple[Subscription, ...]:
    """All feeds, as OPML knows them."""
    return tuple(
        Subscription(url=row.url, title=row.title, source=row.source, homepage=row.homepage or "", tags=tuple(row.tags))
        for row in db.rows("feeds.subscriptions")
    )
