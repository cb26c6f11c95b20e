"""The front page: what came in, what failed and why, how late, and what is unusual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from mediawatch.alerts.band import DAYS, Band, band, bands
from mediawatch.desk import charts
from mediawatch.desk.connection import Reading
from mediawatch.desk.page import render
from mediawatch.errors import Reason
from mediawatch.store.alerts import firing
from mediawatch.store.database import Database, Row

router = APIRouter()
SHOWN_DAYS = 14
LOADED_LAST = 5_000
"""So many articles tell the lag."""
REASONS = 6
QUIET = 8
ALERTS = 6
TOPICS = 24
COLOURS = {"loaded": "ok", "pending": "main", "dropped": "warn", "failed": "bad"}


@router.get("/")
def overview(request: Request, db: Reading, span: Literal["48h", "14d"] = "48h") -> Response:
    """The page."""
    now = db.now()
    hours = db.rows("desk_overview.arrivals", since=now - timedelta(days=DAYS + 1))
    reasons = _reasons(hours, now - (timedelta(days=2) if span == "48h" else timedelta(days=SHOWN_DAYS)))
    told: dict[str, Any] = {
        "span": span,
        "arrivals": _by_hour(hours, now) if span == "48h" else _by_day(hours, now),
        "entries": compared(hours, now, {"loaded", "pending", "dropped", "failed"}),
        "loaded": compared(hours, now, {"loaded"}),
        "failed": compared(hours, now, {"failed"}),
        "reasons": reasons[:REASONS],
        "rarer": reasons[REASONS:],
        "lags": db.row("desk_overview.lags", limit=LOADED_LAST),
        "waiting": db.rows("desk_overview.waiting"),
        "feeds": db.row("desk_feeds.counts"),
        "quiet": db.rows("desk_overview.quiet", limit=QUIET),
        "topics": topics(db, now.date()),
        "alerts": firing(db, ALERTS),
    }
    return render(request, "overview.html", **told)


# ---- what came in ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """A count of the last 24 hours, and the band that the same hours of the 28 days before set for it."""

    count: int
    usual: Band | None

    @property
    def state(self) -> str:
        """high, low, usual, or nothing where nobody can tell."""
        return standing(self.count, self.usual)


def standing(count: float, usual: Band | None) -> str:
    """Where a count stands to its band."""
    if usual is None:
        return ""
    return "high" if count > usual.high else "low" if count < usual.low else "usual"


def compared(hours: Iterable[Row], now: datetime, statuses: set[str]) -> Compared:
    """The entries of these statuses that were first seen in the last 24 hours, beside earlier days."""
    seen: Counter[date] = Counter()
    counts: Counter[date] = Counter()
    for row in hours:
        day = now.date() - timedelta(days=(now - row.hour) // timedelta(days=1))
        seen[day] += row.entries
        counts[day] += row.entries if row.status in statuses else 0
    known: dict[date, int | None] = {day: counts[day] for day in seen}
    return Compared(counts[now.date()], band(known, now.date()))


def _by_hour(rows: list[Row], now: datetime) -> charts.Figure:
    last = now.replace(minute=0, second=0, microsecond=0)
    hours = [last - timedelta(hours=n) for n in range(47, -1, -1)]
    counts = Counter({(row.hour, row.status): 0 for row in rows})
    for row in rows:
        counts[row.hour, row.status] += row.entries
    series = [charts.Series(name, [counts[hour, name] for hour in hours], css) for name, css in COLOURS.items()]
    labels = [f"{hour:%a %H:%M}" for hour in hours]
    title = "Entries by the hour in which they were first seen"
    return charts.bars(title, "hour (UTC)", "entries", labels, series, width=charts.SIDE)


def _by_day(rows: list[Row], now: datetime) -> charts.Figure:
    days = [now.date() - timedelta(days=n) for n in range(SHOWN_DAYS - 1, -1, -1)]
    counts: Counter[tuple[date, str]] = Counter()
    for row in rows:
        counts[row.hour.date(), row.status] += row.entries
    series = [charts.Series(name, [counts[day, name] for day in days], css) for name, css in COLOURS.items()]
    labels = [f"{day:%a %d %b}" for day in days]
    title = "Entries by the day on which they were first seen"
    return charts.bars(title, "day (UTC)", "entries", labels, series, width=charts.SIDE)


def _reasons(rows: list[Row], since: datetime) -> list[tuple[Reason, int]]:
    counts: Counter[str] = Counter()
    for row in rows:
        if row.reason and row.hour >= since:
            counts[row.reason] += row.entries
    return [(Reason(reason), entries) for reason, entries in counts.most_common()]


# ---- topics ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Volume:
    """A topic's articles by the day on which they were loaded: yesterday's, as the last whole one, with its band."""

    topic: str
    today: int
    yesterday: int
    usual: Band | None
    week: int
    drawing: Markup

    @property
    def state(self) -> str:
        """high, low, usual, or nothing where nobody can tell."""
        return standing(self.yesterday, self.usual)


def topics(db: Database, today: date) -> list[Volume]:
    """Each topic, the most unusual first."""
    since = today - timedelta(days=SHOWN_DAYS + DAYS)
    rows = db.rows("desk_overview.topic_days", since=datetime(since.year, since.month, since.day, tzinfo=timezone.utc))
    days = {row.day.date() for row in rows}
    counts: Counter[tuple[str, date]] = Counter()
    for row in rows:
        counts.update({(topic, row.day.date()): row.articles for topic in row.topics})
    by_topic: dict[str, dict[date, int | None]] = {name: {day: counts[name, day] for day in days} for name, _ in counts}
    order = {"high": 0, "low": 1, "usual": 2, "": 2}
    volumes = [_volume(name, by_day, today) for name, by_day in by_topic.items()]
    return sorted(volumes, key=lambda each: (order[each.state], -each.week, each.topic))[:TOPICS]


def _volume(topic: str, by_day: dict[date, int | None], today: date) -> Volume:
    shown = bands(by_day, today - timedelta(days=SHOWN_DAYS - 1), today)
    yesterday = today - timedelta(days=1)
    series = [
        charts.Series("low", [usual.low if usual else None for _, _, usual in shown], "edge"),
        charts.Series("high", [usual.high if usual else None for _, _, usual in shown], "edge"),
        charts.Series("articles", [count for _, count, _ in shown]),
    ]
    week = sum(by_day.get(today - timedelta(days=n)) or 0 for n in range(7))
    counts = (by_day.get(today) or 0, by_day.get(yesterday) or 0)
    return Volume(topic, *counts, band(by_day, yesterday), week, charts.spark([f"{day}" for day, *_ in shown], series))
