"""What the DAGs call: here and in the glue_… beside it Airflow meets the pipeline. Ids and counts pass, never bodies.

The pipeline is imported inside the functions: the dag-processor reads DAG files all day and needs none of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.sdk import (
    Asset,
    Connection,
    chain,
    get_current_context,
    task,
    task_group,
)
from airflow.sdk.configuration import conf
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException
from airflow.sdk.observability import stats

from mediawatch import credentials
from mediawatch.errors import LeaseHeld, Reason, SettingsError
from mediawatch.settings import Settings

if TYPE_CHECKING:
    from mediawatch.store.batches import Task
    from mediawatch.store.database import Database

Counts = dict[str, int]
REASONS = {reason.value for reason in Reason}
Claimed = TypeVar("Claimed", int, str)

ENTRIES = Asset("mediawatch_entries", uri="x-mediawatch://entries")
ARTICLES = Asset("mediawatch_articles", uri="x-mediawatch://articles")
CONNECTION = "mediawatch"
DESK = "mediawatch"
"""Where the desk's pages are, behind Airflow's own address."""
WRITING_DAG = "retag_articles"
"""Whoever may edit this DAG may write in the desk: verdicts on copies, drafts of topics."""

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
    """Settings from the environment; what it leaves open is Airflow's: the database of its Connection `mediawatch`, and
    the desk at its own address."""
    settings = Settings.from_env()
    if not settings.desk_url and (base := conf.get("api", "base_url", fallback="") or ""):
        settings = replace(settings, desk_url=f"{base.rstrip('/')}/{DESK}")
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


def this_task() -> Task:
    """The task at work, as the desk finds its batch by."""
    from mediawatch.store.batches import Task

    context: Any = get_current_context()
    instance = context["ti"]
    where = context["dag"].dag_id, context["run_id"], instance.task_id
    return Task(*where, instance.map_index, instance.try_number)


def call_it(name: str) -> None:
    """What the grid shows for a mapped task; its template is {{ called }}."""
    context: Any = get_current_context()
    context["called"] = name


def some(claimed: list[Claimed], what: str) -> list[Claimed]:
    """What was claimed; skipped when that is nothing.

    An empty list would do for a new run. In one that is cleared it removes the mapped tasks of the first time, and
    what comes after them counts as failed.
    """
    if not claimed:
        raise AirflowSkipException(f"no {what}")
    return claimed


def claim_feeds(*, force: bool = False) -> list[str]:
    """Lease the due feeds; the names of their shards; skipped when none is due."""
    from mediawatch.stages import poll

    settings = current_settings()
    with database(settings) as db:
        return some(poll.claim_feeds(db, settings, name_of_run(), force=force), "feed is due")


def credential(name: str) -> str:
    """A feed's secret: from the environment, else from the Airflow Connection of that name (login and password, or a
    token as its password)."""
    try:
        return credentials.from_environment(name)
    except SettingsError as missing:
        connection = connection_of(name, missing)
    password = connection.password or ""
    return credentials.basic(connection.login, password) if connection.login else f"Bearer {password}"


def connection_of(name: str, missing: SettingsError) -> Any:
    """The Airflow Connection of that name; SettingsError, which says what else is missing, when there is none."""
    try:
        return Connection.get(name)
    except AirflowNotFoundException:
        raise SettingsError(f"{missing}, or make the Airflow Connection {name}") from None


def poll(shard: str) -> Counts:
    """Poll a shard's feeds."""
    from mediawatch.stages import poll

    settings = current_settings()
    call_it(f"shard {shard.rpartition('/')[2]}")
    with database(settings) as db:
        counts = poll.poll(db, settings, shard, credential)
    failed = f", {counts['failed']:,} failed" if counts.get("failed") else ""
    call_it(f"{counts['feeds']:,} feeds, {counts['entries_new']:,} new entries{failed}")
    count("poll", counts)
    return counts


WEB: dict[str, Any] = {"pool": "web", "queue": "web"}
CPU: dict[str, Any] = {"pool": "cpu", "queue": "cpu"}
"""Where a task runs that waits for other people's servers, and one that computes: a slot of the pool of that name, and
a worker that serves the queue of that name, if Celery runs the tasks. All others: Airflow's default pool and queue."""
EXTRACT: dict[str, Any] = {**CPU, "pool_slots": 2}
"""An extraction has several processes: with the cores to itself it ends early, and the next stages of its batch run
beside the next one; batches that extract side by side end at one time, and queue to be loaded."""
PLACES: dict[str, dict[str, Any]] = {"fetch": WEB, "extract": EXTRACT, "deduplicate": CPU, "tag": CPU, "load": {}}
"""The stages of a batch, in order, and where each runs."""

STAGE_DOCS = {
    "fetch": "Ask for the pages. Slow here: slow or pacing hosts, or no slot in the pool `web`.",
    "extract": "Read articles from the pages, in processes of their own. Slow here: no slot in the pool `cpu`.",
    "deduplicate": "Find the copies of each article: which story it belongs to.",
    "tag": "Which topics each article is on, and by which words.",
    "load": "Group the stories into events and show all of it to analysts, in one transaction.",
}
"""What the grid says of each; every one says in its name what became of its entries, the commonest failures first."""


