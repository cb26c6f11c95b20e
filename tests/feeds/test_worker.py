"""Parsing in its own process, as the pipeline runs it."""

from __future__ import annotations

from mediawatch.errors import Reason
from mediawatch.feeds.worker import JOB
from mediawatch.models import Failure, FeedData, ParseTask
from mediawatch.workers.pool import Pool

FEED = b'<rss version="2.0"><channel><title>Wire</title><item><guid>1</guid><link>/a</link></item></channel></rss>'


def test_a_feed_is_parsed_as_in_this_process_and_a_stall_is_an_outcome() -> None:
    # Larger than any feed that is read, so that it takes longer than the limit on any machine.
    endless = b"<rss><channel>" + b"<item><title>x</title></item>" * 1_000_000
    with Pool[ParseTask, FeedData](JOB, 1, limit_s=1, memory_mb=600) as pool:
        slow = pool.run(ParseTask(endless, "https://wire.example/rss"))
        found = pool.run(ParseTask(FEED, "https://wire.example/rss"))
    assert isinstance(slow, Failure)
    assert slow.reason is Reason.PARSE_LIMIT
    assert isinstance(found, FeedData)
    assert found.title == "Wire"
    assert [entry.url for entry in found.entries] == ["https://wire.example/a"]
