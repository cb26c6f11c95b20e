"""What analysts see of stories and events is explained, column by column."""

from __future__ import annotations

import pytest
from mediawatch.store.database import Database

VIEWS = ("articles", "stories", "copies", "verdicts", "syndication", "events", "event_changes", "story_redirects")


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_is_explained(db: Database, view: str) -> None:
    rows = db.execute(
        """select a.attname as name, col_description(a.attrelid, a.attnum) as said from pg_attribute a
           where a.attrelid = %(view)s::regclass and a.attnum > 0""",
        {"view": f"analyst.{view}"},
    )
    assert rows
    assert [row.name for row in rows if not row.said] == []
