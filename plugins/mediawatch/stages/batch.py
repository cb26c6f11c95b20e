"""What every stage of a batch shares: the lease around it, and the care for an entry that breaks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from mediawatch.errors import ArchiveError, OfflineError, ProxyError, Reason
from mediawatch.settings import Settings
from mediawatch.store import batches, ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Conflict, Database, Row

Result = TypeVar("Result")
Counts = dict[str, int]
Stage = Callable[[Database, Settings, Batch], Counts]

TRIES = 3
BREAKS = 2
"""So often an entry may break its batch; then it is set aside and the rest go on."""


def run(stage: str, work: Stage, db: Database, settings: Settings, batch_id: int, owner: str) -> Counts:
    """Do one stage of a batch under its lease; {} when the batch is done already. LeaseHeld: another run has it."""
    db.rows("batches.plan_by_index")
    batch = batches.lease(db, batch_id, owner, lease_s=settings.lease_s)
    if batch is None:
        return {}
    if batch.in_hand is not None:
        blame(db, batch, stage, batch.in_hand, "the process died while it was being worked on")
        db.rows("batches.take_in_hand", batch_id=batch_id, entry_id=None)
    try:
        counts = undeterred(lambda: work(db, settings, batch))
    except (ArchiveError, OfflineError, ProxyError):  # it will be as good in another run's hands, and may be so sooner
        db.rows("batches.give_back", batch_id=batch_id, lease_count=batch.lease_count)
        raise
    db.rows("batches.end_stage", batch_id=batch_id)
    db.rows("batches.finish", batch_id=batch_id)
    return counts


def undeterred(work: Callable[[], Result]) -> Result:
    """What work returns; when the server undid it for the sake of another transaction, it is done again, TRIES times
    in all. Stages can be: what they have committed they do not do twice."""
    for _ in range(TRIES - 1):
        try:
            return work()
        except Conflict:  # noqa: PERF203 - so often at the most
            continue
    return work()


def attempt_each(
    db: Database, batch: Batch, stage: str, rows: Iterable[Row], work: Callable[[Row], Result]
) -> tuple[list[tuple[Row, Result]], Exception | None]:
    """(row, work(row)) for the rows that went well, and the first error of those that did not.

    The caller stores the results, then raises the error: the task fails loudly, its retry meets only the broken
    entries, and one that breaks again is set aside as `failed: internal`.
    """
    done: list[tuple[Row, Result]] = []
    first: Exception | None = None
    for row in rows:
        if batch.careful:
            db.rows("batches.take_in_hand", batch_id=batch.batch_id, entry_id=row.entry_id)
        try:
            done.append((row, work(row)))
        except Exception as error:
            if not blame(db, batch, stage, row.entry_id, repr(error)):
                first = first or error
    if batch.careful:
        db.rows("batches.take_in_hand", batch_id=batch.batch_id, entry_id=None)
    return done, first


def blame(db: Database, batch: Batch, stage: str, entry_id: int, detail: str) -> bool:
    """Count a break against an entry; True when it was the last allowed one and the entry is set aside."""
    if db.value("entries.blame", entry_id=entry_id) < BREAKS:
        return False
    with db.transaction():
        ledger.settle(db, batch, stage, [ledger.Move(entry_id, "done", Reason.INTERNAL, detail)])
        db.rows("entries.reopen_twins", entry_id=entry_id)
        db.rows("articles.forget_unloaded", entry_id=entry_id)
    return True


def tally(moves: Sequence[ledger.Move]) -> Counts:
    """Counts of a stage's moves: entries, ok, and each reason."""
    reasons = Counter(v.reason.value for v in moves if v.reason)
    return {"entries": len(moves), "ok": len(moves) - sum(reasons.values()), **dict(sorted(reasons.items()))}
