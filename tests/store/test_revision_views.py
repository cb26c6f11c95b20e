"""The views on what became of articles: each column is explained, and each question on few rows finds an index."""

from __future__ import annotations

import pytest
from mediawatch.store.database import Database

VIEWS = ("revisions", "article_changes", "article_life", "page_checks")


def test_every_column_is_explained(db: Database) -> None:
    rows = db.execute(
        """select c.relname || '.' || a.attname as name
           from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
           where c.relnamespace = 'analyst'::regnamespace and c.relname = any(%(views)s) and col_description(c.oid, a.attnum) is null""",
        {"views": list(VIEWS)},
    )
    assert [row.name for row in rows] == []


@pytest.mark.parametrize(
    ("question", "table"),
    [
        (
            "select * from analyst.article_changes where what = 'retracted' and at > now() - interval '7 days'",
            "article_change",
        ),
        ("select * from analyst.article_changes where at > now() - interval '1 day'", "article_change"),
        ("select * from analyst.article_life where removed_at > now() - interval '7 days'", "refetch"),
        ("select * from analyst.article_life where retracted_at is not null", "refetch"),
        ("select * from analyst.revisions where found_at > now() - interval '1 day'", "revision"),
        ("select * from analyst.revisions where article_id = 7", "revision"),
    ],
)
def test_a_question_on_few_rows_reads_no_table_from_end_to_end(db: Database, question: str, table: str) -> None:
    db.execute("set enable_seqscan = off")  # the tables are empty: what is asked is whether there is another way
    plan = "\n".join(row[0] for row in db.execute(f"explain {question}"))
    assert f"Seq Scan on {table} " not in plan, plan
