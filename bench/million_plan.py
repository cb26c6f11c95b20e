"""Who publishes what when, for a million invented articles: arrays, no texts. All times are seconds since 1970, UTC."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from million_texts import name

Array = Any
DAY = 86_400
DAYS = 100
TOPICS = ("us-china", "sanctions", "fentanyl")
SHARES = {"us-china": 0.024, "sanctions": 0.014, "fentanyl": 0.004}
BURSTS = (("us-china", 47, 8), ("sanctions", 29, 10), ("fentanyl", 16, 25), ("us-china", 2, 6), ("sanctions", 1, 4))
"""(topic, days ago, times its usual share), each for a day and a half."""
LANGUAGES = {"en": 0.70, "es": 0.08, "zh": 0.07, "de": 0.05, "fr": 0.05, "ru": 0.05}
COUNTRIES = {
    "en": ("US", "US", "US", "US", "GB", "GB", "CA", "AU", "IN", "CN"),
    "es": ("MX", "ES", "AR"),
    "zh": ("CN", "CN", "TW"),
    "de": ("DE",),
    "fr": ("FR", "CA"),
    "ru": ("RU",),
}
WEEKDAY = (1.0, 1.08, 1.1, 1.08, 1.0, 0.62, 0.6)
HOUR = tuple(0.35 + np.exp(-((h - 14) ** 2) / 30.0) for h in range(24))
FAILURES = {
    "dropped": (
        ("same_page", 30),
        ("no_text", 18),
        ("paywall", 22),
        ("list_page", 6),
        ("robots", 4),
        ("unsupported_type", 3),
        ("no_url", 1),
    ),
    "failed": (
        ("timeout", 14),
        ("refused", 13),
        ("not_found", 12),
        ("server_error", 7),
        ("connection", 4),
        ("tls", 2),
        ("dns", 1),
        ("rate_limited", 3),
    ),
}
OUTAGE = (33 * DAY + 5 * 3600, 33 * DAY - 2 * 3600)
"""Between so long ago and so long ago nobody polled."""


@dataclass(frozen=True)
class Source:
    """A publisher: its id is its place, from 1."""

    name: str
    host: str
    language: str
    country: str
    wire: bool


@dataclass(frozen=True)
class Plan:
    """Everything but texts. Articles and entries are in the order of their ids, which is that of their coming."""

    sources: list[Source]
    feed_source: Array
    feed_interval: Array
    feed_quiet: Array
    article: dict[str, Array]
    entry: dict[str, Array]
    end: int


def plan(count: int, end: int, seed: int = 7) -> Plan:
    """A plan for `count` articles that ends at a time."""
    rng = np.random.default_rng(seed)
    sources = _sources(max(40, min(1_500, count // 600)), seed)
    story_size = _sizes(rng, count, 0.82, 1.9, 80)
    stories = len(story_size)
    event_size = _sizes(rng, stories, 0.45, 2.0, 250)
    events = len(event_size)
    event_of = np.repeat(np.arange(1, events + 1), event_size)[:stories]
    event_at = _moments(rng, events, end)
    event_language = rng.choice(len(LANGUAGES), events, p=list(LANGUAGES.values()))
    topics = _topics(rng, event_at, end)
    story_at = np.minimum(
        event_at[event_of - 1] + rng.exponential(0.7 * DAY, stories) * (rng.random(stories) < 0.8), end - 900
    )
    story_of = np.repeat(np.arange(1, stories + 1), story_size)[:count]
    first = np.concatenate([[True], story_of[1:] != story_of[:-1]])
    copy = np.arange(count) - np.maximum.accumulate(np.where(first, np.arange(count), 0))
    published = story_at[story_of - 1] + np.where(copy > 0, rng.lognormal(8.8, 1.2, count), 0)
    published = np.where(published > end - 600, end - rng.integers(600, 7200, count), published)
    language = event_language[event_of[story_of - 1] - 1]
    source = _pick_sources(rng, sources, language)
    wired = (story_size >= 3) & (rng.random(stories) < 0.7)
    agency = _agencies(rng, sources, event_language[event_of - 1])
    source = np.where((copy == 0) & wired[story_of - 1] & (rng.random(count) < 0.6), agency[story_of - 1], source)
    feeds = _feeds(rng, sources, end)
    seen, feed = _seen(rng, published, source, feeds, end)
    loaded = np.minimum(seen + rng.gamma(3, 240, count) + 60, end - rng.integers(1, 60, count))
    old = rng.random(count) < 0.01  # what a feed brings up again, or a backfill finds
    published = np.where(old, published - rng.exponential(40 * DAY, count), published)
    order = np.argsort(loaded, kind="stable")
    columns = {
        "story": story_of,
        "event": event_of[story_of - 1],
        "copy": copy,
        "language": language,
        "source": source,
        "feed": feed,
        "published": published,
        "seen": seen,
        "loaded": loaded,
        "topics": topics[event_of[story_of - 1] - 1],
        "agency": np.where(wired[story_of - 1], agency[story_of - 1], 0),
    }
    article = {key: value[order] for key, value in columns.items()}
    first_id = np.full(stories + 1, 0)
    by_copy = np.flatnonzero(article["copy"] == 0)
    first_id[article["story"][by_copy]] = by_copy + 1
    article["original"] = first_id[article["story"]]
    return Plan(sources, *feeds, article, _entries(rng, article, feeds, sources, end), end)


def _sizes(rng: Any, total: int, single: float, slope: float, most: int) -> Array:
    size = np.where(rng.random(total) < single, 1, 1 + np.minimum(rng.zipf(slope, total), most))
    return size[: int(np.searchsorted(np.cumsum(size), total)) + 1]


def _moments(rng: Any, count: int, end: int) -> Array:
    """Times with the rhythm of the week and of the day."""
    hours = end // 3600 - np.arange(DAYS * 24) - 1
    weight = np.array([WEEKDAY[(h // 24 + 3) % 7] * HOUR[h % 24] for h in hours])
    return (rng.choice(hours, count, p=weight / weight.sum()) * 3600 + rng.integers(0, 3600, count)).astype(float)


def _topics(rng: Any, at: Array, end: int) -> Array:
    """A bit for each topic of each event."""
    bits = np.zeros(len(at), dtype=int)
    for n, topic in enumerate(TOPICS):
        share = np.full(len(at), SHARES[topic])
        for burst, days, times in BURSTS:
            if burst == topic:
                share[(at > end - days * DAY) & (at < end - (days - 1.5) * DAY)] *= times
        bits |= (rng.random(len(at)) < share).astype(int) << n
    both = (bits > 0) & (rng.random(len(at)) < 0.2)
    return np.where(both, bits | rng.choice([1, 2, 4], len(at)), bits)


def _sources(count: int, seed: int) -> list[Source]:
    rng = random.Random(seed)
    made: list[Source] = []
    taken: set[str] = set()
    languages = rng.choices(list(LANGUAGES), list(LANGUAGES.values()), k=count)
    for place, language in enumerate([*LANGUAGES, *LANGUAGES, "en", "en", *languages][:count]):
        word = name(rng, 2)
        while word in taken:
            word = name(rng, 3)
        taken.add(word)
        kind = (
            "Wire" if place < 14 else rng.choice(("Post", "Courier", "Ledger", "Tribune", "Herald", "Gazette", "Times"))
        )
        made.append(
            Source(
                f"{word} {kind}", f"{word}{kind}.example".lower(), language, rng.choice(COUNTRIES[language]), place < 14
            )
        )
    return made


def _pick_sources(rng: Any, sources: Sequence[Source], language: Array) -> Array:
    """A source of its language for each article; a few have most of them."""
    picked = np.zeros(len(language), dtype=int)
    for n, word in enumerate(LANGUAGES):
        ids = np.array(
            [i for i, s in enumerate(sources, 1) if s.language == word and not s.wire]
            or [i for i, s in enumerate(sources, 1) if s.language == word]
        )
        weight = 1 / (np.arange(len(ids)) + 4.0) ** 0.95
        chosen = language == n
        picked[chosen] = rng.choice(ids, int(chosen.sum()), p=weight / weight.sum())
    return picked


def _agencies(rng: Any, sources: Sequence[Source], language: Array) -> Array:
    picked = np.zeros(len(language), dtype=int)
    for n, word in enumerate(LANGUAGES):
        ids = np.array([i for i, s in enumerate(sources, 1) if s.language == word and s.wire])
        weight = 1.0 / np.arange(1, len(ids) + 1)
        chosen = language == n
        picked[chosen] = rng.choice(ids, int(chosen.sum()), p=weight / weight.sum())
    return picked


def _feeds(rng: Any, sources: Sequence[Source], end: int) -> tuple[Array, Array, Array]:
    """Source, interval and silence (a time, or never) of each feed; every third source has two."""
    ids = np.arange(1, len(sources) + 1)
    source = np.concatenate([ids, ids[::3]])
    interval = rng.choice([900, 1800, 3600, 7200, 14400], len(source), p=[0.1, 0.15, 0.3, 0.3, 0.15])
    quiet = np.full(len(source), np.inf)
    second = np.arange(len(ids), len(source))
    silent = second[rng.random(len(second)) < 0.1]
    quiet[silent] = end - rng.uniform(6, 40, len(silent)) * DAY
    return source, interval, quiet


def _seen(
    rng: Any, published: Array, source: Array, feeds: tuple[Array, Array, Array], end: int
) -> tuple[Array, Array]:
    """When a poll first found each article, and in which feed."""
    feed_source, interval, quiet = feeds
    second = np.zeros(source.max() + 1, dtype=int)
    for place in range(len(np.unique(feed_source)), len(feed_source)):
        second[feed_source[place]] = place + 1
    feed = np.where((second[source] > 0) & (rng.random(len(source)) < 0.3), second[source], source)
    feed = np.where(published > quiet[feed - 1], source, feed)
    every = interval[feed - 1]
    ready = published + rng.exponential(400, len(source))
    seen = np.ceil((ready - _offset(feed)) / every) * every + _offset(feed)
    out = (seen > end - OUTAGE[0]) & (seen < end - OUTAGE[1])
    seen = np.where(out, np.ceil((end - OUTAGE[1] - _offset(feed)) / every) * every + _offset(feed), seen)
    return np.where(seen > end - 120, np.minimum(ready, end - 121), seen), feed


def _offset(feed: Array) -> Array:
    return feed * 7 % 900


def _entries(
    rng: Any, article: dict[str, Array], feeds: tuple[Array, Array, Array], sources: Sequence[Source], end: int
) -> dict[str, Array]:
    """Entries with their article's id or a reason why they have none."""
    count = len(article["seen"])
    lost = count // 4
    like = rng.integers(0, count, lost)
    reasons = [(status, reason, weight) for status, each in FAILURES.items() for reason, weight in each]
    weight = np.array([w for *_, w in reasons], dtype=float)
    why = rng.choice(len(reasons), lost, p=weight / weight.sum())
    seen = np.concatenate(
        [
            article["seen"],
            np.minimum(
                article["seen"][like] + rng.integers(0, 2, lost) * interval_of(feeds, article["feed"][like]), end - 121
            ),
        ]
    )
    order = np.argsort(seen, kind="stable")
    return {
        "seen": seen[order],
        "article": np.concatenate([np.arange(1, count + 1), np.zeros(lost, dtype=int)])[order],
        "like": np.concatenate([np.arange(1, count + 1), like + 1])[order],
        "why": np.concatenate([np.full(count, -1), why])[order],
        "source": np.concatenate([article["source"], article["source"][like]])[order],
        "feed": np.concatenate([article["feed"], article["feed"][like]])[order],
    }


def interval_of(feeds: tuple[Array, Array, Array], feed: Array) -> Array:
    """Seconds between polls of these feeds."""
    return feeds[1][feed - 1]


REASONS = [(status, reason) for status, each in FAILURES.items() for reason, _ in each]
