"""### Entries to articles

Started by the asset **mediawatch_entries** (a poll that found something new), and every 10 minutes for what no asset
announces: retries that are due, batches of a run that died, entries left over from a full queue.

Entries are claimed in batches; each batch goes fetch → extract → deduplicate → tag → load.
What becomes of an entry is an outcome (`analyst.outcomes`); a failed task is a fault of ours or of the machine's,
and its retry goes on where it stopped. The asset **mediawatch_articles** carries the totals of what was loaded.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task
from mediawatch import glue


@dag(
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("*/10 * * * *", timezone="UTC"), assets=[glue.ENTRIES]),
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=2,
    default_args=glue.DEFAULTS,
    deadline=glue.deadline(hours=1),
    tags=["mediawatch", "articles"],
    doc_md=__doc__,
)
def ingest_articles() -> None:
    """Entries → pages → articles → stories → topics → analyst views."""

    @task
    def claim_batches() -> list[int]:
        """Claim the entries that are ready; one batch a mapped group."""
        return glue.claim_batches()

    @task(outlets=[glue.ARTICLES], multiple_outputs=False, trigger_rule="none_failed_min_one_success")
    def announce(counts: Any) -> dict[str, int]:
        """One asset event with the totals; skipped when nothing was loaded."""
        return glue.announce(glue.ARTICLES, counts, "ok")

    announce(glue.through_stages(claim_batches()))


ingest_articles()
