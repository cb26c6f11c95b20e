"""Outcomes: what came to no article, and why; what waits."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response

from mediawatch.desk import charts, paging
from mediawatch.desk.connection import Reading
from mediawatch.desk.page import day, render
from mediawatch.desk.words import pattern
from mediawatch.errors import Reason
from mediawatch.store.database import Database, Row

router = APIRouter()
Days = Literal[1, 7, 30, 90]


@router.get("/outcomes")
def outcomes(
    request: Request,
    db: Reading,
    reason: str = "",
    source: str = "",
    days: int = 7,
    after: str | None = None,
) -> Response:
    """The list, the newest first; `reason` one of errors.Reason or `pending`, `source` words of a name, `days` for the
    summary."""
    if days not in (1, 7, 30, 90) or (reason and reason != "pending" and reason not in {each.value for each in Reason}):
        raise HTTPException(404, "There is no such reason, or no such span of days.")
    since = datetime.now(timezone.utc) - timedelta(days=days)
    page = paging.page(_rows(db, reason, source, after), after, lambda row: (row.settled_at, row.entry_id))
    told: dict[str, Any] = {
        "reasons": [(row, Reason(row.reason)) for row in db.rows("desk_outcomes.reasons", since=since)],
        "chart": _chart(db.rows("desk_outcomes.days", since=since), since.date()) if days > 1 else None,
        "known": sorted(each.value for each in Reason),
    }
    return render(request, "outcomes.html", page=page, reason=reason, source=source, days=days, **told)


def _rows(db: Database, reason: str, source: str, after: str | None) -> list[Row]:
    at, entry_id = paging.unpack(after, 2)
    key = {"at": at, "entry_id": entry_id, "limit": paging.SIZE + 1}
    if reason == "pending":
        return db.rows("desk_outcomes.pending", **key)
    if words := pattern(source):
        ids = [row.source_id for row in db.rows("desk_outcomes.sources", words=words)]
        return db.rows("desk_outcomes.by_source", source_ids=ids, reason=reason or None, **key)
    if reason:
        return db.rows("desk_outcomes.by_reason", reason=reason, **key)
    return db.rows("desk_outcomes.newest", **key)


def _chart(rows: list[Row], since: date) -> charts.Figure:
    counts: Counter[tuple[date, str]] = Counter()
    for row in rows:
        counts[row.day, Reason(row.reason).status.value] += row.entries
    until = datetime.now(timezone.utc).date()
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    series = [
        charts.Series(name, [counts[each, name] for each in days], css)
        for name, css in (("dropped", "warn"), ("failed", "bad"))
    ]
    labels = [day(each) for each in days]
    return charts.bars("Entries that came to no article", "day (UTC)", "entries", labels, series, width=charts.HALF)
