"""When a feed is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.errors import Reason
from mediawatch.feeds.schedule import (
    RETIRED_FAILURES,
    RETIRED_PROBE_S,
    RETRY_AFTER_LIMIT_S,
    PollOutcome,
    next_poll,
)
from mediawatch.models import FeedState

NOW = datetime(2024, 1, 30, 12, 0, tzinfo=timezone.utc)
MIN_S, MAX_S = 300, 86_400
FEED = FeedState(feed_id=7, url="https://pub.example/rss", interval_s=3_600, body_sha256=b"seen")


def plan(feed=FEED, **outcome):
    return next_poll(feed, PollOutcome(**outcome), NOW, min_s=MIN_S, max_s=MAX_S)


def wait_s(schedule):
    return (schedule.next_poll_at - NOW).total_seconds()


@pytest.mark.parametrize(
    ("outcome", "interval_s"),
    [
        ({"entries": 0}, 5_400),
        ({"entries": 20, "entries_new": 0}, 5_400),
        ({"entries": 20, "entries_new": 1}, 3_600),
        ({"entries": 20, "entries_new": 6}, 3_600),
        ({"entries": 20, "entries_new": 7}, 1_800),
        ({"entries": 20, "entries_new": 20}, 1_800),
    ],
)
def test_the_share_of_new_entries_moves_the_interval(outcome, interval_s):
    assert plan(**outcome).interval_s == interval_s


def test_the_first_answer_says_nothing_about_the_rhythm():
    first = plan(replace(FEED, body_sha256=None), entries=20, entries_new=20)
    assert (first.interval_s, first.why) == (3_600, "first answer")


def test_a_poll_that_came_late_is_no_proof_of_a_busy_feed():
    assert plan(entries=20, entries_new=20, elapsed_s=36_000).interval_s == 3_600
    assert plan(entries=20, entries_new=20, elapsed_s=3_700).interval_s == 1_800


def test_the_feeds_own_rhythm_is_a_lower_bound_up_to_an_hour():
    fast = replace(FEED, interval_s=600)
    assert plan(fast, entries=20, entries_new=1, hint_s=1_800).interval_s == 1_800
    assert plan(fast, entries=20, entries_new=1, hint_s=604_800).interval_s == 3_600
    assert plan(fast, entries=20, entries_new=1, hint_s=60).interval_s == 600


def test_a_feed_that_is_busier_than_it_says_is_polled_faster():
    assert plan(replace(FEED, interval_s=600), entries=20, entries_new=19, hint_s=3_600).interval_s == 300


def test_failures_back_off_and_leave_the_learned_interval():
    feed, waits = FEED, []
    for _ in range(8):
        schedule = plan(feed, reason=Reason.NOT_FOUND)
        waits.append(wait_s(schedule))
        assert schedule.interval_s == 3_600
        feed = replace(feed, failures=schedule.failures)
    assert waits == sorted(waits)
    assert waits[1] == pytest.approx(2 * waits[0], abs=1)
    assert waits[-1] <= MAX_S


def test_what_often_passes_is_tried_again_sooner():
    assert wait_s(plan(reason=Reason.TIMEOUT)) < wait_s(plan(reason=Reason.REFUSED))


def test_one_success_ends_the_backing_off():
    back = plan(replace(FEED, failures=9), entries=20, entries_new=1)
    assert (back.failures, back.state, back.interval_s) == (0, "active", 3_600)
    assert wait_s(back) <= 3_600


def test_a_page_that_is_no_feed_counts_as_a_failure():
    schedule = plan(not_a_feed=True)
    assert (schedule.failures, schedule.why) == (1, "not a feed")
    assert plan(replace(FEED, failures=1), not_a_feed=True).why == "not a feed, 2 in a row"


def test_gone_retires_a_feed_which_is_still_probed_and_comes_back():
    gone = plan(reason=Reason.GONE)
    assert (gone.state, wait_s(gone)) == ("retired", RETIRED_PROBE_S)
    assert plan(replace(FEED, failures=gone.failures), entries=5, entries_new=1).state == "active"


def test_a_feed_retired_by_hand_is_probed_and_stays_retired():
    schedule = plan(replace(FEED, kept_retired=True), entries=20, entries_new=20)
    assert (schedule.state, wait_s(schedule), schedule.interval_s) == ("retired", RETIRED_PROBE_S, 1_800)


def test_a_feed_that_fails_for_months_is_retired():
    assert plan(replace(FEED, failures=RETIRED_FAILURES - 2), reason=Reason.DNS).state == "active"
    assert plan(replace(FEED, failures=RETIRED_FAILURES - 1), reason=Reason.DNS).state == "retired"


def test_retry_after_is_honoured_up_to_a_week():
    soon = plan(reason=Reason.RATE_LIMITED, retry_at=NOW + timedelta(seconds=1))
    later = plan(reason=Reason.RATE_LIMITED, retry_at=NOW + timedelta(days=2))
    never = plan(reason=Reason.SERVER_ERROR, retry_at=NOW + timedelta(days=400))
    assert wait_s(soon) > 1
    assert wait_s(later) == 2 * 86_400
    assert wait_s(never) == RETRY_AFTER_LIMIT_S
    assert "Retry-After" in later.why
    assert "Retry-After" not in soon.why


def test_feeds_of_one_interval_do_not_keep_step_but_each_keeps_its_own():
    waits = [wait_s(plan(replace(FEED, feed_id=number), entries=9, entries_new=1)) for number in range(100)]
    assert len(set(waits)) > 90
    assert waits == [wait_s(plan(replace(FEED, feed_id=number), entries=9, entries_new=1)) for number in range(100)]


def test_polling_settles_where_some_polls_find_something():
    # One entry every 1,000 s, a window of 20: neither every poll empty nor half of the window new.
    feed, at, found = FEED, 0.0, []
    for _ in range(300):
        schedule = plan(feed, entries=20, entries_new=min(20, int((at + feed.interval_s) // 1_000 - at // 1_000)))
        at += feed.interval_s
        feed = replace(feed, interval_s=schedule.interval_s)
        found.append(feed.interval_s)
    assert 500 <= sum(found[100:]) / 200 <= 7_000


FEEDS = st.builds(
    FeedState,
    feed_id=st.integers(0, 2**40),
    url=st.just("https://pub.example/rss"),
    interval_s=st.integers(-10, 10**9),
    failures=st.integers(0, 10**6),
    body_sha256=st.none() | st.just(b"x"),
    kept_retired=st.booleans(),
)
OUTCOMES = st.builds(
    PollOutcome,
    reason=st.none() | st.sampled_from(Reason),
    not_a_feed=st.booleans(),
    entries=st.integers(0, 5_000),
    entries_new=st.integers(0, 5_000),
    hint_s=st.none() | st.integers(-10, 10**10),
    retry_at=st.none() | st.integers(-(10**6), 10**8).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    elapsed_s=st.none() | st.integers(0, 10**9),
)


@given(FEEDS, OUTCOMES)
def test_whatever_happens_the_plan_is_within_its_bounds_and_repeatable(feed, outcome):
    schedule = next_poll(feed, outcome, NOW, min_s=MIN_S, max_s=MAX_S)
    assert schedule == next_poll(feed, outcome, NOW, min_s=MIN_S, max_s=MAX_S)
    assert MIN_S <= schedule.interval_s <= MAX_S
    asked_s = (outcome.retry_at - NOW).total_seconds() if outcome.retry_at else 0
    longest_s = max(MAX_S if schedule.state == "active" else RETIRED_PROBE_S, min(asked_s, RETRY_AFTER_LIMIT_S))
    assert MIN_S <= wait_s(schedule) <= longest_s
    assert wait_s(schedule) >= min(asked_s, RETRY_AFTER_LIMIT_S)
    good = outcome.reason is None and not outcome.not_a_feed
    assert schedule.failures == (0 if good else feed.failures + 1)
    assert schedule.why


@given(FEEDS, st.integers(1, 500), st.data())
def test_more_new_entries_never_mean_a_slower_feed(feed, entries, data):
    fewer, more = sorted((data.draw(st.integers(0, entries)), data.draw(st.integers(0, entries))))
    feed = replace(feed, body_sha256=b"x")
    slow, fast = (
        next_poll(feed, PollOutcome(entries=entries, entries_new=new), NOW, min_s=MIN_S, max_s=MAX_S)
        for new in (fewer, more)
    )
    assert fast.interval_s <= slow.interval_s
