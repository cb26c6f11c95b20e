"""Links as feeds write them, made absolute."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from mediawatch.feeds.text import clean, one_line
from mediawatch.models import without_credentials


def absolute(base: str, link: str | None) -> str | None:
    """The link resolved against the feed's URL; None where there is none or it cannot be read as a URL.

    White space inside is dropped where it is a line break or a tab, as browsers do. The scheme may be any.
    """
    link = clean(link or "").strip().replace("\n", "").replace("\r", "").replace("\t", "")
    if not link:
        return None
    try:
        joined = urljoin(base, link)
        return without_credentials(joined) if urlsplit(joined).scheme else None
    except ValueError:
        return None


def identifier(text: str) -> str | None:
    """A guid as feeds write it, in one line; without user name and password where it is a URL."""
    guid = one_line(text)
    try:
        return (without_credentials(guid) if "@" in guid else guid) or None
    except ValueError:
        return guid


def is_web_url(text: str | None) -> bool:
    """Whether the text by itself is an http(s) URL."""
    return (text or "").strip().lower().startswith(("http://", "https://"))
