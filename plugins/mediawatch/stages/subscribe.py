"""subscriptions → feeds: add feeds by hand or from OPML; pause, resume and retire them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal
from urllib.parse import urlsplit

from mediawatch.articles.identity import url_key
from mediawatch.articles.url import normalise
from mediawatch.credentials import NAME
from mediawatch.errors import MediawatchError
from mediawatch.feeds.opml import Subscription
from mediawatch.feeds.schedule import RETIRED_PROBE_S
from mediawatch.store.database import Database, Row


def subscribe(db: Database, subscriptions: Iterable[Subscription]) -> tuple[list[str], list[str]]:
    """Add feeds to their sources; the URLs added, and those that were there already.

    MediawatchError, and nothing is added, when one of them is not an http(s) URL.
    """
    subscriptions = [replace(each, url=each.url.strip()) for each in subscriptions]
    if bad := [each.url for each in subscriptions if normalise(each.url) is None]:
        raise MediawatchError(f"not an http(s) URL: {', '.join(bad)}")
    if any("@" in urlsplit(each.url).netloc for each in subscriptions):
        raise MediawatchError("a feed's URL must not hold a user name or password: it is shown and logged")
    added: list[str] = []
    known: list[str] = []
    with db.transaction():
        for each in subscriptions:
            source = each.source or _site(each.homepage) or _site(each.url) or each.url
            source_id = db.value("feeds.add_source", name=source, homepage=each.homepage or None, tags=list(each.tags))
            key = url_key(each.url)
            new = db.row("feeds.add", source_id=source_id, url=each.url, url_key=key, title=each.title)
            (added if new else known).append(each.url)
    return added, known


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def subscriptions(db: Database) -> tuple[Subscription, ...]:
    """All feeds, as OPML knows them."""
    return tuple(
        Subscription(url=row.url, title=row.title, source=row.source, homepage=row.homepage or "", tags=tuple(row.tags))
        for row in db.rows("feeds.subscriptions")
    )


def set_credential(db: Database, urls: Iterable[str], name: str | None) -> None:
    """Name the secret that feeds are asked with, or none; all or no feeds: MediawatchError says what is wrong."""
    if name is not None and not NAME.fullmatch(name):
        raise MediawatchError(f"{name!r} is not the name of a secret: letters, digits, dots, dashes and underscores")
    with db.transaction():
        known: dict[str, Row] = {url: db.row("feeds.by_url", url=url) for url in urls}
        if unknown := [url for url, feed in known.items() if feed is None]:
            raise MediawatchError(f"not subscribed, so nothing was changed: {', '.join(unknown)}")
        for url, feed in known.items():
            db.rows("feeds.set_credential", url=url, credential=name)
            note = {"was": feed.credential or "none", "becomes": name or "none", "why": "by hand"}
            if note["was"] != note["becomes"]:
                db.rows("feeds.note_change", feed_id=feed.feed_id, what="credential", **note)


def change(db: Database, urls: Iterable[str], to: Literal["paused", "active", "retired"]) -> None:
    """Bring feeds into another state, all or none: MediawatchError names those that are not subscribed."""
    with db.transaction():
        if unknown := [url for url in urls if not _changed(db, url, to)]:
            raise MediawatchError(f"not subscribed, so nothing was changed: {', '.join(unknown)}")


def _changed(db: Database, url: str, to: Literal["paused", "active", "retired"]) -> bool:
    before: Row = db.row("feeds.by_url", url=url)
    if before is None:
        return False
    if to == "paused":
        db.rows("feeds.pause", url=url)
    elif to == "active":
        db.rows("feeds.resume", url=url)
    else:
        db.rows("feeds.retire", url=url, probe_s=RETIRED_PROBE_S)
    if before.state != to or before.retired_by:
        db.rows("feeds.note_change", feed_id=before.feed_id, what="state", was=before.state, becomes=to, why="by hand")
    return True
