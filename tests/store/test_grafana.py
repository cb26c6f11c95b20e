"""The queries for Grafana: each runs as the analyst, with its macros filled in as Grafana does, and answers what it says."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mediawatch.alerts.found import Found
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import PROJECT, Settings
from mediawatch.stages import alert_rules, alerting
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from mediawatch.store.export import batches, reading
from published import DAY, NOON, publish

FILES = sorted((PROJECT / "sql" / "analyst" / "grafana").glob("*.sql"))
SINCE, UNTIL = NOON - timedelta(hours=20), NOON + timedelta(hours=20)


def filled(query: str) -> str:
    """As Grafana's PostgreSQL data source fills in its macros."""
    query = re.sub(r"\$__timeFilter\((\w+)\)", f"\\1 BETWEEN '{SINCE:%FT%TZ}' AND '{UNTIL:%FT%TZ}'", query)
    query = query.replace("$__timeFrom()", f"'{SINCE:%FT%TZ}'").replace("$__timeTo()", f"'{UNTIL:%FT%TZ}'")
    assert "$__" not in query
    return query


def ask(db: Database, name: str) -> list[dict[str, Any]]:
    query = (PROJECT / "sql" / "analyst" / "grafana" / f"{name}.sql").read_text("utf-8")
    with reading(db):
        columns, rows = next(batches(db, filled(query)))
    return [dict(zip([column for column, _ in columns], row, strict=True)) for row in rows]


@pytest.fixture
def day(db: Database) -> Database:
    """A day with articles, a failure, polls, a gap and an alert."""
    publish(db, NOON, 3, "sanctions", "fentanyl")
    publish(db, NOON - timedelta(days=9), 1, "sanctions")
    db.execute("update article set loaded_at = loaded_at + interval '5 minutes'")
    db.execute(
        """insert into entry (identity, source_id, first_seen_at, stage, status, reason, ready_at, settled_at)
           select '\\x01', source_id, %(at)s, 'done', 'failed', 'timeout', %(at)s, %(at)s from source""",
        {"at": NOON},
    )
    subscribe(db, [Subscription("http://a.example/feed")])
    db.execute("update feed set answered_at = now()")
    db.execute(
        "insert into feed_poll (feed_id, polled_at, result) select feed_id, %(at)s, 'new' from feed", {"at": NOON}
    )
    db.execute(
        "insert into feed_gap select feed_id, %(a)s, %(b)s, 900, 2, false from feed",
        {"a": NOON + timedelta(minutes=30), "b": NOON + timedelta(minutes=150)},
    )
    (rule,) = (rule for rule in alert_rules.stored(db) if rule.kind == "new_event")
    alerting.raise_alert(db, Settings(), rule, Found("1", "Many write of it", "why"), NOON)
    return db


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_each_answers_with_a_time_first(day: Database, file: Path) -> None:
    rows = ask(day, file.stem)
    assert rows
    assert next(iter(rows[0])) == "time"
    assert all(isinstance(row["time"], datetime) and row["time"].tzinfo for row in rows)


def test_they_say_what_happened(day: Database) -> None:
    assert ask(day, "loaded_articles") == [{"time": NOON, "articles": 3}]
    assert ask(day, "failures") == [{"time": NOON, "metric": "timeout", "entries": 1}]
    assert ask(day, "failure_share") == [{"time": NOON, "share": 0.25}]
    assert ask(day, "lag") == [{"time": NOON, "p50_s": 300.0, "p95_s": 300.0}]
    assert ask(day, "polls") == [{"time": NOON, "metric": "new", "polls": 1}]
    midnight = datetime.combine(DAY, datetime.min.time(), NOON.tzinfo)
    volume = [{"time": midnight, "metric": topic, "articles": 3} for topic in ("fentanyl", "sanctions")]
    assert ask(day, "topic_volume") == volume
    mute = [row["time"].hour for row in ask(day, "mute_feeds") if row["feeds"]]
    assert mute == [12, 13, 14]
    (alert,) = ask(day, "alerts")
    assert (alert["time"], alert["text"], alert["tags"]) == (NOON, "Many write of it", "big-event")
