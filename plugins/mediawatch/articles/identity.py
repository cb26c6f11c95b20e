"""What makes two announcements one entry, and two pages one article: 16 bytes that are equal when they are the same."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from mediawatch.articles.url import normalise
from mediawatch.models import EntryData


@lru_cache(maxsize=4_096)
def url_key(url: str) -> bytes:
    """16 bytes of sha256 over the normalised URL; over the URL as it stands when it cannot be normalised.

    An article's is asked for several times in a row.
    """
    return _digest("url", normalise(url) or url)


def entry_identity(entry: EntryData, feed_url: str) -> bytes:
    """An entry's identity: its URL; without one its guid within its feed; without that title, summary and date."""
    if entry.url:
        return url_key(entry.url)
    if entry.guid:
        return _digest("guid", feed_url, entry.guid)
    return _digest("text", feed_url, entry.title, entry.summary, entry.published_raw or "")


def _digest(*parts: str) -> bytes:
    return sha256("\x1f".join(parts).encode(errors="surrogatepass")).digest()[:16]
