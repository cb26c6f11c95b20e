"""The values that flow, in the order of the road: feed → entry → page → article → story → topics.

All are frozen. All datetimes are timezone-aware. Text is Unicode without NUL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from mediawatch.errors import Reason

FeedFormat = Literal["rss", "rdf", "atom", "json", "sitemap", "html", "unknown"]
Precision = Literal["second", "minute", "day"]
Level = Literal["primary", "secondary"]
LinkKind = Literal["exact", "edited", "cut", "contains", "shares_text"]


# ---- the web -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hop:
    """One redirect: `url` answered `status` and pointed to `location`."""

    url: str
    status: int
    location: str


def without_credentials(url: str) -> str:
    """The URL without user name and password, which have no place in rows and logs. ValueError if it is none."""
    parts = urlsplit(url)
    return url if "@" not in parts.netloc else parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


class WithHeaders:
    """What a server answered, its headers in their order."""

    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str | None:
        """First value of a header, by case-insensitive name."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True)
class Response(WithHeaders):
    """A whole HTTP answer, body decoded from its content encoding (never from its charset).

    `sent` are the headers of the request that it answers, without credentials.
    """

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    elapsed_ms: int
    hops: tuple[Hop, ...] = ()
    sent: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Failure:
    """Why there is no answer. `retry_at` is what the server asked for (Retry-After), if it did."""

    reason: Reason
    detail: str = ""
    retry_at: datetime | None = None
    status: int | None = None
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True)
class Location:
    """Where a WARC record lies: file relative to the archive's root, byte offset and length of its gzip member."""

    file: str
    offset: int
    length: int


# ---- feeds ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ParseTask:
    """What one feed gives to parsing; `url` is where the body came from, `content_type` what its header called it."""

    body: bytes
    url: str
    content_type: str | None = None


@dataclass(frozen=True)
class EntryData:
    """One item as a feed announced it; `url` is absolute or None; `content` is the feed's own HTML body, if any.

    `updated` is when the feed says that the item was last changed.
    """

    url: str | None
    guid: str | None
    title: str
    summary: str
    published: datetime | None
    published_raw: str | None = None
    content: str | None = None
    updated: datetime | None = None


@dataclass(frozen=True)
class FeedData:
    """A parsed feed. `notes` says what was odd; `alternates` are feeds that an HTML page advertises.

    `interval_hint_s` is what the feed says of its own rhythm (ttl, updatePeriod), in seconds.
    """

    format: FeedFormat
    title: str
    entries: tuple[EntryData, ...]
    notes: tuple[str, ...] = ()
    alternates: tuple[str, ...] = ()
    interval_hint_s: int | None = None


@dataclass(frozen=True)
class FeedState:
    """What the schedule needs to know of a feed before a poll; `kept_retired`: a person wants it retired."""

    feed_id: int
    url: str
    interval_s: int
    failures: int = 0
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: bytes | None = None
    kept_retired: bool = False


# ---- articles ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """A time with its precision and where it was read (json-ld, meta, time, text, url, feed).

    `zoned`: a zone was stated with it; else `at` reads what was written as UTC.
    """

    at: datetime
    precision: Precision
    origin: str
    zoned: bool = False


@dataclass(frozen=True)
class Twin:
    """The AMP rendering of a page, as it was fetched."""

    body: bytes
    url: str
    content_type: str | None


@dataclass(frozen=True)
class ExtractTask:
    """What one page gives to extraction. `claimed`, `feed_title` and `feed_body` (HTML, or plain lines) are the feed's.

    `tails` are what other titles of the source end with, folded: its name, its sections.
    `cheap`: only what costs time in proportion to the page is to be done; the second try after a first one failed.
    """

    body: bytes
    url: str
    content_type: str | None
    fetched_at: datetime
    claimed: datetime | None = None
    feed_title: str | None = None
    feed_body: str | None = None
    cheap: bool = False
    tails: tuple[str, ...] = ()
    twin: Twin | None = None


@dataclass(frozen=True)
class Aside:
    """A date that was not believed: which field it was for, what was written, where, and why it was set aside."""

    field: str
    value: str
    origin: str
    reason: str


@dataclass(frozen=True)
class Extracted:
    """An article as it was read from a page.

    `kind`: article, live_blog, gallery or video. `script`: Hans or Hant for Chinese, Cyrl or Latn for Serbian.
    `engine` is what found the text, with its settings. `origins` says where each field came from, e.g.
    {"title": "json-ld"}, and `confidences` how far to trust it, 0..1. `free` is None where the page does not say;
    `syndicated_from` is the agency or site that it credits. `tail` are the title's last words, folded, where a
    separator stands before them. `twin_url` is where the page has an AMP twin, if its own text is missing or a stub.
    """

    title: str
    text: str
    language: str | None
    language_confidence: float
    canonical_url: str | None
    published: Moment | None
    modified: Moment | None
    authors: tuple[str, ...]
    site_name: str | None
    engine: str
    word_count: int
    kind: str = "article"
    script: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    free: bool | None = None
    syndicated_from: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    confidences: Mapping[str, float] = field(default_factory=dict)
    asides: tuple[Aside, ...] = ()
    tail: str | None = None
    twin_url: str | None = None


@dataclass(frozen=True)
class Rejected(Failure):
    """A page that holds no article to keep; `article` is what stands there all the same, where anything does."""

    article: Extracted | None = None


# ---- stories -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sketch:
    """What is kept of a text to find and verify copies.

    `keys`: signed 32-bit ints, the candidate keys. `shingles`: the sorted sample of shingle hashes (uint32) and
    `positions`: the word index of each (uint16), same order. `terms`: sorted hashes of the distinct long words
    (uint16), its vocabulary. `words`: length of the folded text. `exact`: 16-byte digest of it. All little-endian.
    """

    keys: tuple[int, ...]
    shingles: bytes
    positions: bytes
    terms: bytes
    words: int
    exact: bytes


@dataclass(frozen=True)
class Match:
    """How much two texts share; the direction is from a to b.

    `score` in 0..1 estimates the share of the shorter text's words that stand, in order, in the longer; `shared` is
    the number of sampled shingles in both;
    `covered_a` and `covered_b` are the shares of each text that run in parallel with the other, edits included;
    `part` says where the shared passage lies in the longer text (all, lead, middle, end, scattered).
    """

    kind: LinkKind
    score: float
    shared: int
    covered_a: float
    covered_b: float
    part: str


# ---- topics --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """One hit that counted: `start` and `end` are character offsets in the stored title (zone 'title')
    or text (zones 'lead' and 'body'), and so are the two of the sentence that it stands in."""

    signal: str
    term: str
    matched: str
    zone: str
    start: int
    end: int
    sentence: tuple[int, int]
    weight: float


@dataclass(frozen=True)
class TopicMatch:
    """A topic that an article is on, and the words that caused it."""

    topic: str
    level: Level
    score: float
    evidence: tuple[Evidence, ...]
