"""A feed's bytes to FeedData, by what the bytes are and not by what they are called."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace

from mediawatch.feeds.charset import decode
from mediawatch.feeds.jsonfeed import read_json_feed
from mediawatch.feeds.sitemap import read_sitemap
from mediawatch.feeds.syndication import read_syndication
from mediawatch.feeds.text import clean
from mediawatch.feeds.webpage import read_webpage
from mediawatch.models import FeedData, FeedFormat

MAX_UNZIPPED_BYTES = 50_000_000
"""The sitemap protocol's own limit; more is cut off."""

_GZIP = b"\x1f\x8b\x08"
_SYNDICATION: dict[str, FeedFormat] = {"rss": "rss", "rdf": "rdf", "feed": "atom", "channel": "rss"}
_SITEMAP = ("urlset", "sitemapindex")
_PAGE_ROOTS = ("html", "head", "body")
_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!(?!--|\[)[^>\[]*(?:\[[^\]]*\]\s*)?>", re.DOTALL)
_TAG = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=[\s/>])")
_FEED_START = re.compile(r"<(?:rss|rdf:RDF|feed|urlset|sitemapindex)(?=[\s>])")
_JUNK_LIMIT = 65_536
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,8})|([0-9]{1,10}));", re.IGNORECASE)
_REFERENCES = re.compile(r"(?:&#[0-9a-fx]{1,12};)+", re.IGNORECASE)
_SURROGATES = range(0xD800, 0xE000)


def parse(body: bytes, *, url: str, content_type: str | None = None) -> FeedData:
    """What a feed's URL answered, whatever it is: RSS 0.9x-2.0, RDF, Atom, JSON Feed, a sitemap, a web page.

    `url` is where the body came from, for relative links; `content_type` is the header, used for its charset only.
    Never raises: what cannot be read has format 'unknown', no entries and a note.
    """
    plain, zip_notes = _unzipped(body)
    text, charset_notes = decode(plain, content_type)
    text, control_notes = _without_controls(text.lstrip("\ufeff"))
    feed = _read(_REFERENCES.sub(_joined, text).lstrip(), url)
    return replace(feed, notes=zip_notes + charset_notes + control_notes + feed.notes)


def _read(text: str, url: str) -> FeedData:
    if not text:
        return FeedData("unknown", "", (), ("an empty body",))
    if text[0] in "{[":
        return read_json_feed(text, url=url)
    root, tree = _root(text)
    if root in _SYNDICATION:
        return read_syndication(tree, url=url, format=_SYNDICATION[root])
    if root in _SITEMAP:
        return read_sitemap(tree, url=url)
    if root in _PAGE_ROOTS or _is_page(text):
        return read_webpage(text, url=url)
    start = _FEED_START.search(text[:_JUNK_LIMIT])
    if start:
        feed = _read(text[start.start() :], url)
        return replace(feed, notes=("text before the feed was skipped", *feed.notes))
    return FeedData("unknown", "", (), (f"root element is {root}" if root else "neither XML, JSON nor HTML",))


def _root(text: str) -> tuple[str, str]:
    """Lower-case local name of the first element, '' if there is none, and the text from that element on.

    What stands before it goes: declarations of entities too, with what they could do.
    """
    position = 0
    while match := _PROLOG.match(text, position):
        position = match.end()
    tag = _TAG.match(text, position)
    return tag.group(1).lower() if tag else "", text[position:]


def _is_page(text: str) -> bool:
    head = text[:_JUNK_LIMIT].lower()
    return "<!doctype html" in head or "<html" in head


def _unzipped(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Sitemaps are often served as a gzip file; a broken one gives what could be read."""
    if not body.startswith(_GZIP):
        return body, ()
    plain = b""
    while body.startswith(_GZIP):  # a file may be of several members (RFC 1952, 2.2)
        unzip = zlib.decompressobj(wbits=31)
        try:
            plain += unzip.decompress(body, MAX_UNZIPPED_BYTES + 1 - len(plain))
        except zlib.error as error:
            return plain, (f"broken gzip: {error}",)
        if not unzip.eof or len(plain) > MAX_UNZIPPED_BYTES:
            return plain[:MAX_UNZIPPED_BYTES], ("the gzip file is cut off or over the limit",)
        body = unzip.unused_data
    return plain, ()


def _without_controls(text: str) -> tuple[str, tuple[str, ...]]:
    """Such characters make XML ill-formed, and Postgres refuses NUL."""
    cleaned = clean(text)
    lost = len(text) - len(cleaned)
    return cleaned, (f"{lost} control characters removed",) if lost else ()


def _joined(run: re.Match[str]) -> str:
    """Character references of which some are halves of a character (as UTF-16 has them), as characters.

    XML knows no halves, and a parser may give up a whole feed over one emoji written so; a half alone becomes U+FFFD.
    """
    codes = [
        int(hexadecimal, 16) if hexadecimal else int(decimal) for hexadecimal, decimal in _REFERENCE.findall(run[0])
    ]
    if not any(code in _SURROGATES for code in codes) or max(codes) > 0xFFFF:
        return run[0]
    units = "".join(map(chr, codes)).encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "replace").replace("&", "&amp;").replace("<", "&lt;")
