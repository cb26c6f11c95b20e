"""RSS, RDF and Atom, through feedparser: its values are taken as strings and read again by stricter rules."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import feedparser  # type: ignore[import-untyped]  # it ships no types
import feedparser.api  # type: ignore[import-untyped]

from mediawatch.feeds.dates import read_date
from mediawatch.feeds.links import absolute, identifier, is_web_url
from mediawatch.feeds.text import clean, one_line, plain_text
from mediawatch.models import EntryData, FeedData, FeedFormat

_PERIOD_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DATE_FIELDS = ("published", "created", "updated")
_HTML_TYPES = ("text/html", "application/xhtml+xml")

# Authors are not read here, and feedparser looks for e-mail addresses in them in quadratic time: 32 kB took 6.5 s.
for _parser in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
    _parser._sync_author_detail = lambda self, key="author": None


def read_syndication(text: str, *, url: str, format: FeedFormat) -> FeedData:
    """The feed in an XML text whose root element says `format`. What is not well-formed gives a note, not a loss."""
    try:
        parsed = _feedparser(text)
    except Exception as error:  # feedparser raises dozens of types on hostile input; none may stop the other feeds
        return FeedData(
            "unknown", "", (), (f"feedparser failed: {type(error).__name__}: {one_line(str(error))[:200]}",)
        )
    return FeedData(
        format=format,
        title=plain_text(_string(parsed["feed"], "title")),
        entries=tuple(_entry(item, url, format) for item in parsed["entries"]),
        notes=_notes(parsed),
        interval_hint_s=_interval_hint_s(parsed["feed"]),
    )


def _feedparser(text: str) -> Mapping[str, Any]:
    # Bytes or a plain string would be tried as a URL and as a local path first; a stream is not.
    # It is not told the feed's URL: it would resolve guids against it too, and `14` is an identity, not a link.
    result: Mapping[str, Any] = feedparser.parse(
        io.BytesIO(text.encode()),
        sanitize_html=False,
        resolve_relative_uris=False,
        response_headers={"content-type": "application/xml; charset=utf-8"},
    )
    return result


def _entry(item: Mapping[str, Any], url: str, format: FeedFormat) -> EntryData:
    published, published_raw = _date(item)
    return EntryData(
        url=_link(item, url),
        guid=identifier(_string(item, "id")),
        title=_title(item, format),
        summary=plain_text(_string(item, "summary")),
        published=published,
        published_raw=published_raw,
        content=_content(item),
        updated=read_date(one_line(_string(item, "updated"))),
    )


def _link(item: Mapping[str, Any], url: str) -> str | None:
    # FeedBurner's own links died with the service; it left the publisher's link beside them.
    original = _string(item, "feedburner_origlink")
    if is_web_url(original):
        return absolute(url, original)
    alternates = [link for link in _listed(item, "links") if link.get("rel") == "alternate" and link.get("href")]
    alternates.sort(key=lambda link: link.get("type") not in _HTML_TYPES)
    if alternates:
        return absolute(url, alternates[0]["href"])
    # feedparser turns any permalink guid into a link, also `14`: only one that is a URL by itself counts.
    guid = _string(item, "id")
    is_permalink = bool(_raw(item, "guidislink")) or "link" in item
    return absolute(url, guid) if is_permalink and is_web_url(guid) else None


def _title(item: Mapping[str, Any], format: FeedFormat) -> str:
    """RSS never says whether a title is HTML, so it is read as such; an Atom title that says it is text is text."""
    detail = _raw(item, "title_detail") or {}
    is_text = format == "atom" and detail.get("type") == "text/plain"
    return (one_line if is_text else plain_text)(_string(item, "title"))


def _date(item: Mapping[str, Any]) -> tuple[Any, str | None]:
    raws = [one_line(raw) for raw in (_string(item, name) for name in _DATE_FIELDS) if raw.strip()]
    for raw in raws:
        moment = read_date(raw)
        if moment:
            return moment, raw
    return None, raws[0] if raws else None


def _content(item: Mapping[str, Any]) -> str | None:
    bodies = [clean(str(body.get("value") or "")) for body in _listed(item, "content")]
    return max(bodies, key=len, default="").strip() or None


def _notes(parsed: Mapping[str, Any]) -> tuple[str, ...]:
    if not parsed.get("bozo"):
        return ()
    return (f"not well-formed: {one_line(str(parsed.get('bozo_exception', '')))[:200]}",)


def _interval_hint_s(feed: Mapping[str, Any]) -> int | None:
    minutes = _number(_string(feed, "ttl"))
    if minutes:
        return minutes * 60
    period_s = _PERIOD_S.get(_string(feed, "sy_updateperiod").strip().lower())
    return period_s // (_number(_string(feed, "sy_updatefrequency")) or 1) if period_s else None


def _number(text: str) -> int | None:
    """A whole number of up to five digits, else None: nobody means more."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else None


def _raw(item: Mapping[str, Any], name: str) -> Any:
    # dict.get, because FeedParserDict answers `updated` with `published` and other well-meant guesses.
    return dict.get(item, name) if isinstance(item, dict) else None


def _string(item: Mapping[str, Any], name: str) -> str:
    value = _raw(item, name)
    return value if isinstance(value, str) else ""


def _listed(item: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = _raw(item, name)
    return list(value) if isinstance(value, list) else []
