"""A feed's confirmed move → its new URL, or one subscription of two that end at one URL; each with a row of history."""

from __future__ import annotations

from mediawatch.articles.identity import url_key
from mediawatch.feeds.life import Move
from mediawatch.store.database import Database, Row
from mediawatch.web.robots import origin_of


def rewrite(db: Database, feed: Row, move: Move) -> None:
    """Give a feed the URL that it moved to. Of two active feeds that would share it the older one stays.

    Where a person has paused or retired one of them, nothing is changed: what delivers goes on delivering.
    """
    now: Row = db.row("feeds.by_key", url_key=url_key(feed.url))
    if now is None or now.feed_id != feed.feed_id or now.state != "active":
        return
    why = f"redirected there for ever, by {move.polls} polls since {move.since:%F}"
    other: Row = db.row("feeds.by_key", url_key=url_key(move.to))
    if other is None or other.feed_id == feed.feed_id:
        _move(db, feed, move.to, why)
    elif other.state == "active" and other.feed_id < feed.feed_id:
        _merge(db, feed, move.to)
    elif other.state == "active":
        _merge(db, other, move.to)
        db.rows("feeds.park", feed_id=other.feed_id, url_key=url_key(f"feed {other.feed_id}"))
        _move(db, feed, move.to, why)
        _move(db, other, feed.url, "its own went to the older feed")


def _move(db: Database, feed: Row, to: str, why: str) -> None:
    # The poll that confirmed the move was answered without the secret: it is not sent to other origins.
    same_site = origin_of(feed.url) == origin_of(to)
    db.rows("feeds.move", feed_id=feed.feed_id, url=to, url_key=url_key(to), same_site=same_site)
    db.rows("feeds.note_change", feed_id=feed.feed_id, what="url", was=feed.url, becomes=to, why=why)


def _merge(db: Database, goes: Row, to: str) -> None:
    note = {"feed_id": goes.feed_id, "why": f"the older feed ends at {to} too"}
    db.rows("feeds.merge", **note)
    db.rows("feeds.note_change", what="state", was="active", becomes="retired", **note)
    db.rows("feeds.note_change", what="merged", was=goes.url, becomes=to, **note)
