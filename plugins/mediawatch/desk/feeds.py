"""Feeds: all of them with their state and rhythm, and one with its polls and what it announced."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response

from mediawatch.desk import charts, paging
from mediawatch.desk.connection import Reading
from mediawatch.desk.page import day, render
from mediawatch.desk.words import pattern
from mediawatch.store.database import Row

router = APIRouter()
POLLS, ENTRIES = 20, 20
"""Shown on the page of one feed."""
Show = Literal["", "active", "paused", "retired", "failing", "quiet"]


@router.get("/feeds")
def feeds(request: Request, db: Reading, show: Show = "", q: str = "", after: str | None = None) -> Response:
    """The list, by source; `show` a state or a trouble, `q` words of the source, URL or title."""
    source, url = paging.unpack(after, 2)
    wanted = {"failing": show == "failing", "quiet": show == "quiet", "words": pattern(q)}
    state = show if show in ("active", "paused", "retired") else None
    rows = db.rows("desk_feeds.list", **wanted, state=state, source=source, url=url, limit=paging.SIZE + 1)
    page = paging.page(rows, after, lambda row: (row.source, row.url))
    return render(request, "feeds.html", page=page, counts=db.row("desk_feeds.counts"), show=show, q=q)


@router.get("/feeds/{feed_id}")
def feed(request: Request, db: Reading, feed_id: int, after: str | None = None) -> Response:
    """One feed."""
    row = db.row("desk_feeds.one", feed_id=feed_id) if feed_id < 2**31 else None
    if row is None:
        raise HTTPException(404, f"There is no feed {feed_id}.")
    at, entry_id = paging.unpack(after, 2)
    entries = db.rows("desk_feeds.entries", feed_id=feed_id, at=at, entry_id=entry_id, limit=ENTRIES + 1)
    told: dict[str, Any] = {
        "polls": db.rows("desk_feeds.polls", feed_id=feed_id, limit=POLLS),
        "changes": db.rows("desk_feeds.changes", feed_id=feed_id),
        "gaps": db.rows("desk_feeds.gaps", feed_id=feed_id),
        "chart": _chart(db.rows("desk_feeds.days", feed_id=feed_id)),
        "page": paging.page(entries, after, lambda entry: (entry.announced_at, entry.entry_id), ENTRIES),
    }
    return render(request, "feed.html", feed=row, **told)


def _chart(days: list[Row]) -> charts.Figure:
    series = [
        charts.Series("new entries", [row.entries for row in days]),
        charts.Series("expected", [row.expected for row in days], "usual"),
    ]
    labels = [day(row.day) for row in days]
    return charts.lines("New entries by day", "day (UTC)", "entries", labels, series, width=charts.SIDE)
