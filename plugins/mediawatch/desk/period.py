"""The days that a page looks at: up to today, or, where nothing came lately, up to the newest article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

QUIET_DAYS = 28
"""After so many days without an article the days up to today would all be empty."""


@dataclass(frozen=True)
class Period:
    """Days (UTC) from `since` until before `until`; `past` when it ends at the newest article instead of today."""

    since: date
    until: date
    past: bool = False

    @property
    def days(self) -> list[date]:
        """Each day of it, in order."""
        return [self.since + timedelta(days=n) for n in range((self.until - self.since).days)]

    @property
    def last(self) -> date:
        """Its last day."""
        return self.until - timedelta(days=1)

    def longer(self, days: int) -> Period:
        """The same, begun so many days earlier."""
        return Period(self.since - timedelta(days=days), self.until, self.past)


def latest(newest: datetime | None, now: datetime, days: int) -> Period:
    """The last `days` days. `newest` is when the newest article was published, None without one."""
    today = now.astimezone(timezone.utc).date()
    last = newest.astimezone(timezone.utc).date() if newest else today
    past = last < today - timedelta(days=QUIET_DAYS)
    until = (last if past else today) + timedelta(days=1)
    return Period(until - timedelta(days=days), until, past)
