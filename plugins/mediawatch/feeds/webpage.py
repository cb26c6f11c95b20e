"""An HTML page where a feed should be: which feeds it advertises (https://www.rssboard.org/rss-autodiscovery)."""

from __future__ import annotations

from lxml import etree

from mediawatch.feeds.links import absolute
from mediawatch.feeds.text import one_line, text_of
from mediawatch.models import FeedData

_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})


def read_webpage(text: str, *, url: str) -> FeedData:
    """No entries; `alternates` are the absolute URLs of the feeds that the page links to, in its order."""
    root = document(text)
    if root is None:
        return FeedData("html", "", (), ("a web page, not a feed",))
    base = base_of(root, url)
    links = (absolute(base, tag.get("href")) for tag in root.iter("link") if _advertises(tag))
    title = next((one_line(text_of(tag)) for tag in root.iter("title")), "")
    alternates = tuple(dict.fromkeys(link for link in links if link))
    return FeedData("html", title, (), ("a web page, not a feed",), alternates=alternates)


def document(text: str) -> etree._Element | None:
    """An HTML text as a tree; None where there is nothing in it."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True)
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return None


def base_of(root: etree._Element, url: str) -> str:
    """What a page's relative links resolve against: its <base>, or where it came from."""
    return next((absolute(url, tag.get("href")) for tag in root.iter("base")), None) or url


def _advertises(tag: etree._Element) -> bool:
    kind = (tag.get("type") or "").partition(";")[0].strip().lower()
    return "alternate" in (tag.get("rel") or "").lower().split() and kind in _FEED_TYPES
