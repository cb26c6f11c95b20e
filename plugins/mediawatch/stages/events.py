"""stories → events: read what new stories are about, ask who else tells of it, and group all of them anew.

Part of `load`: it works on the articles of one batch, inside the transaction that makes them visible.
Whatever decides stories anew later (a revision, a replay, a verdict, a regrouping) calls `follow_stories`.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from math import floor

import numpy as np

from mediawatch.events.group import GROUP_VERSION, Story, group, telling, worth_comparing
from mediawatch.events.label import label
from mediawatch.events.rarity import COUNT_TYPE, RARITY_VERSION, Rarity, unlearned
from mediawatch.events.terms import TERMS_VERSION, Terms, terms
from mediawatch.store.database import Database, Row
from mediawatch.stories.naming import keep_ids, redirects

VERSION = f"terms {TERMS_VERSION}, rarity {RARITY_VERSION}, group {GROUP_VERSION}"

INDEXED_TERMS = 12
"""Terms by which a story is found again; two of them are enough to be compared."""
STORIES_AT_ONCE = 300
"""All that are grouped together are compared pair by pair."""
ARTICLES_AT_ONCE = 1_000
"""Texts that are read in one go."""
LEAST_TERMS = 2
NEWEST_PER_TERM = 40
MOST_CANDIDATES = 12
NEWEST_PER_EVENT = 60
"""An event's older stories stay in it, as long as the newer ones do."""
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FORTNIGHT = timedelta(days=14)
"""Stories are looked for in their own fortnight and the nearer one of those beside it."""


@dataclass(frozen=True)
class Reading:
    """What one story is about, as its article `article_id` tells it."""

    article_id: int
    story: Story


def read_stories(db: Database, article_ids: Sequence[int]) -> list[Reading]:
    """What the stories of these articles are about, where that is not known yet; writes nothing."""
    return [
        Reading(row.article_id, Story(row.story_id, terms(row.title, row.text, row.language), row.at, row.language))
        for row in db.rows("events.to_read", article_ids=list(article_ids))
    ]


def group_stories(db: Database, readings: Sequence[Reading], generation: int) -> list[int]:
    """Put these stories into events, and their neighbours where they move; the events that lost or won a story.

    To be called inside a transaction that holds the grouping lock.
    """
    ids = [each.story.story_id for each in readings]
    counted = {row.story_id for row in db.rows("events.counted", story_ids=ids)}
    db.many("events.insert_terms", [_terms_row(each, generation) for each in readings])
    languages: dict[str | None, list[Story]] = {}
    for each in readings:
        languages.setdefault(each.story.language, []).append(each.story)
    return [
        event
        for stories in languages.values()
        for at in range(0, len(stories), STORIES_AT_ONCE)
        for event in _group_language(db, stories[at : at + STORIES_AT_ONCE], counted)
    ]


def forget_stories(db: Database, stories: Sequence[int]) -> list[int]:
    """Take out of their events the stories that have become one of these; the events that lost one."""
    return [row.event_id for row in db.rows("events.forget_redirected", story_ids=list(stories))]


def follow_stories(db: Database, articles: Sequence[int], generation: int) -> None:
    """Bring the events of these articles' stories, and all counts, up to stories that were just decided anew.

    To be called inside a transaction that holds the grouping lock.
    """
    stories = [row.story_id for row in db.rows("events.stories", article_ids=list(articles))]
    changed = forget_stories(db, stories)
    for at in range(0, len(articles), ARTICLES_AT_ONCE):
        readings = read_stories(db, articles[at : at + ARTICLES_AT_ONCE])
        changed += group_stories(db, readings, generation)
    db.rows("stories.refresh", story_ids=stories)
    db.rows("events.refresh", story_ids=stories, event_ids=sorted(set(changed)))


def name_anew(db: Database, events: Sequence[int]) -> None:
    """Title and terms of events from the stories that are left in them; none for those that are empty now."""
    named: list[int] = []
    rows = db.rows("events.members", event_ids=list(events), per_event=NEWEST_PER_EVENT)
    for language in sorted({row.language for row in rows}, key=str):
        told = [row for row in rows if row.language == language]
        assigned = {row.story_id: row.event_id for row in told}
        named += assigned.values()
        _label(db, told, assigned, rarity_of(db, language), set(assigned.values()))
    db.many("events.label", [(event, "", []) for event in sorted(set(events) - set(named))])


def _terms_row(reading: Reading, generation: int) -> tuple[object, ...]:
    story = reading.story
    made = story.terms
    key = (story.story_id, reading.article_id, generation)
    return (*key, made.terms, made.weights, made.days, story.language, story.at)