def through_stages(batch_ids: Any) -> Any:
    """The mapped task group `batch`: each batch through every stage; what the last stage of each counted."""

    def stage(name: str, batch_id: Any) -> Any:
        @task(
            task_id=name,
            **PLACES[name],
            map_index_template="{{ called }}",
            multiple_outputs=False,
            doc_md=STAGE_DOCS[name],
        )
        def run(batch_id: int) -> Counts:
            return run_stage(name, batch_id)

        return run(batch_id)

    @task_group(group_id="batch")
    def batch(batch_id: int) -> Any:
        """One batch through every stage."""
        steps = [stage(name, batch_id) for name in PLACES]
        chain(*steps)
        return steps[-1]

    return batch.expand(batch_id=batch_ids)


def claim_batches() -> list[int]:
    """Claim what is ready; the ids of the batches; skipped when nothing is ready."""
    from mediawatch.stages import claim

    settings = current_settings()
    with database(settings) as db:
        return some(claim.claim(db, settings, name_of_run()), "entry is ready")


def run_stage(stage: str, batch_id: int) -> Counts:
    """One stage of one batch; skipped when another run holds the batch."""
    from mediawatch import stages
    from mediawatch.store.batches import worked_on

    settings = current_settings()
    call_it(f"batch {batch_id}")
    began = monotonic()
    with database(settings) as db:
        try:
            with worked_on(db, batch_id, stage, this_task()) as told:
                counts = stages.run(stage, db, settings, batch_id, name_of_run())
                told.update(counts)
        except LeaseHeld as held:
            raise AirflowSkipException(str(held)) from None
    call_it(f"batch {batch_id}: {counts.get('entries', 0):,} entries, {counts.get('ok', 0):,} ok{reasons_of(counts)}")
    count(stage, counts)
    stats.timing(f"mediawatch.{stage}.seconds", timedelta(seconds=monotonic() - began))
    return counts


def reasons_of(counts: Counts, most: int = 3) -> str:
    """`, 31 timeout, 8 not_found`: what else a stage counted by outcome reason, the commonest first."""
    reasons = sorted(((n, name) for name, n in counts.items() if name in REASONS and n), key=lambda each: -each[0])
    return "".join(f", {n:,} {name}" for n, name in reasons[:most])


def count(what: str, counts: Counts) -> None:
    """A stage's counts as Airflow's counters `mediawatch.<what>.<count>`, e.g. mediawatch.fetch.timeout."""
    for name, n in counts.items():
        if n:
            stats.incr(f"mediawatch.{what}.{name}", n)


def claim_refetches() -> list[str]:
    """Lease the articles that are due to be looked at again; the names of their shards; skipped when none is due."""
    from mediawatch.stages import refetch

    settings = current_settings()
    with database(settings) as db:
        return some(refetch.claim(db, settings, name_of_run()), "article is due")


def refetch(shard: str) -> Counts:
    """Ask for a shard's pages again."""
    from mediawatch.stages.refetch import refetch as ask

    settings = current_settings()
    call_it(f"shard {shard.rpartition('/')[2]}")
    with database(settings) as db:
        counts = ask(db, settings, shard)
    call_it(f"{counts['articles']:,} articles, {counts.get('changed', 0):,} with other bytes")
    return counts


def revise(shard: str) -> Counts:
    """Read a shard's changed pages."""
    from mediawatch.stages.revise import revise as write

    settings = current_settings()
    call_it(f"shard {shard.rpartition('/')[2]}")
    with database(settings) as db:
        counts = write(db, settings, shard)
    call_it(f"{counts['articles']:,} pages read, {counts.get('revised', 0):,} revisions")
    return counts


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


def retain() -> Counts:
    """Take away what is old."""
    from mediawatch.stages import retention

    settings = current_settings()
    with database(settings) as db:
        return retention.retain(db, settings)


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


def deadline(**time: float) -> DeadlineAlert | None:
    """A run that is not over so long after it was queued raises an alert (rule kind run_late).

    None under an executor that runs no callbacks: there a missed deadline would stop Airflow's scheduler.
    """
    if not any(name in conf.get("core", "executor", fallback="") for name in ("LocalExecutor", "CeleryExecutor")):
        return None
    told = SyncCallback("mediawatch.glue_alerts.tell_late_run")
    return DeadlineAlert(reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=timedelta(**time), callback=told)


def desk() -> Any:
    """The web pages, behind Airflow's rights: reading takes the view WEBSITE, writing PUT on the DAG retag_articles."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagDetails
    from airflow.api_fastapi.core_api import security
    from fastapi import Depends

    from mediawatch.desk.app import create_app
    from mediawatch.desk.rights import User
    from mediawatch.store.database import Database

    def who(user: Any = Depends(security.get_user)) -> User:  # noqa: B008 - FastAPI's way
        details = DagDetails(id=WRITING_DAG)
        may_write = get_auth_manager().is_authorized_dag(method="PUT", details=details, user=user)
        return User(user.get_name(), may_write)

    return create_app(
        lambda: Database(current_settings().database_url, application="mediawatch desk"),
        reading=security.requires_access_view(AccessView.WEBSITE),
        writing=security.requires_access_dag("PUT", param_dag_id=WRITING_DAG),
        who=who,
    )
