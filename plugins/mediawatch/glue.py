"""What the DAGs call: the one module that knows both Airflow and the pipeline. Ids and counts pass, never bodies.

The pipeline is imported inside the functions: the dag-processor reads DAG files all day and needs none of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, Connection, chain, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from mediawatch.errors import LeaseHeld, SettingsError
from mediawatch.settings import Settings

if TYPE_CHECKING:
    from mediawatch.store.database import Database

Counts = dict[str, int]

ENTRIES = Asset("mediawatch_entries", uri="x-mediawatch://entries")
ARTICLES = Asset("mediawatch_articles", uri="x-mediawatch://articles")
CONNECTION = "mediawatch"

DEFAULTS: dict[str, Any] = {
    "owner": "mediawatch",
    "retries": 3,
    "retry_delay": timedelta(seconds=10),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(minutes=30),
    "weight_rule": "upstream",
}
"""Default arguments of every DAG. `upstream` lets a batch run through before the next one begins."""


def current_settings() -> Settings:
    """Settings from the environment; the database, where that names none, from Airflow's Connection `mediawatch`."""
    settings = Settings.from_env()
    if settings.database_url:
        return settings
    try:
        connection: Any = Connection.get(CONNECTION)
    except AirflowNotFoundException:
        raise SettingsError("set MEDIAWATCH_DATABASE_URL, or make the Airflow Connection mediawatch") from None
    return replace(settings, database_url=connection.get_uri().replace("postgres://", "postgresql://", 1))


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """mediawatch's database, under the name of the task that uses it."""
    from mediawatch.store.database import Database

    with Database(settings.database_url, application=f"mediawatch {name_of_task()}"[:63]) as db:
        yield db


def name_of_task() -> str:
    """The task at work, as it is called in the grid."""
    instance: Any = get_current_context()["ti"]
    return f"{instance.task_id}[{instance.map_index}]" if instance.map_index >= 0 else str(instance.task_id)


def name_of_run() -> str:
    """What leases are held under: a retry or a cleared task of the same run is the same owner."""
    context: Any = get_current_context()
    return f"{context['dag'].dag_id} {context['run_id']}"


def call_it(name: str) -> None:
    """What the grid shows for a mapped task; its template is {{ called }}."""
    context: Any = get_current_context()
    context["called"] = name


def claim_feeds(*, force: bool = False) -> list[str]:
    """Lease the due feeds; the names of their shards."""
    from mediawatch.stages import poll

    settings = current_settings()
    with database(settings) as db:
        return poll.claim_feeds(db, settings, name_of_run(), force=force)


def poll(shard: str) -> Counts:
    """Poll a shard's feeds."""
    from mediawatch.stages import poll

    settings = current_settings()
    call_it(f"shard {shard.rpartition('/')[2]}")
    with database(settings) as db:
        counts = poll.poll(db, settings, shard)
    call_it(f"{counts['feeds']:,} feeds, {counts['entries_new']:,} new entries")
    return counts


POOLS = {"fetch": "web", "extract": "cpu", "deduplicate": "cpu", "tag": "cpu", "load": "default_pool"}
"""The stages of a batch, in order, and the pool that each takes its slot from."""


def through_stages(batch_ids: Any) -> Any:
    """The mapped task group `batch`: each batch through every stage; what the last stage of each counted."""

    def stage(name: str, batch_id: Any) -> Any:
        @task(task_id=name, pool=POOLS[name], map_index_template="{{ called }}", multiple_outputs=False)
        def run(batch_id: int) -> Counts:
            return run_stage(name, batch_id)

        return run(batch_id)

    @task_group(group_id="batch")
    def batch(batch_id: int) -> Any:
        """One batch through every stage."""
        steps = [stage(name, batch_id) for name in POOLS]
        chain(*steps)
        return steps[-1]

    return batch.expand(batch_id=batch_ids)


def claim_batches() -> list[int]:
    """Claim what is ready; the ids of the batches."""
    from mediawatch.stages import claim

    settings = current_settings()
    with database(settings) as db:
        return claim.claim(db, settings, name_of_run())


