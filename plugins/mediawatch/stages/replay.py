"""archive → a shadow version: archived pages, or stored texts, under the current methods, beside what analysts see."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mediawatch.articles.extract import ENGINE, EXTRACT_VERSION
from mediawatch.articles.worker import JOB
from mediawatch.errors import Reason, ReplayError
from mediawatch.models import Extracted, ExtractTask, Failure, TopicMatch
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts
from mediawatch.stages.deduplicate import VERSION as STORIES_VERSION
from mediawatch.stages.extract import digest, tasks
from mediawatch.stages.rewrite import values_of
from mediawatch.stages.tagging import compiled
from mediawatch.store import generations
from mediawatch.store.database import Database, Row, json
from mediawatch.stories.overlap import overlap
from mediawatch.topics.matcher import ENGINE_VERSION, Matcher
from mediawatch.workers.pool import Pool

Stage = Literal["extract", "deduplicate", "tag"]
STAGES: tuple[Stage, ...] = ("extract", "deduplicate", "tag")

CHUNK = 100
"""Pages in one transaction: what a killed worker has to do again at the most."""
MOST_PARTS = 64
WITHOUT_ARTICLE = tuple(
    reason.value
    for reason in (Reason.NO_TEXT, Reason.PAYWALL, Reason.UNSUPPORTED_TYPE, Reason.EXTRACT_LIMIT, Reason.EXTRACT_CRASH)
)
"""What extraction said of pages that a better one may make articles of."""

Filled = tuple[object, ...]
"""A page's values in the order of replays.fill."""


def methods(db: Database) -> dict[str, Any]:
    """The version of each step as the code has it, and of each topic."""
    return {
        "extract": f"{EXTRACT_VERSION}, {ENGINE}",
        "deduplicate": STORIES_VERSION,
        "tag": str(ENGINE_VERSION),
        "topics": topics_now(db)[1],
    }


def topics_now(db: Database) -> tuple[Matcher, dict[str, int]]:
    """The topics that tag now: their matcher, and the version of each."""
    live = [row for row in db.rows("topics.taggings") if row.state == "live"]
    return compiled(tuple((row.topic_id, row.body) for row in live)), {row.topic_id: row.version for row in live}


