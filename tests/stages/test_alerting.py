"""Rules asked of a real database: what each finds, that it is one alert however often it is asked, and that it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from mediawatch.alerts.rule import parse_rules
from mediawatch.errors import AlertError
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages import alert_rules, alerting
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.alerts import firing
from mediawatch.store.database import Database
from published import DAY, NOON, happen, month, publish

LATER = NOON + timedelta(minutes=1)


def only(db: Database, text: str) -> None:
    """This rule, and none of those that ship."""
    db.execute("delete from alert_rule")
    alert_rules.put(db, parse_rules(text, "test"), "test")


def alerts(db: Database) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.execute("select key, state, title from alert order by alert_id")]


BUSY = "- {rule: busy, kind: topic_volume, topic: sanctions, least: 5}"


def test_a_busy_topic_is_one_alert_with_its_numbers_however_often_it_is_asked(db: Database) -> None:
    only(db, BUSY)
    month(db, "sanctions", 4)  # the band of a usual 4 reaches to (√4.375 + 1.5)² − 0.375 = 12.5
    publish(db, NOON, 12, "sanctions")
    assert alerting.evaluate(db, Settings(), NOON) == {"rules": 1, "found": 0, "new": 0, "resolved": 0}
    publish(db, NOON, 1, "sanctions")
    assert alerting.evaluate(db, Settings(), NOON)["new"] == 1
    publish(db, NOON, 3, "sanctions")
    assert alerting.evaluate(db, Settings(), NOON + timedelta(hours=1)) == {
        "rules": 1,
        "found": 1,
        "new": 0,
        "resolved": 0,
    }
    assert alerts(db) == [
        ("sanctions 2024-01-30", "firing", "sanctions: 16 articles on 2024-01-30, usually 4"),
    ]
    (one,) = firing(db)
    assert one["why"] == (
        "16 articles (3 stories) on sanctions were published on 2024-01-30; a usual Tuesday has 4, "
        "and up to 12 may be expected (3 spreads, from 28 of the 28 days before)."
    )
    assert (one["path"], one["facts"]["articles"], one["facts"]["high"]) == ("topics/sanctions", 16, 12.5)


def test_days_on_which_nothing_was_seen_do_not_lower_what_is_usual(db: Database) -> None:
    only(db, BUSY)
    month(db, "sanctions", 16, without=(7, 14, 21, 28, 1, 2, 3, 4, 8, 9, 10, 11, 15, 16, 17))
    publish(
        db, NOON, 20, "sanctions"
    )  # within chance of 16; far above the median, 0, that unseen days as zeros would have
    assert alerting.evaluate(db, Settings(), NOON)["found"] == 0


def test_days_of_which_less_than_half_was_watched_do_not_count_either(db: Database) -> None:
    only(db, BUSY)
    subscribe(db, [Subscription("http://a.example/feed")])
    db.execute("update feed set created_at = %(at)s, answered_at = now()", {"at": NOON - timedelta(days=40)})
    month(db, "sanctions", 16, without=(7, 14))
    for back in (7, 14):
        publish(db, NOON - timedelta(days=back), 1, "sanctions")
    gap = """insert into feed_gap select feed_id, date_trunc('day', %(at)s::timestamptz), %(at)s::timestamptz + interval '4 hours', 900, 9, true from feed"""
    for back in (7, 14):
        db.execute(gap, {"at": NOON - timedelta(days=back)})
    publish(db, NOON, 20, "sanctions")
    counts, _ = alerting.volumes(db, DAY - timedelta(days=28), DAY, ["sanctions"])
    days = [counts["sanctions"][DAY - timedelta(days=back)] for back in (0, 1, 7, 14, 21)]
    assert days == [20, 16, None, None, 16]


def test_a_topic_that_is_quiet_on_seen_days_is_usual_at_zero(db: Database) -> None:
    only(db, BUSY)
    for back in range(1, 29):
        publish(db, NOON - timedelta(days=back), 1)
    publish(db, NOON, 5, "sanctions")
    assert alerting.evaluate(db, Settings(), NOON)["new"] == 1


def test_the_day_is_that_of_the_rules_zone(db: Database) -> None:
    only(db, BUSY.replace("}", ", zone: Pacific/Auckland}"))
    month(db, "sanctions", 1)
    publish(db, NOON, 9, "sanctions")
    later = NOON + timedelta(hours=26)  # 14:00 on the 31st in UTC, and 1 February in Auckland
    assert alerting.evaluate(db, Settings(), later)["found"] == 0
    assert alerting.evaluate(db, Settings(), NOON - timedelta(hours=2))["found"] == 1


def test_what_is_loaded_after_the_day_is_over_still_counts_for_it(db: Database) -> None:
    only(db, BUSY)
    month(db, "sanctions", 4)
    publish(db, NOON, 13, "sanctions")
    assert alerting.evaluate(db, Settings(), NOON + timedelta(hours=20))["new"] == 1
    assert alerts(db)[0][0] == "sanctions 2024-01-30"


EVENT = "- {rule: big, kind: new_event, threshold: 3, topic: sanctions}"


def test_an_event_that_enough_publishers_carry_is_told_once_and_not_under_a_new_number(db: Database) -> None:
    only(db, EVENT)
    happen(db, "One", "Two")
    happen(db, "One", "Two", "Three", topic="fentanyl")
    event = happen(db, "One", "Two", "Three")
    assert alerting.evaluate(db, Settings(), NOON)["new"] == 1
    (told,) = firing(db)
    assert (told["path"], told["title"]) == (f"events/{event}", "3 publishers on: Sites agree")
    assert "One, Three, Two" in told["why"]
    db.execute(
        """with new as (insert into event (title, sources, articles, stories, first_published_at)
                        select title, sources, articles, stories, first_published_at from event where event_id = %(e)s returning event_id),
        moved as (update story set event_id = (select event_id from new) where event_id = %(e)s)
        insert into event_redirect (event_id, into_event_id) select %(e)s, event_id from new""",
        {"e": event},
    )
    db.execute("update event set articles = 0 where event_id = %(e)s", {"e": event})
    counts = alerting.evaluate(db, Settings(), NOON + timedelta(hours=1))
    assert (counts["new"], counts["resolved"]) == (0, 1)


def test_an_event_of_last_week_is_not_new(db: Database) -> None:
    only(db, EVENT)
    happen(db, "One", "Two", "Three")
    assert alerting.evaluate(db, Settings(), NOON + timedelta(days=4))["found"] == 0


def test_a_feed_that_does_not_answer_is_told_once_until_it_answers(db: Database) -> None:
    only(db, "- {rule: silent, kind: feed_silent, window_h: 48}")
    subscribe(db, [Subscription("http://a.example/feed"), Subscription("http://b.example/feed")])
    db.execute("update feed set answered_at = now(), changed_at = now(), created_at = now() - interval '9 days'")
    assert alerting.evaluate(db, Settings())["found"] == 0
    db.execute("update feed set answered_at = now() - interval '3 days', failures = 9 where url ~ '//a.'")
    db.execute(
        """insert into feed_poll (feed_id, polled_at, result, reason)
           select feed_id, now(), 'failed', 'dns' from feed where url ~ '//a.'"""
    )
    assert [alerting.evaluate(db, Settings())["new"] for _ in range(3)] == [1, 0, 0]
    (told,) = firing(db)
    assert told["title"] == "a.example: no answer for 3 days"
    assert "its last poll ended with dns. http://a.example/feed" in told["why"]
    db.execute("update feed set answered_at = now()")
    assert alerting.evaluate(db, Settings())["resolved"] == 1
    assert firing(db) == []


def test_coverage_is_the_share_of_the_feeds_time_without_gaps(db: Database) -> None:
    only(db, "- {rule: cover, kind: coverage_below, threshold: 0.8, window_h: 10}")
    subscribe(db, [Subscription("http://a.example/feed"), Subscription("http://b.example/feed")])
    db.execute("update feed set answered_at = now(), created_at = now() - interval '9 days'")
    gap = """insert into feed_gap select feed_id, now() - interval '12 hours', now() - interval '7 hours', 900, 3, false
             from feed where url ~ '//a.'"""
    db.execute(gap)  # three of its hours lie in the window: 17 of 20 hours were watched
    assert alerting.evaluate(db, Settings())["found"] == 0
    db.execute("update feed set answered_at = now() - interval '6 hours' where url ~ '//b.'")  # six more: 11 of 20
    assert alerting.evaluate(db, Settings())["new"] == 1
    (told,) = firing(db)
    assert told["title"] == "coverage of all feeds is 55.0%, below 80.0%"
    assert "2 feeds had gaps, 9 hours in all" in told["why"]


def test_coverage_without_feeds_is_nothing_to_tell(db: Database) -> None:
    only(db, "- {rule: cover, kind: coverage_below}")
    assert alerting.evaluate(db, Settings())["found"] == 0


def test_failures_above_their_share_are_told_with_their_reasons(db: Database) -> None:
    only(db, "- {rule: fail, kind: failure_share_above, threshold: 0.5, least: 4}")
    publish(db, NOON, 1)
    fail = """insert into entry (identity, source_id, first_seen_at, stage, status, reason, ready_at, settled_at)
              select decode(md5(random()::text), 'hex'), source_id, %(at)s, 'done', %(status)s, %(reason)s, %(at)s, %(at)s from source"""
    for status, reason in (("failed", "timeout"), ("failed", "timeout")):
        db.execute(fail, {"at": NOON, "status": status, "reason": reason})
    assert alerting.evaluate(db, Settings(), LATER)["found"] == 0  # 2 of 3, which are too few to say
    db.execute(fail, {"at": NOON, "status": "failed", "reason": "not_found"})
    assert alerting.evaluate(db, Settings(), LATER)["new"] == 1
    (told,) = firing(db)
    assert told["title"] == "75.0% of the entries failed, above 50.0%"
    assert "3 of 4 entries that ended in the last 24 hours failed: timeout 2, not_found 1." in told["why"]
    assert alerting.evaluate(db, Settings(), NOON + timedelta(days=2))["resolved"] == 1


def test_a_late_run_is_told_once_and_forgotten_after_its_time(db: Database) -> None:
    only(db, "- {rule: late, kind: run_late, window_h: 6}")
    assert [alerting.late_run(db, Settings(), "poll_feeds", "run 1", NOON) for _ in range(2)] == [1, 0]
    assert firing(db)[0]["why"].startswith("The run run 1 of the DAG poll_feeds was not over by 2024-01-30 12:00 UTC.")
    assert alerting.evaluate(db, Settings())["resolved"] == 0
    assert alerting.evaluate(db, Settings(), db.now() + timedelta(hours=7))["resolved"] == 1


def test_a_paused_rule_finds_nothing_and_what_it_found_is_over(db: Database) -> None:
    only(db, BUSY)
    month(db, "sanctions", 1)
    publish(db, NOON, 9, "sanctions")
    alerting.evaluate(db, Settings(), NOON)
    alert_rules.enable(db, ["busy"], enabled=False)
    assert alerting.evaluate(db, Settings(), NOON) == {"rules": 0, "found": 0, "new": 0, "resolved": 1}
    with pytest.raises(AlertError, match="there is no alert rule 'loud'"):
        alert_rules.enable(db, ["loud"], enabled=False)


def test_alerts_go_where_the_rule_says_else_where_the_setting_says(db: Database) -> None:
    settings = replace(Settings(), alert_channels="desk, phone")
    only(db, BUSY + "\n" + BUSY.replace("busy", "loud").replace("}", ", channels: [siren]}"))
    month(db, "sanctions", 1)
    publish(db, NOON, 9, "sanctions")
    alerting.evaluate(db, settings, NOON)
    rows = db.execute(
        "select rule, channel, state from alert join alert_delivery d using (alert_id) order by 1, 2".replace(
            "state", "d.state"
        )
    )
    assert [tuple(row) for row in rows] == [
        ("busy", "desk", "waiting"),
        ("busy", "phone", "waiting"),
        ("loud", "siren", "waiting"),
    ]


def test_rules_that_ship_are_loaded_once_and_a_persons_wording_stays(db: Database) -> None:
    assert alert_rules.sync_rules(db) == []  # the template has them
    assert len(alert_rules.stored(db)) == 6
    alert_rules.put(db, parse_rules("- {rule: failures, kind: failure_share_above, threshold: 0.5}", "mine"), "ann")
    alert_rules.enable(db, ["coverage"], enabled=False)
    assert alert_rules.sync_rules(db) == []
    (mine,) = (rule for rule in alert_rules.stored(db) if rule.rule == "failures")
    assert mine.threshold == 0.5
    assert "coverage" not in {rule.rule for rule in alert_rules.stored(db)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {rule: a, kind: topic_volume, topic: nonsense}", "there is no topic 'nonsense'"),
        ("- {rule: a, kind: feed_silent, source: Nobody}", "there is no publisher 'Nobody'"),
    ],
)
def test_a_rule_on_what_is_not_there_is_refused_whole(db: Database, text: str, said: str) -> None:
    with pytest.raises(AlertError, match=said):
        alert_rules.put(db, parse_rules("- {rule: ok, kind: run_late}\n" + text, "mine"), "ann")
    assert "ok" not in {rule.rule for rule in alert_rules.stored(db)}
