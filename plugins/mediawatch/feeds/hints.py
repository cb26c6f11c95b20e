"""What an answer's headers say of how long it stays fresh (RFC 9111): a hint at the feed's rhythm."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from mediawatch.models import Response

MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})', re.IGNORECASE)
UNCACHED = re.compile(r"(?:^|[\s,])no-(?:cache|store)(?:$|[\s,=])", re.IGNORECASE)


def fresh_s(answer: Response) -> int | None:
    """Seconds that the answer is still fresh: max-age less its Age, else Expires less Date; None if it says nothing."""
    control = ", ".join(value for name, value in answer.headers if name.lower() == "cache-control")
    if UNCACHED.search(control):
        return None
    if stated := MAX_AGE.search(control):
        age = (answer.header("Age") or "").strip()
        left = int(stated[1]) - (int(age[:10]) if age.isascii() and age.isdigit() else 0)
    else:
        expires = _moment(answer.header("Expires"))
        sent = _moment(answer.header("Date")) or answer.fetched_at
        left = int((expires - sent).total_seconds()) if expires else 0
    return left if left > 0 else None


def _moment(value: str | None) -> datetime | None:
    """An HTTP date; None for what is none, such as `Expires: 0`."""
    try:
        at = parsedate_to_datetime((value or "").strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=timezone.utc)
