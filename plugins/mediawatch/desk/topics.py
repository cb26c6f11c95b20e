"""The pages Topics and one topic: how much, since when, why, by which query, and how often it is right."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import lru_cache
from math import ceil
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response

from mediawatch.alerts.band import DAYS, bands
from mediawatch.desk import charts
from mediawatch.desk.connection import Reading
from mediawatch.desk.evidence import reasons
from mediawatch.desk.page import render
from mediawatch.desk.paging import page, unpack
from mediawatch.desk.period import Period, latest
from mediawatch.desk.sparkline import sparkline
from mediawatch.reports import atom
from mediawatch.store.database import Database
from mediawatch.topics.definition import TopicDefinition, parse_topic, signal_query

router = APIRouter()

LIST_DAYS = 28
ARTICLES = 20
FEED_ARTICLES = 100
SENTENCES = 2

Unit = Literal["articles", "stories", "outlets"]
Days = Literal["28", "90", "365"]


@router.get("/topics")
def overview(request: Request, db: Reading) -> Response:
    """All topics with what came in on each."""
    period = _period(db, LIST_DAYS)
    counts: dict[str, dict[date, int]] = defaultdict(dict)
    for row in db.rows("desk_topics.volumes", since=period.since, until=period.until):
        counts[row.topic][row.day] = row.articles
    topics = [_line(row, [counts[row.topic].get(day, 0) for day in period.days]) for row in db.rows("desk_topics.list")]
    return render(request, "topics.html", topics=topics, period=period)


def _line(row: Any, volume: list[int]) -> dict[str, Any]:
    sums = {"today": volume[-1], "week": sum(volume[-7:]), "month": sum(volume)}
    return {**row._asdict(), **sums, "spark": sparkline(volume)}


@router.get("/topics/{topic}")
def one(
    request: Request,
    db: Reading,
    topic: str,
    days: Days = "28",
    by: Unit = "articles",
    after: str | None = None,
    activated: int | None = None,
) -> Response:
    """One topic: its volume against what is usual, its newest articles with the words that count, and its query."""
    known = listed(db, topic)
    if known is None:
        raise HTTPException(404, f"There is no topic {topic!r}.")
    at, article_id = unpack(after, 2)
    rows = db.rows("desk_topics.articles", topic=topic, at=at, article_id=article_id, count=ARTICLES + 1)
    articles = page(rows, after, lambda row: (row.published_at, row.article_id), ARTICLES)
    ids = [row.article_id for row in articles.rows]
    found = db.rows("desk_topics.evidence", topic=topic, article_ids=ids)
    period = _period(db, int(days))
    live = _live(db, known)
    return render(
        request,
        "topic.html",
        topic=known,
        live=live,
        signals=[(signal, signal_query(signal, live)) for signal in live.signals] if live else [],
        period=period,
        by=by,
        days=days,
        chart=_chart(db, topic, period, by),
        articles=articles,
        why=reasons(found, SENTENCES),
        versions=db.rows("topics.versions", topic_id=topic),
        building=db.row("desk_topics.building", topic=topic),
        activated=activated,
        quality=db.rows("desk_topics.quality", topic=topic),
    )


def listed(db: Database, topic: str) -> Any:
    """The topic's row of the list, None when there is none of that id."""
    return next((row for row in db.rows("desk_topics.list") if row.topic == topic), None)


def _live(db: Database, known: Any) -> TopicDefinition | None:
    stored = db.row("topics.version", topic_id=known.topic, version=known.version)
    return _parsed(stored.body, known.topic) if stored else None


@lru_cache(maxsize=64)
def _parsed(body: str, topic: str) -> TopicDefinition:
    return parse_topic(body, topic)


def _period(db: Database, days: int) -> Period:
    return latest(db.value("desk_topics.newest"), db.now(), days)


def _chart(db: Database, topic: str, period: Period, by: Unit) -> charts.Figure:
    before = period.longer(DAYS)
    rows = db.rows("desk_topics.volume", topic=topic, since=before.since, until=before.until)
    counts = {row.day: getattr(row, by) for row in rows}  # a day without any article at all is unknown, not zero
    drawn = bands(counts, period.since, period.last)
    limits = [(ceil(band.low), int(band.high), band.usual) if band else (None, None, None) for _, _, band in drawn]
    low, high, usual = zip(*limits, strict=True)
    series = [
        charts.Series("low", low, "edge"),
        charts.Series("high", high, "edge"),
        charts.Series("usual", usual, "usual"),
        charts.Series(by, [count for _, count, _ in drawn]),
    ]
    return charts.lines(f"{by.capitalize()} by day of publication", "day", by, [str(day) for day, *_ in drawn], series)


@router.get("/topics/{topic}/atom")
def feed(request: Request, db: Reading, topic: str) -> Response:
    """The newest articles of a topic as an Atom feed, for whatever reads feeds and may read Airflow."""
    if listed(db, topic) is None:
        raise HTTPException(404, f"There is no topic {topic!r}.")
    rows = [row._asdict() for row in db.rows("desk_topics.feed", topic=topic, count=FEED_ARTICLES)]
    return Response(atom.feed(f"mediawatch: {topic}", rows), media_type="application/atom+xml")
