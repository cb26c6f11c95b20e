"""Time zones beside timestamptz, which keeps the moment and forgets the zone that it was stated in."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


def zone_min(moment: datetime) -> int | None:
    """Minutes east of UTC that a time is stated in."""
    offset = moment.utcoffset()
    return None if offset is None else int(offset.total_seconds() // 60)


def in_zone(moment: datetime, minutes: int | None) -> datetime:
    """The same moment, stated so many minutes east of UTC."""
    return moment.astimezone(timezone(timedelta(minutes=minutes or 0)))
