"""What happens to a feed over the weeks: distrust, moves, mergers, retirement; each with its row of history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zlib import crc32

import pytest
from mediawatch.feeds.opml import Subscription
from mediawatch.feeds.trust import FULL_EVERY
from mediawatch.settings import Settings
from mediawatch.stages import poll
from mediawatch.stages.subscribe import change, set_credential, subscribe
from mediawatch.store.database import Database
from small_site import HOME, SmallSite, rss, serving

A, B, C = f"{HOME}/a", f"{HOME}/b", f"{HOME}/c"


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with serving() as site:
        site.pages["/a"] = rss("1", "2")
        yield site


@pytest.fixture
def settings(settings: Settings, site: SmallSite) -> Settings:
    return replace(settings, hosts=site.hosts)


def poll_all(db: Database, settings: Settings, days: float = 0) -> None:
    """So many days later: one poll of every feed that is polled at all."""
    db.execute(
        """update feed set next_poll_at = now(), polled_at = polled_at - %(d)s * interval '1 day',
           distrust_until = distrust_until - %(d)s * interval '1 day', moved_since = moved_since - %(d)s * interval '1 day'""",
        {"d": days},
    )
    for shard in poll.claim_feeds(db, settings, "test"):
        poll.poll(db, settings, shard)


def results(db: Database, url: str = A) -> list[str]:
    rows = db.execute("select result from analyst.polls where url = %(url)s order by poll_id", {"url": url})
    return [row.result for row in rows]


def history(db: Database) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.execute("select feed_id, what, was, becomes from feed_change order by change_id")]


def feeds(db: Database) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.execute("select feed_id, url, state, retired_by from feed order by feed_id")]


def before_the_whole_fetch(db: Database) -> None:
    db.execute("update feed set polls = %(n)s", {"n": -crc32(b"1") % FULL_EVERY})


def test_a_lying_server_is_caught_asked_without_validators_and_believed_again_in_time(
    db: Database, settings: Settings, site: SmallSite
) -> None:
    site.etags["/a"] = '"always the same"'
    subscribe(db, [Subscription(A)])
    poll_all(db, settings)
    site.pages["/a"] = rss("2", "3")
    poll_all(db, settings)
    assert results(db) == ["new", "not_modified"]
    before_the_whole_fetch(db)
    poll_all(db, settings)
    assert results(db)[2:] == ["new"]
    ((_, what, was, becomes),) = history(db)
    assert (what, was, becomes[:18]) == ("validators", "believed", "not believed until")
    poll_all(db, settings, days=6)
    site.pages["/a"] = rss("3", "4")
    poll_all(db, settings)
    assert results(db)[3:] == ["same_body", "new"]
    poll_all(db, settings, days=6)
    poll_all(db, settings, days=6)
    assert results(db)[5:] == ["same_body", "not_modified"]
    assert len(history(db)) == 1


def test_an_honest_server_is_asked_for_everything_now_and_then_and_stays_believed(
    db: Database, settings: Settings, site: SmallSite
) -> None:
    subscribe(db, [Subscription(A)])
    poll_all(db, settings)
    poll_all(db, settings)
    before_the_whole_fetch(db)
    poll_all(db, settings)
    site.pages["/a"] = rss("2", "3")
    before_the_whole_fetch(db)
    poll_all(db, settings)
    poll_all(db, settings)
    assert results(db) == ["new", "not_modified", "same_body", "new", "not_modified"]
    assert history(db) == []


def test_a_permanent_redirect_becomes_the_url_after_a_week(db: Database, settings: Settings, site: SmallSite) -> None:
    site.pages["/b"] = b'<rss version="2.0"><channel><item><title>no link</title></item></channel></rss>'
    site.pages["/a"] = ("to", "/b")
    subscribe(db, [Subscription(A)])
    for days in (0, 3, 3.9):
        poll_all(db, settings, days)
    assert feeds(db) == [(1, A, "active", None)]
    poll_all(db, settings, 0.2)
    assert feeds(db) == [(1, B, "active", None)]
    assert history(db) == [(1, "url", A, B)]
    site.pages["/b"] += b" "
    poll_all(db, settings)
    assert results(db, B)[-1] == "nothing_new"  # also what has no URL is known under the new one
    assert subscribe(db, [Subscription(B)]) == ([], [B])


def test_a_secret_does_not_move_to_another_site(
    db: Database, settings: Settings, site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIAWATCH_CREDENTIAL_DESK", "me:hunter2")
    hosts = f"{settings.hosts},{settings.hosts.replace('small', 'other')}"
    site.pages |= {"/a": ("to", "http://other.example/b"), "/b": rss("1"), "/c": ("to", "/d"), "/d": rss("2")}
    subscribe(db, [Subscription(A), Subscription(C)])
    set_credential(db, [A, C], "desk")
    for days in (0, 4, 4, 1):
        poll_all(db, replace(settings, hosts=hosts), days)
    told = dict(zip(site.asked, site.authorizations, strict=True))  # the last time
    assert told["/b"] is None
    assert told["/d"] is not None
    assert [(row.url, row.credential) for row in db.execute("select url, credential from feed order by feed_id")] == [
        ("http://other.example/b", None),
        (f"{HOME}/d", "desk"),
    ]


def test_a_poll_that_fails_confirms_no_move(db: Database, settings: Settings, site: SmallSite) -> None:
    site.pages |= {"/a": ("to", "/b"), "/b": rss("1")}
    subscribe(db, [Subscription(A)])
    for days in (0, 1, 1):
        poll_all(db, settings, days)
    site.pages["/b"] = 503
    poll_all(db, settings, 9)
    assert feeds(db) == [(1, A, "active", None)]
    site.pages["/b"] = rss("1")
    poll_all(db, settings)
    assert feeds(db) == [(1, B, "active", None)]


def test_a_portal_in_between_rewrites_nothing(db: Database, settings: Settings, site: SmallSite) -> None:
    site.pages["/b"] = rss("1")
    subscribe(db, [Subscription(A)])
    poll_all(db, settings)
    honest, portal = site.pages["/a"], b"<html>Welcome to the hotel</html>"
    site.pages |= {"/a": ("to", "/b"), "/b": portal}
    for days in (1, 5, 5):
        poll_all(db, settings, days)
    site.pages["/b"] = rss("1")
    poll_all(db, settings)
    site.pages["/a"] = honest
    poll_all(db, settings, 5)
    site.pages["/a"] = ("to", "/b")
    for days in (5, 3):
        poll_all(db, settings, days)
    assert feeds(db) == [(1, A, "active", None)]


@pytest.mark.parametrize("order", [(A, B), (B, A)])
def test_of_two_feeds_that_end_at_one_url_the_older_stays(
    order: tuple[str, str], db: Database, settings: Settings, site: SmallSite
) -> None:
    site.pages |= {"/a": ("to", "/b"), "/b": rss("1")}
    subscribe(db, [Subscription(url) for url in order])
    for days in (0, 4, 4):
        poll_all(db, settings, days)
    assert feeds(db) == [(1, B, "active", None), (2, A, "retired", "merge")]
    assert (2, "merged", order[1], B) in history(db)
    assert (2, "state", "active", "retired") in history(db)
    before = len(results(db, A))
    poll_all(db, settings, 8)
    assert len(results(db, A)) == before
    assert subscribe(db, [Subscription(A), Subscription(B)]) == ([], [A, B])
    change(db, [A], "active")
    poll_all(db, settings)
    assert len(results(db, A)) == before + 1
    assert feeds(db)[1] == (2, A, "active", None)


def test_two_feeds_that_move_to_one_new_url_are_one(db: Database, settings: Settings, site: SmallSite) -> None:
    site.pages |= {"/a": ("to", "/c"), "/b": ("to", "/c"), "/c": rss("1")}
    subscribe(db, [Subscription(A), Subscription(B)])
    for days in (0, 4, 4):
        poll_all(db, settings, days)
    poll_all(db, settings)
    one, other = feeds(db)
    assert one == (1, C, "active", None)
    assert other in [(2, A, "retired", "merge"), (2, B, "retired", "merge")]  # as the answers came in


def test_a_feed_that_a_person_paused_is_not_merged_into(db: Database, settings: Settings, site: SmallSite) -> None:
    site.pages |= {"/a": ("to", "/b"), "/b": rss("1")}
    subscribe(db, [Subscription(B), Subscription(A)])
    change(db, [B], "paused")
    for days in (0, 4, 4):
        poll_all(db, settings, days)
    assert feeds(db) == [(1, B, "paused", None), (2, A, "active", None)]


def test_a_feed_that_is_gone_retires_and_comes_back(db: Database, settings: Settings, site: SmallSite) -> None:
    honest, site.pages["/a"] = site.pages["/a"], 410
    subscribe(db, [Subscription(A)])
    poll_all(db, settings)
    assert feeds(db) == [(1, A, "retired", "failures")]
    poll_all(db, settings, 7)
    site.pages["/a"] = honest
    poll_all(db, settings, 7)
    assert feeds(db) == [(1, A, "active", None)]
    assert history(db) == [(1, "state", "active", "retired"), (1, "state", "retired", "active")]
    (why, *_) = [row.why for row in db.execute("select why from analyst.feed_changes order by at")]
    assert why == "gone; retired, probed every week"


def test_a_feed_retired_by_hand_stays_retired_whatever_it_answers(
    db: Database, settings: Settings, site: SmallSite
) -> None:
    subscribe(db, [Subscription(A)])
    change(db, [A], "retired")
    poll_all(db, settings)
    assert results(db) == ["new"]
    assert feeds(db) == [(1, A, "retired", "hand")]
    (row,) = db.execute("select next_poll_at > now() + interval '6 days' as weekly, why from feed")
    assert (row.weekly, row.why) == (True, "first answer; retired, probed every week")
    change(db, [A], "active")
    poll_all(db, settings)
    assert feeds(db) == [(1, A, "active", None)]
    assert history(db) == [(1, "state", "active", "retired"), (1, "state", "retired", "active")]


def test_what_people_do_is_in_the_history_once(db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(A)])
    for state in ("paused", "paused", "active", "active"):
        change(db, [A], state)  # type: ignore[arg-type]
    assert history(db) == [(1, "state", "active", "paused"), (1, "state", "paused", "active")]


def test_a_body_that_could_not_be_stored_is_read_again(db: Database, settings: Settings, site: SmallSite) -> None:
    subscribe(db, [Subscription(A)])
    db.execute("alter table entry add constraint harm check (title <> '1')")
    poll_all(db, settings)
    db.execute("alter table entry drop constraint harm")
    poll_all(db, settings)
    assert results(db) == ["failed", "new"]


def test_a_feed_that_announces_what_another_had_first_keeps_its_own_rhythm(
    db: Database, settings: Settings, site: SmallSite
) -> None:
    subscribe(db, [Subscription(A), Subscription(B)])
    for day in range(4):
        site.pages["/b"] = site.pages["/a"] = rss(*(f"{day}-{number}" for number in range(3)))
        for url in (A, B):
            db.execute("update feed set next_poll_at = now() + (url <> %(url)s)::int * interval '1 day'", {"url": url})
            for shard in poll.claim_feeds(db, settings, "test"):
                poll.poll(db, settings, shard)
    ahead, behind = db.execute("select interval_s, why from feed order by url")
    assert ahead == behind == (settings.poll_min_s, "100% new")
    assert results(db, B) == ["nothing_new"] * 4


def test_cache_control_is_a_hint_beside_what_the_feed_says(db: Database, settings: Settings, site: SmallSite) -> None:
    site.headers["Cache-Control"] = "max-age=3000"
    site.pages["/a"] = rss(*"abcdefgh", minutes=10)
    subscribe(db, [Subscription(A)])
    poll_all(db, settings)
    site.pages["/a"] = rss(*"bcdefghi", minutes=10)
    poll_all(db, settings)
    (row,) = db.execute("select interval_s, why from feed")
    assert (row.interval_s, row.why) == (3_000, "as the feed asks")
