"""Everything that is known of a story, as plain values."""

from __future__ import annotations

from typing import Any

from mediawatch.store.database import Database, plain

Facts = dict[str, Any]


def story(db: Database, story_id: int) -> Facts:
    """story_id, agency, event, articles (each with its links inside the story and its evidence of an agency), `apart`
    (links to other stories) and verdicts on its articles."""
    articles = [plain(row) for row in db.rows("stories.members", story_id=story_id)]
    ids = [row["article_id"] for row in articles]
    links = {each: [plain(row) for row in db.rows("explain.links", article_id=each)] for each in ids}
    return {
        **plain(db.row("stories.head", story_id=story_id)),
        "event": plain(db.row("stories.event", story_id=story_id)),
        "articles": [
            {**row, "links": [link for link in links[row["article_id"]] if link["story_id"] == story_id]}
            for row in articles
        ],
        "apart": [link for each in ids for link in links[each] if link["story_id"] != story_id],
        "verdicts": [plain(row) for row in db.rows("stories.verdicts_on", article_ids=ids)],
    }
