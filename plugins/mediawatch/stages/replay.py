"""archive → a shadow version: archived pages, or stored texts, under the current methods, beside what analysts see."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mediawatch.articles.extract import ENGINE, EXTRACT_VERSION
from mediawatch.articles.worker import JOB
from mediawatch.errors import Reason, ReplayError
from mediawatch.models import Extracted, ExtractTask, Failure, TopicMatch
from mediawatch.settings import Settings
from mediawatch.stages import tails
from mediawatch.stages.batch import Counts
from mediawatch.stages.deduplicate import VERSION as STORIES_VERSION
from mediawatch.stages.extract import digest, refuse_epidemic, tasks
from mediawatch.stages.rewrite import values_of
from mediawatch.stages.tagging import compiled
from mediawatch.stages.withdraw import BY_RULE
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
WITHOUT_ARTICLE = tuple(reason.value for reason in (*BY_RULE, Reason.EXTRACT_LIMIT, Reason.EXTRACT_CRASH))
"""What extraction said of pages that a better one may make articles of."""


Told = list[Any]
"""[topic, version, level, [[signal, term, matched, zone, start, end], …]]"""


@dataclass(frozen=True)
class Filled:
    """What the methods make of one page; its fields are those of replays.fill, in that order."""

    entry_id: int
    generation_id: int
    outcome: str
    reason: str | None = None
    detail: str = ""
    was: bytes | None = None
    values: object = None
    tags: object = None
    text_changed: bool = False
    title_changed: bool = False
    overlap: float | None = None
    topics_was: Sequence[str] = ()
    topics: Sequence[str] = ()

    def row(self) -> tuple[object, ...]:
        """Its values, as the statement takes them."""
        return tuple(list(value) if isinstance(value, tuple) else value for value in vars(self).values())


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
    generation = replay.methods["generations"][replay.stage]
    topics = Topics(*topics_now(db))
    counts: Counter[str] = Counter()
    workers = settings.extract_workers or os.cpu_count() or 1
    with Pool[ExtractTask, Extracted](JOB, workers, settings.extract_limit_s, settings.extract_memory_mb) as pool:
        while rows := db.rows("replays.waiting", replay_id=replay_id, part=part, limit=CHUNK):
            if replay.stage == "extract":
                filled = extracted(db, settings, pool, topics, generation, rows)
            elif replay.stage == "tag":
                filled = [retagged(row, generation, topics) for row in rows]
            else:  # stories are decided when all is there
                filled = [Filled(row.entry_id, generation, "same", was=row.was) for row in rows]
            db.many("replays.fill", [each.row() for each in filled], replay_id=replay_id)
            counts.update(each.outcome for each in filled)
    return {"pages": counts.total(), **dict(sorted(counts.items()))}


def extracted(
    db: Database,
    settings: Settings,
    pool: Pool[ExtractTask, Extracted],
    topics: Topics,
    generation: int,
    rows: Sequence[Row],
) -> list[Filled]:
    """What extraction makes of a chunk of pages, and the topics of what it finds.

    RuntimeError when the archive cannot be read, or the extractor dies, on many pages at once: that is not the pages'.
    """
    unread: dict[int, Exception] = {}
    results = dict(pool.map(tasks(settings.archive_root, rows, tails.known(db, rows), unread)))
    refuse_epidemic(results, {k: error for k, error in unread.items() if not isinstance(error, FileNotFoundError)})
    filled = []
    for row in rows:
        result = results.get(row.entry_id) or Failure(Reason.INTERNAL, repr(unread[row.entry_id]))
        if isinstance(result, Extracted):
            filled.append((compared if row.article_id else gained)(row, generation, topics, result))
        else:  # an article that is there stays as it is
            outcome = "unread" if row.entry_id in unread else "lost" if row.article_id else "none"
            was = row.was if row.article_id else None
            filled.append(Filled(row.entry_id, generation, outcome, result.reason.value, result.detail[:300], was))
    return filled


def gained(row: Row, generation: int, topics: Topics, article: Extracted) -> Filled:
    """A page that is an article now."""
    return Filled(row.entry_id, generation, "gained", detail=article.title[:300])


def compared(row: Row, generation: int, topics: Topics, article: Extracted) -> Filled:
    """An article beside what it was; "changed" becomes "same" where the database finds no difference."""
    values = {name: value for name, value in values_of(row, article, generation).items() if name != "fetched_at"}
    text_changed = digest(article) != bytes(row.text_sha256)
    found = topics.matcher.match(article.title, article.text, article.language)
    return Filled(
        row.entry_id,
        generation,
        "changed",
        was=row.was,
        values=json(values),
        tags=stored(found) if text_changed or topics.differ(row, found) else None,
        text_changed=text_changed,
        title_changed=article.title != row.title,
        overlap=overlap(row.text, article.text) if text_changed else 1.0,
        topics_was=levels(row.tags),
        topics=levels(topics.told(found)),
    )


def retagged(row: Row, generation: int, topics: Topics) -> Filled:
    """An article's topics beside what they were."""
    found = topics.matcher.match(row.title, row.text, row.language)
    differ = topics.differ(row, found)
    outcome, tags = ("changed", stored(found)) if differ else ("same", None)
    was, now = levels(row.tags), levels(topics.told(found))
    return Filled(row.entry_id, generation, outcome, was=row.was, tags=tags, topics_was=was, topics=now)


def stored(found: Sequence[TopicMatch]) -> object:
    """Topics with their evidence, as a replay keeps them."""
    return json(list(map(asdict, found)))


def levels(tags: Sequence[Told]) -> list[str]:
    """topic/level of each, for the report."""
    return sorted(f"{topic}/{level}" for topic, _, level, _ in tags)


@dataclass(frozen=True)
class Topics:
    """The topics that tag now."""

    matcher: Matcher
    versions: Mapping[str, int]

    def told(self, found: Sequence[TopicMatch]) -> list[Told]:
        """Tags and the words that caused them, as the database tells of the stored ones."""
        return sorted(
            [m.topic, self.versions[m.topic], m.level, [[getattr(e, name) for name in EVIDENCE] for e in m.evidence]]
            for m in found
        )

    def differ(self, row: Row, found: Sequence[TopicMatch]) -> bool:
        """Whether an article's tags, or the words that caused them, are others than the stored ones."""
        return sorted(row.tags) != self.told(found)


EVIDENCE = ("signal", "term", "matched", "zone", "start", "end")
