"""### Daily housekeeping

Frees leases and holds that ran out, forgets old rows of the log of polls, removes archive files that no page points
to (left by a killed fetch), refreshes the planner's statistics, and checks that the ledger balances: every entry is
loaded, dropped, failed or pending, and every loaded one has its article. When it does not balance, the task fails.
Then what is older than the rules of retention goes, and what a take-down asked for and did not finish.
"""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.sdk import CronTriggerTimetable, dag, task
from mediawatch import glue


@dag(
    schedule=CronTriggerTimetable("17 3 * * *", timezone="UTC"),
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args=glue.DEFAULTS,
    deadline=glue.deadline(hours=1),
    tags=["mediawatch", "operations"],
    doc_md=__doc__,
)
def maintain_store() -> None:
    """Leases, retention, statistics, balance."""

    @task(multiple_outputs=False)
    def maintain() -> dict[str, int]:
        """All of it, a few seconds' work; counts of what was cleared."""
        return glue.maintain()

    @task(multiple_outputs=False)
    def retain() -> dict[str, int]:
        """Take away what is older than the rules of retention, in bounded batches; what is left is the next day's."""
        return glue.retain()

    maintain() >> retain()


maintain_store()
