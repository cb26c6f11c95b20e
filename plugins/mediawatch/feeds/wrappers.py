"""Links of aggregators that carry the publisher's own address inside."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from urllib.parse import SplitResult, parse_qs, urlsplit

from mediawatch.feeds.links import is_web_url
from mediawatch.models import without_credentials

_GOOGLE_NEWS = re.compile(r"/(?:rss/)?(?:articles|read)/([\w-]+)")
_FIELD_4 = re.compile(rb"\x08.\x22([\x80-\xff]{0,2}[\x00-\x7f])(?=http)", re.DOTALL)
# Site and path of pages that only send a reader on, and the parameters that name where.
_REDIRECTORS = (
    (re.compile(r"(?:www\.)?google\.[a-z.]+"), re.compile(r"/url"), ("url", "q")),
    (re.compile(r"(?:www\.)?bing\.com"), re.compile(r"/news/apiclick\.aspx"), ("url",)),
    (re.compile(r"(?:www|l|lm)\.facebook\.com"), re.compile(r"/l\.php"), ("u",)),
    (re.compile(r"out\.reddit\.com"), re.compile(r"/.*"), ("url",)),
)


def unwrap(url: str | None) -> str | None:
    """The address that an aggregator's link carries; any other URL, or none, as it is. Never raises."""
    if not url:
        return url
    try:
        parts = urlsplit(url)
        target = _named(parts) or _encoded(parts)
        return without_credentials(target) if target and is_web_url(target) else url
    except ValueError:
        return url


def is_sealed(url: str) -> bool:
    """Whether it is a Google News link that tells its target to Google's own script alone.

    Those that end in a token (`AU_yq…` inside) no longer redirect: the page behind them is a script.
    """
    try:
        parts = urlsplit(url)
        return parts.hostname == "news.google.com" and bool(_GOOGLE_NEWS.fullmatch(parts.path)) and not _encoded(parts)
    except ValueError:
        return False


def _named(parts: SplitResult) -> str | None:
    for host, path, names in _REDIRECTORS:
        if host.fullmatch(parts.hostname or "") and path.fullmatch(parts.path):
            given = parse_qs(parts.query)
            return next((given[name][0] for name in names if is_web_url(given.get(name, [""])[0])), None)
    return None


def _encoded(parts: SplitResult) -> str | None:
    """The address in the protocol buffer that a Google News link is: its field 4; newer ones hold a token there."""
    token = _GOOGLE_NEWS.fullmatch(parts.path)
    if parts.hostname != "news.google.com" or token is None:
        return None
    try:
        data = urlsafe_b64decode(token[1] + "=" * (-len(token[1]) % 4))
        field = _FIELD_4.match(data)
        return data[field.end() :][: _varint(field[1])].decode("ascii") if field else None
    except ValueError:  # no base64, or no ASCII
        return None


def _varint(data: bytes) -> int:
    return sum((byte & 0x7F) << (7 * at) for at, byte in enumerate(data))
