"""Whether a server's validators are believed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from mediawatch.feeds.trust import DISTRUST, FULL_EVERY, Body, Trust, after, asks_whole

NOW = datetime(2024, 1, 30, 12, 0, tzinfo=timezone.utc)
OLD = Body('"1"', "Tue, 30 Jan 2024 11:00:00 GMT", b"old")
NEW = Body('"1"', "Tue, 30 Jan 2024 11:00:00 GMT", b"new")
SAID_304 = Trust(unmodified=True)

NAMES = st.none() | st.sampled_from(["", '"1"', '"2"'])
BODIES = st.builds(Body, NAMES, NAMES, st.none() | st.sampled_from([b"old", b"new"]))
TIMES = st.none() | st.integers(-(10**7), 10**7).map(lambda seconds: NOW + timedelta(seconds=seconds))
TRUSTS = st.builds(Trust, st.booleans(), TIMES)


def test_a_changed_body_under_the_validators_that_a_304_confirmed_is_a_lie():
    assert after(SAID_304, True, OLD, NEW, NOW) == Trust(False, NOW + DISTRUST)


def test_a_changed_body_is_no_lie_when_nothing_was_claimed_or_the_server_said_so_itself():
    assert after(Trust(), True, OLD, NEW, NOW) == Trust()
    assert after(SAID_304, False, OLD, NEW, NOW) == Trust()
    assert after(SAID_304, True, OLD, Body('"2"', OLD.last_modified, b"new"), NOW) == Trust()
    assert after(SAID_304, True, Body(None, None, b"old"), Body(None, None, b"new"), NOW) == Trust()


def test_an_honest_server_passes_the_check():
    assert after(SAID_304, True, OLD, OLD, NOW) == Trust()


def test_distrust_goes_on_while_bodies_change_under_one_set_of_validators():
    caught = Trust(False, NOW + DISTRUST)
    later = NOW + timedelta(days=6)
    assert after(caught, True, OLD, NEW, later) == Trust(False, later + DISTRUST)
    assert after(caught, True, OLD, OLD, later) == caught
    assert after(caught, True, OLD, NEW, NOW + timedelta(days=8)) == caught


@given(st.integers(0, 2**40), st.integers(0, 10**6))
def test_one_poll_in_fifty_asks_for_the_whole_body(feed_id, polls):
    asked = [asks_whole(feed_id, number, Trust(), NOW) for number in range(polls, polls + FULL_EVERY)]
    assert sum(asked) == 1
    assert all(asks_whole(feed_id, polls, Trust(False, NOW + timedelta(seconds=1)), NOW) for polls in range(9))


def test_feeds_take_their_turns_at_different_polls():
    turns = {next(n for n in range(FULL_EVERY) if asks_whole(feed, n, Trust(), NOW)) for feed in range(500)}
    assert len(turns) == FULL_EVERY


@given(TRUSTS, st.booleans(), BODIES, st.none() | BODIES)
def test_distrust_only_ever_grows_and_needs_a_changed_body_that_was_asked_for_whole(trust, whole, known, got):
    result = after(trust, whole, known, got, NOW)
    assert result.unmodified == (got is None)
    if result.distrust_until != trust.distrust_until:
        assert result.distrust_until == NOW + DISTRUST
        assert whole
        assert got is not None
        assert got.sha256 != known.sha256
        assert (got.etag, got.last_modified) == (known.etag, known.last_modified)
        assert trust.unmodified or trust.doubted(NOW)
