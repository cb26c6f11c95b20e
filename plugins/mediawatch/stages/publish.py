"""A shadow version → what analysts see, in one transaction; or a report of what that would change; or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from mediawatch.errors import ReplayError
from mediawatch.settings import Settings
from mediawatch.stages import events, rewrite
from mediawatch.stages.batch import Counts
from mediawatch.stages.deduplicate import find_links, read_sketch
from mediawatch.stages.replay import get
from mediawatch.stages.tagging import Tagger
from mediawatch.stages.withdraw import withdraw
from mediawatch.store import generations
from mediawatch.store.database import Database, Row, json, plain

CHUNK = 1_000

Report = dict[str, Any]
EVENTS = {"before": "events_before", "after": "events_after", "articles_regrouped": "articles_in_other_events"}


class _Undo(Exception):
    """Rolls the transaction back: what was done in it was done to see what comes of it."""


def compare(db: Database, settings: Settings, replay_id: int) -> Report:
    """The report of a replay whose parts are all done, which is then a draft; ReplayError while pages are left.

    What would become of stories is found out by publishing and rolling back, so it is what publishing does.
    """
    replay = get(db, replay_id, "building", "draft")
    if left := db.value("replays.left_over", replay_id=replay_id):
        raise ReplayError(f"replay {replay_id} is not whole: {left:,} pages are left")
    stories: Report = {}
    with suppress(_Undo), db.transaction():
        db.rows("replays.remember_stories")
        flip(db, settings, replay)
        stories = plain(db.row("replays.compare_stories"))
        raise _Undo
    events = {key: stories.pop(name) for key, name in EVENTS.items()}
    report = summary(db, replay, stories, events)
    with db.transaction():
        db.rows("replays.complete", replay_id=replay_id, report=json(report))
        db.rows("generations.mark", state="draft", generation_ids=list(replay.methods["generations"].values()))
    return report


def publish(db: Database, settings: Settings, replay_id: int, by: str, *, withdraw_lost: bool = False) -> Counts:
    """Make a draft what analysts see, in one transaction; counts of what was written.

    Articles that the new method does not find stay as they are, unless a person has them withdrawn.
    """
    replay = get(db, replay_id, "draft")
    with db.transaction():
        counts = flip(db, settings, replay, withdraw_lost=withdraw_lost)
        if not db.rows("replays.settle", replay_id=replay_id, state="live", by=by, states=["draft"]):
            raise ReplayError(f"replay {replay_id} was settled by somebody else")
    return counts


def drop(db: Database, replay_id: int, by: str) -> None:
    """Give a replay up; its report stays, its rows go."""
    row = get(db, replay_id, "building", "draft", current=False)
    with db.transaction():
        if not db.rows("replays.settle", replay_id=replay_id, state="retired", by=by, states=["building", "draft"]):
            raise ReplayError(f"replay {replay_id} was settled by somebody else")
        db.rows("replays.forget_rows", replay_id=replay_id)
        db.rows("generations.mark", state="retired", generation_ids=list(row.methods["generations"].values()))


def flip(db: Database, settings: Settings, replay: Row, *, withdraw_lost: bool = False) -> Counts:
    """Write a replay's rows over the live ones; to be called in a transaction.

    An article that was revised since its row was made is left as it is: it was read by the current method already.
    """
    db.rows("stories.serialise_grouping")
    db.rows("replays.hold_index")
    made = {
        stage: generations.enliven(db, stage, replay.methods[stage], b"") for stage in replay.methods["generations"]
    }
    stories = made.get("deduplicate") or live(db, "deduplicate")
    current = rewrite.Current(
        stories,
        generations.enliven(db, "group", events.VERSION, b""),
        made.get("tag") or live(db, "tag"),
        Tagger(db.rows("topics.taggings")),
    )
    texts, tagged = 0, 0
    changed: list[int] = []
    stale: int = db.value("replays.stale", replay_id=replay.replay_id)
    for rows in fresh(db, replay.replay_id):
        others = {row.article_id: row.values for row in rows if row.values is not None}
        rewrite.write_texts(db, others)
        tags = [row.article_id for row in rows if row.tags is not None]
        rewrite.retag(db, current, tags)  # the same text under the same topics: the tags that the draft has shown
        changed += [row.article_id for row in rows if row.text_changed]
        texts, tagged = texts + len(others), tagged + len(tags)
    if replay.stage == "extract":
        db.rows("replays.adopt_same", replay_id=replay.replay_id)
        old = db.rows("replays.sketched_by_others", replay_id=replay.replay_id, generation_id=stories)
        changed = sorted({*changed, *(row.article_id for row in old)})
    if replay.stage == "deduplicate":
        changed = [row.article_id for row in db.rows("replays.articles", replay_id=replay.replay_id)]
    regroup(db, current, changed)
    gained = reopen(db, settings, replay.replay_id)
    counts = {"articles": texts, "texts": len(changed), "tagged": tagged, "gained": gained, "revised_since": stale}
    return counts | ({"withdrawn": withdraw(db, replay.replay_id, current.events)} if withdraw_lost else {})


def fresh(db: Database, replay_id: int) -> Iterator[list[Row]]:
    """A replay's rows that differ and may be written, in pieces."""
    after = 0
    while rows := db.rows("replays.fresh", replay_id=replay_id, after=after, limit=CHUNK):
        after = rows[-1].entry_id
        yield rows


