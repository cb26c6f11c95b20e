"""What the DAG backfill_archive calls; see glue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from airflow.sdk.exceptions import AirflowSkipException

from mediawatch.errors import SettingsError
from mediawatch.glue import Counts, call_it, current_settings, database, name_of_run, some


def files_to_read(named: Iterable[str]) -> list[str]:
    """The WARC files that were named and those that wait for room, each once; skipped when there are none."""
    from mediawatch.stages.backfill_warc import to_read

    with database(current_settings()) as db:
        return some(to_read(db, named), "file is to be read")


def backfill_warc(file: str) -> Counts:
    """Read a WARC file on while there is room; what became of its records. Its batches wait, under this run's lease."""
    from mediawatch.stages.backfill_warc import read_while_room

    settings = current_settings()
    counts: Counts = {}
    call_it(f"{file.rpartition('/')[2]}: waits for room")
    with database(settings) as db:
        for standing in read_while_room(db, settings, file, name_of_run()):
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
