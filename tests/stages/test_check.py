"""A dry poll says what the poll after it then does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages import poll
from mediawatch.stages.check import Check, check
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from small_site import HOME, SmallSite, rss, serving

FEED = f"{HOME}/rss"
TABLES = ("feed", "feed_poll", "entry", "entry_announcement", "outcome", "source")


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with serving() as site:
        site.pages["/rss"] = rss("a", "b", minutes=120)
        yield site


@pytest.fixture
def settings(settings: Settings, site: SmallSite) -> Settings:
    return replace(settings, hosts=site.hosts)


def polled(db: Database, settings: Settings) -> tuple[object, ...]:
    """(result, reason, entries, new ones, interval, why) of a real poll of all feeds, due or not."""
    for shard in poll.claim_feeds(db, settings, "test", force=True):
        poll.poll(db, settings, shard)
    (row,) = db.execute(
        """select p.result, p.reason, p.entries, p.entries_new, f.interval_s, f.why
        from feed_poll p join feed f using (feed_id) order by p.poll_id desc limit 1"""
    )
    return tuple(row)


def said(facts: Check) -> tuple[object, ...]:
    return (facts.result, facts.reason, facts.entries, facts.entries_new, facts.interval_s, facts.why)


def test_a_feed_nobody_subscribed_to_is_told_as_its_first_poll_would_be(db: Database, settings: Settings) -> None:
    facts = check(db, settings, FEED)
    assert (facts.subscribed, facts.format, facts.title, facts.http_status) == (None, "rss", "Small", 200)
    assert (facts.result, facts.entries, facts.entries_new) == ("new", 2, 2)
    subscribe(db, [Subscription(FEED)])
    assert polled(db, settings) == said(facts)


def test_a_known_feed_is_asked_with_its_validators_and_only_new_entries_are_new(
    db: Database, settings: Settings, site: SmallSite
) -> None:
    subscribe(db, [Subscription(FEED)])
    polled(db, settings)
    facts = check(db, settings, FEED)
    assert (facts.subscribed, facts.result, facts.http_status) == ("active", "not_modified", 304)
    assert polled(db, settings) == said(facts)
    site.pages["/rss"] = rss("b", "c", "c")
    facts = check(db, settings, FEED)
    assert (facts.result, facts.entries, facts.entries_new) == ("new", 3, 1)
    assert polled(db, settings) == said(facts)


def test_failures_redirects_and_pages_are_told(db: Database, settings: Settings, site: SmallSite) -> None:
    missing = check(db, settings, f"{HOME}/missing")
    assert (missing.result, missing.reason, missing.why) == ("failed", "not_found", "not_found")
    site.pages["/old"] = ("to", "/rss")
    moved = check(db, settings, f"{HOME}/old")
    assert [(hop.status, hop.location) for hop in moved.redirects] == [(301, FEED)]
    site.pages["/"] = b'<html><link rel="alternate" type="application/rss+xml" href="/rss">'
    page = check(db, settings, f"{HOME}/")
    assert (page.result, page.advertised) == ("not_a_feed", (FEED,))


def test_nothing_is_written(db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(FEED)])
    before = [db.execute(f"select * from {table}") for table in TABLES]
    check(db, settings, FEED)
    check(db, settings, f"{HOME}/other")
    assert [db.execute(f"select * from {table}") for table in TABLES] == before
