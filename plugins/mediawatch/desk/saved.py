"""Searches that people keep: saved under a name from the page Search, followed as a feed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from mediawatch.desk.asking import read
from mediawatch.desk.connection import Writing
from mediawatch.desk.page import address
from mediawatch.desk.search import source_named
from mediawatch.errors import QueryError
from mediawatch.reports import atom
from mediawatch.store import export, saved

router = APIRouter()

FEED_ARTICLES = 100
LIMIT_S = 15


@router.post("/search/saved")
def save(
    request: Request,
    db: Writing,
    name: Annotated[str, Form(max_length=200)],
    q: Annotated[str, Form()],
    topic: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    since: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
) -> Response:
    """Keep a search under a name, to run again and to follow."""
    form = {"q": q, "topic": topic, "source": source, "language": language, "since": since, "until": until}
    asked = read(form)
    known, _ = source_named(db, asked.source)
    if asked.faults or (asked.source and known is None):
        raise HTTPException(422, "Only a search that can be understood can be kept.")
    days = {key: moment.isoformat() for key, moment in (("since", asked.since), ("until", asked.until)) if moment}
    narrow = {"topic": asked.topic or "", "source": known or "", "language": asked.language or ""}
    try:
        saved.save_search(db, name, request.state.desk_user.name, query=asked.query, **narrow, **days)
    except QueryError as error:
        raise HTTPException(422, f"It was not saved: {error}.") from None
    return RedirectResponse(address(request, "search", **form, saved=name.strip()), 303)


@router.get("/saved/atom")
def feed(db: Writing, name: str) -> Response:
    """The articles of a saved search or query as an Atom feed; it runs with the analyst's rights, read-only."""
    try:
        query = saved.load(db, name).query
        with export.reading(db, LIMIT_S):
            columns, rows = next(export.batches(db, query))
    except QueryError as error:
        raise HTTPException(404, str(error)) from None
    names = [column for column, _ in columns]
    if missing := [needed for needed in atom.NEEDED if needed not in names]:
        raise HTTPException(422, f"A feed needs the column {missing[0]}, which this query has not.")
    told = (dict(zip(names, row, strict=True)) for row in rows[:FEED_ARTICLES])
    return Response(atom.feed(f"mediawatch: {name}", told), media_type="application/atom+xml")
