"""One URL: everything known about it, from the feed that announced it to the words that tagged it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from mediawatch.articles.identity import url_key
from mediawatch.desk.connection import Reading
from mediawatch.desk.marking import Mark, marked, paragraphs
from mediawatch.desk.page import render
from mediawatch.errors import Reason
from mediawatch.store.database import Database
from mediawatch.store.explain import explain, explain_article

router = APIRouter()
Facts = dict[str, Any]
CHARS = 60_000
"""Of a text are shown at most."""


@router.get("/url")
def url(request: Request, db: Reading, url: str = "") -> Response:
    """What is known of an address, as a feed announced it or as the page calls itself."""
    address = url.strip()
    found = explain(db, address, url_key(address)) if address else []
    return _page(request, db, found, address)


@router.get("/articles/{article_id}")
def article(request: Request, db: Reading, article_id: int) -> Response:
    """The same for an article."""
    facts = explain_article(db, article_id) if article_id < 2**31 else None
    if facts is None:
        raise HTTPException(404, f"There is no article {article_id}.")
    return _page(request, db, [facts])


def _page(request: Request, db: Database, found: list[Facts], asked: str = "") -> Response:
    shown = _article(db, found[0]) if found else {}
    return render(request, "article.html", asked=asked, found=found, **shown)


def _article(db: Database, facts: Facts) -> dict[str, Any]:
    """What the template shows of the entry's article besides the facts; its text marked with the words that count."""
    row = facts["article"]
    if row is None:
        reason = facts["entry"]["reason"]
        return {
            "life": None,
            "revisions": [],
            "checks": [],
            "fields": [],
            "meaning": Reason(reason).meaning if reason else "",
        }
    marks = _marks(facts["topics"])
    text = row["text"][:CHARS]
    return {
        "title": marked(row["title"], marks["title"]),
        "text": list(paragraphs(text, marks["text"])),
        "cut": len(row["text"]) > CHARS,
        "life": db.row("desk_article.life", article_id=row["article_id"]),
        "syndication": db.row("desk_article.syndication", article_id=row["article_id"]),
        "fields": db.rows("desk_article.fields", article_id=row["article_id"]),
        "asides": db.rows("desk_article.asides", article_id=row["article_id"]),
        "revisions": db.rows("desk_article.revisions", article_id=row["article_id"]),
        "checks": db.rows("desk_article.checks", article_id=row["article_id"]),
    }


def _marks(topics: list[Facts]) -> dict[str, list[Mark]]:
    marks: dict[str, list[Mark]] = {"title": [], "text": []}
    for topic in topics:
        for hit in topic["evidence"]:
            why = f"{topic['topic']}: {hit['term']} ({hit['signal']})"
            marks["title" if hit["zone"] == "title" else "text"].append(Mark(hit["start_at"], hit["end_at"], why))
    return marks
