"""The page of one event: its stories in time, what they share and how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from mediawatch.desk.connection import Reading
from mediawatch.desk.page import render
from mediawatch.desk.paging import page, unpack
from mediawatch.desk.timeline import Moment, timeline
from mediawatch.events.telling import Telling, Told, told
from mediawatch.stages.events import rarity_of
from mediawatch.store.database import Database

router = APIRouter()

STORIES = 20
MOMENTS = 500
CHANGES = 20


@router.get("/events/{event_id}")
def one(request: Request, db: Reading, event_id: int, after: str | None = None) -> Response:
    """An event."""
    event = db.row("desk_events.head", event_id=event_id)
    if event is None:
        raise HTTPException(404, f"There is no event {event_id}.")
    at, story_id = unpack(after, 2)
    rows = db.rows("desk_events.stories", event_id=event.event_id, at=at, story_id=story_id, count=STORIES + 1)
    stories = page(rows, after, lambda row: (row.at, row.story_id), STORIES)
    shares = db.rows("desk_events.shares", event_id=event.event_id)
    return render(
        request,
        "event.html",
        event=event,
        stories=stories,
        words=_words(db, stories.rows),
        chart=_chart(db, event),
        languages=[row for row in shares if row.what == "language"],
        topics=[row for row in shares if row.what == "topic"],
        changes=db.rows("desk_events.changes", event_id=event.event_id, count=CHANGES),
    )


def _words(db: Database, rows: Sequence[Any]) -> Told:
    rarities = {language: rarity_of(db, language) for language in {row.language for row in rows}}
    return told([Telling(row.story_id, row.title, row.text, row.language) for row in rows], rarities)


def _chart(db: Database, event: Any) -> Any:
    rows = db.rows("desk_events.moments", event_id=event.event_id, count=MOMENTS)
    moments = [Moment(row.source, row.first_published_at, row.articles, row.first_precision) for row in rows]
    return timeline("When each story came out", "outlet", moments, "articles that carry the story")
