"""Where a site's feeds may be: what its homepage advertises, what it links to, and where feeds usually lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin, urlsplit

from lxml import etree

from mediawatch.feeds.charset import decode
from mediawatch.feeds.links import absolute
from mediawatch.feeds.webpage import base_of, document, read_webpage

Origin = Literal["advertised", "linked", "well-known"]

WELL_KNOWN = (
    *("feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feeds", "index.rss", "feed.json", "rss/all.xml"),
    *("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "news_sitemap.xml", "googlenews.xml"),
)
"""Paths under the page's folder and the site's root, in the order in which they are worth a request."""
MOST_LINKED = 30

_FILE = re.compile(r"(?:\.(?:rss|rdf|atom)|(?:rss|feed|atom|news)[\w~.-]*\.(?:xml|json)|~rss2?\.xml)\Z")
_FOLDER = re.compile(r"(?:rss(?:2|20|feed)?|feeds?|atom|xmlfeed)\Z")
_QUERY = re.compile(r"(?:\A|&)(?:format|feed|type|output)=(?:rss2?|atom|feed)(?:&|\Z)")
_READER = re.compile(r"\Afeed:(?://(?=https?:))?", re.IGNORECASE)
_HOST = re.compile(r"(?:rss|feeds?)\d?\.")


@dataclass(frozen=True)
class Candidate:
    """A URL that may be a feed, and what makes it one."""

    url: str
    origin: Origin


def candidates(body: bytes, url: str, content_type: str | None = None) -> tuple[Candidate, ...]:
    """http(s) URLs to try, each once, the most likely first; `url` is where the page came from."""
    text, _ = decode(body, content_type)
    found = [Candidate(link, "advertised") for link in read_webpage(text, url=url).alternates]
    found += [Candidate(link, "linked") for link in _linked(text, url)][:MOST_LINKED]
    found += [Candidate(urljoin(folder, path), "well-known") for folder in _folders(url) for path in WELL_KNOWN]
    first: dict[str, Candidate] = {}
    for each in found:
        link = each.url.partition("#")[0]
        if urlsplit(link).scheme in ("http", "https"):
            first.setdefault(link, Candidate(link, each.origin))
    return tuple(first.values())


def looks_like_feed(url: str) -> bool:
    """Whether the URL is of a form that feeds have. One that carries another URL is a reader's subscribe button."""
    lowered = url.lower()
    if "://" in lowered.partition("://")[2] or "%3a%2f%2f" in lowered:
        return False
    parts = urlsplit(lowered)
    last = parts.path.rstrip("/").rpartition("/")[2]
    named = _FILE.search(last) or _FOLDER.match(last) or _QUERY.search(parts.query)
    return bool(named or (_HOST.match(parts.hostname or "") and last))


def _linked(text: str, url: str) -> Iterator[str]:
    root = document(text)
    if root is None:
        return
    base = base_of(root, url)
    seen: set[str] = set()
    for tag in root.iter("a"):
        link = _target(tag, base)
        if link and link not in seen and looks_like_feed(link):
            seen.add(link)
            yield link


def _target(tag: etree._Element, base: str) -> str | None:
    """The link's URL; feed://host/path and feed:https://host/path are how some sites open a reader."""
    return absolute(base, _READER.sub("", (tag.get("href") or "").strip()))


def _folders(url: str) -> tuple[str, ...]:
    """The folder that the page lies in or is, and the site's root."""
    folder, _, last = urlsplit(url).path.strip("/").rpartition("/")
    folder = folder if "." in last else f"{folder}/{last}".strip("/")
    root = urljoin(url, "/")
    return tuple(dict.fromkeys((f"{root}{folder}/" if folder else root, root)))