def run_stage(stage: str, batch_id: int) -> Counts:
    """One stage of one batch; skipped when another run holds the batch."""
    from mediawatch import stages

    settings = current_settings()
    call_it(f"batch {batch_id}")
    with database(settings) as db:
        try:
            counts = stages.run(stage, db, settings, batch_id, name_of_run())
        except LeaseHeld as held:
            raise AirflowSkipException(str(held)) from None
    call_it(f"batch {batch_id}: {counts.get('entries', 0):,} entries, {counts.get('ok', 0):,} ok")
    return counts


def backfill_warc(file: str) -> Counts:
    """Read a WARC file from where it stands; what became of its records. Its batches wait, under this run's lease."""
    from mediawatch.stages.backfill_warc import read_file

    settings = current_settings()
    counts: Counts = {}
    with database(settings) as db:
        for standing in read_file(db, settings, file, name_of_run()):
            counts = standing.counts
            share = standing.read_bytes / max(1, standing.size_bytes)
            call_it(f"{file.rpartition('/')[2]}: {share:.0%}, {counts.get('pages', 0):,} new pages")
    return counts


def batches_of_run() -> list[int]:
    """The batches that this run made and has not finished."""
    with database(current_settings()) as db:
        return [row.batch_id for row in db.rows("backfill.open_batches", owner=name_of_run())]


def backfill_sitemap(url: str, since: str, until: str) -> Counts:
    """Announce what a site's sitemaps date within a range of days; skipped without a URL."""
    from mediawatch.stages.backfill_sitemap import announce_sitemap

    if not url:
        raise AirflowSkipException("no sitemap was named")
    if not (since and until):
        raise SettingsError("a sitemap needs both days: since and until")
    settings = current_settings()
    with database(settings) as db:
        return announce_sitemap(db, settings, url, date.fromisoformat(since), date.fromisoformat(until))


def announce(asset: Asset, counts: Counts | Iterable[Counts], what: str) -> Counts:
    """Put the totals on the asset's event; skipped, without an event, when there is nothing of `what`."""
    totals: Counter[str] = Counter()
    # Airflow hands over the counts of a mapped group bare, not in a list, when the group ran once.
    for each in [counts] if isinstance(counts, dict) else counts:
        totals.update(each or {})  # None where another run holds the batch
    if not totals.get(what):
        raise AirflowSkipException(f"no {what.replace('_', ' ')}")
    events: Any = get_current_context()["outlet_events"]
    events[asset].extra = dict(totals)
    return dict(totals)


def maintain() -> Counts:
    """Daily housekeeping."""
    from mediawatch.stages import maintain as housekeeping

    settings = current_settings()
    with database(settings) as db:
        return housekeeping.maintain(db, settings)


def retag_ranges() -> list[dict[str, int]]:
    """The batches that activated topics wait for, as arguments of `retag`; skipped when no topic waits."""
    from mediawatch.stages import retag

    with database(current_settings()) as db:
        runs = retag.open_runs(db)
        if not runs:
            raise AirflowSkipException("no topic waits")
        return [{"run": run, "batch": batch} for run in runs for batch in retag.unfinished(db, run)]


def retag(run: int, batch: int) -> Counts:
    """Tag a batch of stored articles; counts of articles and tags."""
    from mediawatch.stages import retag

    call_it(f"run {run}, range {batch}")
    with database(current_settings()) as db:
        counts = retag.do_batch(db, run, batch)
    call_it(f"run {run}, range {batch}: {counts['articles']:,} articles, {counts['tags']:,} tags")
    return counts


def switch_topics() -> Counts:
    """Show analysts what the finished runs have built; how many articles changed their topics."""
    from mediawatch.stages import retag

    with database(current_settings()) as db:
        ready = [run for run in retag.open_runs(db) if not retag.unfinished(db, run)]
        return {"runs": len(ready), "changed": sum(retag.switch(db, run) for run in ready)}
