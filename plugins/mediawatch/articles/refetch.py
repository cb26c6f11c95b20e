"""When an article's page is asked for again: often while it is young, ever more rarely after, and then no more.

The wait grows with the article's age, so checks stand at an hour, two and a half, six, sixteen, … up to the last day
of the watch: about nine in 90 days. An article that has just changed is being worked on and is seen again sooner. What
is missing (404, 410) is asked for once more before it counts as removed, since sites lose pages for an hour.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Result = Literal["first", "unchanged", "revised", "missing", "failed", "refused"]
"""What the last fetch found. `failed` may pass by itself, `refused` may not (robots.txt, 403)."""

GROWTH = 1.5
"""Wait in ages of the article; so each check is at 2.5 times the age of the one before."""
AFTER_A_CHANGE = 0.5
LONGEST = timedelta(days=30)
CONFIRM = timedelta(hours=6)
"""A page that is missing is asked for again after this time; missing then, it is removed."""
MOST_DOUBLINGS = 6
JITTER = 0.1


@dataclass(frozen=True)
class Watched:
    """What is known when a check is over: `began_at` is what the article's age counts from; `misses` and `failures`
    are in a row, this check included; `retry_at` is what the server asked for."""

    article_id: int
    began_at: datetime
    last: Result
    misses: int = 0
    failures: int = 0
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Next:
    """The next check, None for no more, and why, in words."""

    due_at: datetime | None
    why: str


def next_check(article: Watched, now: datetime, *, first: timedelta, watch: timedelta) -> Next:
    """The next check of an article.

    Never sooner than `first` after `now`; never later than `watch` after it began, but for what has to be confirmed.
    """
    ends_at = article.began_at + watch
    age = now - article.began_at
    wait, why = _wait(article, age, first)
    due_at = now + max(first, wait * (1 + JITTER * _share(article.article_id)))
    if article.retry_at and article.retry_at > due_at:
        due_at, why = min(article.retry_at, now + LONGEST), f"{why}; Retry-After"
    if article.last == "missing" and article.misses == 1 and watch:
        return Next(due_at, why)
    return Next(due_at, why) if due_at <= ends_at else Next(None, f"watched for {_told(watch)}")


def _wait(article: Watched, age: timedelta, first: timedelta) -> tuple[timedelta, str]:
    usual = min(max(first, age * GROWTH), LONGEST)
    if article.last == "revised":
        return min(max(first, age * AFTER_A_CHANGE), LONGEST), f"it has changed, at an age of {_told(age)}"
    if article.last == "missing" and article.misses == 1:
        return CONFIRM, "missing, to be confirmed"
    if article.last == "failed":
        again = first * 2 ** min(article.failures - 1, MOST_DOUBLINGS)
        return min(again, usual), "failed" if article.failures == 1 else f"failed, {article.failures} in a row"
    return usual, f"age {_told(age)}"


def _told(time: timedelta) -> str:
    hours = max(0.0, time.total_seconds() / 3600)
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"


def _share(article_id: int) -> float:
    """A number in 0..1 that is the article's own, so that articles do not keep step."""
    return zlib.crc32(str(article_id).encode()) / 0xFFFF_FFFF
