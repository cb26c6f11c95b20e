"""Housekeeping: leases, retention, orphaned archive files, statistics, and the balance of the ledger."""

from __future__ import annotations

from datetime import timedelta

from mediawatch.errors import StoreError
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts
from mediawatch.store.database import Database
from mediawatch.store.ledger import balances
from mediawatch.web import archive_files

FURNITURE_DAYS = 90
"""A line that no article has carried, or a tail that few titles had, for so long is forgotten: sites change them."""
ORPHAN_AGE = timedelta(days=2)
"""An archive file without a page is left alone for so long: its fetch may not have committed yet."""


def maintain(db: Database, settings: Settings) -> Counts:
    """Clean up and check; counts of what was cleared. StoreError when the ledger does not balance."""
    counts = {
        "feeds_freed": len(db.rows("maintenance.free_feeds")),
        "hosts_freed": len(db.rows("maintenance.free_hosts")),
        "robots_forgotten": len(db.rows("maintenance.forget_robots")),
        "polls_forgotten": len(db.rows("maintenance.prune_polls", days=settings.poll_log_days)),
        "attempts_forgotten": len(db.rows("maintenance.prune_attempts", days=settings.poll_log_days)),
        "lines_forgotten": len(db.rows("maintenance.forget_furniture", days=FURNITURE_DAYS)),
        "tails_forgotten": len(db.rows("maintenance.forget_tails", days=FURNITURE_DAYS)),
        "files_removed": remove_orphans(db, settings.archive_root),
    }
    db.rows("maintenance.fold_arrivals")
    db.execute("analyze")
    check_balance(db)
    return counts


def remove_orphans(db: Database, root: str) -> int:
    """Remove archive files that a killed fetch of this database left, published or half-written; how many."""
    files = [row.file for row in db.rows("maintenance.orphans", before=db.now() - ORPHAN_AGE)]
    removed = sum(archive_files.remove(root, file) for file in files)
    db.rows("maintenance.forget_files", files=files)
    return removed


def check_balance(db: Database) -> None:
    """StoreError, with the figures, when an entry is unaccounted for."""
    sums = db.row("status.balance")
    assert sums is not None
    if not balances(sums):
        raise StoreError(f"the ledger does not balance: {sums._asdict()}")
