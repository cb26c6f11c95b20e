"""All stories built anew: compared first, switched to at once, and what came meanwhile is not lost."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timezone

import pytest
from mediawatch import stages
from mediawatch.evaluate import database
from mediawatch.evaluate.labelled import Labelled
from mediawatch.settings import Settings
from mediawatch.stages import regroup
from mediawatch.stages.deduplicate import find_links
from mediawatch.store.database import Database

DAY = datetime(2024, 1, 31, tzinfo=timezone.utc)
Take = Callable[[Sequence[Labelled]], None]


def article(name: str, subject: str) -> Labelled:
    dice = random.Random(subject)
    text = " ".join("".join(dice.choices("bdfgklmnprst", k=dice.randint(2, 8))) for _ in range(300))
    return Labelled(name, f"paper {name}", DAY, name, text, "en", None, "", "")


@pytest.fixture
def take(db: Database, settings: Settings) -> Take:
    def through(rows: Sequence[Labelled]) -> None:
        batch = database.insert(db, rows)
        for stage in ("deduplicate", "tag", "load"):
            stages.run(stage, db, settings, batch, database.OWNER)

    return through


def stories(db: Database) -> set[frozenset[str]]:
    return {
        frozenset(row.titles) for row in db.execute("select array_agg(title) as titles from article group by story_id")
    }


def spoil(db: Database) -> None:
    """As an older method might have left them: b parted from a, c and d taken for one."""
    db.execute("insert into story (articles) values (1)")
    db.execute("update article set story_id = (select max(story_id) from story) where title = 'b'")
    db.execute("update article set story_id = (select story_id from article where title = 'c') where title = 'd'")
    db.rows("stories.refresh", story_ids=[row.story_id for row in db.execute("select story_id from story")])
    db.execute("truncate story_key, story_link, sketch")


ROWS = (
    article("a", "ferry"),
    article("b", "ferry"),
    article("c", "budget"),
    article("d", "harvest"),
    article("e", "mill"),
)
RIGHT = {frozenset("ab"), frozenset("c"), frozenset("d"), frozenset("e")}


def test_copies_are_found_though_few_pairs_are_judged_at_once(db: Database, take: Take, monkeypatch) -> None:
    monkeypatch.setattr(sys.modules[find_links.__module__], "PAIRS_AT_ONCE", 1)
    take([article("a", "ferry"), article("c", "mill")])
    take([article("b", "ferry"), article("d", "mill"), article("e", "ferry")])
    assert stories(db) == {frozenset("abe"), frozenset("cd")}


def test_building_changes_nothing_and_says_what_would_change(db: Database, take: Take) -> None:
    take(ROWS)
    spoil(db)
    before = stories(db)
    plan = regroup.build(db)
    assert stories(db) == before
    facts = plan.plain()
    assert {key: facts[key] for key in ("stories", "same", "joined", "split")} == {
        "stories": 4, "same": 1, "joined": 1, "split": 2,
    }  # fmt: skip
    assert [change["titles"] for change in facts["changes"]] == [("a", "b"), ("c",), ("d",)]


def test_publishing_switches_and_keeps_ids(db: Database, take: Take) -> None:
    take(ROWS)
    ids = {row.title: row.story_id for row in db.execute("select title, story_id from article")}
    spoil(db)
    regroup.publish(db, regroup.build(db))
    assert stories(db) == RIGHT
    now = {row.title: row.story_id for row in db.execute("select title, story_id from article")}
    assert (now["a"], now["c"], now["e"]) == (ids["a"], ids["c"], ids["e"])
    assert regroup.build(db).changes == ()
    rows = db.execute("select articles from analyst.stories order by 1")
    assert [row.articles for row in rows] == [1, 1, 1, 2]
    assert db.execute("select count(*) as n from analyst.copies")[0].n == 1


def test_events_follow_the_stories_and_are_found_where_there_were_none(db: Database, take: Take) -> None:
    take(ROWS)
    spoil(db)
    db.execute("update story set event_id = null")  # as a database that knew no events left them
    db.execute("truncate story_terms, story_term, term_count")
    db.execute("delete from event")
    regroup.publish(db, regroup.build(db))
    assert db.execute("select * from analyst.stories where event_id is null") == []
    rows = db.execute("select stories, articles from analyst.events order by 2")
    assert [tuple(row) for row in rows] == [(1, 1), (1, 1), (1, 1), (1, 2)]


def test_articles_of_an_older_method_are_counted_until_they_are_regrouped(db: Database, take: Take) -> None:
    take(ROWS)
    assert regroup.behind(db) == 0
    db.execute("update generation set version = 'older' where stage = 'deduplicate'")
    assert regroup.behind(db) == len(ROWS)
    regroup.publish(db, regroup.build(db))
    assert regroup.behind(db) == 0


def test_what_comes_between_building_and_publishing_is_grouped_too(db: Database, take: Take) -> None:
    take(ROWS)
    spoil(db)
    plan = regroup.build(db)
    take([article("late", "mill")])
    regroup.publish(db, plan)
    assert stories(db) == RIGHT - {frozenset("e")} | {frozenset(["e", "late"])}
    take([article("later", "harvest")])
    assert frozenset(["d", "later"]) in stories(db)


def test_a_verdict_outlives_a_regrouping(db: Database, take: Take) -> None:
    take(ROWS)
    db.execute("""insert into story_verdict (article_a, article_b, same, author)
        select min(article_id), max(article_id), false, 'ada' from article where title in ('a', 'b')""")
    regroup.publish(db, regroup.build(db))
    assert frozenset("ab") not in stories(db)
