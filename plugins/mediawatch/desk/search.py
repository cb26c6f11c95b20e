"""The page Search: words, topic, source, language and days; how many on each day, and where the words stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from markupsafe import Markup

from mediawatch.desk import charts
from mediawatch.desk.asking import Question, read
from mediawatch.desk.connection import Reading
from mediawatch.desk.marking import Mark, marked
from mediawatch.desk.page import render
from mediawatch.desk.paging import NO_PLACE, Page, page, unpack
from mediawatch.store.database import Database, Row

router = APIRouter()

RESULTS = 20
COUNTED = 1_000
"""A search returns so many of the newest matches; the chart counts them, and the best are chosen from them."""
SUGGESTED = 8
LEAST_BARS = 20
"""One day alone would be a bar as wide as the page."""
CHART_DAYS = 90
"""A chart with more days has a bar for each week, and with more weeks for each month."""
STEP = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=32)}
UNDATED = "-infinity"
START, STOP = "\ue000", "\ue001"

Order = Literal["newest", "best"]


@router.get("/search")
def search(
    request: Request, db: Reading, sort: Order = "newest", after: str | None = None, saved: str = ""
) -> Response:
    """The form, and what was found."""
    asked = read(request.query_params)
    known, near = source_named(db, asked.source)
    if asked.source and known is None:
        asked.faults.append(f"No source is called “{asked.source}”." + (" Did you mean one of these?" if near else ""))
    values: dict[str, Any] = {"results": None, "empty": False, "chart": None, "total": 0, "undated": 0, "rows": {}}
    if asked.query and not asked.faults:
        values |= _found(db, asked, known, sort, after)
    return render(
        request,
        "search.html",
        asked=asked,
        form=request.query_params,
        near=near if asked.source and known is None else [],
        sort=sort,
        saved=saved,
        topics=[row.topic_id for row in db.rows("desk_search.topics")],
        most=COUNTED,
        **values,
    )


def _found(db: Database, asked: Question, source: str | None, sort: Order, after: str | None) -> dict[str, Any]:
    at, article_id = unpack(after, 2)
    if article_id is not None and not re.fullmatch("[0-9]{1,10}", article_id):
        raise HTTPException(400, NO_PLACE)
    hits = _hits(db, asked, source)
    total, days = len(hits), Counter(date.fromisoformat(row.at[:10]) for row in hits if row.at != UNDATED)
    if at is not None and article_id is not None:
        hits = _older(db, asked, source, hits, (at, int(article_id)))
    if sort == "best":
        best = sorted(hits, key=lambda row: -row.rank)[:RESULTS]
        results = Page([row.article_id for row in best], None, True)
    else:
        shown = page(hits[: RESULTS + 1], after, _key, RESULTS)
        results = Page([row.article_id for row in shown.rows], shown.next, shown.first)
    rows = db.rows("desk_search.shown", query=asked.query, article_ids=results.rows) if results.rows else []
    found = [(row, snippet(row.headline), snippet(row.snippet)) for row in rows]
    chart = _chart(days, whole=total < COUNTED) if days and not after else None
    told = {"results": results, "rows": found, "total": total, "undated": total - days.total(), "chart": chart}
    return told | {"empty": not found and not db.value("desk_search.any")}


def _key(row: Row) -> tuple[str, int]:
    return row.at, row.article_id


def _hits(
    db: Database, asked: Question, source: str | None, upto: str | None = None, *, with_it: bool = True
) -> list[Row]:
    """The newest matches, of those up to a moment, or before it."""
    narrow = {"language": asked.language, "source": source, "topic": asked.topic}
    days = {"since": asked.since, "until": asked.until, "upto": upto, "with_it": with_it}
    return db.rows("desk_search.hits", query=asked.query, **days, **narrow)


def _older(db: Database, asked: Question, source: str | None, hits: list[Row], key: tuple[str, int]) -> list[Row]:
    """The hits after one, the newest of these first; near the last that a search returns it goes on from there.

    Of one moment a search returns no more than COUNTED: the rest of them is passed over.
    """
    rest = [row for row in hits if _key(row) < key]
    if len(hits) == COUNTED and len(rest) <= RESULTS:
        further = _hits(db, asked, source, key[0])
        rest = [row for row in further if _key(row) < key]
        if len(further) == COUNTED and len(rest) <= RESULTS:
            rest += _hits(db, asked, source, further[-1].at, with_it=False)
    return rest


def source_named(db: Database, name: str | None) -> tuple[str | None, list[str]]:
    """The source of that name, in whatever case, or of the only one that holds it; else what may be meant."""
    if not name:
        return None, []
    rows = db.rows("desk_search.sources", name=name, count=SUGGESTED)
    sure = len(rows) == 1 or (rows and rows[0].name.lower() == name.lower())
    return (rows[0].name, []) if sure else (None, [row.name for row in rows])


def snippet(told: str) -> Markup:
    """Words between the two private characters as marked; everything else as text."""
    marks, plain = [], ""
    for place, part in enumerate(told.split(START)):
        word, stop, rest = part.partition(STOP)
        if place and stop:
            marks.append(Mark(len(plain), len(plain) + len(word)))
        plain += word + rest.replace(STOP, "")
    return marked(plain, marks)


def _chart(days: Mapping[date, int], *, whole: bool) -> charts.Figure:
    """How many on each day, week or month, from the first to the last; `whole`: before the first there is nothing."""
    first, last = min(days), max(days)
    unit = "day" if (last - first).days < CHART_DAYS else "week" if (last - first).days < 7 * CHART_DAYS else "month"
    counts: Counter[date] = Counter()
    for day, count in days.items():
        counts[_begin(day, unit)] += count
    begin = min(first, last - LEAST_BARS * STEP[unit]) if whole else first
    labels = list(_steps(_begin(begin, unit), last, unit))
    series = charts.Series("articles", [counts[day] for day in labels])
    return charts.bars(
        f"Articles found by {unit}", f"{unit} (UTC)", "articles", [str(day) for day in labels], [series], 200
    )


def _begin(day: date, unit: str) -> date:
    return day if unit == "day" else day - timedelta(days=day.weekday()) if unit == "week" else day.replace(day=1)


def _steps(first: date, last: date, unit: str) -> Iterator[date]:
    at = first
    while at <= last:
        yield at
        at = _begin(at + STEP[unit], unit)