def _group_language(db: Database, stories: Sequence[Story], counted: Collection[int]) -> list[int]:
    """The same for stories of one language; those that were `counted` before are only read again."""
    language = stories[0].language
    rarity = rarity_of(db, language).after([story.terms.hashes for story in stories if story.story_id not in counted])
    counts = zlib.compress(rarity.counts.tobytes(), 1)
    db.rows("events.save_counts", language=language or "", stories=rarity.stories, counts=counts)
    ids = {story.story_id for story in stories} | set(_candidates(db, stories, rarity))
    rows = db.rows("events.neighbours", story_ids=sorted(ids), per_event=NEWEST_PER_EVENT)
    near = [row for row in rows if row.language == language]
    groups = group([story_of(row) for row in near], rarity)
    known = {row.story_id: row.event_id for row in near if row.event_id is not None}
    assigned = _assign(db, groups, known)
    changed = _note(db, assigned, known)
    _label(db, near, assigned, rarity, set(changed))
    return changed


def rarity_of(db: Database, language: str | None) -> Rarity:
    """How rare terms are among the stories of a language so far."""
    row = db.row("events.counts", language=language or "")
    return Rarity(row.stories, np.frombuffer(zlib.decompress(row.counts), COUNT_TYPE)) if row else unlearned()


def _candidates(db: Database, stories: Sequence[Story], rarity: Rarity) -> list[int]:
    """Stories that may tell of what one of these tells; these are in the index afterwards."""
    own: list[tuple[int, int]] = []
    asked: list[tuple[int, int]] = []
    for story in stories:
        fortnights = (story.at - EPOCH) / FORTNIGHT if story.at else 0.0
        fortnight = floor(fortnights)
        near = (fortnight, fortnight + (1 if fortnights - fortnight >= 0.5 else -1))
        for term in telling(story.terms, rarity, story.language, INDEXED_TERMS):
            own.append((_key(term, fortnight), story.story_id))
            asked += [(story.story_id, _key(term, each)) for each in near]
    own.sort()
    db.rows("events.insert_index", terms=[term for term, _ in own], story_ids=[story for _, story in own])
    found = db.rows(
        "events.candidates",
        story_ids=[story for story, _ in asked],
        terms=[term for _, term in asked],
        per_term=NEWEST_PER_TERM,
        least=LEAST_TERMS,
        most=MOST_CANDIDATES,
    )
    pairs = [(row.story_id, row.candidate_id) for row in found]
    own_ids = {story.story_id for story in stories}
    others = sorted({candidate for _, candidate in pairs} - own_ids)
    known = [*stories, *map(story_of, db.rows("events.terms", story_ids=others))]
    read = {story.story_id for story in known}
    pairs = [pair for pair in pairs if pair[1] in read]
    return worth_comparing(known, pairs, rarity)


def _key(term: int, fortnight: int) -> int:
    """A term in a fortnight, as a signed 32-bit number."""
    mixed = (term + fortnight * 0x9E3779B1) & 0xFFFFFFFF
    return mixed - (1 << 32) if mixed >> 31 else mixed


def _assign(db: Database, groups: Sequence[Sequence[int]], known: Mapping[int, int]) -> dict[int, int]:
    """{story: event} after grouping; ids stay with most of their stories."""
    kept = keep_ids(groups, known)
    fresh = iter(db.rows("events.create", count=kept.count(None)))
    events = [next(fresh).event_id if event is None else event for event in kept]
    assigned = {story: event for event, each in zip(events, groups, strict=True) for story in each}
    db.many("events.assign", sorted(item for item in assigned.items() if known.get(item[0]) != item[1]))
    return assigned


def _note(db: Database, assigned: Mapping[int, int], known: Mapping[int, int]) -> list[int]:
    """Write down which events lost stories to which; every event that lost or won one."""
    moved: dict[tuple[int, int], list[int]] = {}
    for story, was in known.items():
        if assigned[story] != was:
            moved.setdefault((was, assigned[story]), []).append(story)
    left = set(assigned.values())
    gone = redirects(assigned, known)
    db.many("events.redirect", sorted(gone.items()))
    changes = [(was, now, "split" if was in left else "merge", sorted(each)) for (was, now), each in moved.items()]
    db.many("events.note_changes", sorted(changes))
    return sorted({event for pair in moved for event in pair} | {assigned[s] for s in assigned.keys() - known.keys()})


def _label(db: Database, rows: Sequence[Row], assigned: Mapping[int, int], rarity: Rarity, events: set[int]) -> None:
    members: dict[int, list[tuple[Story, str]]] = {}
    for row in rows:
        if assigned[row.story_id] in events:
            members.setdefault(assigned[row.story_id], []).append((story_of(row), row.title))
    db.many("events.label", [(event, *label(each, rarity)) for event, each in sorted(members.items())])


def story_of(row: Row) -> Story:
    """A stored story."""
    return Story(row.story_id, Terms(bytes(row.terms), bytes(row.weights), row.days), row.at, row.language)
