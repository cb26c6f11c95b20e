"""The whole flow once, in this process: what the DAGs do, without Airflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from mediawatch import stages
from mediawatch.settings import Settings
from mediawatch.stages import retag
from mediawatch.stages.backfill_warc import Standing, read_file
from mediawatch.stages.batch import Counts
from mediawatch.store.database import Database
from mediawatch.web.warc_input import name_of

Progress = Callable[[str, Counts], None]
"""Called with the name of what was done (poll, claim, read, fetch, …) and its counts."""


def run_once(
    db: Database, settings: Settings, owner: str, *, force: bool = False, progress: Progress = lambda *_: None
) -> Counts:
    """Poll the due feeds (with `force` all active ones), then take every entry that is ready through all stages.

    Topics that wait for the stored articles are finished too. Entries whose retry is due later stay for a later run.
    Counts: feeds, entries_new, batches, ok (articles loaded).
    """
    totals: Counter[str] = Counter()
    try:
        for shard in stages.poll.claim_feeds(db, settings, owner, force=force):
            counts = stages.poll.poll(db, settings, shard)
            totals.update({key: counts[key] for key in ("feeds", "entries_new")})
            progress("poll", counts)
    finally:  # nobody will retry this run: what it did not reach is due for the next
        db.rows("feeds.free_run", run=owner)
    while batches := stages.claim.claim(db, settings, owner):
        progress("claim", {"batches": len(batches), "entries": db.value("batches.entries", batch_ids=batches)})
        for batch_id in batches:
            totals.update({"batches": 1, "ok": run_batch(db, settings, batch_id, owner, progress)})
    for waiting in retag.open_runs(db):
        retag.run(db, waiting)
    return {"feeds": 0, "entries_new": 0, "batches": 0, "ok": 0} | dict(totals)


def run_batch(db: Database, settings: Settings, batch_id: int, owner: str, progress: Progress) -> int:
    """Take one batch through all stages; how many of its articles were loaded."""
    counts: Counts = {}
    for stage in stages.STAGES:
        counts = stages.run(stage, db, settings, batch_id, owner)
        progress(stage, counts)
    return counts.get("ok", 0)


def backfill_once(
    db: Database,
    settings: Settings,
    file: str,
    *,
    tick: Callable[[int], None] = lambda _: None,
    progress: Progress = lambda *_: None,
) -> tuple[Standing, int]:
    """Take a WARC file's pages through all stages, group by group; where the file stands, and how many articles loaded.

    What an earlier run of the same file left is done first. `tick` is told the offset after each record.
    """
    owner = f"backfill {name_of(file)}"
    loaded = sum(
        run_batch(db, settings, row.batch_id, owner, progress) for row in db.rows("backfill.open_batches", owner=owner)
    )
    for standing in read_file(db, settings, file, owner, tick):
        progress("read", standing.counts)
        if standing.batch_id is not None:
            loaded += run_batch(db, settings, standing.batch_id, owner, progress)
    return standing, loaded
