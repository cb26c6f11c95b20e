"""What people say of two articles (also a copy, not a copy), and the stories and events that follow from it."""

from __future__ import annotations

from mediawatch.errors import MediawatchError
from mediawatch.stages import events
from mediawatch.stages.deduplicate import regroup
from mediawatch.store import generations
from mediawatch.store.database import Database, Row

ID_DIGITS = 10
"""An id has no more; a longer number is no id, and a superscript no number."""


def find_article(db: Database, url: str, url_key: bytes) -> Row:
    """The loaded article at a URL, its own or one that a feed announced, or of an id; MediawatchError without one."""
    article_id = int(url) if url.isascii() and url.isdigit() and len(url) <= ID_DIGITS else None
    found = db.row("stories.article", url=url, url_key=url_key, article_id=article_id)
    if found is None:
        raise MediawatchError(f"no article is known at {url}")
    return found


def say(db: Database, a: int, b: int, *, same: bool, author: str, note: str = "") -> None:
    """Two articles are copies, or are not, whatever their texts say; their stories are decided anew at once."""
    if a == b:
        raise MediawatchError("both are the same article")
    generation = generations.ensure_live(db, "group", events.VERSION, b"")
    with db.transaction():
        db.rows("stories.serialise_grouping")
        db.rows("stories.say", a=a, b=b, same=same, author=author, note=note)
        decide(db, [a, b], generation)


def unsay(db: Database, a: int, b: int) -> bool:
    """Take back what was said of two articles; False when nothing was."""
    generation = generations.ensure_live(db, "group", events.VERSION, b"")
    with db.transaction():
        db.rows("stories.serialise_grouping")
        before = [row.article_id for row in db.rows("stories.component", article_ids=[a, b])]
        known = bool(db.rows("stories.unsay", a=a, b=b))
        decide(db, before, generation)
    return known


def decide(db: Database, articles: list[int], generation: int) -> None:
    """The stories of all that these articles are linked with, and their events; under the grouping lock."""
    events.follow_stories(db, sorted(regroup(db, articles)), generation)
