"""When a feed has moved: a permanent redirect is believed once it has led to the same place for a week.

The hotel's wifi and the maintenance page redirect too, so neither one poll nor one day decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mediawatch.models import Hop

PERMANENT = (301, 308)
CONFIRM_FOR = timedelta(days=7)
CONFIRM_POLLS = 3


@dataclass(frozen=True)
class Move:
    """Where a feed's permanent redirect leads, since when, and how many polls in a row found it there."""

    to: str
    since: datetime
    polls: int

    def confirmed(self, now: datetime) -> bool:
        """Whether it has been so for long enough to believe it."""
        return self.polls >= CONFIRM_POLLS and now - self.since >= CONFIRM_FOR


def moved_to(url: str, hops: Sequence[Hop], final_url: str) -> str | None:
    """Where a URL leads for ever; None if a hop is temporary, there is none, or the way leaves TLS."""
    permanent = bool(hops) and all(hop.status in PERMANENT for hop in hops)
    leaves_tls = url.lower().startswith("https:") and not final_url.lower().startswith("https:")
    return final_url if permanent and not leaves_tls and final_url != url else None


def follow(before: Move | None, to: str | None, now: datetime) -> Move | None:
    """What is known of the move after a poll that read a feed at `to`, None for one that was not redirected."""
    if to is None:
        return None
    if before is not None and before.to == to:
        return replace(before, polls=before.polls + 1)
    return Move(to, now, 1)
