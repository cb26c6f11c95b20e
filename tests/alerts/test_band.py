"""What is usual: worked out by hand for small histories, and as properties."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.alerts.band import DAYS, Band, band, bands

TUESDAY = date(2024, 1, 30)


def history(count: int | None, days: int = DAYS) -> dict[date, int | None]:
    return {TUESDAY - timedelta(days=back): count for back in range(1, days + 1)}


def test_a_steady_hundred_a_day_has_a_band_of_chance() -> None:
    # The root of 100.375 is 10.0187; three times 0.5 to either side: 8.5187² − 0.375 and 11.5187² − 0.375.
    assert band(history(100), TUESDAY) == Band(usual=100, low=72.19, high=132.31, days=28)


def test_a_topic_that_never_came_up_may_come_up_four_times_by_chance() -> None:
    # (√0.375 + 1.5)² − 0.375 = 2.1124² − 0.375
    assert band(history(0), TUESDAY) == Band(usual=0, low=0, high=4.09, days=28)


def test_days_of_none_and_of_one_do_not_make_a_wide_band() -> None:
    # Roots of 0.6124 and 1.1726 in turn: the middle is 0.8925, every distance 0.5602.
    counts = {day: day.toordinal() % 2 for day in history(0)}
    found = band(counts, TUESDAY)
    assert found is not None
    assert found.high == pytest.approx((0.8925 + 3 * 1.4826 * 0.5602) ** 2 - 0.375, abs=0.01)


def test_a_weekday_is_measured_by_its_own_kind() -> None:
    counts = {day: 16 if day.weekday() >= 5 else 400 for day in history(0)}
    sunday = TUESDAY + timedelta(days=5)
    counts |= {TUESDAY + timedelta(days=n): 400 for n in range(5)}
    weekday, weekend = band(counts, TUESDAY), band(counts, sunday)
    assert weekday is not None
    assert weekend is not None
    assert (weekday.usual, weekend.usual) == (400, 16)
    assert (
        weekend.high == 30.39
    )  # (√16.375 + 1.5)² − 0.375: 400 on a Sunday would be far outside, and is usual on a Tuesday


def test_the_spread_is_learnt_from_how_far_days_were_from_others_of_their_weekday() -> None:
    # Every weekday has the roots 8.02, 10.02, 10.02, 12.02 in some week: the others' median is always 10.02, so the
    # distances are 2, 0, 0, 2; over all 28 days as many are 2 (one of them 1.9953) as are 0: their median is 0.9977.
    week = [64, 100, 100, 144]
    counts = {TUESDAY - timedelta(days=back): week[(back - 1) // 7] for back in range(1, 29)}
    found = band(counts, TUESDAY)
    assert found is not None
    assert found.usual == pytest.approx(100)
    assert found.high == pytest.approx((10.0187 + 3 * 1.4826 * 0.9977) ** 2 - 0.375, rel=1e-3)
    assert found.low == pytest.approx((10.0187 - 3 * 1.4826 * 0.9977) ** 2 - 0.375, rel=1e-3)


def test_one_day_of_a_scandal_changes_nothing() -> None:
    counts = history(100)
    counts[TUESDAY - timedelta(days=14)] = 5_000
    assert band(counts, TUESDAY) == band(history(100), TUESDAY)


def test_days_without_sight_are_not_zeros() -> None:
    counts = history(100)
    blind = [TUESDAY - timedelta(days=back) for back in (3, 4, 5, 6, 7, 8, 9, 10)]
    counts |= dict.fromkeys(blind)
    found = band(counts, TUESDAY)
    assert found == Band(usual=100, low=72.19, high=132.31, days=20)
    assert band({day: count for day, count in counts.items() if day not in blind}, TUESDAY) == found


def test_with_few_days_of_a_weekday_all_days_stand_for_it() -> None:
    counts = history(25, days=10)
    counts[TUESDAY - timedelta(days=7)] = 900  # the only Tuesday that is known
    found = band(counts, TUESDAY)
    assert found is not None
    assert (found.usual, found.days) == (25, 10)


def test_six_days_are_too_few_to_say_and_seven_are_not() -> None:
    assert band(history(9, days=6), TUESDAY) is None
    assert band(history(9, days=7), TUESDAY) == Band(usual=9, low=2.06, high=20.44, days=7)


def test_the_day_itself_and_what_is_older_than_four_weeks_do_not_count() -> None:
    more = history(100) | {TUESDAY: 9_999, TUESDAY + timedelta(days=1): 9_999, TUESDAY - timedelta(days=29): 9_999}
    assert band(more, TUESDAY) == band(history(100), TUESDAY)


def test_a_chart_gets_every_day_with_its_count_and_its_band() -> None:
    rows = bands(history(100) | {TUESDAY: 140}, TUESDAY - timedelta(days=22), TUESDAY)
    assert len(rows) == 23
    assert rows[0] == (TUESDAY - timedelta(days=22), 100, None)  # six days before it are known
    day, count, last = rows[-1]
    assert (day, count) == (TUESDAY, 140)
    assert last is not None
    assert count > last.high


@given(st.dictionaries(st.integers(1, 35), st.none() | st.integers(0, 10**7)))
def test_a_band_is_always_in_order(counts: dict[int, int | None]) -> None:
    found = band({TUESDAY - timedelta(days=back): count for back, count in counts.items()}, TUESDAY)
    if found:
        assert 0 <= found.low <= found.usual <= found.high
        assert 7 <= found.days <= 28
