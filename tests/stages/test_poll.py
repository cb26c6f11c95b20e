"""Polling: one bad feed keeps no other back, and what is announced again writes nothing."""

from __future__ import annotations

import pytest
from mediawatch import stages
from mediawatch.errors import MediawatchError
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database

FEED = "http://northwire.example/rss/world.rss"


def poll(db: Database, settings: Settings) -> dict[str, int]:
    (shard,) = stages.poll.claim_feeds(db, settings, "test")
    return stages.poll.poll(db, settings, shard)


@pytest.mark.parametrize("harm", ["url = 'http://[bad/feed'", "etag = E'\\x01'", "last_modified = E'a\\nb: c'"])
def test_a_feed_that_cannot_be_asked_keeps_no_other_back(harm: str, db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(url=FEED), Subscription(url="http://citycourier.example/rss.xml", source="Harmed")])
    db.execute(f"update feed set {harm} where source_id = (select source_id from source where name = 'Harmed')")
    counts = poll(db, settings)
    assert counts["feeds"] == 2
    assert counts["new"] >= 1
    assert db.execute("select count(distinct feed_id) from feed_poll")[0][0] == 2


def test_what_is_no_url_is_not_subscribed_to(db: Database) -> None:
    with pytest.raises(MediawatchError, match="not an http"):
        subscribe(db, [Subscription(url=FEED), Subscription(url="http://[bad/feed", source="Bad")])
    assert db.execute("select count(*) from feed")[0][0] == 0


def test_two_spellings_of_a_feed_are_one_subscription(db: Database) -> None:
    spellings = (FEED, f" {FEED}", "HTTP://NorthWire.example:80/rss/world.rss")
    added, known = subscribe(db, [Subscription(url=url) for url in spellings])
    assert (len(added), len(known)) == (1, 2)


def test_a_claim_that_was_interrupted_finds_its_feeds_again(db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(url=FEED)])
    assert stages.poll.claim_feeds(db, settings, "run") == ["run/0"]
    assert stages.poll.claim_feeds(db, settings, "another run") == []
    assert stages.poll.claim_feeds(db, settings, "run") == ["run/0"]


def test_an_unchanged_feed_is_asked_with_its_validators_and_writes_no_entry(db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(url=FEED)])
    first = poll(db, settings)
    before = db.execute("select * from entry order by entry_id")
    db.execute("update feed set next_poll_at = now()")
    again = poll(db, settings)
    assert first["entries_new"] > 0
    assert (again["not_modified"], again["entries_new"]) == (1, 0)
    assert db.execute("select * from entry order by entry_id") == before
