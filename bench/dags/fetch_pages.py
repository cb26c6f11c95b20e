"""The fetch stage alone, for `bench/cluster.py scale`."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.sdk import dag, task
from mediawatch import glue


@dag(schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc), default_args=glue.DEFAULTS)
def fetch_pages() -> None:
    """Entries → pages, and no further."""

    @task
    def claim_batches() -> list[int]:
        """Claim the entries that are ready."""
        return glue.claim_batches()

    @task(**glue.WEB, map_index_template="{{ called }}", multiple_outputs=False)
    def fetch(batch_id: int) -> dict[str, int]:
        """One batch."""
        return glue.run_stage("fetch", batch_id)

    fetch.expand(batch_id=claim_batches())


fetch_pages()
