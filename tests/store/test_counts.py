"""Counts that are kept beside what they count: whatever happens to articles, they equal a count of the base tables."""

from __future__ import annotations

import pytest
from conftest import CorpusRun
from mediawatch.stages import retag, topic_versions
from mediawatch.store.database import Database
from mediawatch.topics.definition import parse_topic
from small_topic import SMALL
from stored_articles import store_articles

HARBOURS = [("The harbour", "The harbour is full. The quay is full."), ("The field", "The field is empty.")]
COMPARED = (
    ("select * from volume", "select * from volume_now"),
    (
        "select hour, status, reason, sum(entries) from arrival group by 1, 2, 3 having sum(entries) <> 0",
        "select utc_hour(first_seen_at), status, reason, count(*) from entry group by 1, 2, 3",
    ),
    (
        "select feed_id, day, entries, last_new_at from feed_day where entries > 0",
        "select feed_id, (announced_at at time zone 'UTC')::date, count(*), max(announced_at) from entry_announcement group by 1, 2",
    ),
    (
        "select feed_id, day, polls from feed_day where polls > 0",
        "select feed_id, (polled_at at time zone 'UTC')::date, count(*) from feed_poll group by 1, 2",
    ),
)


def wrong(db: Database) -> list[tuple[object, ...]]:
    """Rows that only one of the two sides has."""
    return [
        tuple(row)
        for kept, counted in COMPARED
        for one, other in ((kept, counted), (counted, kept))
        for row in db.execute(f"({one}) except all ({other})")
    ]


def counted(db: Database, topic: str | None) -> list[tuple[int, int, int]]:
    """(articles, on the topic in the main, stories) of each cell of a topic, or of all articles."""
    rows = db.execute(
        "select articles, main, stories from volume where topic_id is not distinct from %(t)s order by 1, 2, 3",
        {"t": topic},
    )
    return [tuple(row) for row in rows]


def define(db: Database, body: str) -> None:
    """Activate a version of the topic harbours, and read the stored articles again."""
    version = topic_versions.put(db, parse_topic(body, "harbours.yaml"), body, "ann")
    retag.run(db, retag.activate(db, [("harbours", version)], "ann"))


@pytest.fixture
def stored(db: Database) -> list[int]:
    """Two loaded articles, one on the topic harbours in the main, that stand for themselves."""
    articles = store_articles(db, HARBOURS)
    define(db, SMALL)
    for article in articles:
        with db.transaction():
            (story,) = db.rows("stories.create", count=1)
            db.many("stories.assign", [(article, story.story_id)])
            db.rows("stories.refresh", story_ids=[story.story_id])
    return articles


def test_after_the_whole_flow_everything_is_counted(corpus_run: CorpusRun) -> None:
    assert wrong(corpus_run.db) == []
    assert sum(articles for articles, *_ in counted(corpus_run.db, "fentanyl")) > 5


def test_a_topic_is_counted_when_the_stored_articles_have_been_read_and_no_longer_when_it_finds_none(
    db: Database, stored: list[int]
) -> None:
    assert counted(db, "harbours") == [(1, 1, 1)]
    define(db, SMALL.replace("harbour*, quay, =HPA", "pier").replace("The harbour is full.", "The pier is full."))
    assert counted(db, "harbours") == []
    assert wrong(db) == []


def test_an_article_that_is_dated_anew_is_counted_on_its_new_day_alone(db: Database, stored: list[int]) -> None:
    db.execute("update article set published_at = '2026-03-01 23:30Z', published_zone_min = 60")
    days = db.execute("select day::text, articles from volume where topic_id is null")
    assert [tuple(row) for row in days] == [("2026-03-02", 2)]
    assert wrong(db) == []


def test_a_story_is_counted_once_when_its_articles_become_one(db: Database, stored: list[int]) -> None:
    with db.transaction():
        (into, gone) = (r.story_id for r in db.execute("select story_id from article order by article_id"))
        db.many("stories.assign", [(stored[1], into)])
        db.rows("stories.refresh", story_ids=[into, gone])
    assert counted(db, None) == [(2, 0, 1)]
    assert wrong(db) == []


def test_articles_that_are_deleted_are_counted_no_more(db: Database, stored: list[int]) -> None:
    db.execute("update story set canonical_article_id = null; delete from article")
    assert counted(db, None) == []
    assert wrong(db) == []


def test_what_is_not_loaded_is_not_counted(db: Database) -> None:
    store_articles(db, HARBOURS, loaded=False)
    assert counted(db, None) == []
    db.execute("update article set loaded_at = now()")
    assert counted(db, None) == [(2, 0, 0)]


def test_what_two_transactions_change_at_once_is_counted_by_the_later_one(db: Database) -> None:
    store_articles(db, HARBOURS, loaded=False)
    with db.another() as other, db.transaction():
        db.execute("update article set loaded_at = now() where title = 'The harbour'")
        other.execute("update article set loaded_at = now() where title = 'The field'")
    assert counted(db, None) == [(2, 0, 0)]


def test_rebuilding_finds_what_came_in_with_triggers_off(db: Database, stored: list[int]) -> None:
    db.execute(
        "set session_replication_role = replica; update article set language = 'de'; reset session_replication_role"
    )
    assert len(wrong(db)) > 0
    db.execute("select mediawatch.rebuild_counts()")
    assert wrong(db) == []


def test_folding_arrivals_changes_no_count(db: Database) -> None:
    store_articles(db, HARBOURS)
    db.execute(
        "update entry set status = 'dropped', reason = 'robots' where entry_id = (select min(entry_id) from entry)"
    )
    db.rows("maintenance.fold_arrivals")
    assert wrong(db) == []
    assert sum(row.entries for row in db.execute("select entries from analyst.arrivals")) == 2


def test_each_day_of_a_feed_knows_the_longest_time_without_an_answer(db: Database) -> None:
    db.execute("""
        insert into source (name) values ('S');
        insert into feed (source_id, url, url_key) select source_id, 'u', 'k' from source;
        insert into feed_poll (feed_id, polled_at, result) select feed_id, at::timestamptz, result from feed, (values
            ('2026-01-01 10:00Z', 'new'), ('2026-01-01 11:00Z', 'failed'), ('2026-01-01 13:00Z', 'not_modified')) p (at, result);
        insert into feed_poll (feed_id, polled_at, result) select feed_id, '2026-01-02 01:00Z', 'same_body' from feed""")
    rows = db.execute("select day::text, polls, ok_polls, longest_gap::text as gap from feed_day order by day")
    assert [tuple(row) for row in rows] == [("2026-01-01", 3, 2, "03:00:00"), ("2026-01-02", 1, 1, "12:00:00")]


def test_a_statement_that_changes_nothing_of_what_is_counted_has_nothing_recounted(
    db: Database, stored: list[int]
) -> None:
    with db.transaction():
        db.execute(
            "update article set title = title || '!'; update story set agency = 'A'; update story set articles = 7"
        )
        assert db.execute("select * from volume_due") == []
        db.execute("update story set canonical_article_id = null where canonical_article_id = %(a)s", {"a": stored[0]})
        assert len(db.execute("select * from volume_due")) == 1
    assert wrong(db) == []
