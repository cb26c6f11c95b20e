"""### Poll the due feeds

Every 5 minutes: lease the feeds that are due, poll them in shards, store what they announce.
When something new was announced, the asset **mediawatch_entries** carries the totals and `ingest_articles` starts.

* A feed that fails is an outcome with a reason, not a failed task: see `analyst.feeds` and `analyst.polls`.
* Trigger with `{"force": true}` to poll every active feed now, due or not.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task
from mediawatch import glue


@dag(
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args=glue.DEFAULTS,
    deadline=glue.deadline(minutes=20),
    params={"force": Param(False, type="boolean", description="Poll every active feed now, due or not.")},
    tags=["mediawatch", "feeds"],
    doc_md=__doc__,
)
def poll_feeds() -> None:
    """Feeds → entries."""

    @task
    def claim_feeds(params: Any = None) -> list[str]:
        """Lease the due feeds; one shard a mapped task."""
        return glue.claim_feeds(force=params["force"])

    @task(**glue.WEB, map_index_template="{{ called }}", multiple_outputs=False)
    def poll(shard: str) -> dict[str, int]:
        """Ask each feed of the shard and store what is new."""
        return glue.poll(shard)

    @task(outlets=[glue.ENTRIES], multiple_outputs=False, trigger_rule="none_failed_min_one_success")
    def announce(counts: Any) -> dict[str, int]:
        """One asset event with the totals; skipped when nothing is new."""
        return glue.announce(glue.ENTRIES, counts, "entries_new")

    announce(poll.expand(shard=claim_feeds()))


poll_feeds()
