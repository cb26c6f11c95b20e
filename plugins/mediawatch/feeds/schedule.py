"""When to ask a feed again: often enough to miss nothing, seldom enough to be welcome, and never given up.

The interval follows what polls find. Nothing new: half as long again. A third or more of the entries new: half, for a
busy feed may push entries out before they are seen. Between the two it stays. What the feed says of itself (ttl,
updatePeriod, Cache-Control, Expires) is a lower bound up to an hour, and only while it holds true. Failures do not
touch the learned interval; they delay the next poll, exponentially, so that a feed that comes back is at its old rhythm
at once. A feed that a person retired stays so, whatever its probes answer.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mediawatch.errors import Reason
from mediawatch.models import FeedState

SLOWER = 1.5
FASTER = 0.5
BUSY_SHARE = 1 / 3
HINT_LIMIT_S = 3_600
RETIRED_PROBE_S = 7 * 86_400
"""A feed that is gone, or has failed for so long, is asked once a week: feeds come back (404, 410 and all)."""
RETIRED_FAILURES = 60
RETRY_AFTER_LIMIT_S = 7 * 86_400
JITTER = 0.1


@dataclass(frozen=True)
class PollOutcome:
    """What one poll found. `reason` is None for an answer; an unchanged body has no entries and none new.

    `entries` counts what the feed announced and `entries_new` what was not known; `hint_s` is the rhythm it states;
    `elapsed_s` is the time since the poll before, if it is known.
    """

    reason: Reason | None = None
    not_a_feed: bool = False
    entries: int = 0
    entries_new: int = 0
    hint_s: int | None = None
    retry_at: datetime | None = None
    elapsed_s: int | None = None


@dataclass(frozen=True)
class Schedule:
    """What to store: the learned interval, the next poll, failures in a row, and the rule that decided, in words."""

    interval_s: int
    next_poll_at: datetime
    failures: int
    state: Literal["active", "retired"]
    why: str


def next_poll(feed: FeedState, outcome: PollOutcome, now: datetime, *, min_s: int, max_s: int) -> Schedule:
    """The feed's next poll.

    An active feed waits between min_s and max_s, or longer (up to a week) if Retry-After says so; a retired one a week.
    Jitter shortens the wait by up to a tenth, by the same share always for one feed, so that feeds do not keep step.
    """
    interval_s = _bounded(feed.interval_s, min_s, max_s)
    if outcome.reason is None and not outcome.not_a_feed:
        interval_s, why = _learn(feed, outcome, interval_s, min_s, max_s)
        wait_s, failures, gone = float(interval_s), 0, False
    else:
        failures = feed.failures + 1
        gone = outcome.reason is Reason.GONE or failures >= RETIRED_FAILURES
        wait_s, why = _back_off(outcome, interval_s, failures, max_s)
    retired = gone or feed.kept_retired
    if retired:
        wait_s, why = max(RETIRED_PROBE_S, max_s), f"{why}; retired, probed every week"
    else:
        wait_s = max(min_s, wait_s * (1 - JITTER * _share(feed.feed_id)))
    asked = _asked_s(outcome, now)
    if asked > wait_s:
        wait_s, why = asked, f"{why}; Retry-After"
    return Schedule(interval_s, now + timedelta(seconds=wait_s), failures, "retired" if retired else "active", why)


def _learn(feed: FeedState, outcome: PollOutcome, interval_s: int, min_s: int, max_s: int) -> tuple[int, str]:
    share = outcome.entries_new / outcome.entries if outcome.entries else 0.0
    busy = share >= BUSY_SHARE
    if _first_answer(feed, outcome):
        return interval_s, "first answer"
    if busy and outcome.elapsed_s is not None and outcome.elapsed_s > 2 * interval_s:
        return interval_s, f"{share:.0%} new, but the poll was late"
    factor = FASTER if busy else 1.0 if outcome.entries_new else SLOWER
    learned = _bounded(interval_s * factor, min_s, max_s)
    floor = _bounded(min(outcome.hint_s or 0, HINT_LIMIT_S), min_s, max_s)
    if not busy and learned < floor:
        return floor, "as the feed asks"
    return learned, f"{share:.0%} new" if outcome.entries_new else "nothing new"


def _first_answer(feed: FeedState, outcome: PollOutcome) -> bool:
    """All of a feed's entries are new the first time, which says nothing about its rhythm."""
    return feed.body_sha256 is None and outcome.entries_new == outcome.entries > 0


def _back_off(outcome: PollOutcome, interval_s: int, failures: int, max_s: int) -> tuple[float, str]:
    """Reasons that often pass by themselves grow the wait slower than those that rarely do."""
    passing = outcome.reason is not None and outcome.reason.retried
    word = outcome.reason.value if outcome.reason else "not a feed"
    wait_s = interval_s * (1.5 if passing else 2.0) ** min(failures, 40)
    return min(wait_s, max_s), word if failures == 1 else f"{word}, {failures} in a row"


def _asked_s(outcome: PollOutcome, now: datetime) -> float:
    if outcome.retry_at is None:
        return 0.0
    return min((outcome.retry_at - now).total_seconds(), RETRY_AFTER_LIMIT_S)


def _share(feed_id: int) -> float:
    """A number in 0..1 that is the feed's own."""
    return zlib.crc32(str(feed_id).encode()) / 0xFFFF_FFFF


def _bounded(seconds: float, min_s: int, max_s: int) -> int:
    return int(max(min_s, min(seconds, max_s)))
