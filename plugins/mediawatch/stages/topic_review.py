"""A topic beside stored articles: what a draft adds and drops, which articles to label, which terms to try."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mediawatch.errors import MediawatchError
from mediawatch.models import TopicMatch
from mediawatch.store.database import Database, Row
from mediawatch.topics.definition import TopicDefinition, parse_topic
from mediawatch.topics.matcher import Matcher, Trace
from mediawatch.topics.suggest import Hint, hints

PAGE = 500
POOL = 2_000
"""Unlabelled articles from which those to label are chosen."""


@dataclass
class Change:
    """What a draft does to stored articles: counts, and a fair sample of each kind of change."""

    read: int = 0
    added: int = 0
    dropped: int = 0
    raised: int = 0
    lowered: int = 0
    kept: int = 0
    samples: dict[str, list[tuple[Row, TopicMatch]]] = field(default_factory=dict)


def live_version(db: Database, topic_id: str) -> TopicDefinition | None:
    """The version of a topic that tags now; None for a topic that does not yet."""
    rows = [row for row in db.rows("topics.taggings") if row.topic_id == topic_id and row.state == "live"]
    return parse_topic(rows[0].body, topic_id) if rows else None


def known_version(db: Database, topic_id: str, version: int | None = None) -> Row:
    """A version of a topic: the live one, or the one with that number. MediawatchError when there is none."""
    if version is None:
        rows = [row for row in db.rows("topics.taggings") if row.topic_id == topic_id and row.state == "live"]
        version = rows[0].version if rows else 0
    found = db.row("topics.version", topic_id=topic_id, version=version)
    if found is None:
        known = ", ".join(sorted({row.topic_id for row in db.rows("topics.latest")}))
        what = f"version {version} of the topic {topic_id!r}" if version else f"topic {topic_id!r} that tags"
        raise MediawatchError(f"there is no {what}; topics are: {known}")
    return found


def difference(
    db: Database, draft: TopicDefinition, samples: int, seed: int = 0, tick: Callable[[int], None] = lambda _: None
) -> Change:
    """Read all loaded articles with the draft and with the live version. `tick` is told of each page's articles."""
    live = live_version(db, draft.id)
    matchers = Matcher([live]) if live else Matcher([]), Matcher([draft])
    change, rng = Change(), random.Random(seed)  # noqa: S311 (a sample, not a secret)
    for row in _stored(db, tick):
        before, after = (only(matcher, row) for matcher in matchers)
        change.read += 1
        kind = change_of(before, after)
        if kind is None:
            continue
        count = getattr(change, kind) + 1
        setattr(change, kind, count)
        match = after or before
        if kind != "kept" and match:
            _keep(change.samples.setdefault(kind, []), (row, match), count, samples, rng)
    return change


def _stored(db: Database, tick: Callable[[int], None]) -> Iterator[Row]:
    after = 0
    while rows := db.rows("topics.to_read", after=after, count=PAGE):
        yield from rows
        after = rows[-1].article_id
        tick(len(rows))


def only(matcher: Matcher, row: Row) -> TopicMatch | None:
    """What the one topic of a matcher says of a stored article; None when it is not on it."""
    found = matcher.match(row.title, row.text, row.language)
    return found[0] if found else None


def change_of(before: TopicMatch | None, after: TopicMatch | None) -> str | None:
    """What becomes of an article: added, dropped, raised, lowered, kept; None when it is on neither."""
    if before and after:
        return "kept" if before.level == after.level else "raised" if after.level == "primary" else "lowered"
    return "added" if after else "dropped" if before else None


def _keep(
    kept: list[tuple[Row, TopicMatch]], item: tuple[Row, TopicMatch], count: int, most: int, rng: random.Random
) -> None:
    """Each of `count` items so far has the same chance to be among those kept."""
    if len(kept) < most:
        kept.append(item)
    elif (place := rng.randrange(count)) < most:
        kept[place] = item


def to_label(db: Database, topic: TopicDefinition, most: int, seed: int) -> list[tuple[Row, Trace]]:
    """Unlabelled articles whose label teaches most: close to the threshold first, on both sides of it in turn."""
    matcher = Matcher([topic])
    rows = db.rows("topics.to_label", topic_id=topic.id, count=POOL, seed=seed)
    traced = [(row, matcher.trace(row.title, row.text, row.language)[0]) for row in rows]
    near = [(row, trace) for row, trace in traced if trace.level == "none" and (trace.evidence or trace.idle)]
    tagged = [(row, trace) for row, trace in traced if trace.level != "none"]
    near.sort(key=lambda pair: (-pair[1].score, -len({idle.list for idle in pair[1].idle}), pair[0].article_id))
    tagged.sort(key=lambda pair: (pair[1].score, pair[0].article_id))
    turns = [pair for place in range(most) for side in (near, tagged) for pair in side[place : place + 1]]
    return turns[:most]


def suggestions(db: Database, topic: TopicDefinition, most: int) -> list[Hint]:
    """Hints from the labels that analysts have given. MediawatchError while there are none on both sides."""
    labelled = db.rows("topics.labels", topic_id=topic.id)
    inside = [f"{row.title}\n\n{row.text}" for row in labelled if row.level in ("primary", "secondary")]
    outside = [f"{row.title}\n\n{row.text}" for row in labelled if row.level == "none"]
    if not (inside and outside):
        raise MediawatchError(
            f"{topic.id} has {len(inside)} labels on the topic and {len(outside)} off it; label some of both first"
        )
    return hints(inside, outside, known_terms(topic), most)


def known_terms(topic: TopicDefinition) -> set[str]:
    """The folded terms of a topic."""
    return {term.folded for terms in topic.lists.values() for term in terms}