def begin(
    db: Database,
    settings: Settings,
    stage: Stage,
    by: str,
    *,
    source: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> int:
    """A new shadow version over the pages of a source and a range of days (of their fetch, UTC; both ends in); its id.

    ReplayError when there is none.
    """
    now = methods(db)
    with db.transaction():
        made = {each: generations.building(db, each, now[each], b"") for each in STAGES[STAGES.index(stage) :]}
        scope = {"source": source, "since": since, "until": until}
        replay_id: int = db.value(
            "replays.begin", stage=stage, scope=json(scope), methods=json(now | {"generations": made}), by=by
        )
        bounds = {"most_parts": MOST_PARTS, "part_entries": settings.batch_entries, "reasons": list(WITHOUT_ARTICLE)}
        if not db.rows("replays.take_in", replay_id=replay_id, stage=stage, scope=json(scope), **bounds):
            raise ReplayError(f"there is no archived page of {source or 'any source'} in that range")
    return replay_id


def get(db: Database, replay_id: int, *states: str, current: bool = True) -> Row:
    """A replay; ReplayError when it is not there, in another state, or (`current`) begun under other methods."""
    row: Row = db.row("replays.get", replay_id=replay_id)
    if row is None:
        raise ReplayError(f"there is no replay {replay_id}")
    if row.state not in states:
        raise ReplayError(f"replay {replay_id} is {row.state}, not {' or '.join(states)}")
    now = methods(db) if current else {}
    if differs := sorted(key for key, value in now.items() if row.methods[key] != value):
        raise ReplayError(
            f"replay {replay_id} was begun under other methods ({', '.join(differs)}): drop it and build a new one"
        )
    return row


def parts(db: Database, replay_id: int) -> list[int]:
    """The parts of a replay that are not done."""
    get(db, replay_id, "building", "draft")
    return [row.part for row in db.rows("replays.parts", replay_id=replay_id)]


def build(db: Database, settings: Settings, replay_id: int, part: int) -> Counts:
    """Do what is left of a part; counts of pages by outcome. Two workers at one part do the same and harm nothing."""
    replay = get(db, replay_id, "building")
    topics = Topics(*topics_now(db))
    counts: dict[str, int] = {}
    workers = settings.extract_workers or os.cpu_count() or 1
    with Pool[ExtractTask, Extracted](JOB, workers, settings.extract_limit_s, settings.extract_memory_mb) as pool:
        while rows := db.rows("replays.waiting", replay_id=replay_id, part=part, limit=CHUNK):
            made = replay.methods["generations"]
            if replay.stage == "extract":
                filled = extracted(settings, pool, topics, made["extract"], rows)
            elif replay.stage == "tag":
                filled = [retagged(row, made["tag"], topics) for row in rows]
            else:
                filled = [same(row, made["deduplicate"]) for row in rows]
            db.many("replays.fill", filled, replay_id=replay_id)
            for each in filled:
                counts[str(each[2])] = counts.get(str(each[2]), 0) + 1
    return {"pages": sum(counts.values()), **dict(sorted(counts.items()))}


def extracted(
    settings: Settings, pool: Pool[ExtractTask, Extracted], topics: Topics, generation: int, rows: Sequence[Row]
) -> list[Filled]:
    """What extraction makes of a chunk of pages, and the topics of what it finds."""
    unread: dict[int, Exception] = {}
    results = dict(pool.map(tasks(settings.archive_root, rows, unread)))
    filled = []
    for row in rows:
        result = results.get(row.entry_id)
        if result is None:
            filled.append(without(row, generation, "unread", Failure(Reason.INTERNAL, repr(unread[row.entry_id]))))
        elif isinstance(result, Failure):
            filled.append(without(row, generation, "none" if row.article_id is None else "lost", result))
        elif row.article_id is None:
            filled.append((row.entry_id, generation, "gained", None, result.title[:200], *NOTHING))
        else:
            filled.append(compared(row, generation, topics, result))
    return filled


NOTHING: Filled = (None, None, None, False, False, None, [], [])


def without(row: Row, generation: int, outcome: str, failure: Failure) -> Filled:
    """A page that gives no article; one that is there stays as it is."""
    was = row.was if row.article_id else None
    return (row.entry_id, generation, outcome, failure.reason.value, failure.detail[:300], was, *NOTHING[1:])


def same(row: Row, generation: int) -> Filled:
    """An article whose text and topics are not looked at."""
    return (row.entry_id, generation, "same", None, "", row.was, *NOTHING[1:])


def compared(row: Row, generation: int, topics: Topics, article: Extracted) -> Filled:
    """An article beside what it was."""
    values = {name: value for name, value in values_of(row, article, generation).items() if name != "fetched_at"}
    text_changed = digest(article) != bytes(row.text_sha256)
    found = topics.matcher.match(article.title, article.text, article.language)
    tags = json(list(map(asdict, found))) if text_changed or topics.differ(row, found) else None
    return (
        row.entry_id,
        generation,
        "changed",  # or the same, if the database finds no difference
        None,
        "",
        row.was,
        json(values),
        tags,
        text_changed,
        article.title != row.title,
        overlap(row.text, article.text) if text_changed else 1.0,
        [f"{topic}/{level}" for topic, _, level, _ in sorted(row.tags)],
        sorted(f"{m.topic}/{m.level}" for m in found),
    )


def retagged(row: Row, generation: int, topics: Topics) -> Filled:
    """An article's topics beside what they were."""
    found = topics.matcher.match(row.title, row.text, row.language)
    differ = topics.differ(row, found)
    was = [f"{topic}/{level}" for topic, _, level, _ in sorted(row.tags)]
    tags = json(list(map(asdict, found))) if differ else None
    return (
        row.entry_id,
        generation,
        "changed" if differ else "same",
        None,
        "",
        row.was,
        None,
        tags,
        False,
        False,
        None,
        was,
        sorted(f"{m.topic}/{m.level}" for m in found),
    )


@dataclass(frozen=True)
class Topics:
    """The topics that tag now."""

    matcher: Matcher
    versions: Mapping[str, int]

    def differ(self, row: Row, found: Sequence[TopicMatch]) -> bool:
        """Whether an article's tags, or the words that caused them, are others than the stored ones."""
        return sorted(row.tags) != sorted(
            [m.topic, self.versions[m.topic], m.level, [[getattr(e, name) for name in EVIDENCE] for e in m.evidence]]
            for m in found
        )


EVIDENCE = ("signal", "term", "matched", "zone", "start", "end")
