"""The schedule of refetches: properties over all articles, and the few cases that people will ask about."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.articles.refetch import CONFIRM, LONGEST, Next, Result, Watched, next_check

BEGAN = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
FIRST, WATCH = timedelta(hours=1), timedelta(days=90)

ARTICLES = st.builds(
    Watched,
    article_id=st.integers(1, 10**9),
    began_at=st.just(BEGAN),
    last=st.sampled_from(["first", "unchanged", "revised", "missing", "failed", "refused"]),
    misses=st.integers(1, 9),
    failures=st.integers(1, 10**6),
    retry_at=st.none() | st.timedeltas(timedelta(days=-9), timedelta(days=9_999)).map(lambda it: BEGAN + it),
)
AGES = st.timedeltas(timedelta(hours=-3), timedelta(days=5_000))


def check(last: Result, age: timedelta, **more: int) -> Next:
    return next_check(Watched(1, BEGAN, last, **more), BEGAN + age, first=FIRST, watch=WATCH)


@given(ARTICLES, AGES)
def test_a_check_is_never_at_once_never_far_and_never_after_the_watch_but_to_confirm(
    article: Watched, age: timedelta
) -> None:
    now = BEGAN + age
    found = next_check(article, now, first=FIRST, watch=WATCH)
    assert found.why
    if found.due_at is not None:
        assert FIRST <= found.due_at - now <= LONGEST * 1.1
        confirming = article.last == "missing" and article.misses == 1
        assert confirming or found.due_at <= BEGAN + WATCH


@given(ARTICLES, AGES, AGES)
def test_waits_do_not_shrink_with_age(article: Watched, one: timedelta, other: timedelta) -> None:
    if article.retry_at:
        return
    young, old = sorted((one, other))
    waits = [
        found.due_at - BEGAN - age
        for age in (young, old)
        if (found := next_check(article, BEGAN + age, first=FIRST, watch=timedelta(days=99_999))).due_at
    ]
    assert waits == sorted(waits)


@given(ARTICLES, st.sampled_from(["unchanged", "revised", "refused"]))
def test_every_watch_ends_after_few_checks(article: Watched, last: Result) -> None:
    checks, now = 0, BEGAN
    while True:
        found = next_check(Watched(article.article_id, BEGAN, last), now, first=FIRST, watch=WATCH)
        if found.due_at is None:
            break
        now, checks = found.due_at, checks + 1
    assert checks <= 10 if last != "revised" else checks <= 25


def test_an_article_that_never_changes_is_checked_at_ever_greater_ages() -> None:
    ages, now = [], BEGAN
    while (found := next_check(Watched(7, BEGAN, "unchanged"), now, first=FIRST, watch=WATCH)).due_at:
        now = found.due_at
        ages.append((now - BEGAN) / timedelta(hours=1))
    assert ages[0] == pytest.approx(1, rel=0.11)
    assert all(2.4 <= later / sooner <= 2.7 for sooner, later in pairwise(ages) if sooner < 480)
    assert len(ages) in (8, 9)


def test_an_article_that_has_just_changed_is_seen_again_sooner() -> None:
    age = timedelta(hours=10)
    changed, unchanged = check("revised", age).due_at, check("unchanged", age).due_at
    assert changed is not None
    assert unchanged is not None
    assert changed - BEGAN - age < 0.5 * (unchanged - BEGAN - age)


def test_a_missing_page_is_asked_for_again_even_after_the_watch_and_a_removed_one_at_the_usual_times() -> None:
    age = timedelta(days=100)
    assert check("missing", age, misses=1).due_at is not None
    assert check("missing", age, misses=2).due_at is None
    soon = check("missing", timedelta(days=2), misses=1).due_at
    assert soon is not None
    assert CONFIRM <= soon - BEGAN - timedelta(days=2) <= CONFIRM * 1.1
    assert check("missing", timedelta(days=2), misses=2).why == "age 48 h"


def test_failures_are_tried_again_soon_and_then_at_the_usual_times() -> None:
    age = timedelta(days=4)
    waits = [check("failed", age, failures=n).due_at for n in (1, 3, 99)]
    hours = [(due - BEGAN - age) / timedelta(hours=1) for due in waits if due]
    assert hours == pytest.approx([1, 4, 64], rel=0.11)


def test_what_was_published_long_before_it_was_seen_is_not_watched() -> None:
    assert check("first", timedelta(days=3_000)) == Next(None, "watched for 90 days")


def test_a_watch_of_no_days_asks_for_nothing() -> None:
    assert next_check(Watched(1, BEGAN, "missing", misses=1), BEGAN, first=FIRST, watch=timedelta(0)).due_at is None
