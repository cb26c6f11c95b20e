"""The page of one story: who carried it when, its copies side by side, why they are one, and what people say of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from mediawatch.articles.identity import url_key
from mediawatch.desk.connection import Reading, Writing
from mediawatch.desk.page import address, render
from mediawatch.desk.paging import page, unpack
from mediawatch.desk.sides import MOST_CHARS, side_by_side
from mediawatch.desk.timeline import Moment, timeline
from mediawatch.errors import MediawatchError
from mediawatch.stages import verdicts
from mediawatch.store.database import Database

router = APIRouter()

COPIES = 20
CARRIERS = 500
APART = 10
VERDICTS = 50

SAID = {
    "apart": "Recorded: not a copy. Every later run keeps to it; you can take it back below.",
    "also": "Recorded: also a copy. Every later run keeps to it; you can take it back below.",
    "undo": "Taken back: the texts decide again.",
}
Do = Literal["apart", "also", "undo"]


@router.get("/stories/{story_id}")
def one(
    request: Request,
    db: Reading,
    story_id: int,
    copy: int | None = None,
    after: str | None = None,
    said: Do | None = None,
) -> Response:
    """A story; `copy` is the article to compare with the canonical one."""
    return _page(request, db, story_id, copy=copy, after=after, message=SAID[said] if said else "")


@router.post("/stories/{story_id}/verdicts")
def say(
    request: Request,
    db: Writing,
    story_id: int,
    do: Annotated[Do, Form()],
    other: Annotated[str, Form()],
    article: Annotated[int, Form()],
    note: Annotated[str, Form()] = "",
) -> Response:
    """Say of two articles (an id, and an id or a URL) that they are no copies or are, or take it back."""
    try:
        a, b = (verdicts.find_article(db, each.strip(), url_key(each.strip())) for each in (str(article), other))
        if do == "undo":
            verdicts.unsay(db, a.article_id, b.article_id)
        else:
            author = request.state.desk_user.name
            verdicts.say(db, a.article_id, b.article_id, same=do == "also", author=author, note=note.strip())
    except MediawatchError as error:
        return _page(request, db, story_id, fault=f"{str(error)[:1].upper()}{str(error)[1:]}.", status=422)
    stays = verdicts.find_article(db, str(article), b"").story_id
    return RedirectResponse(address(request, f"stories/{stays}", said=do) + "#verdicts", 303)


def _page(
    request: Request,
    db: Database,
    story_id: int,
    *,
    copy: int | None = None,
    after: str | None = None,
    message: str = "",
    fault: str = "",
    status: int = 200,
) -> Response:
    story = db.row("desk_stories.head", story_id=story_id)
    if story is None:
        raise HTTPException(404, f"There is no story {story_id}.")
    known = {"story_id": story.story_id, "canonical": story.canonical_article_id}
    at, article_id = unpack(after, 2)
    rows = db.rows("desk_stories.copies", **known, at=at, article_id=article_id, count=COPIES + 1)
    copies = page(rows, after, lambda row: (row.at, row.article_id), COPIES)
    return render(
        request,
        "story.html",
        status=status,
        story=story,
        copies=copies,
        compared=_compared(db, story, copy or (rows[0].article_id if rows else None)),
        carriers=_carriers(db, story) if story.articles > 1 else None,
        apart=db.rows("desk_stories.apart", story_id=story.story_id, count=APART),
        verdicts=db.rows("desk_stories.verdicts", story_id=story.story_id, count=VERDICTS),
        message=message,
        fault=fault,
    )


def _compared(db: Database, story: Any, copy: int | None) -> dict[str, Any]:
    """The canonical article, and beside it a copy if there is one."""
    whole = db.row("desk_stories.text", story_id=story.story_id, article_id=story.canonical_article_id)
    other = db.row("desk_stories.text", story_id=story.story_id, article_id=copy) if copy else None
    if whole is None or other is None:
        return {"whole": whole, "other": None, "titles": [], "rows": [], "cut": False}
    return {
        "whole": whole,
        "other": other,
        "titles": side_by_side(whole.title, other.title),
        "rows": side_by_side(whole.text, other.text),
        "cut": max(len(whole.text), len(other.text)) > MOST_CHARS,
    }


def _carriers(db: Database, story: Any) -> Any:
    rows = db.rows("desk_stories.carriers", story_id=story.story_id, count=CARRIERS)
    moments = [Moment(row.source, row.published_at, precision=row.published_precision) for row in rows]
    return timeline("Who carried it when", "outlet", moments)
