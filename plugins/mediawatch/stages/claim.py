"""entries → batches: claim what is ready to be fetched, hosts in turn."""

from __future__ import annotations

from mediawatch.settings import Settings
from mediawatch.store import batches
from mediawatch.store.database import Database
from mediawatch.web.archive_files import check_room

RUNS = 2
"""Runs of ingest_articles that may go on at once."""


def claim(db: Database, settings: Settings, owner: str) -> list[int]:
    """Ids of the batches that this run is to work on, those of dead runs first. ArchiveError: it takes no pages now."""
    check_room(settings.archive_root, settings.archive_free_mb)
    spacing = settings.host_spacing_s
    return batches.claim(
        db,
        owner,
        limit=settings.batch_entries,
        per_host=max(1, int(settings.fetch_budget_s / spacing)) if spacing else settings.batch_entries,
        exclusive=spacing > 0,
        lease_s=settings.lease_s,
        most=most_batches(settings),
        backlog=settings.backlog_entries,
    )


def most_batches(settings: Settings) -> int:
    """Batches that one run may claim: its part of the entries that may be in open ones."""
    return max(1, settings.backlog_entries // (RUNS * settings.batch_entries))
