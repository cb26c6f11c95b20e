"""### Articles of the past

Triggered by hand, with WARC files (CC-NEWS as it is), with a sitemap and a range of days, or with both. Every 10
minutes it goes on with files that wait, and does nothing when there are none.

* **files**: each file is read by a mapped task. Its HTML pages become entries with their bytes in the archive, in
  batches, which then go through the same stages as in `ingest_articles`. A task that is killed goes on where it was;
  a file that was read before gives nothing. With too many entries in open batches reading stops, and the rest of the
  file waits for a later run. Paths are those of the workers; URIs such as `s3://…` work too.
* **sitemap**, **since**, **until**: what the site's sitemaps date within the range is announced. The asset
  **mediawatch_entries** then starts `ingest_articles`, which fetches it with the manners of any fetch.

Pages that are entries already are left alone and counted. The counts are in the XCom of each task.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task
from mediawatch import glue, glue_backfill

DAY = {"type": ["null", "string"], "format": "date"}


@dag(
    schedule=CronTriggerTimetable("*/10 * * * *", timezone="UTC"),
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args=glue.DEFAULTS,
    deadline=glue.deadline(hours=24),
    params={
        "files": Param([], type="array", items={"type": "string"}, description="WARC files, one a line."),
        "sitemap": Param("", type="string", description="URL of a sitemap, or of an index of sitemaps."),
        "since": Param(None, **DAY, description="First day of the range, UTC."),
        "until": Param(None, **DAY, description="Last day of the range, UTC."),
    },
    tags=["mediawatch", "articles", "backfill"],
    doc_md=__doc__,
)
def backfill_archive() -> None:
    """WARC files → entries with pages → articles; sitemaps → entries."""

    @task
    def list_files(params: Any = None) -> list[str]:
        """The files to read, named or waiting; one a mapped task."""
        return glue_backfill.files_to_read(params["files"])

    @task(**glue.CPU, map_index_template="{{ called }}", multiple_outputs=False)
    def read_file(file: str) -> dict[str, int]:
        """Store the file's pages in batches while there is room; what became of its records."""
        return glue_backfill.backfill_warc(file)

    @task
    def list_batches() -> list[int]:
        """The batches that the files gave; one a mapped group."""
        return glue_backfill.batches_of_run()

    @task(outlets=[glue.ARTICLES], multiple_outputs=False, trigger_rule="none_failed_min_one_success")
    def announce_articles(counts: Any) -> dict[str, int]:
        """One asset event with the totals; skipped when nothing was loaded."""
        return glue.announce(glue.ARTICLES, counts, "ok")

    @task(**glue.WEB, multiple_outputs=False)
    def read_sitemap(params: Any = None) -> dict[str, int]:
        """Announce what the sitemaps date within the range."""
        return glue_backfill.backfill_sitemap(params["sitemap"], params["since"], params["until"])

    @task(outlets=[glue.ENTRIES], multiple_outputs=False)
    def announce_entries(counts: Any) -> dict[str, int]:
        """One asset event, which starts the ingest; skipped when nothing is new."""
        return glue.announce(glue.ENTRIES, counts, "entries_new")

    batches = list_batches()
    read_file.expand(file=list_files()) >> batches
    announce_articles(glue.through_stages(batches))
    announce_entries(read_sitemap())


backfill_archive()
