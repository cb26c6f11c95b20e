"""Coverage: gaps, silence and what was to be expected, from polls as they come and from logs that are built here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from mediawatch.feeds.opml import Subscription
from mediawatch.reports import status
from mediawatch.settings import Settings
from mediawatch.stages import poll
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from rich.console import Console
from small_site import HOME, SmallSite, rss, serving

A, B = f"{HOME}/a", f"{HOME}/b"


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with serving() as site:
        site.pages["/a"] = rss("1", "2")
        yield site


@pytest.fixture
def settings(settings: Settings, site: SmallSite) -> Settings:
    return replace(settings, hosts=site.hosts)


def poll_all(db: Database, settings: Settings, hours: float = 0) -> None:
    """One poll of every active feed, so many hours after the one before."""
    db.execute("update feed set answered_at = answered_at - %(h)s * interval '1 hour'", {"h": hours})
    for shard in poll.claim_feeds(db, settings, "test", force=True):
        poll.poll(db, settings, shard)


def gaps(db: Database) -> list[tuple[Any, ...]]:
    query = """select url, round(extract(epoch from lasted) / 3600), failures, possibly_missed, to_at is null
               from analyst.feed_gaps order by from_at"""
    return [tuple(row) for row in db.execute(query)]


def built(db: Database, url: str, days: int, *, entries_at: Any, every_h: int = 6) -> int:
    """A feed that was polled without fail for so many days, up to now; `entries_at(day, hour)` says how many were new."""
    subscribe(db, [Subscription(url)])
    (feed,) = db.execute("select feed_id, source_id from feed where url = %(u)s", {"u": url})
    db.execute(
        "update feed set created_at = now() - %(d)s * interval '1 day', answered_at = now() where feed_id = %(f)s",
        {"d": days, "f": feed.feed_id},
    )
    noon = db.execute("select date_trunc('day', now()) as at")[0].at
    for day in range(days, -1, -1):
        for hour in range(0, 24, every_h):
            at = noon - timedelta(days=day) + timedelta(hours=hour)
            if at <= db.now():
                _poll(db, feed, at, entries_at(day, hour))
    return int(feed.feed_id)


def _poll(db: Database, feed: Any, at: Any, new: int) -> None:
    values = {"f": feed.feed_id, "s": feed.source_id, "at": at, "n": new, "r": "new" if new else "same_body"}
    db.execute("insert into feed_poll (feed_id, polled_at, result) values (%(f)s, %(at)s, %(r)s)", values)
    db.execute(
        """with e as (
            insert into entry (identity, source_id, first_seen_at, stage, status, reason, ready_at)
            select decode(md5(random()::text), 'hex'), %(s)s, %(at)s, 'done', 'dropped', 'no_url', %(at)s
            from generate_series(1, %(n)s) returning entry_id)
        insert into entry_announcement (entry_id, feed_id, announced_at) select entry_id, %(f)s, %(at)s from e""",
        values,
    )


def test_polls_on_time_leave_no_gap_and_a_late_one_leaves_one(db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(A)])
    poll_all(db, settings)
    poll_all(db, settings, 0.5)
    assert gaps(db) == []
    poll_all(db, settings, 5)
    assert gaps(db) == [(A, 5, 0, False, False)]


def test_failures_make_a_gap_that_lasts_until_an_answer_and_tells_whether_entries_may_be_lost(
    db: Database, settings: Settings, site: SmallSite
) -> None:
    subscribe(db, [Subscription(A)])
    poll_all(db, settings)
    site.pages["/a"] = 503
    poll_all(db, settings, 2)
    poll_all(db, settings, 3)
    assert gaps(db) == [(A, 5, 2, None, True)]
    site.pages["/a"] = rss("2", "3")
    poll_all(db, settings)
    assert gaps(db) == [(A, 5, 2, False, False)]
    site.pages["/a"] = rss("8", "9")
    poll_all(db, settings, 4)
    assert set(gaps(db)) == {(A, 5, 2, False, False), (A, 4, 0, True, False)}
    coverage = status.status(db)["coverage"]
    assert coverage == {"silent_feeds": 0, "gaps": 2, "gaps_possibly_missed": 1, "gaps_open": 0}
    assert "2 gaps in 7 days, 1 of them may have lost entries" in status.coverage_line(coverage)


def test_a_feed_that_answers_and_brings_nothing_for_much_longer_than_usual_is_silent(db: Database) -> None:
    lively = built(db, A, 20, entries_at=lambda day, hour: 2)
    fell_silent = built(db, B, 20, entries_at=lambda day, hour: 2 if day > 3 else 0)
    rows = db.execute("select feed_id, usual_gap, quiet_limit from analyst.silent_feeds")
    assert [tuple(row) for row in rows] == [(fell_silent, timedelta(hours=6), timedelta(days=1))]
    days = db.execute("select feed_id, silent, count(*) as days from analyst.feed_coverage group by 1, 2 order by 1, 2")
    assert [(row.feed_id, row.silent) for row in days] == [(lively, False), (fell_silent, False), (fell_silent, True)]
    console = Console(width=200)
    with console.capture() as said:
        console.print(status.render(status.status(db)))
    assert "1 feeds silent; 0 gaps in 7 days" in said.get()


def test_a_feed_that_rests_on_weekends_is_not_silent_on_one(db: Database) -> None:
    built(db, A, 24, entries_at=lambda day, hour: 2 if day % 7 > 1 else 0)
    assert db.execute("select * from analyst.silent_feeds") == []


def test_a_slow_feed_and_one_that_fails_are_not_silent_and_one_that_never_brought_anything_is(db: Database) -> None:
    built(db, A, 60, entries_at=lambda day, hour: 1 if day % 10 == 5 and hour == 0 else 0, every_h=24)
    failing = built(db, B, 20, entries_at=lambda day, hour: 2 if day > 9 else 0)
    db.execute("update feed set failures = 3 where feed_id = %(f)s", {"f": failing})
    never = built(db, f"{HOME}/c", 8, entries_at=lambda day, hour: 0)
    built(db, f"{HOME}/d", 5, entries_at=lambda day, hour: 0)
    assert [row.feed_id for row in db.execute("select feed_id from analyst.silent_feeds")] == [never]


def test_expected_is_the_median_of_the_days_before_without_the_first_and_those_without_an_answer(db: Database) -> None:
    feed = built(db, A, 10, entries_at=lambda day, hour: 50 if day == 10 else 1, every_h=12)
    db.execute("delete from feed_poll where polled_at::date = current_date - 4 and feed_id = %(f)s", {"f": feed})
    db.execute("delete from entry_announcement where announced_at::date = current_date - 4")
    db.execute("delete from feed_day where day = current_date - 4")
    db.execute("select mediawatch.rebuild_counts()")
    rows = db.execute("select current_date - day as ago, * from analyst.feed_coverage")
    days = {row.ago: row for row in rows}
    assert len(days) == 11
    assert (days[10].entries, days[10].expected) == (100, None)
    assert (days[7].expected, days[6].expected, days[1].expected) == (None, 2, 2)
    assert (days[4].polls, days[4].ok_polls, days[4].entries, days[4].silent) == (0, 0, 0, False)
    assert (days[4].longest_gap, days[3].longest_gap) == (timedelta(hours=36), timedelta(hours=36))
    assert days[6].longest_gap == timedelta(hours=12)


def test_a_source_adds_up_its_feeds(db: Database) -> None:
    built(db, A, 6, entries_at=lambda day, hour: 1)
    built(db, B, 6, entries_at=lambda day, hour: 2 if day > 2 else 0)
    rows = db.execute("select * from analyst.source_coverage where day = current_date - 1")
    assert [(row.feeds, row.answering, row.silent, row.polls, row.entries, row.expected) for row in rows] == [
        (2, 2, 1, 8, 4, 12)
    ]


def test_an_entry_keeps_the_titles_and_urls_that_its_feed_gave_it(
    db: Database, settings: Settings, site: SmallSite
) -> None:
    def item(name: str, title: str, guid: str) -> str:
        return f"<item><link>{HOME}/{name}</link><title>{title}</title><guid isPermaLink='false'>{guid}</guid></item>"

    def feed(*items: str) -> bytes:
        return f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>'.encode()

    def history() -> list[tuple[Any, ...]]:
        return [
            tuple(row) for row in db.execute("select what, was, becomes from analyst.entry_changes order by at, what")
        ]

    subscribe(db, [Subscription(A)])
    site.pages["/a"] = feed(item("1", "Fire", "g1"), item("2", "One", "same"), item("3", "Two", "same"))
    poll_all(db, settings)
    poll_all(db, settings)
    assert history() == []
    site.pages["/a"] = feed(item("1", "Fire kills two", "g1"), item("4", "New", "same"), item("5", "Newer", "same"))
    poll_all(db, settings)
    assert history() == [("title", "Fire", "Fire kills two")]
    site.pages["/a"] = feed(item("fire", "Fire kills three", "g1"), item("5", "Newer", "same"))
    poll_all(db, settings)
    poll_all(db, settings)
    assert history()[1:] == [("url", f"{HOME}/1", f"{HOME}/fire")]
    assert db.execute("select count(*) from entry where url = %(u)s", {"u": f"{HOME}/fire"})[0][0] == 1
