"""### Articles, looked at again

Every 15 minutes: lease the articles that are due, ask for their pages, and read those whose bytes have changed.
A change of title or text becomes a row of `analyst.revisions`; removals, corrections and retractions are rows of
`analyst.article_changes`; `analyst.article_life` says where each article stands and when it is due again.

* Articles are due ever more rarely as they age, and at once when a feed dates them anew.
* An unchanged page costs one request, answered with 304 by servers that can, and one small record in the archive.
* Pause this DAG to stop refetching; nothing else depends on it, and what is due waits.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task, task_group
from mediawatch import glue


@dag(
    schedule=CronTriggerTimetable("7-59/15 * * * *", timezone="UTC"),
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args=glue.DEFAULTS,
    deadline=glue.deadline(hours=1),
    tags=["mediawatch", "articles", "revisions"],
    doc_md=__doc__,
)
def refetch_articles() -> None:
    """Articles → pages again → revisions."""

    @task
    def claim_articles() -> list[str]:
        """Lease what is due; one shard a mapped group."""
        return glue.claim_refetches()

    @task(**glue.WEB, map_index_template="{{ called }}", multiple_outputs=False)
    def refetch(shard: str) -> dict[str, int]:
        """Ask for each page of the shard and note what became of it."""
        return glue.refetch(shard)

    @task(**glue.CPU, map_index_template="{{ called }}", multiple_outputs=False)
    def revise(shard: str) -> dict[str, int]:
        """Read the pages that have changed and write the new versions."""
        return glue.revise(shard)

    @task_group(group_id="shard")
    def look_again(shard: Any) -> None:
        """One shard: asked for, then read."""
        refetch(shard) >> revise(shard)

    look_again.expand(shard=claim_articles())


refetch_articles()
