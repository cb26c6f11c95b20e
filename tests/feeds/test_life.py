"""When a redirect is believed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from mediawatch.feeds.life import CONFIRM_FOR, CONFIRM_POLLS, Move, follow, moved_to
from mediawatch.models import Hop

NOW = datetime(2024, 1, 30, 12, 0, tzinfo=timezone.utc)
OLD, MID, NEW = "http://pub.example/rss", "http://pub.example/mid", "https://pub.example/feed"


def test_only_a_way_of_permanent_hops_is_a_move():
    assert moved_to(OLD, [Hop(OLD, 301, MID), Hop(MID, 308, NEW)], NEW) == NEW
    assert moved_to(OLD, [Hop(OLD, 301, MID), Hop(MID, 302, NEW)], NEW) is None
    assert moved_to(OLD, [Hop(OLD, 307, NEW)], NEW) is None
    assert moved_to(OLD, [], OLD) is None
    assert moved_to(OLD, [Hop(OLD, 301, MID), Hop(MID, 301, OLD)], OLD) is None


def test_no_move_leaves_tls():
    assert moved_to(NEW, [Hop(NEW, 301, OLD)], OLD) is None


def test_a_move_takes_a_week_and_three_polls():
    move = follow(None, NEW, NOW)
    for days in (3, 8):
        assert not move.confirmed(NOW + timedelta(days=days))
        move = follow(move, NEW, NOW + timedelta(days=days))
    assert move == Move(NEW, NOW, 3)
    assert move.confirmed(NOW + CONFIRM_FOR)
    assert not Move(NEW, NOW, 99).confirmed(NOW + CONFIRM_FOR - timedelta(seconds=1))


def test_a_poll_that_ends_elsewhere_begins_anew():
    seen = Move(NEW, NOW, 9)
    later = NOW + timedelta(days=30)
    assert follow(seen, None, later) is None
    assert follow(seen, MID, later) == Move(MID, later, 1)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.none() | st.sampled_from([MID, NEW])), max_size=30))
def test_a_confirmed_move_was_the_answer_of_the_last_polls_of_a_week(polls):
    move, at, seen = None, NOW, []
    for seconds, to in polls:
        at += timedelta(seconds=seconds)
        move = follow(move, to, at)
        seen.append((at, to))
        if move and move.confirmed(at):
            run = seen[-move.polls :]
            assert {target for _, target in run} == {move.to}
            assert len(run) >= CONFIRM_POLLS
            assert run[-1][0] - run[0][0] >= CONFIRM_FOR
