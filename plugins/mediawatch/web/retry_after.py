"""The Retry-After header in both of its forms (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=30)
"""Nobody asks for more in earnest; it also keeps the arithmetic within what a datetime holds."""


def retry_at(value: str | None, now: datetime) -> datetime | None:
    """When the server wants to be asked again: `now` plus seconds, or an HTTP date; never before now, at most 30 days.

    None where there is no header or it cannot be read.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), LONGEST)
    try:
        asked = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if asked.tzinfo is None:
        asked = asked.replace(tzinfo=timezone.utc)
    return min(max(asked, now), now + LONGEST)