def regroup(db: Database, current: rewrite.Current, articles: list[int]) -> None:
    """Sketch articles anew, find what they share text with, and decide the stories of all that this touches."""
    for chunk in rewrite.chunks(articles, CHUNK):
        texts = {row.article_id: row.text for row in db.rows("replays.texts", article_ids=chunk)}
        rewrite.index(db, current, rewrite.read_texts(db, texts))
    touched = {article for chunk in rewrite.chunks(articles, CHUNK) for article in rewrite.unlink(db, chunk)}
    for chunk in rewrite.chunks(articles, CHUNK):
        sketches = {row.article_id: read_sketch(row) for row in db.rows("stories.sketches", article_ids=chunk)}
        links = find_links(db, sketches)
        rewrite.link(db, current, links)
        touched.update(article for pair in links for article in pair)
    rewrite.decide(db, current, sorted(touched.union(articles)))


def reopen(db: Database, settings: Settings, replay_id: int) -> int:
    """Send entries whose page is an article now through the stages, in batches that the next ingest takes over."""
    entries = [row.entry_id for row in db.rows("replays.gained", replay_id=replay_id)]
    for chunk in rewrite.chunks(entries, settings.batch_entries):
        batch_id = db.value("backfill.next_batch")
        owner = f"replay {replay_id}"
        db.rows("backfill.make_batch", batch_id=batch_id, owner=owner, lease_s=0, entries=len(chunk))
        db.rows("replays.reopen", batch_id=batch_id, entry_ids=chunk)
    return len(entries)


def live(db: Database, stage: str) -> int:
    """The live generation of a stage that the replay leaves alone."""
    return int(db.value("generations.live", stage=stage))


def summary(db: Database, replay: Row, stories: Report, events: Report) -> Report:
    """What publishing would change, in figures and by the articles that change most; plain values."""
    outcomes = {row.outcome: plain(row) for row in db.rows("replays.outcomes", replay_id=replay.replay_id)}
    changed = outcomes.get("changed", {})
    keys = ("articles", "texts", "titles", "tagged", "dates", "dates_by_a_day", "dates_gained", "dates_lost")
    return {
        "stage": replay.stage,
        "pages": sum(each["pages"] for each in outcomes.values()),
        "outcomes": {name: each["pages"] for name, each in outcomes.items()},
        "changed": {key: changed.get(key, 0) for key in keys},
        "overlap": {"mean": changed.get("overlap"), "p10": changed.get("overlap_p10")},
        "reasons": [plain(row) for row in db.rows("replays.reasons", replay_id=replay.replay_id)],
        "topics": [plain(row) for row in db.rows("replays.topics", replay_id=replay.replay_id)],
        "stories": stories,
        "events": events,
        "worst": [
            {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in plain(row).items()}
            for row in db.rows("replays.worst", replay_id=replay.replay_id)
        ],
    }
