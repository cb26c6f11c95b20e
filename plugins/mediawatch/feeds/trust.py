"""How far a server's validators (ETag, Last-Modified) are believed: a 304 is a claim, and claims are checked.

Some servers keep their validators while the feed changes, and then answer 304 to whoever sends them. So one poll in
FULL_EVERY asks for the whole body. If that body is another one under the validators that had brought a 304, the
server's 304s say nothing: for DISTRUST the feed is asked without validators, and for longer while bodies go on changing
under one set of them.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

FULL_EVERY = 50
DISTRUST = timedelta(days=7)


@dataclass(frozen=True)
class Body:
    """A feed's body, by its validators and its digest."""

    etag: str | None
    last_modified: str | None
    sha256: bytes | None


@dataclass(frozen=True)
class Trust:
    """`unmodified`: a 304 was said since the last whole body; `distrust_until`: no validators are sent before."""

    unmodified: bool = False
    distrust_until: datetime | None = None

    def doubted(self, now: datetime) -> bool:
        """Whether the server was caught not long ago."""
        return self.distrust_until is not None and now < self.distrust_until


def asks_whole(feed_id: int, polls: int, trust: Trust, now: datetime) -> bool:
    """Whether the next poll, after so many, sends no validators. Each feed has its own turn, so few come at once."""
    turn = (polls + zlib.crc32(str(feed_id).encode())) % FULL_EVERY == 0
    return turn or trust.doubted(now)


def after(trust: Trust, whole: bool, known: Body, got: Body | None, now: datetime) -> Trust:
    """The trust after an answer: `got` is its body, None for a 304; `whole`, that it was asked without validators."""
    if got is None:
        return Trust(True, trust.distrust_until)
    claimed = trust.unmodified or trust.doubted(now)
    lie = whole and claimed and _same_validators(known, got) and known.sha256 not in (None, got.sha256)
    return Trust(False, now + DISTRUST if lie else trust.distrust_until)


def _same_validators(known: Body, got: Body) -> bool:
    stated = (known.etag, known.last_modified)
    return stated == (got.etag, got.last_modified) and any(stated)
